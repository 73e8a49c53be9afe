"""Which levels, statistics and covariance tell images of another laboratory from harmless changes.

    python -m models.train.experiments.familiarity --data ../shared/breakhis \\
        --oral ../shared/oral --models models --work FOLDER [--other FOLDER] [--teaching]

Figures are shares called unfamiliar: of the oral fields, of pictures of another laboratory, of
patients left out as they are and after each change. The limit is that of familiarity.make.
"""

import argparse
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from ..data.oral import find_fields
from ..data.pictures import find_pictures
from ..familiarity.density import Settings
from ..familiarity.levels import STATISTICS
from ..familiarity.make import CHOICE, TEACHING, Choice, Made, Material
from ..familiarity.observed import HARMLESS, Observed, Observer
from ..network.architecture import SHIPPED_LEVELS, TEACHING_LEVELS
from .study import shipped_model, table, teaching_model

MEANS = STATISTICS[:1]


def evenly(shrinkage: float, weight: float) -> Settings:
    """Every change with the same weight."""
    return Settings(shrinkage, dict.fromkeys(HARMLESS, weight))


def choices(levels: tuple[str, ...], made: Choice) -> tuple[Choice, ...]:
    """Levels one by one, neighbours, all; how those of `made` are looked at; then `made`."""
    some = [*((level,) for level in levels), *pairwise(levels), levels]
    return (
        *(Choice(part, MEANS, evenly(0.02, 0.06)) for part in some),
        *(Choice(part, STATISTICS, evenly(0.02, 0.06)) for part in (made.levels, levels[:2])),
        *(Choice(made.levels, MEANS, evenly(0.02, weight)) for weight in (0, 0.04, 0.12)),
        *(Choice(made.levels, MEANS, evenly(shrinkage, 0.06)) for shrinkage in (0.002, 0.1)),
        made,
    )


def rows(
    material: Material, others: dict[str, Observed], choices: Sequence[Choice]
) -> Iterator[list[str]]:
    for choice in choices:
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
    parser.add_argument("--teaching", action="store_true", help="of the network for lessons")
    parser.add_argument("--work", type=Path, required=True, help="where features are kept")
    arguments = parser.parse_args()
    levels, made = (TEACHING_LEVELS, TEACHING) if arguments.teaching else (SHIPPED_LEVELS, CHOICE)
    model = (teaching_model if arguments.teaching else shipped_model)(arguments.models)
    observer = Observer(model, arguments.work, print, levels)
    others = {"oral": observer.files([field.path for field in find_fields(arguments.oral)])}
    if arguments.other:
        others["another laboratory"] = observer.files(sorted(arguments.other.iterdir()))
    material = Material.of(observer, find_pictures(arguments.data))
    head = ["levels", "features", "shrinkage", "weight of changes", *others, "unchanged", *HARMLESS]
    print(table(head, list(rows(material, others, choices(levels, made)))))


if __name__ == "__main__":
    main()
