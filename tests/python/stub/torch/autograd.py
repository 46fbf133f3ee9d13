"""Nodes in a chain, run in a thread of their own while the caller waits."""
import os
from concurrent.futures import ThreadPoolExecutor

_engine = ThreadPoolExecutor(1)
_made = 0


class Node:
    def __init__(self, before, run):
        global _made
        self.before = before
        self.run = run
        self._prehooks = []  # of hooks' dicts, as tensors have them
        self._number = _made
        _made += 1

    def _sequence_nr(self):
        return self._number

    def _register_hook_dict(self, tensor):
        if os.environ.get("STUB_FAULT") == "hook":
            raise RuntimeError("no hook today")
        self._prehooks.append(tensor._backward_hooks)

    def _call(self, gradient):
        for hook in (hook for hooks in self._prehooks for hook in hooks.values()):
            if hook(gradient) is not None:
                raise RuntimeError("a hook has changed a gradient")
        return self.run(gradient)


def _pass(node):
    gradient = None
    while node:
        gradient = node._call(gradient)
        node = node.before


def backward(tensors, grad_tensors=None):
    _engine.submit(_pass, tensors.grad_fn).result()


def grad(outputs, inputs):
    backward(outputs)
