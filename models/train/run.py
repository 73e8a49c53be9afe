r"""Trains, evaluates, quantises and releases the model: everything in models/ is made by this.

    python -m models.train.run --data ../shared/breakhis --out models \
        --reference tests/fixtures/reference --cli target/release/histoscope --jobs 2

`--data` is our subset of BreakHis or an unpacked BreaKHis_v1. In order: features, cross-validation
of the recipe in f32 and int8, robustness, learning curve and cuts (of the linear head on frozen
features), training on all patients, export, manifest, reference outputs, verification of what was
written, and the report: metrics.json, plots, model card.

The long steps are kept in `--work` and are found again by what they depend on (store.py), so that
an interrupted run goes on. `--jobs` spreads the folds over processes of one thread each.
`--only-report` makes scores, plots and card again from the predictions of the last run, in seconds.
"""

import argparse
import hashlib
import json
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from .data.augment import MILD, MILD_LAMPS, STRONG, STRONG_LAMPS
from .data.dataset import Dataset
from .data.split import FILE as FOLDS_FILE
from .data.split import FOLDS, load_folds, sides
from .evaluate import cross_validation, learning_curve, metrics, perturbations, robustness
from .familiarity import make as familiarity
from .fit import crops
from .fit.recipe import Material, Mixture, Recipe, frozen_features, head_logits, train
from .fit.student import Training
from .network.architecture import WHOLE, Cut
from .network.export import export_f32
from .network.folded import Network
from .network.lite0 import Lite0
from .quantise.calibrate import calibration_batches, int8_model
from .release import files, reference, report, verify
from .store import Store, code_digest, digest

RECIPES = {
    # Of the first release.
    "0.2": Recipe(
        Cut.parse("b7"),
        strength=1e-3,
        training=Training(steps=150),
        sharpness=2.0,
        plan=crops.plan(("b6", "b10"), STRONG, MILD),
    ),
    # What ships: more patients, crops under other lamps, and not all of the student.
    "0.3": Recipe(
        Cut.parse("b7"),
        strength=1e-3,
        training=Training(steps=150),
        sharpness=2.0,
        plan=crops.plan(("b6", "b7", "b10", "b14", "b15x"), STRONG_LAMPS, MILD_LAMPS, 1000),
        levels=tuple(Cut.parse(name) for name in ("b6", "b10")),
        mixture=Mixture(blocks=0.75, head=0.25),
    ),
}
SHIPPED = "0.3"
CUTS = [Cut.parse(name) for name in ("b6", "b7", "b10", "b10x", "b14")] + [WHOLE]
# The recipe of the table of cuts and of the learning curve: fitted in a moment.
CHEAP = Recipe(Cut.parse("b10"), strength=3e-3)

WORK = Path("target/train")
# Modules; what they import counts too.
SEEING_CODE = ("fit.crops", "network.features", "network.lite0")
TRAINING_CODE = ("fit.recipe",)
TEST_CODE = ("fit.recipe", "evaluate.cross_validation", "quantise.calibrate")
PERTURBING_CODE = ("evaluate.perturbations",)
EVERYONE = -1  # the number of the fold for training on all patients: none is held out


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
        self.dataset = Dataset.load(folder, work)
        found = load_folds(self.dataset.pictures, folds)
        self.folds = {seed: found[seed] for seed in sorted(found)[:seeds]}
        self.names = [picture.path.stem for picture in self.dataset.pictures]
        pixels = digest(self.names, hashlib.sha256(self.dataset.patches).hexdigest())
        self.seeing = digest(pixels, code_digest(SEEING_CODE))
        self.training = digest(pixels, code_digest(TRAINING_CODE))
        self.testing = digest(pixels, code_digest(TEST_CODE))

    def features(self) -> dict[Cut, np.ndarray]:
        """Frozen ImageNet features of every patch, for all cuts and the teacher's levels."""
        more = {self.recipe.cut, *(self.recipe.plan.levels if self.recipe.plan else ())}
        cuts = CUTS + sorted(more - set(CUTS), key=lambda cut: cut.name)
        key = digest(self.seeing, [cut.name for cut in cuts])
        return self.store.get("features", key, lambda: frozen_features(self.dataset, cuts))

    def normalised(self) -> dict[Cut, np.ndarray]:
        """The same of the stain-normalised pictures, for the teacher's levels."""
        pictures, levels = self.dataset.pictures, self.recipe.plan.levels
        key = digest(self.seeing, levels)
        return self.store.get(
            "normalised", key, lambda: crops.normalised_features(pictures, levels)
        )

    def crops(self, part: crops.Part) -> crops.Crops:
        """One part of the plan."""
        pictures, levels = self.dataset.pictures, self.recipe.plan.levels
        key = digest(self.seeing, part, levels)
        return self.store.get(
            f"crops-{part.seed}", key, lambda: crops.make_crops(pictures, part, levels)
        )

    @cached_property
    def material(self) -> Material:
        if self.recipe.plan is None:
            return Material(self.features(), {}, None)
        pool = crops.join([self.crops(part) for part in self.recipe.plan.parts])
        return Material(self.features(), self.normalised(), pool)

    def network(self, pictures: np.ndarray, seed: int, fold: int) -> Network:
        """The recipe trained on these pictures (indices)."""
        used = [self.names[index] for index in pictures]
        key = digest(self.training, repr(self.recipe), used, seed, fold)

        def make() -> Network:
            return train(self.recipe, self.dataset, self.material, pictures, seed)

        return self.store.get(f"network-{seed}-{fold}", key, make)

    def fold_key(self, seed: int, fold: int) -> str:
        return digest(self.testing, repr(self.recipe), self.folds[seed], seed, fold)

    def fold(self, seed: int, fold: int) -> cross_validation.Fold:
        """Models and predictions of one fold."""

        def make() -> cross_validation.Fold:
            def trained(pictures: np.ndarray, number: int) -> Network:
                return self.network(pictures, seed, number)

            return cross_validation.predict_fold(
                self.dataset, self.folds[seed], seed, fold, trained
            )

        return self.store.get(f"fold-{seed}-{fold}", self.fold_key(seed, fold), make)

    def robustness_sample(self, seed: int, fold: int) -> np.ndarray:
        """Indices of the sampled pictures of one fold's test patients."""
        _, outside = sides(self.dataset.pictures, self.folds[seed], fold)
        return np.intersect1d(robustness.sample(self.dataset.pictures), outside)

    def robustness(self, seed: int, fold: int) -> dict[str, list[np.ndarray]]:
        """perturbations.measure: one fold's int8 model on its own test pictures."""
        sampled = self.robustness_sample(seed, fold)
        key = digest(self.fold_key(seed, fold), code_digest(PERTURBING_CODE), sampled.tolist())

        def make() -> dict[str, list[np.ndarray]]:
            pictures = [self.dataset.pictures[index] for index in sampled]
            return perturbations.measure(pictures, self.fold(seed, fold).models()["int8"])

        return self.store.get(f"robustness-{seed}-{fold}", key, make)


