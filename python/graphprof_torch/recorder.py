"""The recorder's entry points (preload/own_ranges.c). Names are bytes. A call takes less than a
microsecond and keeps the interpreter's lock."""
import ctypes

push = pop = start = end = mark = None


def connect():
    """False where the recorder is not preloaded."""
    global push, pop, start, end, mark
    own = ctypes.PyDLL(None)
    try:
        functions = [own.graphprof_range_push, own.graphprof_range_pop, own.graphprof_range_start,
                     own.graphprof_range_end, own.graphprof_mark]
    except AttributeError:
        return False
    push, pop, start, end, mark = functions
    push.argtypes = start.argtypes = mark.argtypes = [ctypes.c_char_p]
    pop.argtypes = []
    end.argtypes = [ctypes.c_uint64]
    start.restype = ctypes.c_uint64
    push.restype = pop.restype = end.restype = mark.restype = None
    return True
