#!/usr/bin/env python3
"""Makes tests/golden/reference.csv: what PyTorch computes for the training that resnet152 does.

torchvision's ResNet-152 gets the weights and the images of workload/generator.h (the same numbers,
bit for bit) and trains a few steps on one batch of four, the same batch in each step, with SGD
(momentum, weight decay) and with Adam, at 64x64 and at 224x224, in fp32 (TF32 off, cuDNN
deterministic, channels first) and in float64 from the same initial values. The float64 column
shows what fp32 itself allows.

  make_reference.py --out reference.csv        the reference; prints losses and how far fp32 is off
  make_reference.py --lr-table                 only prints that, for several learning rates
  make_reference.py --quick ...                64x64 alone

Columns: quantity,name,image_size,optimizer,step,fp32,fp64. Quantities:
  setting                            how the run was made (no step; the same in both columns)
  loss                               mean cross entropy of a step, before its update
  grad_norm                          l2 norm of a parameter's gradient in step 1
  running_{mean,var}_{norm,first,middle}  of a batch norm after step 1: l2 norm, element 0,
                                     element C/2
Gradients and statistics of step 1 do not depend on the optimizer ("any").

Needs torch, torchvision and numpy; no network.
"""
import argparse
import csv
import math
import os
import sys
import time

import numpy as np
import torch
import torchvision

SEED = 1
BATCH = 4
CLASSES = 1000
STEPS = 5
SGD_MOMENTUM = 0.9
SGD_WEIGHT_DECAY = 1e-4
DEFAULT_LR = {"sgd": 1e-3, "adam": 1e-5}
TABLE_LR = {"sgd": (1e-2, 3e-3, 1e-3, 3e-4, 1e-4), "adam": (1e-4, 3e-5, 1e-5, 3e-6, 1e-6)}

# The generator: workload/generator.h states these formulas.
GOLDEN = 0x9E3779B97F4A7C15
MASK = (1 << 64) - 1
RESIDUAL_WEIGHT = 0.05  # as GENERATOR_RESIDUAL_WEIGHT, where the reason stands
STREAM_IMAGES = 1 << 32
STREAM_LABELS = STREAM_IMAGES + 1


def mix(x):
    """splitmix64's finaliser, of a uint64 array or of a Python int below 2^64."""
    if isinstance(x, int):
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
        return x ^ (x >> 31)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def bits(seed, stream, count):
    key = mix((mix((seed + GOLDEN) & MASK) + (stream + 1) * GOLDEN) & MASK)
    element = np.arange(1, count + 1, dtype=np.uint64)
    return mix(element * np.uint64(GOLDEN) + np.uint64(key))


def normal(seed, stream, shape, std):
    b = bits(seed, stream, math.prod(shape))
    lane = np.uint64(0xFFFF)
    total = sum((b >> np.uint64(shift) & lane).astype(np.int64) for shift in (0, 16, 32, 48))
    scale = np.float32(std / math.sqrt(4294967295.0 / 3.0))
    return torch.from_numpy(((total - 131070).astype(np.float32) * scale).reshape(shape))


def uniform(seed, stream, shape, bound):
    b = bits(seed, stream, math.prod(shape))
    scale = np.float32(bound / 8388608.0)
    whole = (b >> np.uint64(40)).astype(np.int64) - 8388608
    return torch.from_numpy((whole.astype(np.float32) * scale).reshape(shape))


def initial_value(stream, name, shape):
    if name.startswith("fc."):
        return uniform(SEED, stream, shape, 1.0 / math.sqrt(2048.0))
    if len(shape) == 4:  # kaiming normal, fan out
        return normal(SEED, stream, shape, math.sqrt(2.0 / (shape[0] * shape[2] * shape[3])))
    if name.endswith("bn3.weight"):
        return torch.full(shape, RESIDUAL_WEIGHT)
    return torch.full(shape, 1.0 if name.endswith("weight") else 0.0)


def initial_parameters():
    model = torchvision.models.resnet152(num_classes=CLASSES)
    return {
        name: initial_value(stream, name, tuple(p.shape))
        for stream, (name, p) in enumerate(model.named_parameters())
    }


def make_model(initial, dtype, device):
    model = torchvision.models.resnet152(num_classes=CLASSES)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(initial[name])
    return model.to(device=device, dtype=dtype).train()


def make_batch(image_size):
    images = normal(SEED, STREAM_IMAGES, (BATCH, 3, image_size, image_size), 1.0)
    labels = bits(SEED, STREAM_LABELS, BATCH) % np.uint64(CLASSES)
    return images, torch.from_numpy(labels.astype(np.int64))


def make_optimizer(name, parameters, lr):
    if name == "sgd":
        return torch.optim.SGD(
            parameters, lr=lr, momentum=SGD_MOMENTUM, weight_decay=SGD_WEIGHT_DECAY
        )
    return torch.optim.Adam(parameters, lr=lr)


