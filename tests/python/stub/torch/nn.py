"""Modules: torch.nn, torch.nn.modules and torch.nn.modules.module in one."""
import sys

from .memory import Tensor

_before, _after = [], []


def register_module_forward_pre_hook(hook):
    _before.append(hook)


def register_module_forward_hook(hook, *, with_kwargs=False, always_call=False):
    _after.append(hook)


class Module:
    training = True

    def children(self):
        return (value for value in vars(self).values() if isinstance(value, Module))

    def named_modules(self, prefix=""):
        yield prefix, self
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield from value.named_modules(prefix + "." * bool(prefix) + name)

    def named_parameters(self):
        for prefix, module in self.named_modules():
            for name, value in vars(module).items():
                if isinstance(value, Tensor):
                    yield prefix + "." * bool(prefix) + name, value

    def named_buffers(self):
        return ()

    def __call__(self, *inputs):
        for hook in _before:
            hook(self, inputs)
        output = None
        try:
            output = self.forward(*inputs)
        finally:  # always_call
            for hook in _after:
                hook(self, inputs, output)
        return output


class Sequential(Module):
    def __init__(self, *modules):
        for number, module in enumerate(modules):
            setattr(self, str(number), module)

    def forward(self, x):
        for module in self.children():
            x = module(x)
        return x


modules = module = sys.modules[__name__]
