"""Modules' names: as in the outermost module that is called (`layer1.0.conv1`)."""
import weakref

from . import recorder

_WRAPPERS = ("module.", "_orig_mod.")  # DistributedDataParallel's and torch.compile's

known = {}  # by the module's id, as long as it lives: the recorder's number of its name, or None
_references = {}  # by the same id
_texts = {}  # by that number
_first_root = None  # weak


class _Reference(weakref.ref):
    """To a module, whose name goes when it goes."""
    __slots__ = ("key",)


def _forget(reference, references=_references, known=known):
    """Also at the interpreter's end, when what is global is there no longer."""
    if references.get(reference.key) is reference:
        del references[reference.key], known[reference.key]


def _put(module, name):
    reference = _Reference(module, _forget)
    reference.key = id(module)
    _references[reference.key] = reference
    number = recorder.name(name.encode()) if name else None
    _texts[number] = name
    known[reference.key] = number


def plain(name):
    for wrapper in _WRAPPERS:
        if (name + ".").startswith(wrapper):
            name = name[len(wrapper):]
    return name


def enter_root(root):
    """Names all modules in an outermost one, unless it is known. The first one with others inside has no
    name itself: its own work is the phase's. Any other bears its class's, in front of the names inside.
    Returns whether it was new."""
    global _first_root
    if id(root) in known:
        return False
    own = type(root).__name__
    if next(root.children(), None) is not None:
        if _first_root is None or _first_root() is None:
            _first_root = weakref.ref(root)
        if _first_root() is root:
            own = ""
    for name, module in root.named_modules():
        name = plain(name)
        _put(module, ".".join(filter(None, (own, name))))
    return True


def of(module, parent):
    """The name's number, or None. One that is not in the outermost module is named after its parent and class."""
    try:
        return known[id(module)]
    except KeyError:
        name = type(module).__name__
        _put(module, "%s.%s" % (_texts[parent], name) if parent else name)
        return known[id(module)]
