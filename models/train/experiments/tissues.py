"""Trains the deeper blocks to tell tissues and labels apart, for features that lessons learn from.

The blocks up to b4 stay ImageNet's, so their maps of random crops are computed once. Each task has
a linear head on the mean-pooled, standardised features of all levels; the heads are trained alone
first, so that they do not spoil the blocks (Kumar et al., Fine-tuning can distort pretrained
features, ICLR 2022).
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
from ..fit.crops import FROZEN
from ..fit.student import Block, rate_at
from ..network.architecture import BLOCKS, Cut
from ..network.folded import Network
from ..network.lite0 import Lite0

CUT = Cut.parse("b14")
LEVELS = ("b7", "b10", "b14")  # what the heads read
SIDE = 128  # pixels of a crop; a tile has 150
BATCH = 32  # crops that go through the frozen blocks at once
HEAD_BATCHES = 60  # whose features the heads are trained on alone
REPORT = 50  # steps between two lines of the log


@dataclass(frozen=True)
class Task:
    """Crops of one set, and what a head has to say of each."""

    maps: np.ndarray  # f16 [n, C, h, w]: after the frozen blocks
    classes: np.ndarray  # [n]: 0, 1, ...
    weight: float = 1.0  # of its loss

    @property
    def count(self) -> int:
        """How many classes there are."""
        return int(self.classes.max()) + 1


def make_task(
    paths: Sequence[Path], classes: np.ndarray, owner: np.ndarray, weight: float, seed: int
) -> Task:
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
    return Task(np.concatenate(maps), np.asarray(classes)[owner], weight)


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
    head_steps: int = 100  # of the heads alone, before the others
    crops: int = 32  # a step, shared evenly by the tasks
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


class Heads(nn.Module):
    """One for each task, on standardised features."""

    def __init__(self, features: torch.Tensor, classes: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("mean", features.mean(0))
        self.register_buffer("spread", features.std(0) + 1e-6)
        self.heads = nn.ModuleList(nn.Linear(features.shape[1], count) for count in classes)
        for head in self.heads:
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)

    def forward(self, features):
        standard = (features - self.mean) / self.spread
        return [head(standard) for head in self.heads]


def train(
    tasks: Sequence[Task],
    schedule: Schedule,
    seed: int,
    kept: Sequence[int] = (),
    log: Callable[[str], None] = lambda _: None,
) -> dict[int, Network]:
    """The network up to CUT after each of the steps `kept`, and after the last one."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    backbone = Lite0(CUT)
    blocks = Blocks(backbone)
    share = schedule.crops // len(tasks)

    def draw() -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Maps of all tasks, one after the other, and the classes of each."""
        chosen = [random.choice(len(task.classes), share, replace=False) for task in tasks]
        maps = np.concatenate([t.maps[mine] for t, mine in zip(tasks, chosen, strict=True)])
        classes = [torch.from_numpy(t.classes[m]) for t, m in zip(tasks, chosen, strict=True)]
        values = torch.from_numpy(maps.astype(np.float32))
        return values.contiguous(memory_format=torch.channels_last), classes

    def losses(features: torch.Tensor, classes: list[torch.Tensor]) -> list[torch.Tensor]:
        said = [scores[place] for scores, place in zip(heads(features), places, strict=True)]
        return [
            functional.cross_entropy(scores, wanted, label_smoothing=schedule.smoothing)
            for scores, wanted in zip(said, classes, strict=True)
        ]

    places = [slice(share * number, share * (number + 1)) for number in range(len(tasks))]
    with torch.no_grad():
        first = [(blocks(maps), classes) for maps, classes in (draw() for _ in range(HEAD_BATCHES))]
    heads = Heads(torch.cat([features for features, _ in first]), [task.count for task in tasks])
    alone = torch.optim.AdamW(heads.parameters(), schedule.head_rate, weight_decay=schedule.decay)
    for step in range(schedule.head_steps):
        features, classes = first[step % len(first)]
        _descend(alone, losses(features, classes), tasks)
    average = copy.deepcopy(blocks).requires_grad_(False)
    optimiser = torch.optim.AdamW(
        [
            {"params": blocks.parameters(), "peak": schedule.rate},
            {"params": heads.parameters(), "peak": schedule.head_rate},
        ],
        weight_decay=schedule.decay,
    )
    found, sums = {}, np.zeros(len(tasks))
    for step in range(schedule.steps):
        for group in optimiser.param_groups:
            group["lr"] = group["peak"] * rate_at(step, schedule.steps)
        maps, classes = draw()
        each = losses(blocks(maps), classes)
        _descend(optimiser, each, tasks)
        keep = min(schedule.average, (1 + step) / (10 + step))  # the start is forgotten
        for old, new in zip(average.parameters(), blocks.parameters(), strict=True):
            old.lerp_(new.detach(), 1 - keep)
        sums += [loss.item() for loss in each]
        if (step + 1) % REPORT == 0:
            log(f"step {step + 1}, losses {np.round(sums / REPORT, 3).tolist()}")
            sums[:] = 0
        if step + 1 in {*kept, schedule.steps}:
            found[step + 1] = _network(average, backbone)
    return found


def _descend(optimiser, losses: list[torch.Tensor], tasks: Sequence[Task]) -> None:
    loss = sum(task.weight * loss for task, loss in zip(tasks, losses, strict=True))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def _network(blocks: Blocks, backbone: Lite0) -> Network:
    """Folded, with a head of zeros."""
    for block, target in zip(blocks.blocks, backbone.blocks[blocks.first :], strict=True):
        block.write_back(target)
    return backbone.folded(np.zeros((2, CUT.features), np.float32), np.zeros(2, np.float32))
