"""What programs do with PyTorch beside plain training, on the CPU; for pytorch.t, which compares the output
with and without graphprof's hooks. Warnings are errors: the hooks must cause none."""
import copy
import io
import threading
import warnings
import weakref

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

warnings.simplefilter("error")
warnings.simplefilter("ignore", ResourceWarning)  # of torch 2's own temporary folder, at exit
torch.manual_seed(0)
torch.set_num_threads(1)


class Inner(nn.Module):
    """Checkpoints of both kinds, an attention that calls functions alone, a dict for its output."""

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Sequential(nn.Linear(8, 8), nn.ReLU(inplace=True))
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        y = checkpoint(self.b, self.a(x), use_reentrant=True) + checkpoint(self.a, x, use_reentrant=False)
        return {"out": self.attention(y[None], y[None], y[None])[0][0], "other": (y,)}


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = Inner()
        self.lstm = nn.LSTM(8, 8)

    def forward(self, x):
        return self.lstm(self.inner(x)["out"])[0]


# Two networks, two optimizers, a penalty on gradients that is differentiated itself.
generator, critic = Generator(), nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
of_generator = torch.optim.Adam(generator.parameters())
of_critic = torch.optim.SGD(critic.parameters(), lr=0.1, momentum=0.9)
for i in range(4):
    x = torch.randn(4, 8, requires_grad=True)
    of_critic.zero_grad()
    score = critic(generator(x).detach()).mean()
    probe = torch.randn(4, 8, requires_grad=True)
    penalty = torch.autograd.grad(critic(probe).sum(), probe, create_graph=True)[0].pow(2).sum()
    (score + penalty).backward()
    of_critic.step()
    of_generator.zero_grad()
    critic(generator(x)).mean().backward(retain_graph=True)
    of_generator.step()
    print(i, score.item().hex(), penalty.item().hex())


class Raises(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)

    def forward(self, x):
        return self.inner(x)


raises = Raises()
for width in (3, 4, 3):
    try:
        print(raises(torch.ones(1, width)).sum().item().hex())
    except RuntimeError as fault:
        print("RuntimeError", str(fault)[:40])

# Copies, files, and other ways to run a module.
torch.save(copy.deepcopy(generator), io.BytesIO())
print(torch.jit.trace(critic, torch.ones(2, 8))(torch.ones(1, 8)).item().hex())
print(torch.jit.script(critic)(torch.ones(1, 8)).item().hex())
print(torch.fx.symbolic_trace(critic).code)

gradients = {}
together = threading.Barrier(4)  # all are in their backward passes at once


def wait(_gradient):
    together.wait(60)


def work(number):
    layer = nn.Linear(2, 2)
    layer.weight.data.fill_(number)
    out = layer(torch.ones(1, 2))
    out.register_hook(wait)
    out.sum().backward()
    gradients[number] = layer.weight.grad.sum().item()


threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(gradients.items()))


class Function(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        return gradient * 3


class OfFunction(nn.Module):
    def forward(self, x):
        return Function.apply(x)


x = torch.ones(2, requires_grad=True)
OfFunction()(x).sum().backward()
print(x.grad)

# What the program drops is gone at once. Others come in its place, often at its address: pytorch.t looks at
# their names.
for kind in (nn.Tanh, nn.Sigmoid, nn.Tanh):
    layer = kind()
    out = layer(x)
    dropped = weakref.ref(layer), weakref.ref(out)
    del layer, out
    print([reference() for reference in dropped])

# A hook of the program's on a module's output, which is of that output alone.
seen = []
layer = nn.Linear(2, 1)
for scale in (1.0, 2.0):
    out = layer(torch.ones(1, 2))
    print(out._backward_hooks)
    out.register_hook(lambda gradient, scale=scale: seen.append((scale, gradient.item())))
    out.sum().backward()
print(seen)

# Hooks of the program's own, a scheduler, an optimizer that takes a closure.
called = []
layer = nn.Linear(2, 2)
layer.register_full_backward_hook(lambda *_: called.append(1))
layer(torch.ones(1, 2, requires_grad=True)).sum().backward()
optimizer = torch.optim.Adam(layer.parameters())
optimizer.step()
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
optimizer.step()
scheduler.step()
print(called, sorted(optimizer.state_dict()["state"]), scheduler.get_last_lr())
lbfgs = torch.optim.LBFGS(layer.parameters(), max_iter=3)


def closure():
    lbfgs.zero_grad()
    loss = layer(torch.ones(1, 2)).pow(2).sum()
    loss.backward()
    return loss


print(lbfgs.step(closure).item().hex(), torch.optim.Adam.step.__name__, torch.autograd.backward.__name__)
