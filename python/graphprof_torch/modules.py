"""Ranges of modules. One at a time is open in a thread, that of the innermost module: a module's own work
is told from its children's, and a node has one name however deep it lies."""
import threading

from . import backward, guard, names, recorder, roles, steps


class _Thread(threading.local):
    def __init__(self):
        self.stack = []  # of (id of the module, its name or None), the innermost last
        self.phase = False


_thread = _Thread()
_transparent = ()  # containers that do no work of their own


def set_up(torch):
    global _transparent
    _transparent = (torch.nn.Sequential,)
    hooks = torch.nn.modules.module
    hooks.register_module_forward_pre_hook(guard.guarded(_before))
    try:  # 2.1: also where the module raises
        hooks.register_module_forward_hook(guard.guarded(_after), always_call=True)
    except TypeError:
        hooks.register_module_forward_hook(guard.guarded(_after))


def is_inside():
    """Whether a module runs in this thread."""
    return bool(_thread.stack)


def _enter_phase(thread, module):
    """In a backward pass (a checkpoint that is computed again) modules run inside its ranges."""
    thread.phase = not backward.is_running()
    if thread.phase:
        steps.forward_begins(module)
        recorder.push(b"forward")
    if names.enter_root(module):
        roles.new_root(module)


def _before(module, _inputs):
    thread = _thread
    stack = thread.stack
    if not stack:
        if not guard.is_on():
            return
        _enter_phase(thread, module)
        parent = None
        name = names.of(module, None)
        if name is None and thread.phase:
            roles.forward_begins(module)
    else:
        parent = stack[-1][1]
        name = names.of(module, parent)
        if type(module) in _transparent:
            name = parent
    if name != parent:
        if parent:
            recorder.pop()
        if name:
            recorder.push(name)
    stack.append((id(module), name))


def _leave(thread):
    """The innermost module has ended. Returns its name."""
    stack = thread.stack
    name = stack.pop()[1]
    parent = stack[-1][1] if stack else None
    if name != parent:
        if name:
            recorder.pop()
        if parent:
            recorder.push(parent)
    if not stack and thread.phase:
        recorder.pop()
        thread.phase = False
    return name


def _after(module, _inputs, output):
    thread = _thread
    stack = thread.stack
    if not stack or stack[-1][0] != id(module):
        if all(of != id(module) for of, _ in stack):
            return
        while stack[-1][0] != id(module):
            _leave(thread)  # it raised
    own = type(module) not in _transparent or len(stack) == 1
    name = _leave(thread)
    if own and name and not backward.is_running():
        backward.follow(output, name)
    if not stack:
        backward.forward_ended()
