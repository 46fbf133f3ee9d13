#!/usr/bin/env python3
"""What torchvision's ResNet-152 needs on this card: memory and time, to stand beside resnet152's.

Prints CSV: precision,optimizer,batch_size,parameter_bytes,buffer_bytes,gradient_bytes,
opt_state_bytes,peak_bytes,peak_reserved_bytes,median_step_ms,min_step_ms. Peak is
torch.cuda.max_memory_allocated after warm-up; a step is zero_grad, forward, loss, backward, update
and the loss read back. --profiler runs the steps after warm-up under one of PyTorch's own. Needs
torch and torchvision.
"""
import argparse
import statistics
import sys
import time

import torch
import torchvision


def bytes_of(tensors):
    return sum(t.numel() * t.element_size() for t in tensors if t is not None and t.is_cuda)


class Watched:
    """The steps after warm-up under one of PyTorch's own profilers, set up outside of them."""

    def __init__(self, profiler):
        self.history = profiler == "history"
        self.profile = None
        if profiler == "profiler":
            activities = torch.profiler.ProfilerActivity
            self.profile = torch.profiler.profile(
                activities=[activities.CPU, activities.CUDA], profile_memory=True
            )

    def start(self):
        if self.profile:
            self.profile.start()
        if self.history:
            torch.cuda.memory._record_memory_history()

    def stop(self):
        if self.profile:
            torch.cuda.synchronize()
            self.profile.stop()
        if self.history:
            torch.cuda.memory._record_memory_history(enabled=None)


def measure(precision, optimizer_name, batch_size, image_size, steps, warmup, deterministic, profiler):
    allow_tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = allow_tf32
    torch.backends.cudnn.allow_tf32 = allow_tf32
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = deterministic
    torch.manual_seed(1)
    model = torchvision.models.resnet152().cuda().train()
    if optimizer_name == "adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-5, fused=True)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, fused=True)
    host_images = torch.randn(batch_size, 3, image_size, image_size).pin_memory()
    host_labels = torch.randint(0, 1000, (batch_size,)).pin_memory()
    times = []
    watched = Watched(profiler)
    for step in range(warmup + steps):
        if step == warmup:
            torch.cuda.reset_peak_memory_stats()
            watched.start()
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        images = host_images.cuda(non_blocking=True)
        labels = host_labels.cuda(non_blocking=True)
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        if step >= warmup:
            times.append((time.perf_counter() - start) * 1e3)
        del images, labels, loss
    watched.stop()
    state = [t for s in optimizer.state.values() for t in s.values() if torch.is_tensor(t)]
    return (
        bytes_of(model.parameters()),
        bytes_of(model.buffers()),
        bytes_of(p.grad for p in model.parameters()),
        bytes_of(state),
        torch.cuda.max_memory_allocated(),
        torch.cuda.max_memory_reserved(),
        f"{statistics.median(times):.3f}",
        f"{min(times):.3f}",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[4, 8, 16, 32, 64])
    parser.add_argument("--precisions", nargs="+", default=["fp32", "tf32"])
    parser.add_argument("--optimizer", default="adam", choices=["adam", "sgd"])
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--deterministic", action="store_true", help="cuDNN's deterministic ones")
    parser.add_argument("--profiler", default="none", choices=["none", "profiler", "history"])
    args = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("pytorch_peer.py: needs a CUDA device")
    print(
        "precision,optimizer,batch_size,parameter_bytes,buffer_bytes,gradient_bytes,"
        "opt_state_bytes,peak_bytes,peak_reserved_bytes,median_step_ms,min_step_ms"
    )
    for precision in args.precisions:
        for batch_size in args.batch_sizes:
            row = measure(
                precision,
                args.optimizer,
                batch_size,
                args.image_size,
                args.steps,
                args.warmup,
                args.deterministic,
                args.profiler,
            )
            print(precision, args.optimizer, batch_size, *row, sep=",", flush=True)
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
