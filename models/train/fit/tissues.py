"""Trains the deeper blocks to tell tissues apart, for features that lessons learn from.

The blocks up to b4 stay ImageNet's, so their maps of random crops are computed once. A linear head
reads the mean-pooled, standardised features of all levels; it is trained alone first, so that it
does not spoil the blocks (Kumar et al., Fine-tuning can distort pretrained features, ICLR 2022).
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from ..data.augment import STRONG_LAMPS, random_crop
from ..data.pictures import read_rgb
from ..data.stains import estimate
from ..network.architecture import BLOCKS, TEACHING_LEVELS, Cut
from ..network.folded import Network
from ..network.lite0 import Lite0
from .crops import FROZEN
from .student import Block, rate_at

CUT = Cut.parse("b14")
LEVELS = TEACHING_LEVELS  # what the head reads
SIDE = 128  # pixels of a crop; a tile has 150
BATCH = 32  # crops that go through the frozen blocks at once
HEAD_BATCHES = 60  # whose features the head is trained on alone
REPORT = 50  # steps between two lines of the log


@dataclass(frozen=True)
class Examples:
    """Crops, and what the head has to say of each."""

    maps: np.ndarray  # f16 [n, C, h, w]: after the frozen blocks
    classes: np.ndarray  # [n]: 0, 1, ...


def make_examples(
    paths: Sequence[Path], classes: np.ndarray, owner: np.ndarray, seed: int
) -> Examples:
    """A perturbed crop of each picture of `owner` [n], which are indices of `paths`.

    classes: of each picture. The crops come in the order of their pictures, each of which is read
    once.
    """
    random, frozen = np.random.default_rng(seed), Lite0(FROZEN)
    owner, maps, waiting = np.sort(owner), [], []
    for index, count in zip(*np.unique(owner, return_counts=True), strict=True):
        pixels = read_rgb(paths[index])
        stains = estimate(pixels)
        waiting += [random_crop(pixels, stains, STRONG_LAMPS, random, SIDE) for _ in range(count)]
        if len(waiting) >= BATCH:
            maps.append(_after(frozen, waiting))
            waiting = []
    if waiting:
        maps.append(_after(frozen, waiting))
    return Examples(np.concatenate(maps), np.asarray(classes)[owner])


def _after(frozen: Lite0, crops: list[np.ndarray]) -> np.ndarray:
    pixels = torch.from_numpy(np.stack(crops)).permute(0, 3, 1, 2)
    with torch.inference_mode():
        return frozen(pixels).numpy().astype(np.float16)


def evenly(classes: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Indices of `count` pictures; a class's share goes with the root of its pictures."""
    shares = np.sqrt(np.bincount(classes))
    counts = np.floor(count * shares / shares.sum()).astype(int)
    drawn = []
    for label, wanted in enumerate(counts):
        mine = np.flatnonzero(classes == label)
        turns = [random.permutation(mine) for _ in range(-(-wanted // max(len(mine), 1)))]
        drawn += [np.concatenate(turns)[:wanted]] if turns else []
    return np.concatenate(drawn)


@dataclass(frozen=True)
class Schedule:
    steps: int = 400
    head_steps: int = 100  # of the head alone, before the others
    crops: int = 32  # a step
    rate: float = 3e-4  # of AdamW for the blocks, at its highest
    head_rate: float = 3e-3
    decay: float = 0.02  # of the weights
    smoothing: float = 0.1  # of the classes
    average: float = 0.99  # of the moving average of the blocks, which is what is kept


class Blocks(nn.Module):
    """The blocks after the frozen ones. In: maps [n, C, h, w]; out: means of LEVELS, [n, F]."""

    def __init__(self, backbone: Lite0) -> None:
        super().__init__()
        self.first = FROZEN.last_block + 1
        self.blocks = nn.ModuleList(Block(block) for block in backbone.blocks[self.first :])
        self.read = {Cut.parse(level).last_block for level in LEVELS}
        self.width = sum(BLOCKS[index].outputs for index in self.read)
        self.to(memory_format=torch.channels_last)

    def forward(self, x):
        found = []
        for index, block in enumerate(self.blocks, self.first):
            x = block(x)
            if index in self.read:
                found.append(x.mean((2, 3)))
        return torch.cat(found, 1)


class Head(nn.Module):
    """On standardised features."""

    def __init__(self, features: torch.Tensor, classes: int) -> None:
        super().__init__()
        self.register_buffer("mean", features.mean(0))
        self.register_buffer("spread", features.std(0) + 1e-6)
        self.linear = nn.Linear(features.shape[1], classes)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, features):
        return self.linear((features - self.mean) / self.spread)


def train(
    examples: Examples, schedule: Schedule, seed: int, log: Callable[[str], None] = lambda _: None
) -> Network:
    """The network up to CUT."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    backbone = Lite0(CUT)
    blocks = Blocks(backbone)

    def draw() -> tuple[torch.Tensor, torch.Tensor]:
        """Maps of a step, and the class of each."""
        chosen = random.choice(len(examples.classes), schedule.crops, replace=False)
        maps = torch.from_numpy(examples.maps[chosen].astype(np.float32))
        classes = torch.from_numpy(examples.classes[chosen])
        return maps.contiguous(memory_format=torch.channels_last), classes

    with torch.no_grad():
        first = [(blocks(maps), classes) for maps, classes in (draw() for _ in range(HEAD_BATCHES))]
    features = torch.cat([features for features, _ in first])
    head = Head(features, int(examples.classes.max()) + 1)

    def descend(optimiser, features: torch.Tensor, classes: torch.Tensor) -> float:
        """One step; returns the loss before it."""
        loss = functional.cross_entropy(head(features), classes, label_smoothing=schedule.smoothing)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    alone = torch.optim.AdamW(head.parameters(), schedule.head_rate, weight_decay=schedule.decay)
    for step in range(schedule.head_steps):
        descend(alone, *first[step % len(first)])
    average = copy.deepcopy(blocks).requires_grad_(False)
    optimiser = torch.optim.AdamW(
        [
            {"params": blocks.parameters(), "peak": schedule.rate},
            {"params": head.parameters(), "peak": schedule.head_rate},
        ],
        weight_decay=schedule.decay,
    )
    losses: list[float] = []
    for step in range(schedule.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * rate_at(step, schedule.steps)
        maps, classes = draw()
        losses.append(descend(optimiser, blocks(maps), classes))
        keep = min(schedule.average, (1 + step) / (10 + step))  # the start is forgotten
        for old, new in zip(average.parameters(), blocks.parameters(), strict=True):
            old.lerp_(new.detach(), 1 - keep)
        if (step + 1) % REPORT == 0:
            log(f"step {step + 1}, loss {np.mean(losses[-REPORT:]):.3f}")
    for block, target in zip(average.blocks, backbone.blocks[blocks.first :], strict=True):
        block.write_back(target)
    return headless(backbone)


def headless(backbone: Lite0) -> Network:
    """Folded, with a head of zeros."""
    return backbone.folded(np.zeros((2, CUT.features), np.float32), np.zeros(2, np.float32))
