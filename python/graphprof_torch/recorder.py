"""The recorder's entry points, as built-in functions (preload/python_calls.c). `name` makes a number of bytes, which
the others take; a range that `follow` has started is a number too; `in_detail` is 0 where ranges are not recorded.
A call takes less than a microsecond and keeps the interpreter's lock."""
import ctypes

name = push = pop = next = end = mark = follow = in_detail = None  # pylint: disable=redefined-builtin


class _Method(ctypes.Structure):  # PyMethodDef
    _fields_ = [("name", ctypes.c_char_p), ("call", ctypes.c_void_p), ("flags", ctypes.c_int),
                ("doc", ctypes.c_char_p)]


def connect():
    """False where the recorder is not preloaded."""
    process = ctypes.PyDLL(None)
    try:
        process.graphprof_python_connect(process.PyBytes_AsString, process.PyLong_FromUnsignedLongLong,
                                         process.PyLong_AsUnsignedLongLong)
        method = _Method.in_dll(process, "graphprof_python_methods")
        make = process.PyCFunction_NewEx
    except (AttributeError, ValueError):
        return False
    make.argtypes, make.restype = [ctypes.c_void_p] * 3, ctypes.py_object
    while method.name:
        globals()[method.name.decode()] = make(ctypes.addressof(method), None, None)
        method = _Method.from_address(ctypes.addressof(method) + ctypes.sizeof(_Method))
    return True
