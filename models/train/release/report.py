"""Writes what is made from figures alone: metrics.json, the manifest's scores, plots, model card.

    python -m models.train.release.report --models models

makes plots and card again from metrics.json and manifest; run.py --only-report does so from the
predictions of the last run, with new scores. Neither trains, and the ONNX files stay as they are.
"""

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..data.pictures import Picture
from ..evaluate import analysis, robustness
from ..evaluate.cases import Cases, OutOfFold
from ..store import Store
from . import card, plots
from .files import MANIFEST, write_manifest

METRICS = "metrics.json"
DIGITS = 6  # significant ones of a figure in metrics.json


def plain(value):
    """Figures as JSON knows them: numbers rounded to DIGITS, None for what is not defined."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


@dataclass(frozen=True)
class Predictions:
    """What the models of the folds predicted: all that the scores are made from."""

    cases: Cases
    runs: list[OutOfFold]
    sampled: list[Picture]  # of the robustness table
    changed: dict[str, list[np.ndarray]]  # see perturbations.measure, in the order of `sampled`
    familiar: np.ndarray | None = None  # bool [images], see familiarity's Made.familiar

    def figures(self) -> dict:
        figures = analysis.evaluate(self.cases, self.runs, self.familiar)
        temperature = figures["calibration"]["temperature"]
        changed = robustness.table(self.sampled, self.changed, temperature)
        return figures | {"robustness": changed | {"seed": self.runs[0].seed}}

    def keep(self, work: Path, manifest: dict) -> None:
        """For `refresh`, named by the model that they belong to."""
        Store(work).put(_kept(work, manifest), self)


def _kept(work: Path, manifest: dict) -> Path:
    return Store(work).path("predictions", manifest["variants"]["int8"]["sha256"][:16])


def read(folder: Path) -> tuple[dict, dict]:
    """Manifest and results in this folder."""
    return json.loads((folder / MANIFEST).read_text()), json.loads((folder / METRICS).read_text())


def teaching(folder: Path) -> dict:
    """What metrics.json there holds of the network for lessons, which run.py does not make."""
    file = folder / METRICS
    found = json.loads(file.read_text()) if file.exists() else {}
    return {name: found[name] for name in ("teaching",) if name in found}


def write(out: Path, manifest: dict, results: dict) -> None:
    """metrics.json, plots and card."""
    (out / METRICS).write_text(json.dumps(results, indent=1) + "\n")
    folder = out / plots.FOLDER
    folder.mkdir(exist_ok=True)
    for name, content in plots.draw(results).items():
        (folder / name).write_text(content)
    (out / "MODEL_CARD.md").write_text(card.render(manifest, results))


def refresh(out: Path, work: Path) -> None:
    """Scores, manifest, plots and card again, from the predictions of the last run."""
    manifest, results = read(out)
    kept = Store(work).load(_kept(work, manifest))
    if kept is None:
        print(f"no predictions of this model in {work}: plots and card from {METRICS} as it is")
    else:
        results |= plain(kept.figures())
        write_manifest(out, manifest, results)
    write(out, manifest, results)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, required=True)
    folder = parser.parse_args().models
    write(folder, *read(folder))


if __name__ == "__main__":
    main()
