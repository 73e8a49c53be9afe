r"""Trains, evaluates, quantises and releases the model: everything in models/ is made by this.

    python -m models.train.run --data ../shared/breakhis --out models \
        --reference tests/fixtures/reference

`--data` is our subset of BreakHis or an unpacked BreaKHis_v1. In order: features, cross-validation
of the cuts, cross-validation of the recipe in f32 and int8, training on all patients, export,
verification, metrics.json, manifest, model card, reference outputs.
"""

import argparse
import json
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from . import card, evaluate, metrics, reference, release, verify
from .architecture import WHOLE, Cut
from .calibrate import int8_model
from .export import export_f32
from .lite0 import Lite0
from .split import FOLDS, load_folds, sides
from .train import Dataset, Recipe, calibration_batches, frozen_features, head_logits, train

RECIPE = Recipe(Cut.parse("b10"), strength=3e-3)
CUTS = [Cut.parse(name) for name in ("b7", "b10", "b10x", "b14")] + [WHOLE]
VERIFIED_PATCHES = 200
BENIGN, MALIGNANT = 0, 1


def compare_cuts(dataset: Dataset, features: dict, folds: dict) -> list[dict]:
    """Cross-validated scores of a linear head on each cut's frozen f32 features."""
    table = []
    for cut in CUTS:
        recipe = replace(RECIPE, cut=cut)
        found = []
        for assignment in folds.values():
            logits = np.zeros((len(dataset.patches), 2), np.float32)
            for fold in range(FOLDS):
                inside, outside = sides(dataset.pictures, assignment, fold)
                test, _ = dataset.patches_of(outside)
                logits[test] = head_logits(recipe, dataset, features[cut], inside)[test]
            p = evaluate.probabilities(dataset, logits)
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
    labels = [picture.label for picture in dataset.pictures]
    whole = folder.name == "BreaKHis_v1"
    return {
        "name": "BreakHis" if whole else "BreakHis, subset",
        "images": {"benign": labels.count(BENIGN), "malignant": labels.count(MALIGNANT)},
        "patients": dict(
            zip(("benign", "malignant"), np.bincount(list(people.values())).tolist(), strict=True)
        ),
        "patches": len(dataset.patches),
        "magnifications": dict(sorted(Counter(p.magnification for p in dataset.pictures).items())),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--reference", type=Path, help="folder of the reference outputs")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    start = time.monotonic()

    def log(text: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {text}", flush=True)

    dataset = Dataset.load(arguments.data)
    log(f"{len(dataset.pictures)} pictures, {len(dataset.patches)} patches")
    folds = load_folds(dataset.pictures)
    features = frozen_features(dataset, CUTS)
    log("features of all cuts")
    cuts = compare_cuts(dataset, features, folds)
    log("cuts compared")

    mine = features[RECIPE.cut]
    runs = [
        evaluate.cross_validate(
            dataset, assignment, seed, lambda inside, _: train(RECIPE, dataset, mine, inside), log
        )
        for seed, assignment in folds.items()
    ]
    calibration = evaluate.calibrate_confidence(dataset, runs)
    everyone = np.arange(len(dataset.pictures))
    network = train(RECIPE, dataset, mine, everyone)
    patches = calibration_batches(dataset, everyone, seed=0)
    models = {"int8": int8_model(network, patches), "f32": export_f32(network)}
    checked = dataset.batches(
        np.linspace(0, len(dataset.patches) - 1, VERIFIED_PATCHES).astype(int)
    )
    results = {
        "schema_version": 1,
        "revision": release.revision(),
        "data": describe(dataset, arguments.data),
        "protocol": {
            "folds": FOLDS,
            "seeds": sorted(folds),
            "grouping": "patient",
            "stratified_by": "label",
        },
        "recipe": RECIPE.text(),
        "cut": RECIPE.cut.name,
        "macs_per_patch": network.macs(),
        "parameters": network.parameters(),
        "scores": {v: evaluate.summarise(dataset, runs, v) for v in evaluate.VARIANTS},
        "int8_against_f32": evaluate.compare_variants(dataset, runs),
        "calibration": calibration,
        "by_magnification": evaluate.by_group(dataset, runs, lambda p: p.magnification),
        "by_subtype": evaluate.by_group(dataset, runs, lambda p: p.subtype),
        "cuts": cuts,
        "against_pytorch": verify.compare(network, models, checked),
    }
    log("evaluated and verified")
    out = arguments.out
    manifest = release.write(out, RECIPE.cut, network, models, results)
    (out / "metrics.json").write_text(json.dumps(results, indent=1) + "\n")
    (out / "MODEL_CARD.md").write_text(card.render(manifest, results))
    if arguments.reference:
        reference.write(out, arguments.reference)
    log(f"written to {out}")


if __name__ == "__main__":
    main()
