"""Modules' names: as in the outermost module that is called (`layer1.0.conv1`)."""
import weakref

_WRAPPERS = ("module.", "_orig_mod.")  # DistributedDataParallel's and torch.compile's

_names = {}  # by id: a weak reference, and bytes or None. Ids come again, so the reference is looked at
_first_root = None  # weak


def _put(module, name):
    _names[id(module)] = (weakref.ref(module), name.encode() if name else None)


def _plain(name):
    for wrapper in _WRAPPERS:
        if (name + ".").startswith(wrapper):
            name = name[len(wrapper):]
    return name


def enter_root(root):
    """Names all modules in an outermost one, unless it is known. The first one with others inside has no
    name itself: its own work is the phase's. Any other bears its class's, in front of the names inside.
    Returns whether it was new."""
    global _first_root
    known = _names.get(id(root))
    if known and known[0]() is root:
        return False
    own = type(root).__name__
    if next(root.children(), None) is not None:
        if _first_root is None or _first_root() is None:
            _first_root = weakref.ref(root)
        if _first_root() is root:
            own = ""
    for name, module in root.named_modules():
        name = _plain(name)
        _put(module, ".".join(filter(None, (own, name))))
    return True


def of(module, parent):
    """Bytes, or None. One that is not in the outermost module is named after its parent and class."""
    known = _names.get(id(module))
    if known and known[0]() is module:
        return known[1]
    name = type(module).__name__
    _put(module, "%s.%s" % (parent.decode(), name) if parent else name)
    return _names[id(module)][1]
