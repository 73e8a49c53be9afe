"""Makes the statistics of a model that is there: the file beside it, its place in the manifest.

    python -m models.train.familiarity.make --data ../shared/breakhis --models models \\
        --oral ../shared/oral --work target/train

That is for the model that ships. What is measured with it goes into metrics.json (`familiarity`);
release.report makes the card anew. The network for lessons: release/teaching.py.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from ..data.oral import find_fields
from ..data.pictures import Picture, find_pictures
from ..evaluate import results_file, robustness
from ..network.architecture import SHIPPED_LEVELS
from . import file
from .density import Copies, Settings
from .examples import EXAMPLES
from .left_out import SHARE, VOTERS, Known, limit_for, limits, of_few_voters
from .levels import columns
from .observed import HARMLESS, Observed, Observer

MANIFEST = "histoscope-v0.json"  # of the model that ships
SAMPLED = 3  # pictures of each patient of which changed copies are looked at, at most


@dataclass(frozen=True)
class Choice:
    """Which features the distance looks at, and what its covariance knows."""

    levels: tuple[str, ...]
    statistics: tuple[str, ...]
    settings: Settings


# By measurement: EXPERIMENTS.md, "Familiarity".
CHOICE = Choice(
    levels=("b6",),
    statistics=("mean",),
    settings=Settings(
        shrinkage=0.005,
        changes=dict.fromkeys(HARMLESS, 0.04)
        | {"JPEG quality 50": 0.12, "brightness +20%": 0.12}
        | {"white balance warm 10%": 0.08, "white balance cool 10%": 0.08},
    ),
)

# Of the network for lessons; the same section.
TEACHING = replace(CHOICE, levels=("b7",))


@dataclass(frozen=True)
class Material:
    """All training images as they are, and changed copies of a sample of them."""

    patients: list[str]
    plain: Observed
    changed: dict[str, Observed]
    sample: np.ndarray
    levels: tuple[str, ...] = SHIPPED_LEVELS  # that were observed

    @classmethod
    def of(cls, observer: Observer, pictures: Sequence[Picture]) -> "Material":
        sample = robustness.sample(pictures, SAMPLED)
        files = [pictures[index].path for index in sample]
        return cls(
            [picture.patient for picture in pictures],
            observer.files([picture.path for picture in pictures]),
            {change: observer.files(files, change) for change in HARMLESS},
            sample,
            observer.levels,
        )


class Made:
    """The statistics, and how often they call what unfamiliar."""

    def __init__(self, material: Material, choice: Choice = CHOICE) -> None:
        self.choice, self.plain = choice, material.plain
        self.columns = columns(choice.levels, choice.statistics, material.levels)
        self.known = Known.of(
            self.plain, material.patients, material.changed, material.sample, self.columns
        )
        self.density = self.known.density(choice.settings)
        parts = {count: of_few_voters(self.plain, count, self.columns) for count in VOTERS}
        parts = {count: part for count, part in parts.items() if len(part.values)}
        whole = Copies(self.known.values, np.arange(len(self.known.values)), self._voters())
        tests = {f"{count}": part for count, part in parts.items()}
        found = self.known.left_out(choice.settings, {"": whole, **tests, **self.known.copies})
        self.few = {count: found[f"{count}"] for count in parts}
        self.new = {"unchanged": found[""]} | {name: found[name] for name in self.known.copies}
        self.limits = limits(self.few)

    def _voters(self) -> np.ndarray:
        counts = self.plain.counts()
        return counts[counts > 0]

    def familiar(self) -> np.ndarray:
        """bool [images]: has voters, and is no further than the limit that others' patients set.

        Neither the statistics nor the limit know the image's patient.
        """
        found = self.plain.counts() > 0
        found[found] = ~self.new["unchanged"].above(self.few)
        return found

    def new_patients(self) -> list[dict]:
        """Of patients that statistics and limit do not know, every patient weighing the same."""
        return [
            {"change": name, "images": len(d.values), "unfamiliar": d.unfamiliar(self.few)}
            for name, d in self.new.items()
        ]

    def few_voters(self) -> list[dict]:
        """The same of parts of images."""
        return [
            {"voters": count, "images": len(d.values), "unfamiliar": d.unfamiliar(self.few)}
            for count, d in self.few.items()
        ]

    def others(self, name: str, observed: Observed) -> dict:
        """Of images from elsewhere. Those without voters get no verdict at all."""
        voting = observed.counts() > 0
        row = {"name": name, "images": observed.images, "not_assessable": int((~voting).sum())}
        if voting.any():
            distances = self.density.distances(observed.means()[voting][:, self.columns])
            above = distances > limit_for(self.limits, observed.counts()[voting])
            row["unfamiliar"] = float(above.mean())
            row["times_limit"] = float(
                np.median(distances / limit_for(self.limits, observed.counts()[voting]))
            )
        return row

    def document(self, model: bytes) -> dict:
        """The content of the file."""
        choice = self.choice
        return file.document(
            model, choice.levels, choice.statistics, self.density, self.limits, self.how()
        )

    def how(self) -> dict:
        return {
            "images": len(self.known.values),
            "patients": len(np.unique(self.known.patients)),
            "familiar_share": SHARE,
            **asdict(self.choice.settings),
        }


@dataclass(frozen=True)
class Measured:
    """What making the statistics tells of them."""

    figures: dict  # for metrics.json
    familiar: np.ndarray  # bool [images]: of the training images, see Made.familiar


def make(
    models: Path,
    manifest: str,
    pictures: Sequence[Picture],
    oral: Path | None,
    work: Path,
    log: Callable[[str], None],
    levels: Sequence[str] = SHIPPED_LEVELS,
    choice: Choice = CHOICE,
) -> Measured:
    """Writes file and manifest.

    `levels`: those of the network's features, of which `choice` takes some.
    """
    described = json.loads((models / manifest).read_text())
    model = (models / described["variants"]["int8"]["file"]).read_bytes()
    observer = Observer(model, work, log, levels)
    made = Made(Material.of(observer, pictures), choice)
    name = manifest.removesuffix(".json") + ".familiarity.json"
    file.write(models, manifest, name, made.document(model), levels)
    rows = []
    if oral:
        fields = [field.path for field in find_fields(oral)]
        rows.append(made.others("oral mucosa, another laboratory", observer.files(fields)))
    for kind, example in EXAMPLES.items():
        images = example([pictures[i] for i in robustness.sample(pictures, 1)])
        rows.append(made.others(kind, observer.unscreened(images)))
    figures = {
        "levels": list(choice.levels),
        "statistics": list(choice.statistics),
        "limits": made.limits,
        **made.how(),
        "new_patients": made.new_patients(),
        "few_voters": made.few_voters(),
        "others": rows,
    }
    return Measured(figures, made.familiar())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="BreakHis, or our subset of it")
    parser.add_argument("--oral", type=Path, help="the oral set, to be measured with it")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where features are kept")
    arguments = parser.parse_args()
    start = time.monotonic()
    figures = make(
        arguments.models,
        MANIFEST,
        find_pictures(arguments.data),
        arguments.oral,
        arguments.work,
        lambda text: print(f"[{time.monotonic() - start:6.0f} s] {text}", flush=True),
    ).figures
    print(json.dumps(results_file.put(arguments.models, "familiarity", figures), indent=1))


if __name__ == "__main__":
    main()
