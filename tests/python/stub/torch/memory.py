"""Tensors: a block each, of a segment of 1 MiB. Blocks are rounded up to 512 bytes; the first gap that is
large enough is taken."""
import ctypes
import os

SEGMENT = 1 << 20
ROUND = 512

segment = None
_blocks = {}  # offset: bytes
_program = None


class _Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int8), ("index", ctypes.c_int8)]


def _start():
    global segment, _program
    for library in os.environ["STUB_LIBRARIES"].split(":"):
        ctypes.CDLL(library, ctypes.RTLD_GLOBAL)
    _program = ctypes.CDLL(None)  # as a program that is linked to them finds them
    address = ctypes.c_void_p()
    if _program.cudaMalloc(ctypes.byref(address), ctypes.c_size_t(SEGMENT)) != 0:
        raise MemoryError
    segment = address.value


def _tell(offset, size):
    _program._ZN3c1027reportMemoryUsageToProfilerEPvlmmNS_6DeviceE(
        ctypes.c_void_p(segment + offset), ctypes.c_int64(size), ctypes.c_size_t(sum(_blocks.values())),
        ctypes.c_size_t(SEGMENT), _Device(1, 0))


def _take(size):
    if segment is None:
        _start()
    size = (size + ROUND - 1) // ROUND * ROUND
    offset = 0
    for at in sorted(_blocks):
        if at - offset >= size:
            break
        offset = at + _blocks[at]
    _blocks[offset] = size
    _tell(offset, size)
    return offset


class _Storage:
    def __init__(self, size):
        self.offset = _take(size)

    def __del__(self):
        _tell(self.offset, -_blocks.pop(self.offset))


class Tensor:
    is_cuda = True
    grad_fn = None
    grad = None

    def __init__(self, size):
        self.size = size
        self.storage = _Storage(size)

    def numel(self):
        return self.size // 4

    def data_ptr(self):
        if os.environ.get("STUB_FAULT") == "pointer":
            raise RuntimeError("a tensor without memory of its own")
        return segment + self.storage.offset
