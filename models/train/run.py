r"""Trains, evaluates, quantises and releases the model: everything in models/ is made by this.

    python -m models.train.run --data ../shared/breakhis --out models \
        --reference tests/fixtures/reference --cli target/release/histoscope --jobs 2

`--data` is our subset of BreakHis or an unpacked BreaKHis_v1. In order: features, cross-validation
of the recipe in f32 and int8, robustness, learning curve and cuts (of the linear head on frozen
features), training on all patients, export, manifest, reference outputs, verification of what was
written, and the report: metrics.json, plots, model card.

The long steps (steps.py) are kept in `--work` and are found again by what they depend on, so that
an interrupted run goes on. `--jobs` spreads the folds over processes of one thread each.
`--only-report` makes scores, plots and card again from the predictions of the last run, in seconds.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from .data.augment import MILD, MILD_LAMPS, STRONG, STRONG_LAMPS
from .data.dataset import Dataset
from .data.split import FILE as FOLDS_FILE
from .data.split import FOLDS
from .evaluate import cross_validation, edges, learning_curve, robustness
from .familiarity import make as familiarity
from .fit import crops
from .fit.recipe import Mixture, Recipe
from .fit.student import Training
from .network.architecture import Cut
from .network.export import export_f32
from .quantise.calibrate import calibration_batches, int8_model
from .release import files, reference, report, verify
from .steps import CHEAP, CUTS, Steps
from .tasks import spread

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
WORK = Path("target/train")


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


def work_through(steps: Steps, jobs: int, log: Callable[[str], None]) -> None:
    """Does all that takes long and is not done yet, in this many processes; the store keeps it."""
    spread("features and crops", steps.seeing_tasks(), jobs, log)
    steps.load()
    # The first seed and what ships come first, so that a bad recipe is seen early.
    first, *more = sorted(steps.folds)
    mine = [steps.fold(first, fold).task() for fold in range(FOLDS)]
    spread("folds of the first seed, and all patients", [*mine, steps.shipped.task()], jobs, log)
    changed = [steps.robustness(first, fold).task() for fold in range(FOLDS)]
    spread("robustness", changed, jobs, log)
    others = [steps.fold(seed, fold).task() for seed in more for fold in range(FOLDS)]
    spread("folds of the other seeds", others, jobs, log)
    curve = [steps.point(count).task(count) for count in steps.counts]
    spread("learning curve", curve, jobs, log)
    spread("cuts", [steps.cut(cut).task() for cut in CUTS], jobs, log)


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
    first, numbers = min(folds), range(FOLDS)
    work_through(steps, arguments.jobs, log)
    runs = [
        cross_validation.joined(
            dataset, folds[seed], seed, [steps.fold(seed, fold).get() for fold in numbers]
        )
        for seed in sorted(folds)
    ]
    sampled = np.concatenate([steps.robustness_sample(first, fold) for fold in numbers])
    changed = robustness.join([steps.robustness(first, fold).get() for fold in numbers])
    network = steps.shipped.get()
    patches = calibration_batches(dataset, steps.everyone, seed=0)
    models = {"int8": int8_model(network, patches), "f32": export_f32(network)}
    predictions = report.Predictions(
        cross_validation.cases(dataset),
        runs,
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
            "learning_curve": {
                "recipe": CHEAP.text(),
                **learning_curve.curve([steps.point(count).get() for count in steps.counts]),
            },
            "cuts": [steps.cut(cut).get() for cut in CUTS],
        }
    )
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    manifest = files.write(out, recipe.cut, network, models, results)
    log("familiarity:")
    pictures, oral = dataset.pictures, arguments.oral
    found = familiarity.make(out, files.MANIFEST, pictures, oral, arguments.work, log)
    results["familiarity"] = report.plain(found.figures)
    # Familiarity is of the file that ships, so what stays behind it is told once that is written.
    predictions = replace(predictions, familiar=found.familiar)
    predictions.keep(arguments.work, manifest)
    results |= report.plain(predictions.figures())
    manifest = json.loads((out / files.MANIFEST).read_text())
    if arguments.reference:
        reference.write(out, arguments.reference)
    log("evaluated; comparing engines on real images")
    results["edges"] = report.plain(edges.measure(pictures, models["f32"]))
    results["engines"] = report.plain(verify.engines(dataset.pictures, out, arguments.cli))
    report.write(out, manifest, results | report.teaching(out))
    log(f"written to {out}")


if __name__ == "__main__":
    main()
