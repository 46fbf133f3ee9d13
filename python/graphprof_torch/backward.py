"""The backward pass, by module: a hook on the autograd node that made a module's output opens the module's
range in whatever thread runs it, and the next one closes it. What lies between two modules' outputs is
the former's: its own nodes, the accumulation of its parameters' gradients.

A range is started and ended rather than pushed, for the thread that waits for the pass ends the last one of
the threads that it uses.
"""
import functools
import threading

from . import guard, recorder, steps

_tensor = None
_depth = 0  # passes in passes
_caller = None
_open = {}  # by thread: [the phase's range or 0, the module's range or 0]
_hooks = {}  # by name
_last = None  # the node that was hooked last, for a module that returns what its last child returned


def set_up(torch):
    global _tensor
    _tensor = torch.Tensor
    torch.autograd.backward = _wrapped(torch.autograd.backward)
    torch.autograd.grad = _wrapped(torch.autograd.grad)


def is_running():
    return _depth > 0


def _identity(node):
    """The node's number, where it has one; else itself, until the next one comes."""
    number = getattr(node, "_sequence_nr", None)
    return number() if number else node


def _first_tensor(output):
    if isinstance(output, _tensor):
        return output
    if isinstance(output, (tuple, list)):
        return next((item for item in output if isinstance(item, _tensor)), None)
    if isinstance(output, dict):  # and Hugging Face's ModelOutput
        return next((item for item in output.values() if isinstance(item, _tensor)), None)
    return None


def _hook(tensor, node, name):
    entered = _hooks.get(name)
    if entered is None:
        entered = _hooks[name] = guard.guarded(functools.partial(_enter, name))
    before = getattr(node, "register_prehook", None)  # since 2.0
    if before:
        before(entered)
    else:
        tensor.register_hook(entered)


def follow(output, name):
    """A module of that name has made this output."""
    global _last
    tensor = _first_tensor(output)
    node = tensor.grad_fn if tensor is not None else None
    if node is None:
        return
    identity = _identity(node)
    if identity == _last:
        return
    _last = identity
    _hook(tensor, node, name)


def forward_ended():
    global _last
    _last = None


def _enter(name, _gradients):
    """The gradient of a module's output is there, and its nodes are about to run in this thread."""
    if not _depth:
        return
    thread = threading.get_ident()
    ranges = _open.get(thread)
    if ranges is None:
        ranges = _open[thread] = [0, 0]
        if thread != _caller:
            ranges[0] = recorder.start(b"backward")
    if name is None:
        return
    if ranges[1]:
        recorder.end(ranges[1])
    ranges[1] = recorder.start(name)


def _begin(roots):
    global _depth, _caller
    _depth += 1
    if _depth > 1:
        return
    _caller = threading.get_ident()
    recorder.push(b"backward")
    for tensor in [roots] if isinstance(roots, _tensor) else roots:
        if isinstance(tensor, _tensor) and tensor.grad_fn is not None:
            _hook(tensor, tensor.grad_fn, None)


def _end():
    global _depth
    _depth -= 1
    if _depth:
        return
    for phase, module in _open.values():
        for of_thread in (module, phase):
            if of_thread:
                recorder.end(of_thread)
    _open.clear()
    recorder.pop()
    steps.backward_ended()


def _wrapped(run):
    @functools.wraps(run)
    def wrapper(*args, **kwargs):
        if guard.is_compiling() or not guard.is_on():
            return run(*args, **kwargs)
        begun = False
        try:
            _begin(args[0] if args else kwargs.get("tensors", kwargs.get("outputs", ())))
            begun = True
        except Exception as fault:  # pylint: disable=broad-except
            guard.fail(fault)
        try:
            return run(*args, **kwargs)
        finally:
            if begun and not guard.has_failed():
                _end()

    return wrapper
