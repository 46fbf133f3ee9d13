#!/usr/bin/env python3
"""An ordinary training loop in PyTorch that knows nothing of graphprof: pytorch.sh and bench/pytorch_step.sh run it
bare and under `graphprof run`. At its end it prints, a name and a number a line, what PyTorch itself says, for comparison:

  steps_ms                 each step's behind the warm-up
  loss                     of the last step, to the last bit
  peak_bytes               torch.cuda.max_memory_allocated of those steps
  reserved_bytes           torch.cuda.max_memory_reserved of the whole run
  <role>_bytes             the allocator's blocks that hold parameters, gradients, optimizer states, as
                           torch.cuda.memory_snapshot has them after the last optimizer.step
  <role>_requested_bytes   the same tensors without the allocator's rounding

usage: pytorch_train.py MODEL BATCH_SIZE STEPS WARMUP [DEVICE]      MODEL: resnet152 or vit_b_16, which need
torchvision; gpt2 or tiny, which need PyTorch alone; with _compiled behind it, through torch.compile. Weights are
random, nothing is downloaded.

environment: TAKE_TURNS="IN OUT", two FIFOs: a step waits for a byte from IN and at its end sends one to OUT, so that of
several such processes one at a time runs.
"""
import contextlib
import os
import sys
import time

import torch

TOKENS = 256  # of a sequence


def images(batch_size, size, device):
    inputs = torch.randn(batch_size, 3, size, size, device="cpu")
    labels = torch.randint(0, 1000, (batch_size,), device="cpu")
    if device == "cuda":
        inputs, labels = inputs.pin_memory(), labels.pin_memory()
    return inputs, labels


def vision(model, size):
    """A model, and what it makes of a batch: a loss."""
    criterion = torch.nn.CrossEntropyLoss()
    return model, lambda model, inputs, labels: criterion(model(inputs), labels), lambda n, device: images(n, size, device)


def gpt2():
    import pytorch_gpt2

    def batch(n, device):
        tokens = torch.randint(0, pytorch_gpt2.VOCABULARY, (n, TOKENS), device="cpu")
        tokens = tokens.pin_memory() if device == "cuda" else tokens
        return tokens, tokens

    model = pytorch_gpt2.GPT2()
    return model, lambda model, inputs, labels: pytorch_gpt2.loss(model, inputs), batch


def tiny():
    layers = torch.nn
    return vision(
        layers.Sequential(layers.Conv2d(3, 8, 3), layers.BatchNorm2d(8), layers.ReLU(), layers.AdaptiveAvgPool2d(1),
                          layers.Flatten(), layers.Linear(8, 1000)), 32)


def make(name):
    if name in ("resnet152", "vit_b_16"):
        import torchvision

        return vision(getattr(torchvision.models, name)(), 224)
    return {"gpt2": gpt2, "tiny": tiny}[name]()


def blocks():
    """The size of every block of the caching allocator, by address."""
    sizes = {}
    for segment in torch.cuda.memory_snapshot():
        address = segment["address"]
        for block in segment["blocks"]:
            sizes[address] = block["size"]
            address += block["size"]
    return sizes


def say(role, tensors, sizes):
    tensors = [tensor for tensor in tensors if tensor is not None and tensor.is_cuda and tensor.numel()]
    addresses = {tensor.untyped_storage().data_ptr() for tensor in tensors}
    print(f"{role}_bytes", sum(sizes[address] for address in addresses))
    print(f"{role}_requested_bytes", sum(tensor.numel() * tensor.element_size() for tensor in tensors))


def main():
    name, batch_size, steps, warmup = sys.argv[1], *map(int, sys.argv[2:5])
    device = sys.argv[5] if len(sys.argv) > 5 else "cuda"
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    with torch.device(device) if device == "cuda" else contextlib.nullcontext():
        model, loss_of, batch = make(name.removesuffix("_compiled"))
    model.train()
    run = torch.compile(model) if name.endswith("_compiled") else model
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-5, fused=device == "cuda")
    host_inputs, host_labels = batch(batch_size, device)
    times = []
    my_turn, turn_done = (os.open(path, os.O_RDWR) for path in os.environ.get("TAKE_TURNS", "/dev/zero /dev/null").split())
    for step in range(warmup + steps):
        if step == warmup and device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        os.read(my_turn, 1)
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        inputs = host_inputs.to(device, non_blocking=True)
        labels = host_labels.to(device, non_blocking=True)
        loss = loss_of(run, inputs, labels)
        loss.backward()
        optimizer.step()
        value = loss.item()
        if step >= warmup:
            times.append((time.perf_counter() - start) * 1e3)
        del inputs, labels, loss
        os.write(turn_done, b"*")
    sizes = blocks() if device == "cuda" else {}
    print("steps_ms", *(f"{ms:.3f}" for ms in times))
    print("loss", value.hex())
    print("peak_bytes", torch.cuda.max_memory_allocated() if sizes else 0)
    print("reserved_bytes", torch.cuda.max_memory_reserved() if sizes else 0)
    states = [value for state in optimizer.state.values() for value in state.values() if torch.is_tensor(value)]
    say("parameter", model.parameters(), sizes)
    say("gradient", (parameter.grad for parameter in model.parameters()), sizes)
    say("opt_state", states, sizes)


main()
