"""The backward pass, by module: a hook on the autograd node that made a module's output opens the module's
range in whatever thread runs it, and the next one closes it. What lies between two modules' outputs is
the former's: its own nodes, the accumulation of its parameters' gradients.

A range is started and ended rather than pushed, for the thread that waits for the pass ends the last one of
the threads that it uses.
"""
import functools
from threading import get_ident

from . import guard, loss, recorder, steps

_torch = _tensor = None
_passes = {}  # by calling thread: of the passes that it is in, whether each has ranges of its own
_open = {}  # by thread: [the phase's range or 0, the module's range or 0]
_carriers = {}  # of hooks, by name
_last = None  # the node that was hooked last, for a module that returns what its last child returned


def set_up(torch):
    global _torch, _tensor
    _torch, _tensor = torch, torch.Tensor
    torch.autograd.backward = _wrapped(torch.autograd.backward)
    torch.autograd.grad = _wrapped(torch.autograd.grad)


def is_running():
    return bool(_passes)


def _first_tensor(output):
    if isinstance(output, _tensor):
        return output
    if isinstance(output, (tuple, list)):
        return next((item for item in output if isinstance(item, _tensor)), None)
    if isinstance(output, dict):  # and Hugging Face's ModelOutput
        return next((item for item in output.values() if isinstance(item, _tensor)), None)
    return None


def _carrier_of(name):
    """An empty tensor with a hook, which a node takes over as it does its own tensor's: one call a node, and no
    new object. `register_prehook` does the same by a microsecond or more of Python and four objects a node."""

    def hook(_gradient):
        if guard.is_traced():
            return
        try:
            ranges = _open.get(get_ident())
            if ranges is None:
                _enter_thread(name)
            elif name:
                ranges[1] = recorder.follow(ranges[1], name)
        except Exception as fault:  # pylint: disable=broad-except
            guard.fail(fault)

    with _torch._C.DisableTorchFunction():  # the program's modes need not see it
        carrier = _torch.empty(0, device="cpu")
        carrier._backward_hooks = {0: hook}
    if type(carrier) is _tensor:  # else it is a mode's, and goes with it
        _carriers[name] = carrier
    return carrier


def _hook(node, name):
    carrier = _carriers.get(name)
    node._register_hook_dict(_carrier_of(name) if carrier is None else carrier)


def follow(output, name):
    """A module of that name has made this output, in a forward pass."""
    global _last
    tensor = output if type(output) is _tensor else _first_tensor(output)
    node = None if tensor is None or _passes else tensor.grad_fn
    if node is None:
        return
    number = getattr(node, "_sequence_nr", None)
    identity = number() if number else node  # itself until the next one comes, where it has no number
    if identity != _last:
        _last = identity
        _hook(node, name)


def forward_ended():
    global _last
    _last = None


def _enter_thread(name):
    """The first gradient of a module's output in this thread is there."""
    if not _passes or guard.has_failed():
        return
    thread = get_ident()
    phase = 0 if thread in _passes else recorder.follow(0, recorder.name(b"backward"))
    _open[thread] = [phase, recorder.follow(0, name) if name else 0]


def _begin(roots):
    thread = get_ident()
    is_outermost = thread not in _passes and thread not in _open  # that is in another's pass
    _passes.setdefault(thread, []).append(is_outermost)
    if not is_outermost:
        return
    loss.ends()
    recorder.push(recorder.name(b"backward"))
    for tensor in [roots] if isinstance(roots, _tensor) else roots:
        if isinstance(tensor, _tensor) and tensor.grad_fn is not None:
            _hook(tensor.grad_fn, None)


def _end():
    thread = get_ident()
    was_outermost = _passes[thread].pop()
    if not _passes[thread]:
        del _passes[thread]
    if not was_outermost:
        return
    # Threads that it has used may work for another pass as well.
    for used in [thread] if _passes else list(_open):
        phase, module = _open.pop(used, (0, 0))
        for of_thread in (module, phase):
            if of_thread:
                recorder.end(of_thread)
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
            if begun:
                _end()

    return wrapper