def compare_cuts(dataset: Dataset, features: dict, folds: dict) -> list[dict]:
    """Cross-validated scores of a linear head on each cut's frozen f32 features."""
    table = []
    for cut in CUTS:
        recipe = replace(CHEAP, cut=cut)
        found = []
        for assignment in folds.values():
            logits = np.zeros((len(dataset.patches), 2), np.float32)
            for fold in range(FOLDS):
                inside, outside = sides(dataset.pictures, assignment, fold)
                test, _ = dataset.patches_of(outside)
                logits[test] = head_logits(recipe, dataset, features[cut], inside)[test]
            p = cross_validation.probabilities(dataset, logits)
            found.append(metrics.scores(dataset.labels, p, dataset.patients))
        empty = np.zeros((2, cut.features), np.float32), np.zeros(2, np.float32)
        network = Lite0(cut, pretrained=False).folded(*empty)
        means = {name: float(np.mean([scores[name] for scores in found])) for name in found[0]}
        table.append(
            {
                "cut": cut.name,
                "macs_per_patch": network.macs(),
                "parameters": network.parameters(),
                **means,
            }
        )
    return table


def describe(dataset: Dataset, folder: Path) -> dict:
    """What the model was trained on."""
    people = {picture.patient: picture.label for picture in dataset.pictures}
    whole = folder.name == "BreaKHis_v1"
    benign, malignant = np.bincount(dataset.labels, minlength=2).tolist()
    patients = np.bincount(list(people.values()), minlength=2).tolist()
    return {
        "name": "BreakHis" if whole else "BreakHis, subset",
        "images": {"benign": benign, "malignant": malignant},
        "patients": {"benign": patients[0], "malignant": patients[1]},
        "patches": len(dataset.patches),
        "magnifications": dict(sorted(Counter(p.magnification for p in dataset.pictures).items())),
    }


_tasks: list[Callable[[], object]] = []  # what the worker processes inherit


def _do(index: int) -> int:
    _tasks[index]()
    return index


