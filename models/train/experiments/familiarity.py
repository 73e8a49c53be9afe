"""Which levels, statistics and covariance tell images of another laboratory from harmless changes.

    python -m models.train.experiments.familiarity --data ../shared/breakhis \\
        --oral ../shared/oral --models models --work FOLDER [--other FOLDER]

Figures are shares called unfamiliar: of the oral fields, of pictures of another laboratory, of
patients left out as they are and after each change. The limit is that of familiarity.make.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from ..data.oral import find_fields
from ..data.pictures import find_pictures
from ..familiarity.density import Settings
from ..familiarity.levels import LEVELS, STATISTICS
from ..familiarity.make import CHOICE, Choice, Made, Material
from ..familiarity.observed import HARMLESS, Observed, Observer
from .study import shipped_model, table

MEANS = STATISTICS[:1]


def evenly(shrinkage: float, weight: float) -> Settings:
    """Every change with the same weight."""
    return Settings(shrinkage, dict.fromkeys(HARMLESS, weight))


CHOICES = (
    *(Choice((level,), MEANS, evenly(0.02, 0.06)) for level in LEVELS),
    *(Choice(levels, MEANS, evenly(0.02, 0.06)) for levels in (("b4", "b6"), ("b6", "b7"), LEVELS)),
    Choice(("b6",), STATISTICS, evenly(0.02, 0.06)),
    Choice(("b4", "b6"), STATISTICS, evenly(0.02, 0.06)),
    *(Choice(("b6",), MEANS, evenly(0.02, weight)) for weight in (0, 0.04, 0.12)),
    *(Choice(("b6",), MEANS, evenly(shrinkage, 0.06)) for shrinkage in (0.002, 0.1)),
    CHOICE,
)


def rows(material: Material, others: dict[str, Observed]) -> Iterator[list[str]]:
    for choice in CHOICES:
        made = Made(material, choice)
        shares = [made.others(name, other)["unfamiliar"] for name, other in others.items()]
        shares += [row["unfamiliar"] for row in made.new_patients()]
        weights = sorted(set(choice.settings.changes.values()))
        yield [
            " + ".join(choice.levels),
            " and ".join(choice.statistics),
            f"{choice.settings.shrinkage:g}",
            " to ".join(f"{weight:g}" for weight in dict.fromkeys((weights[0], weights[-1]))),
            *(f"{share:.1%}" for share in shares),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--oral", type=Path, required=True)
    parser.add_argument("--other", type=Path, help="pictures of another laboratory")
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where features are kept")
    arguments = parser.parse_args()
    observer = Observer(shipped_model(arguments.models), arguments.work)
    others = {"oral": observer.files([field.path for field in find_fields(arguments.oral)])}
    if arguments.other:
        others["another laboratory"] = observer.files(sorted(arguments.other.iterdir()))
    material = Material.of(observer, find_pictures(arguments.data))
    head = ["levels", "features", "shrinkage", "weight of changes", *others, "unchanged", *HARMLESS]
    print(table(head, list(rows(material, others))))


if __name__ == "__main__":
    main()
