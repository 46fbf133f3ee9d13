#!/usr/bin/env python3
"""A job of torchrun's that knows nothing of graphprof: DistributedDataParallel on a small network; rank 1 takes a
batch twice as large as the others'. A GPU a rank where there are enough (NCCL), else they share (gloo, and NCCL in
groups of one rank, so that its buffers are there as well). Each rank prints `rank R peak_bytes N`:
torch.cuda.max_memory_allocated of the steps behind the second."""
import torch
import torch.distributed as dist
from torch import nn

torch.manual_seed(1)
devices = torch.cuda.device_count()
dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
torch.cuda.set_device(rank % devices)
group = dist.new_group(backend="nccl" if devices >= world else "gloo")
alone = [dist.new_group([number], backend="nccl") for number in range(world)]
dist.all_reduce(torch.ones(1, device="cuda"), group=alone[rank])
model = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1),
                      nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 1000)).cuda()
model = nn.parallel.DistributedDataParallel(model, device_ids=[rank % devices], process_group=group)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
criterion = nn.CrossEntropyLoss()
batch = 32 * (2 if rank == 1 else 1)
for step in range(8):
    if step == 2:
        torch.cuda.reset_peak_memory_stats()
    optimizer.zero_grad(set_to_none=True)
    images = torch.randn(batch, 3, 64, 64, device="cuda")
    labels = torch.randint(0, 1000, (batch,), device="cuda")
    criterion(model(images), labels).backward()
    optimizer.step()
    del images, labels
torch.cuda.synchronize()
for turn in range(world):
    dist.barrier()
    if turn == rank:
        print("rank", rank, "peak_bytes", torch.cuda.max_memory_allocated(), flush=True)
dist.barrier()
dist.destroy_process_group()
