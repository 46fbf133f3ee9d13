"""The optimizer's phase, around each optimizer.step."""
import functools
import importlib

from . import backward, guard, loss, modules, recorder, roles, steps


def set_up(_torch):
    module = importlib.import_module("torch.optim.optimizer")
    if hasattr(module, "register_optimizer_step_pre_hook"):  # since 2.0
        module.register_optimizer_step_pre_hook(guard.guarded(_before))
        module.register_optimizer_step_post_hook(guard.guarded(_after))
        return
    _wrap_classes(module.Optimizer)


_open = []  # of optimizers whose step runs: id, and whether its tensors are told


def _before(optimizer, _args, _kwargs):
    if not guard.is_on():
        return
    while _open:  # one that raised
        _close()
    loss.ends()
    is_told = roles.optimizer_begins(optimizer)
    _open.append((id(optimizer), is_told))
    recorder.push(recorder.name(b"optimizer"))
    recorder.push(recorder.name(type(optimizer).__name__.encode()))


def _close():
    _open.pop()
    recorder.pop()
    recorder.pop()


def _after(optimizer, _args, _kwargs):
    if not _open or _open[-1][0] != id(optimizer):
        return
    if _open[-1][1]:
        roles.optimizer_ended(optimizer)
    _close()
    if not modules.is_inside() and not backward.is_running():
        steps.optimizer_ended(optimizer)


def _wrap_classes(base):
    """1.x: each class's `step`, when its first optimizer is made, as PyTorch does for its profiler."""
    before, after, profile = guard.guarded(_before), guard.guarded(_after), base._hook_for_profile

    def wrapped(step):
        @functools.wraps(step)
        def run(self, *args, **kwargs):
            before(self, args, kwargs)
            result = step(self, *args, **kwargs)
            after(self, args, kwargs)
            return result

        run.of_graphprof = True
        return run

    @functools.wraps(profile)
    def hook_for_profile(self):
        profile(self)
        if not hasattr(type(self).step, "of_graphprof"):
            type(self).step = wrapped(type(self).step)

    base._hook_for_profile = hook_for_profile
