"""Steps: pushed and popped by the thread that trains. A step begins with the first forward that may be
differentiated, and from then on where the one before ends: with the step of the optimizer that was the
first to make one. The last one stays open, and so is not counted. Where no module is seen to run, as in a model
that is compiled whole, the first begins with the end of the first optimizer's step.

Where _PATIENCE backward passes have gone by and no optimizer has made a step (one that is not PyTorch's, or
that steps inside the backward pass), a step begins with each forward behind a backward pass."""
import threading
import weakref

from . import recorder

_PATIENCE = 8

_torch = None
_passes = 0  # backward passes since the step's begin
_by_forward = False
_thread = None  # that has the step open
_number = 0
_optimizer = None  # weak, that ends steps


def _never():
    return False


_is_capturing = _never


def set_up(torch):
    global _torch, _is_capturing
    _torch = torch
    if torch.version.cuda:
        _is_capturing = getattr(torch.cuda, "is_current_stream_capturing", _never)


def _begin():
    global _thread, _passes
    _thread = threading.get_ident()
    _passes = 0
    recorder.push(recorder.name(b"step %d" % _number))


def _begin_next():
    global _number
    recorder.pop()
    _number += 1
    _begin()


def forward_begins(module):
    """The outermost module is about to run, outside any other range of ours."""
    global _by_forward
    if not module.training or not _torch.is_grad_enabled():
        return
    if _thread is None:
        _begin()
    elif _optimizer is None and _passes >= (1 if _by_forward else _PATIENCE) and _is_ours():
        _by_forward = True
        _begin_next()


def is_mine():
    """Whether this thread has a step open."""
    return _thread == threading.get_ident()


def backward_ended():
    global _passes
    _passes += 1


def _is_ours():
    """Whether this thread may end the step. At its end the driver is asked: not to be done in a capture."""
    return is_mine() and not _is_capturing()


def optimizer_ended(optimizer):
    global _optimizer
    if _thread is None and not _is_capturing():
        _begin()
        return
    if not _is_ours():
        return
    if _optimizer is None or _optimizer() is None:
        _optimizer = weakref.ref(optimizer)
    if _optimizer() is optimizer:
        _begin_next()
