"""Steps: pushed and popped by the thread that trains. A step begins with the first forward that may be
differentiated, and from then on where the one before ends: with the step of the optimizer that was the
first to make one. The last one stays open, and so is not counted."""
import threading
import weakref

from . import recorder

_torch = None
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
    global _thread
    _thread = threading.get_ident()
    recorder.push(b"step %d" % _number)


def forward_begins(module):
    """The outermost module is about to run, outside any other range of ours."""
    if _thread is None and module.training and _torch.is_grad_enabled():
        _begin()


def optimizer_ended(optimizer):
    global _number, _optimizer
    if _thread != threading.get_ident() or _is_capturing():
        return  # at a step's end the driver is asked, which is not to be done in a capture
    if _optimizer is None or _optimizer() is None:
        _optimizer = weakref.ref(optimizer)
    if _optimizer() is not optimizer:
        return
    recorder.pop()
    _number += 1
    _begin()
