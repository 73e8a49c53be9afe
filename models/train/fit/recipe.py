"""A recipe turns training pictures into a folded network; here are the recipes and their data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..data.dataset import Dataset
from ..network.architecture import WHOLE, Cut, map_name
from ..network.features import pooled
from ..network.folded import Conv, Network, Residual
from ..network.lite0 import Lite0
from . import crops, head
from .crops import Crops
from .student import Training, train_student
from .teacher import Teacher


@dataclass(frozen=True)
class Mixture:
    """How much of the student is in the mean of its weights and those that it started from.

    The start knows these pictures better, the student other lamps and stains; between the two no
    weight is far from ImageNet's, and the mean is as good as either where it is the better one
    (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).
    """

    blocks: float  # 0 is the start, 1 the student
    head: float

    def of(self, start: Network, student: Network) -> Network:
        """Of two networks with the same layers."""
        pairs = zip(start.layers, student.layers, strict=True)
        layers = [_between(old, new, self.blocks) for old, new in pairs]
        return replace(student, layers=layers, head=_between(start.head, student.head, self.head))


def _between(start: Conv | Residual, end: Conv | Residual, share: float) -> Conv | Residual:
    if not isinstance(end, Conv):
        return end
    return replace(
        end,
        weight=(1 - share) * start.weight + share * end.weight,
        bias=(1 - share) * start.bias + share * end.bias,
    )


@dataclass(frozen=True)
class Recipe:
    """What is trained and how."""

    cut: Cut
    strength: float  # inverse L2 penalty of the linear heads, see head.fit
    training: Training | None = None  # None: the head alone, on frozen features
    sharpness: float = 1.0  # of the teacher: its logits are multiplied by this
    plan: crops.Plan | None = None  # of the crops that a student learns from
    levels: tuple[Cut, ...] = ()  # those of the plan that the teacher looks at; none: all
    mixture: Mixture | None = None  # None: the student alone

    def __post_init__(self) -> None:
        if (self.training is None) != (self.plan is None):
            raise ValueError("a student needs crops, and a head alone needs none")
        if self.plan and not set(self.levels) <= set(self.plan.levels):
            raise ValueError("a teacher looks at levels that the plan has")

    @property
    def teacher(self) -> tuple[Cut, ...]:
        """The levels that the teacher looks at."""
        return self.levels or self.plan.levels

    def text(self) -> str:
        heads = (
            f"logistic regression with C = {self.strength:g}, patients and classes weighted equally"
        )
        if self.training is None:
            return f"ImageNet features of EfficientNet-Lite0 up to {self.cut.name}, frozen; {heads}"
        levels = " and ".join(cut.name for cut in self.teacher)
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.plan.counts().items())
        mixed = ""
        if self.mixture:
            mixed = (
                f"; then the mean of {self.mixture.blocks:.0%} of these blocks and "
                f"{self.mixture.head:.0%} of this head with the weights that they started from, "
                "ImageNet's and a linear head's on the pictures as they are"
            )
        return (
            f"EfficientNet-Lite0 up to {self.cut.name} from ImageNet weights, blocks up to "
            f"{crops.FROZEN.name} frozen; the others imitate, on random crops ({kinds}), a teacher "
            f"that sees the same crops plain and stain-normalised: the mean logit, times "
            f"{self.sharpness:g}, of linear heads on frozen features of {levels} ({heads}); "
            f"{self.training.steps} steps of {self.training.crops} crops, AdamW at "
            f"{self.training.rate:g}, averaged weights{mixed}"
        )


def frozen_features(
    dataset: Dataset, cuts: Sequence[Cut], patches: np.ndarray
) -> dict[Cut, np.ndarray]:
    """ImageNet features f32 [patches, C] of these patches (indices), for each cut, in one pass."""
    network = Lite0(WHOLE).folded(*_empty_head(WHOLE))
    layers = {cut: map_name(cut) for cut in cuts}
    found = pooled(network, sorted(set(layers.values())), dataset.batches(patches))
    return {cut: found[layer] for cut, layer in layers.items()}


def fit_head(
    recipe: Recipe, dataset: Dataset, features: np.ndarray, pictures: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Weight [2, C] and bias [2] of the head fitted to these pictures (indices)."""
    patches, place = dataset.patches_of(pictures)
    chosen = [dataset.pictures[index] for index in pictures]
    return head.fit(
        features[patches].astype(np.float64),
        dataset.labels[pictures][place],
        head.patch_weights(chosen, place),
        recipe.strength,
    )


def head_logits(
    recipe: Recipe, dataset: Dataset, features: np.ndarray, pictures: np.ndarray
) -> np.ndarray:
    """Logits [patches, 2] of every patch from a head fitted to these pictures."""
    weight, bias = fit_head(recipe, dataset, features, pictures)
    return features @ weight.T + bias


@dataclass(frozen=True)
class Material:
    """What every fold shares, computed once: nothing in it is fitted, to labels or to pictures."""

    features: dict[Cut, np.ndarray]  # frozen_features, at least of the recipe's cut and the levels
    normalised: dict[Cut, np.ndarray]  # crops.normalised_features
    crops: Crops | None  # None where the recipe trains a head alone


def train(
    recipe: Recipe, dataset: Dataset, material: Material, pictures: np.ndarray, seed: int
) -> Network:
    """The network trained on these pictures (indices)."""
    if recipe.training is None:
        weights = fit_head(recipe, dataset, material.features[recipe.cut], pictures)
        return Lite0(recipe.cut).folded(*weights)
    patches, place = dataset.patches_of(pictures)
    labels = dataset.labels[pictures][place]
    weights = head.patch_weights([dataset.pictures[index] for index in pictures], place)
    plain, normalised = material.features, material.normalised
    teacher = Teacher.fit(
        {cut: plain[cut][patches] for cut in recipe.teacher},
        {cut: normalised[cut][patches] for cut in recipe.teacher},
        labels,
        weights,
        recipe.strength,
    )
    pool = material.crops
    targets = recipe.sharpness * teacher.logits(pool.plain, pool.normalised)
    mine = np.isin(pool.owner, pictures)
    groups = [np.flatnonzero(mine & (dataset.labels[pool.owner] == label)) for label in (0, 1)]
    start = head.fit(
        plain[recipe.cut][patches].astype(np.float64), labels, weights, recipe.strength
    )
    student = train_student(
        recipe.cut, crops.FROZEN, start, pool.maps, targets, groups, recipe.training, seed
    )
    return (
        recipe.mixture.of(Lite0(recipe.cut).folded(*start), student) if recipe.mixture else student
    )


def _empty_head(cut: Cut) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((2, cut.features), np.float32), np.zeros(2, np.float32)
