"""Random networks for the tests, with all that folding and quantising could get wrong."""

import numpy as np
import torch
from models.train.network.architecture import Cut
from models.train.network.folded import Network
from models.train.network.lite0 import Lite0


def network_and_model(name: str) -> tuple[Lite0, Network]:
    """The cut of this name with random BatchNorm statistics, and the same folded."""
    torch.manual_seed(3)
    model = Lite0(Cut.parse(name), pretrained=False)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.3)
    random = np.random.default_rng(0)
    weight = random.normal(0, 0.2, (2, model.cut.features)).astype(np.float32)
    return model, model.folded(weight, np.float32([0.1, -0.2]))
