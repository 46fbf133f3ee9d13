"""Runs train.py and prints how often in each forward pass the hooks changed from one module to another."""
import os
import runpy
import sys

import torch
from graphprof_torch import recorder

counts = []
take_next, take_push, forward = recorder.next, recorder.push, recorder.name(b"forward")


def count_next(name):
    counts[-1] += 1
    return take_next(name)


def count_push(name):
    if name == forward:
        counts.append(0)
    return take_push(name)


recorder.next, recorder.push = count_next, count_push
runpy.run_path(os.path.join(os.path.dirname(__file__), "train.py"))
print(*(count for count in counts if count) if any(counts) else ["none"], file=sys.stderr)
