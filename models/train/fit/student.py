"""The student: the last blocks of the network, trained to say of perturbed crops what the teacher
says of the same crops unperturbed.

The targets are soft and a smooth function of the picture, so there is no label to learn by heart:
fine-tuning on labels overfits the few patients within 100 steps (EXPERIMENTS.md).
"""

import copy
import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ..network.architecture import Cut
from ..network.folded import Network
from ..network.lite0 import ConvNorm, InvertedResidual, Lite0

WARM_UP = 20  # steps


@dataclass(frozen=True)
class Training:
    steps: int
    crops: int = 24  # a step, half of each label
    rate: float = 3e-4  # of AdamW for the blocks, at its highest
    head_rate: float = 1.5e-3
    decay: float = 0.02  # of the weights
    average: float = 0.98  # of the moving average of the weights, which is what is kept


class FixedNorm(nn.Module):
    """A ConvNorm whose BatchNorm stays as ImageNet left it but for the bias; one convolution."""

    def __init__(self, source: ConvNorm):
        super().__init__()
        convolution, norm = source[0], source[1]
        gain = norm.weight.data / torch.sqrt(norm.running_var + norm.eps)
        self.weight = nn.Parameter(convolution.weight.data.clone())
        self.bias = nn.Parameter(norm.bias.data - norm.running_mean * gain)
        self.register_buffer("gain", gain[:, None, None, None])
        self.linear = source.linear
        self.settings = dict(
            stride=convolution.stride, padding=convolution.padding, groups=convolution.groups
        )

    def forward(self, x):
        x = functional.conv2d(x, self.weight * self.gain, self.bias, **self.settings)
        return x if self.linear else functional.hardtanh(x, 0.0, 6.0, inplace=True)

    def write_back(self, target: ConvNorm) -> None:
        """Puts what was learned into the module this one was made of."""
        convolution, norm = target[0], target[1]
        convolution.weight.data.copy_(self.weight)
        norm.bias.data.copy_(self.bias + norm.running_mean * self.gain.flatten())


class Block(nn.Module):
    """An InvertedResidual of FixedNorms."""

    def __init__(self, source: InvertedResidual):
        super().__init__()
        self.parts = nn.Sequential(
            *(FixedNorm(part) for part in (source.expand, source.depthwise, source.project))
        )
        self.residual = source.block.residual

    def forward(self, x):
        y = self.parts(x)
        return x + y if self.residual else y

    def write_back(self, target: InvertedResidual) -> None:
        parts = (target.expand, target.depthwise, target.project)
        for part, module in zip(self.parts, parts, strict=True):
            part.write_back(module)


class Student(nn.Module):
    """The blocks after the frozen ones and the head. In: maps [n, C, h, w]; out: logits [n, 2]."""

    def __init__(self, backbone: Lite0, frozen: Cut, weight: np.ndarray, bias: np.ndarray):
        super().__init__()
        self.blocks = nn.Sequential(*(Block(b) for b in backbone.blocks[frozen.last_block + 1 :]))
        self.head = nn.Linear(weight.shape[1], 2)
        self.head.weight.data.copy_(torch.from_numpy(weight))
        self.head.bias.data.copy_(torch.from_numpy(bias))
        self.to(memory_format=torch.channels_last)

    def forward(self, maps):
        return self.head(self.blocks(maps).mean((2, 3)))


def rate_at(step: int, steps: int) -> float:
    """Share of the highest learning rate: linear warm-up, then cosine decay to nothing."""
    return min(1.0, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))


def train_student(
    cut: Cut,
    frozen: Cut,
    start: tuple[np.ndarray, np.ndarray],
    maps: np.ndarray,
    targets: np.ndarray,
    groups: list[np.ndarray],
    training: Training,
    seed: int,
) -> Network:
    """The network up to `cut`, its blocks after `frozen` and its head trained on crops.

    start: weight [2, C] and bias [2] that the head starts from. maps: f16 [n, C, h, w], the crops
    after the frozen blocks. targets: f32 [n, 2], the teacher's logits. groups: indices of the crops
    that may be used, one array for each label; a step takes as many of each.
    """
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    backbone = Lite0(cut)
    student = Student(backbone, frozen, *start)
    average = copy.deepcopy(student).requires_grad_(False)
    optimiser = torch.optim.AdamW(
        [
            {"params": student.blocks.parameters(), "peak": training.rate},
            {"params": student.head.parameters(), "peak": training.head_rate},
        ],
        weight_decay=training.decay,
    )
    wanted = torch.log_softmax(torch.from_numpy(targets), 1)
    share = training.crops // len(groups)
    for step in range(training.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * rate_at(step, training.steps)
        batch = np.concatenate([random.choice(group, share, replace=False) for group in groups])
        pixels = torch.from_numpy(maps[batch].astype(np.float32))
        said = torch.log_softmax(student(pixels.contiguous(memory_format=torch.channels_last)), 1)
        loss = functional.kl_div(said, wanted[batch], log_target=True, reduction="batchmean")
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        # Short at first, so that the start is forgotten.
        keep = min(training.average, (1 + step) / (10 + step))
        for kept, new in zip(average.parameters(), student.parameters(), strict=True):
            kept.lerp_(new.detach(), 1 - keep)
    for block, target in zip(average.blocks, backbone.blocks[frozen.last_block + 1 :], strict=True):
        block.write_back(target)
    return backbone.folded(average.head.weight.numpy(), average.head.bias.numpy())
