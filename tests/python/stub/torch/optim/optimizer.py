"""An optimizer with two states a parameter, and the hooks of torch 2."""
from ..memory import Tensor

_before, _after = [], []
register_optimizer_step_pre_hook = _before.append
register_optimizer_step_post_hook = _after.append


class Adam:
    def __init__(self, parameters):
        self.param_groups = [{"params": list(parameters)}]
        self.state = {}

    def step(self):
        for hook in _before:
            hook(self, (), {})
        for parameter in self.param_groups[0]["params"]:
            if parameter not in self.state:
                self.state[parameter] = {"step": 0, "exp_avg": Tensor(parameter.size),
                                         "exp_avg_sq": Tensor(parameter.size)}
        for hook in _after:
            hook(self, (), {})
