#!/usr/bin/env python3
"""An ordinary training in PyTorch whose whole step is a CUDA graph; it knows nothing of graphprof. Prints, a
name and a value a line: the loss of the last replay, to the last bit, and torch.cuda.max_memory_allocated
while the step was captured, which is what each replay needs. Needs PyTorch alone.

usage: pytorch_graph.py REPLAYS
"""
import sys

import torch
from torch import nn


def block(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU())


def main():
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    model = nn.Sequential(block(3, 64), block(64, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)).cuda()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    inputs = torch.randn(32, 3, 64, 64, device="cuda")
    labels = torch.randint(0, 10, (32,), device="cuda")

    def step():
        loss = criterion(model(inputs), labels)
        loss.backward()
        optimizer.step()
        return loss

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            optimizer.zero_grad(set_to_none=True)
            step()
    torch.cuda.current_stream().wait_stream(side)
    optimizer.zero_grad(set_to_none=True)
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()
    print("capture_peak_bytes", torch.cuda.max_memory_allocated())
    for _ in range(int(sys.argv[1])):
        graph.replay()
    torch.cuda.synchronize()
    print("loss", loss.item().hex())


main()
