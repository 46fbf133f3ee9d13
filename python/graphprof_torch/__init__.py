"""What PyTorch does, said to the recorder: steps, phases, modules and the roles of tensors.

  step N            from the first forward (later: the end of the optimizer's step) to the end of the next
    forward         while the outermost module runs
      layer1.0.conv1  the innermost module, under its name in the outermost one
      loss            what comes behind the outermost module, up to backward
    backward        while torch.autograd.backward or grad runs, also in the threads it uses
      layer1.0.conv1  from when the gradient of that module's output is there to the next module's
    optimizer
      Adam

Only through PyTorch's own hooks; no tensor is touched, and nothing is kept alive that the program drops.
"""
import os

from . import backward, guard, loss, modules, optimizers, recorder, steps


def install(torch):
    """Once, when torch has been imported. Nothing is done before the program uses CUDA."""
    always = os.environ.get("GRAPHPROF_PYTHON") == "always"
    if not (always or torch.version.cuda) or not recorder.connect():
        return
    guard.set_up(torch, always)
    steps.set_up(torch)
    loss.set_up(torch)
    modules.set_up(torch)
    backward.set_up(torch)
    optimizers.set_up(torch)