def statistics(model):
    """Yields (quantity, name of the batch norm, value)."""
    for name, module in model.named_modules():
        if not isinstance(module, torch.nn.BatchNorm2d):
            continue
        for kind, tensor in (("mean", module.running_mean), ("var", module.running_var)):
            t = tensor.double()
            yield f"running_{kind}_norm", name, t.norm().item()
            yield f"running_{kind}_first", name, t[0].item()
            yield f"running_{kind}_middle", name, t[len(t) // 2].item()


def train(initial, image_size, optimizer_name, lr, dtype, device):
    """Five steps. Returns the losses and step 1's [(quantity, name, value)]."""
    model = make_model(initial, dtype, device)
    images, labels = make_batch(image_size)
    images, labels = images.to(device=device, dtype=dtype), labels.to(device)
    optimizer = make_optimizer(optimizer_name, model.parameters(), lr)
    losses, details = [], []
    for step in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            details = [
                ("grad_norm", name, p.grad.double().norm().item())
                for name, p in model.named_parameters()
            ]
            details += statistics(model)
        optimizer.step()
    return losses, details


def print_losses(image_size, optimizer_name, lr, fp32, fp64):
    off = [abs(a - b) / abs(b) for a, b in zip(fp32, fp64)]
    print(
        f"{image_size:4d} {optimizer_name:4s} lr {lr:<7g} loss "
        + " ".join(f"{x:11.7f}" for x in fp32)
        + "  off float64 by "
        + " ".join(f"{x:.0e}" for x in off),
        flush=True,
    )


def print_details(image_size, fp32, fp64):
    """How far fp32 is off float64 in step 1: median, 95th percentile and largest."""
    for quantity in dict.fromkeys(q for q, _, _ in fp32):
        off = sorted(
            (abs(a[2] - b[2]) / max(abs(b[2]), 1e-300), a[1])
            for a, b in zip(fp32, fp64)
            if a[0] == quantity
        )
        print(
            f"{image_size:4d} {quantity:19s} off float64 by {off[len(off) // 2][0]:.1e} (median) "
            f"{off[len(off) * 95 // 100][0]:.1e} (95 %) {off[-1][0]:.1e} (most, {off[-1][1]})",
            flush=True,
        )


def write_rows(path, rows):
    temporary = path + ".tmp"
    with open(temporary, "w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["quantity", "name", "image_size", "optimizer", "step", "fp32", "fp64"])
        writer.writerows(rows)
    os.replace(temporary, path)


def settings(args, device):
    gpu = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    yield from (
        ("torch", torch.__version__),
        ("torchvision", torchvision.__version__),
        ("cudnn", torch.backends.cudnn.version() or 0),
        ("device", gpu),
        ("seed", SEED),
        ("batch_size", BATCH),
        ("classes", CLASSES),
        ("steps", STEPS),
        ("sgd_lr", args.sgd_lr),
        ("sgd_momentum", SGD_MOMENTUM),
        ("sgd_weight_decay", SGD_WEIGHT_DECAY),
        ("adam_lr", args.adam_lr),
        ("adam_weight_decay", 0),
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", help="file to write")
    parser.add_argument("--quick", action="store_true", help="64x64 alone")
    parser.add_argument("--lr-table", action="store_true", help="print several learning rates")
    parser.add_argument("--sgd-lr", type=float, default=DEFAULT_LR["sgd"])
    parser.add_argument("--adam-lr", type=float, default=DEFAULT_LR["adam"])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = parser.parse_args()
    if not args.out and not args.lr_table:
        parser.error("give --out FILE, --lr-table, or both")

    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False

    start = time.monotonic()
    initial = initial_parameters()
    count = sum(p.numel() for p in initial.values())
    assert len(initial) == 467 and count == 60192808, (len(initial), count)
    print(f"{count} parameters generated in {time.monotonic() - start:.1f} s", flush=True)

    sizes = (64,) if args.quick else (64, 224)
    if args.lr_table:
        for image_size in sizes:
            for name, rates in TABLE_LR.items():
                for lr in rates:
                    fp32, fp64 = (
                        train(initial, image_size, name, lr, dtype, args.device)[0]
                        for dtype in (torch.float32, torch.float64)
                    )
                    print_losses(image_size, name, lr, fp32, fp64)

    if args.out:
        rows = [("setting", key, "", "", "", v, v) for key, v in settings(args, args.device)]
        for image_size in sizes:
            for name, lr in (("sgd", args.sgd_lr), ("adam", args.adam_lr)):
                (loss32, details32), (loss64, details64) = (
                    train(initial, image_size, name, lr, dtype, args.device)
                    for dtype in (torch.float32, torch.float64)
                )
                print_losses(image_size, name, lr, loss32, loss64)
                if not all(math.isfinite(x) for x in loss32 + loss64):
                    sys.exit(f"make_reference.py: training diverged: {name} at {image_size}")
                rows += [
                    ("loss", "", image_size, name, step + 1, repr(a), repr(b))
                    for step, (a, b) in enumerate(zip(loss32, loss64))
                ]
            print_details(image_size, details32, details64)
            rows += [
                (quantity, where, image_size, "any", 1, repr(a), repr(b))
                for (quantity, where, a), (_, _, b) in zip(details32, details64)
            ]
        write_rows(args.out, rows)
    print(f"done in {time.monotonic() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
