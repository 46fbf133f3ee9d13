"""Roles that PyTorch itself knows, said in marks (include/graphprof/node_name.h): parameters, buffers,
gradients, optimizer states. Said in the first few steps: from then on the same allocations are the same
tensors. Everything else gets its role from operands and lifetime."""
import weakref

from . import names, recorder

_TIMES = 3

_names = {}  # of parameters, by id: a weak reference and the name
_told = {}  # by id of a module or optimizer: a weak reference and how often it was told


def _is_due(of):
    known = _told.get(id(of))
    times = known[1] if known and known[0]() is of else 0
    if times >= _TIMES:
        return False
    _told[id(of)] = (weakref.ref(of), times + 1)
    return True


def _tell(tensor, role, name):
    """A tensor on the device that has memory of its own."""
    if not tensor.is_cuda or not tensor.numel():
        return
    try:
        address = tensor.data_ptr()
    except Exception:  # pylint: disable=broad-except
        return  # sparse, distributed, and others that have none to show
    recorder.mark(b"graphprof.tensor ptr=0x%x role=%s name=%s" % (address, role, name.encode()))


def new_root(root):
    for name, parameter in root.named_parameters():
        _names[id(parameter)] = (weakref.ref(parameter), names.plain(name))


def _name_of(parameter, number):
    known = _names.get(id(parameter))
    return known[1] if known and known[0]() is parameter else "parameter%d" % number


def forward_begins(root):
    if not _is_due(root):
        return
    for name, parameter in root.named_parameters():
        _tell(parameter, b"parameter", names.plain(name))
    for name, buffer in root.named_buffers():
        _tell(buffer, b"buffer", names.plain(name))


def _parameters(optimizer):
    every = (parameter for group in optimizer.param_groups for parameter in group["params"])
    return ((parameter, _name_of(parameter, i)) for i, parameter in enumerate(every))


def optimizer_begins(optimizer):
    """Returns whether it was told, and so is to be told when it has ended."""
    if not _is_due(optimizer):
        return False
    for parameter, name in _parameters(optimizer):
        _tell(parameter, b"parameter", name)  # a model that is compiled whole is seen here alone
        if parameter.grad is not None:
            _tell(parameter.grad, b"gradient", name + ".grad")
    return True


def optimizer_ended(optimizer):
    for parameter, name in _parameters(optimizer):
        state = optimizer.state.get(parameter, {})
        for key, value in state.items():
            if hasattr(value, "is_cuda"):
                _tell(value, b"opt_state", "%s.%s" % (name, key))
