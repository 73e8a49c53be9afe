"""The long steps of a training, each kept in the store under all that it depends on."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np

from .data.dataset import Dataset
from .data.split import FILE as FOLDS_FILE
from .data.split import FOLDS, load_folds, sides
from .evaluate import cross_validation, learning_curve, metrics, perturbations, robustness
from .fit import crops
from .fit.recipe import Material, Recipe, frozen_features, head_logits, train
from .network.architecture import WHOLE, Cut
from .network.folded import Network
from .network.lite0 import Lite0
from .store import Kept, Store, code_digest, digest
from .tasks import Task

CUTS = [Cut.parse(name) for name in ("b6", "b7", "b10", "b10x", "b14")] + [WHOLE]
# The recipe of the table of cuts and of the learning curve: fitted in a moment.
CHEAP = Recipe(Cut.parse("b10"), strength=3e-3)
CHUNK = 128  # pictures whose features are in one file: half a minute's work
# What a crop costs, in passes of a patch through the whole network: three views, of which one goes
# through the frozen blocks alone, and what augments them.
CROP_COST = 3.0

# Modules; what they import counts too.
SEEING_CODE = ("fit.crops", "network.features", "network.lite0")
TRAINING_CODE = ("fit.recipe",)
TEST_CODE = ("fit.recipe", "evaluate.cross_validation", "quantise.calibrate")
PERTURBING_CODE = ("evaluate.perturbations",)
CHEAP_CODE = ("evaluate.cross_validation", "evaluate.learning_curve", "fit.recipe")
EVERYONE = -1  # the number of the fold for training on all patients: none is held out

Features = dict[Cut, np.ndarray]


class Steps:
    """The long steps, each done once for the same pictures, folds, recipe and code."""

    def __init__(
        self,
        folder: Path,
        work: Path,
        recipe: Recipe,
        folds: Path = FOLDS_FILE,
        seeds: int | None = None,
    ) -> None:
        """`seeds`: how many cross-validations of those in the file `folds`; None: all."""
        self.store, self.recipe = Store(work), recipe
        self.store.tidy()
        self.dataset = Dataset.load(folder, work)
        found = load_folds(self.dataset.pictures, folds)
        self.folds = {seed: found[seed] for seed in sorted(found)[:seeds]}
        self.names = [picture.path.stem for picture in self.dataset.pictures]
        self.everyone = np.arange(len(self.names))
        pixels = digest(self.names, hashlib.sha256(self.dataset.patches).hexdigest())
        self.seeing = digest(pixels, code_digest(SEEING_CODE))
        self.training = digest(pixels, code_digest(TRAINING_CODE))
        self.testing = digest(pixels, code_digest(TEST_CODE))
        self.cheap = digest(pixels, code_digest(CHEAP_CODE), repr(CHEAP), self.folds)

    @property
    def chunks(self) -> list[np.ndarray]:
        """Indices of the pictures whose features are kept together."""
        return np.split(self.everyone, np.arange(CHUNK, len(self.everyone), CHUNK))

    def plain(self, chunk: np.ndarray) -> Kept[Features]:
        """Frozen ImageNet features of their patches, for all cuts and the teacher's levels."""
        more = {self.recipe.cut, *(self.recipe.plan.levels if self.recipe.plan else ())}
        cuts = CUTS + sorted(more - set(CUTS), key=lambda cut: cut.name)
        key = digest(self.seeing, [cut.name for cut in cuts], chunk.tolist())
        patches, _ = self.dataset.patches_of(chunk)
        return self.store.kept(
            f"features-{chunk[0]}", key, lambda: frozen_features(self.dataset, cuts, patches)
        )

    def normalised(self, chunk: np.ndarray) -> Kept[Features]:
        """The same of the stain-normalised pictures, for the teacher's levels."""
        levels = self.recipe.plan.levels
        pictures = [self.dataset.pictures[index] for index in chunk]
        key = digest(self.seeing, levels, chunk.tolist())
        return self.store.kept(
            f"normalised-{chunk[0]}", key, lambda: crops.normalised_features(pictures, levels)
        )

    def crops(self, part: crops.Part) -> Kept[crops.Crops]:
        """One part of the plan."""
        pictures, levels = self.dataset.pictures, self.recipe.plan.levels
        key = digest(self.seeing, part, levels)
        return self.store.kept(
            f"crops-{part.seed}", key, lambda: crops.make_crops(pictures, part, levels)
        )

    def seeing_tasks(self) -> list[Task]:
        """Features and crops."""
        chunks = self.chunks
        costs = [len(self.dataset.patches_of(chunk)[0]) for chunk in chunks]
        pairs = list(zip(chunks, costs, strict=True))
        tasks = [self.plain(chunk).task(cost) for chunk, cost in pairs]
        if self.recipe.plan:
            tasks += [self.normalised(chunk).task(cost) for chunk, cost in pairs]
            parts = self.recipe.plan.parts
            tasks += [self.crops(part).task(CROP_COST * part.count) for part in parts]
        return tasks

    @cached_property
    def features(self) -> Features:
        """`plain` of all pictures."""
        return self._joined(self.plain(chunk).get() for chunk in self.chunks)

    @cached_property
    def material(self) -> Material:
        if self.recipe.plan is None:
            return Material(self.features, {}, None)
        normalised = self._joined(self.normalised(chunk).get() for chunk in self.chunks)
        pool = crops.join([self.crops(part).get() for part in self.recipe.plan.parts])
        return Material(self.features, normalised, pool)

    def load(self) -> None:
        """Loads what all folds use, so that processes that are forked after this share it."""
        self.material  # noqa: B018 (a property that is kept)

    def _joined(self, parts: Iterator[Features]) -> Features:
        """One part after the other, so that nothing is in memory twice."""
        joined: Features = {}
        start = 0
        for part in parts:
            for cut, values in part.items():
                if cut not in joined:
                    shape = len(self.dataset.patches), values.shape[1]
                    joined[cut] = np.empty(shape, values.dtype)
                joined[cut][start : start + len(values)] = values
            start += len(values)
        return joined

    def network(self, pictures: np.ndarray, seed: int, fold: int) -> Kept[Network]:
        """The recipe trained on these pictures (indices)."""
        used = [self.names[index] for index in pictures]
        key = digest(self.training, repr(self.recipe), used, seed, fold)

        def make() -> Network:
            return train(self.recipe, self.dataset, self.material, pictures, seed)

        return self.store.kept(f"network-{seed}-{fold}", key, make)

    @property
    def shipped(self) -> Kept[Network]:
        """The recipe trained on all patients."""
        return self.network(self.everyone, min(self.folds), EVERYONE)

    def fold_key(self, seed: int, fold: int) -> str:
        return digest(self.testing, repr(self.recipe), self.folds[seed], seed, fold)

    def fold(self, seed: int, fold: int) -> Kept[cross_validation.Fold]:
        """Models and predictions of one fold."""

        def trained(pictures: np.ndarray, number: int) -> Network:
            return self.network(pictures, seed, number).get()

        def make() -> cross_validation.Fold:
            return cross_validation.predict_fold(
                self.dataset, self.folds[seed], seed, fold, trained
            )

        return self.store.kept(f"fold-{seed}-{fold}", self.fold_key(seed, fold), make)

    def robustness_sample(self, seed: int, fold: int) -> np.ndarray:
        """Indices of the sampled pictures of one fold's test patients."""
        _, outside = sides(self.dataset.pictures, self.folds[seed], fold)
        return np.intersect1d(robustness.sample(self.dataset.pictures), outside)

    def robustness(self, seed: int, fold: int) -> Kept[dict[str, list[np.ndarray]]]:
        """perturbations.measure: one fold's int8 model on its own test pictures."""
        sampled = self.robustness_sample(seed, fold)
        key = digest(self.fold_key(seed, fold), code_digest(PERTURBING_CODE), sampled.tolist())

        def make() -> dict[str, list[np.ndarray]]:
            pictures = [self.dataset.pictures[index] for index in sampled]
            return perturbations.measure(pictures, self.fold(seed, fold).get().models()["int8"])

        return self.store.kept(f"robustness-{seed}-{fold}", key, make)

    @property
    def counts(self) -> list[int]:
        """How many training patients the points of the learning curve have."""
        return learning_curve.counts(cross_validation.cases(self.dataset))

    def point(self, count: int) -> Kept[dict]:
        """The point of the learning curve at so many training patients."""
        cases = cross_validation.cases(self.dataset)

        def predict(pictures: np.ndarray) -> np.ndarray:
            return head_logits(CHEAP, self.dataset, self.features[CHEAP.cut], pictures)

        return self.store.kept(
            f"curve-{count}",
            digest(self.cheap, count),
            lambda: learning_curve.point(cases, self.folds, predict, count),
        )

    def cut(self, cut: Cut) -> Kept[dict]:
        """Cross-validated scores of a linear head on a cut's frozen f32 features."""
        return self.store.kept(f"cut-{cut.name}", digest(self.cheap, cut), lambda: self._cut(cut))

    def _cut(self, cut: Cut) -> dict:
        recipe, found = replace(CHEAP, cut=cut), []
        for assignment in self.folds.values():
            logits = np.zeros((len(self.dataset.patches), 2), np.float32)
            for fold in range(FOLDS):
                inside, outside = sides(self.dataset.pictures, assignment, fold)
                test, _ = self.dataset.patches_of(outside)
                every = head_logits(recipe, self.dataset, self.features[cut], inside)
                logits[test] = every[test]
            p = cross_validation.probabilities(self.dataset, logits)
            found.append(metrics.scores(self.dataset.labels, p, self.dataset.patients))
        empty = np.zeros((2, cut.features), np.float32), np.zeros(2, np.float32)
        network = Lite0(cut, pretrained=False).folded(*empty)
        means = {name: float(np.mean([scores[name] for scores in found])) for name in found[0]}
        return {
            "cut": cut.name,
            "macs_per_patch": network.macs(),
            "parameters": network.parameters(),
            **means,
        }