def spread(tasks: list[Callable[[], object]], jobs: int, log: Callable[[str], None]) -> None:
    """Does the tasks in this many processes; what they return is in the store."""
    _tasks[:] = tasks
    start = time.monotonic()

    def tell(count: int) -> None:
        left = (time.monotonic() - start) / count * (len(tasks) - count)
        log(f"{count} of {len(tasks)}, {left / 60:.0f} min left")

    if jobs == 1:
        done = map(_do, range(len(tasks)))
        for count, _ in enumerate(done, 1):
            tell(count)
        return
    # Forked, so that the pictures are shared and the tasks need not be pickled.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        for count, _ in enumerate(pool.map(_do, range(len(tasks))), 1):
            tell(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="our subset of BreakHis, or BreaKHis_v1")
    parser.add_argument("--oral", type=Path, help="the oral set, which has to be unfamiliar")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--reference", type=Path, help="folder of the reference outputs")
    parser.add_argument("--cli", type=Path, help="our engine, to be compared on real images")
    parser.add_argument("--work", type=Path, default=WORK, help="where the long steps are kept")
    parser.add_argument("--recipe", choices=RECIPES, default=SHIPPED, help="what is trained")
    parser.add_argument("--folds", type=Path, default=FOLDS_FILE, help="of split.py")
    parser.add_argument("--seeds", type=int, help="cross-validations; all that are in the folds")
    parser.add_argument("--jobs", type=int, default=1, help="processes of one thread each")
    parser.add_argument(
        "--only-report", action="store_true", help="from the last run's predictions"
    )
    arguments = parser.parse_args()
    if arguments.only_report:
        report.refresh(arguments.out, arguments.work)
        return
    if arguments.data is None:
        parser.error("--data is needed")
    if arguments.cli and not arguments.cli.exists():
        parser.error(f"{arguments.cli} is absent: cargo build --release")
    torch.set_num_threads(1)
    start = time.monotonic()

    def log(text: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {text}", flush=True)

    recipe = RECIPES[arguments.recipe]
    steps = Steps(arguments.data, arguments.work, recipe, arguments.folds, arguments.seeds)
    dataset, folds = steps.dataset, steps.folds
    log(f"{len(dataset.pictures)} pictures, {len(dataset.patches)} patches")
    log("frozen features and crops:")
    tasks: list[Callable[[], object]] = [steps.features]
    if recipe.plan:
        tasks.append(steps.normalised)
        tasks += [lambda part=part: steps.crops(part) for part in recipe.plan.parts]
    spread(tasks, arguments.jobs, log)
    features = steps.material.features  # before the next processes are forked: they share it
    first = min(folds)
    log("cross-validation and robustness, by fold:")
    everyone = np.arange(len(dataset.pictures))
    numbers = range(FOLDS)
    # The first seed and what ships come first, so that a bad recipe is seen early.
    tasks = [lambda f=fold: steps.fold(first, f) for fold in numbers]
    tasks += [lambda: steps.network(everyone, first, EVERYONE)]
    tasks += [lambda f=fold: steps.robustness(first, f) for fold in numbers]
    more = [seed for seed in sorted(folds) if seed != first]
    tasks += [lambda s=seed, f=fold: steps.fold(s, f) for seed in more for fold in numbers]
    spread(tasks, arguments.jobs, log)
    runs = [
        cross_validation.cross_validate(
            dataset,
            folds[seed],
            seed,
            lambda pictures, fold, seed=seed: steps.network(pictures, seed, fold),
            lambda _: None,
            lambda fold, _, seed=seed: steps.fold(seed, fold),
        )
        for seed in sorted(folds)
    ]
    cases = cross_validation.cases(dataset)
    sampled = np.concatenate([steps.robustness_sample(first, fold) for fold in numbers])
    changed = robustness.join([steps.robustness(first, fold) for fold in numbers])
    log("folds done; learning curve and cuts")
    curve = learning_curve.measure(
        cases, folds, lambda pictures: head_logits(CHEAP, dataset, features[CHEAP.cut], pictures)
    )
    cuts = compare_cuts(dataset, features, folds)

    network = steps.network(everyone, first, EVERYONE)
    patches = calibration_batches(dataset, everyone, seed=0)
    models = {"int8": int8_model(network, patches), "f32": export_f32(network)}
    predictions = report.Predictions(
        cases,
        [replace(run, models=()) for run in runs],
        [dataset.pictures[index] for index in sampled],
        changed,
    )
    results = report.plain(
        {
            "schema_version": 2,
            "revision": files.revision(),
            "data": describe(dataset, arguments.data),
            "protocol": {
                "folds": FOLDS,
                "seeds": sorted(folds),
                "grouping": "patient",
                "stratified_by": "label",
            },
            "recipe": recipe.text(),
            "cut": recipe.cut.name,
            "macs_per_patch": network.macs(),
            "parameters": network.parameters(),
            **predictions.figures(),
            "learning_curve": {"recipe": CHEAP.text(), **curve},
            "cuts": cuts,
        }
    )
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    manifest = files.write(out, recipe.cut, network, models, results)
    predictions.keep(arguments.work, manifest)
    log("familiarity:")
    pictures, oral = dataset.pictures, arguments.oral
    found = familiarity.make(out, files.MANIFEST, pictures, oral, arguments.work, log)
    results["familiarity"] = report.plain(found)
    manifest = json.loads((out / files.MANIFEST).read_text())
    if arguments.reference:
        reference.write(out, arguments.reference)
    log("evaluated; comparing engines on real images")
    results["engines"] = report.plain(verify.engines(dataset.pictures, out, arguments.cli))
    report.write(out, manifest, results)
    log(f"written to {out}")


if __name__ == "__main__":
    main()
