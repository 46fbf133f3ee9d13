"""When to do something, and that no fault of ours reaches the program."""
import functools
import sys

_torch = None
_is_on = False
_has_failed = False


def _never():
    return False


# Under torch.compile hooks are traced along with the module, and must be seen to do nothing: to the tracer
# both are constants. Run, the former costs one call, the latter two, and is true as well where torch.export
# runs the program itself.
is_traced = is_compiling = _never


def set_up(torch, always):
    global _torch, _is_on, is_traced, is_compiling
    _torch = torch
    _is_on = always
    compiler = getattr(torch, "compiler", None)  # since 2.1
    is_compiling = getattr(compiler, "is_compiling", _never)
    is_traced = getattr(compiler, "is_dynamo_compiling", is_compiling)


def is_on():
    """Whether the program uses CUDA by now. Asking whether there is any would start it."""
    global _is_on
    if not _is_on and not _has_failed:
        _is_on = _torch.cuda.is_initialized()
    return _is_on


def fail(fault):
    """Says the first fault, and does nothing from then on."""
    global _is_on, _has_failed
    _is_on = False
    if not _has_failed:
        _has_failed = True
        sys.stderr.write("graphprof: torch's modules are named no longer: %r\n" % (fault,))


def has_failed():
    return _has_failed


def guarded(hook):
    """The hook, which gives back nothing and raises nothing."""

    @functools.wraps(hook)
    def run(*args):
        if is_compiling() or _has_failed:
            return
        try:
            hook(*args)
        except Exception as fault:  # pylint: disable=broad-except
            fail(fault)

    return run
