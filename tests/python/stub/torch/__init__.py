"""A stand-in for torch, of what graphprof's hooks use of it: modules and optimizers with the hooks of torch
2, an autograd whose nodes run in a thread of their own, and a caching allocator that takes segments from
cudaMalloc and tells libc10 of each block. Nothing is computed."""
import contextlib
import os
import types

from . import autograd, memory, nn, optim  # noqa: F401
from .memory import Tensor  # noqa: F401

version = types.SimpleNamespace(cuda=os.environ.get("STUB_CUDA", "13.0"))
cuda = types.SimpleNamespace(is_initialized=lambda: memory.segment is not None,
                             is_current_stream_capturing=lambda: os.environ.get("STUB_CAPTURING") == "yes")
compiler = types.SimpleNamespace(
    is_compiling=lambda: os.environ.get("STUB_COMPILING", "") != "",
    is_dynamo_compiling=lambda: os.environ.get("STUB_COMPILING") == "dynamo")
_C = types.SimpleNamespace(DisableTorchFunction=contextlib.nullcontext)
if os.environ.get("STUB_FAULT") == "import":
    raise RuntimeError("torch cannot be imported")


def empty(size, device):
    """On the host, of no bytes."""
    assert size == 0 and device == "cpu"
    return Tensor.__new__(Tensor)


def is_grad_enabled():
    return True
