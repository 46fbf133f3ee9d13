"""A small training loop over the stand-in for torch, for hooks.t, where its bytes are added up."""
import sys

import torch
from torch.autograd import Node

ACTIVATION = 2000  # bytes of each layer's output, and of the gradient by it


class Layer(torch.nn.Module):
    def __init__(self, size, is_first=False):
        self.weight = torch.Tensor(size)
        self.is_first = is_first

    def forward(self, x):
        y = torch.Tensor(ACTIVATION)
        saved = y.storage  # as a layer that needs its output in backward
        y.grad_fn = Node(None if self.is_first else x.grad_fn, lambda _: self.backward(saved))
        return y

    def backward(self, _saved):
        self.weight.grad = torch.Tensor(self.weight.size)
        return None if self.is_first else torch.Tensor(ACTIVATION)


class Block(torch.nn.Module):
    def __init__(self):
        self.one = Layer(1000)
        self.two = Layer(3000)

    def forward(self, x):
        return self.two(self.one(x))


class Net(torch.nn.Module):
    def __init__(self):
        self.stem = Layer(600, is_first=True)
        self.blocks = torch.nn.Sequential(Block(), Block())

    def forward(self, x):
        return self.blocks(self.stem(x))


class Loss(torch.nn.Module):
    def forward(self, y):
        loss = torch.Tensor(4)
        loss.grad_fn = Node(y.grad_fn, lambda _: torch.Tensor(ACTIVATION))
        return loss


def loss_of(y):
    """A loss that is no module, and takes some room for itself."""
    room = torch.Tensor(20000)
    loss = torch.Tensor(4)
    loss.grad_fn = Node(y.grad_fn, lambda _: torch.Tensor(ACTIVATION))
    del room
    return loss


def raise_inside():
    """A module that raises, and is called by a program that goes on."""

    class Raises(torch.nn.Module):
        def __init__(self):
            self.inner = Layer(4, is_first=True)

        def forward(self, x):
            self.inner(x)
            raise KeyError

    try:
        Raises()(None)
    except KeyError:
        pass


if "whole" in sys.argv:  # as where a model is compiled whole: no hook runs
    torch.nn.Module.__call__ = lambda self, *inputs: self.forward(*inputs)
net, criterion = Net(), Loss()
parameters = [parameter for _, parameter in net.named_parameters()]
optimizer = torch.optim.Adam(parameters)
for i in range(12 if "own" in sys.argv else 6):
    for parameter in parameters:
        parameter.grad = None
    y = net(None)
    loss = loss_of(y) if "functional" in sys.argv else criterion(y)
    y = None
    torch.autograd.backward(loss)
    loss = None
    if "own" not in sys.argv:  # an optimizer that is not PyTorch's
        optimizer.step()
    if i == 0 and "raise" in sys.argv:
        raise_inside()
    print("step", i)
