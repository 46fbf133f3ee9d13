"""Put first on PYTHONPATH by `graphprof run`; Python imports it at its start, before the program.

Does nothing until the program imports torch; then graphprof_torch names what the program does. The user's
own sitecustomize, which this one hides, runs as if this one were not there. GRAPHPROF_PYTHON: see
include/graphprof/options.def.
"""
import os
import sys
# importlib.machinery and importlib.util have them from here; to import those takes milliseconds.
from _frozen_importlib import module_from_spec
from _frozen_importlib_external import PathFinder

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def _is_ours(entry):
    return os.path.abspath(entry or os.curdir) == _FOLDER


class _TorchFinder:
    """A finder that finds nothing itself: it waits for the import of torch, and for its end."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name != "torch":
            return None
        sys.meta_path.remove(cls)
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in sys.meta_path
                                  if hasattr(finder, "find_spec"))), None)
        if spec and spec.loader:
            cls._follow(spec.loader)
        return spec

    @staticmethod
    def _follow(loader):
        execute = loader.exec_module

        def exec_module(module):
            loader.__dict__.pop("exec_module", None)
            execute(module)
            _install(module)

        try:
            loader.exec_module = exec_module
        except AttributeError:
            pass  # an unusual loader: torch is left alone


def _install(torch):
    sys.path.insert(0, _FOLDER)
    try:
        import graphprof_torch
        graphprof_torch.install(torch)
    except Exception as fault:  # pylint: disable=broad-except
        sys.stderr.write("graphprof: torch's modules are not named: %r\n" % (fault,))
    finally:
        sys.path.remove(_FOLDER)


def _run_hidden():
    """The sitecustomize that stands behind this one on sys.path. Its faults are its own."""
    sys.path[:] = [entry for entry in sys.path if not _is_ours(entry)]
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


if os.environ.get("GRAPHPROF_PYTHON", "yes") != "no":
    sys.meta_path.insert(0, _TorchFinder)
_run_hidden()
