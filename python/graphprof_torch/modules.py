"""Ranges of modules. One at a time is open in a thread, that of the innermost module: a module's own work
is told from its children's, and a node has one name however deep it lies. In a step that is not recorded in
detail (GRAPHPROF_STEPS) only the outermost module is followed, for steps and phases."""
import threading
import warnings

from . import backward, guard, loss, names, recorder, roles, steps


class _Thread(threading.local):
    def __init__(self):
        self.stack = []  # of (id of the module, its name or None), the innermost last
        self.phase = False


_thread = _Thread()
_transparent = None  # a container that does no work of its own
_in_detail = True  # as it was when the last outermost module began


def set_up(torch):
    global _transparent
    # What it warns of, a call of our hooks for the module that torch.compile makes, they are made for.
    warnings.filterwarnings("ignore", r"Using `torch\.compile\(module\)` when there are global hooks")
    _transparent = torch.nn.Sequential
    hooks = torch.nn.modules.module
    hooks.register_module_forward_pre_hook(_before)
    try:  # 2.1: also where the module raises
        hooks.register_module_forward_hook(_after, always_call=True)
    except TypeError:
        hooks.register_module_forward_hook(_after)


def is_inside():
    """Whether a module runs in this thread."""
    return bool(_thread.stack)


def _enter_phase(module):
    """In a backward pass (a checkpoint that is computed again) modules run inside its ranges."""
    global _in_detail
    _thread.phase = not backward.is_running()
    if _thread.phase:
        loss.ends()
        steps.forward_begins(module)
        recorder.push(recorder.name(b"forward"))
    _in_detail = recorder.in_detail()
    if names.enter_root(module):
        roles.new_root(module)


def _enter_root(module):
    _enter_phase(module)
    name = names.of(module, None)
    if name:
        recorder.push(name)
    elif _thread.phase:
        roles.forward_begins(module)
    _thread.stack.append((id(module), name))


def _change(before, name):
    """The range that is open, if it has a name, makes room for the next."""
    if before is None:
        recorder.push(name)
    elif name is None:
        recorder.pop()
    else:
        recorder.next(name)


def _leave():
    """The innermost module has ended. Returns its name."""
    stack = _thread.stack
    name = stack.pop()[1]
    parent = stack[-1][1] if stack else None
    if name != parent:
        _change(name, parent)
    if not stack and _thread.phase:
        recorder.pop()
        _thread.phase = False
        loss.begins()
    return name


def _leave_up_to(module):
    """Others that have not ended have raised. Returns the module's name."""
    stack = _thread.stack
    if all(of != id(module) for of, _ in stack):
        return None
    while stack[-1][0] != id(module):
        _leave()
    return _leave()


def _fail(fault):
    _thread.stack.clear()  # no module is known to be inside another one, and guard lets no other in
    guard.fail(fault)


# These two are called for each module, hundreds of times a step: what is usual comes first and calls little.
# Under torch.compile they are traced, and so end with their first line: what they use is global, since a tracer
# looks into cells and defaults before.


def _before(module, _inputs):
    if guard.is_traced():
        return
    try:
        stack = _thread.stack
        if stack:
            if not _in_detail:
                return
            key, name = id(module), stack[-1][1]
            if type(module) is not _transparent:
                parent = name
                name = names.known[key] if key in names.known else names.of(module, parent)
                if name != parent:
                    _change(parent, name)
            stack.append((key, name))
        elif guard.is_on() and not guard.is_compiling():
            _enter_root(module)
    except Exception as fault:  # pylint: disable=broad-except
        _fail(fault)


def _after(module, _inputs, output):
    if guard.is_traced():
        return
    try:
        stack = _thread.stack
        if len(stack) > 1 and stack[-1][0] == id(module):
            name = stack.pop()[1]
            parent = stack[-1][1]
            if name != parent:
                _change(name, parent)
        elif stack:
            if len(stack) == 1 and stack[0][0] != id(module):
                return  # one that was not followed
            name = _leave_up_to(module)
        else:
            return
        if name and not (stack and type(module) is _transparent):
            backward.follow(output, name)
        if not stack:
            backward.forward_ended()
    except Exception as fault:  # pylint: disable=broad-except
        _fail(fault)
