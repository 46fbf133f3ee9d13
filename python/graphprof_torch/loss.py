"""What comes between the outermost module and the backward pass is, as a rule, the loss: a range of its own in the
forward phase. It is open from the end of an outermost module to the next, to the backward pass or to the
optimizer's step, whichever comes first, in the thread that has the step open."""
import threading

from . import recorder, steps

_torch = None
_thread = None  # that has the range open


def set_up(torch):
    global _torch
    _torch = torch


def begins():
    """An outermost module has ended in a forward pass."""
    global _thread
    if _thread is None and steps.is_mine() and _torch.is_grad_enabled():
        _thread = threading.get_ident()
        recorder.push(recorder.name(b"forward"))
        recorder.push(recorder.name(b"loss"))


def ends():
    global _thread
    if _thread is not None and _thread == threading.get_ident():
        _thread = None
        recorder.pop()
        recorder.pop()
