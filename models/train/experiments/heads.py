"""Linear heads on frozen features, judged by patients left out: levels, penalties, colours, scales.

    python -m models.train.experiments.heads --data ../shared/breakhis \\
        --oral ../shared/oral --work FOLDER
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..data.split import FILE, FOLDS, read_folds
from ..evaluate import metrics
from ..fit import head
from .features import Seen
from .study import SCORES, Judged, Study, run, table

STRENGTHS = (1e-4, 1e-3, 1e-2)
USUAL = 1e-3
LEVELS = ("b4", "b6", "b7", "b8", "b10", "b14", "b15x")


@dataclass(frozen=True)
class Source:
    """Features of patches and the picture that each belongs to."""

    values: np.ndarray  # f32 [patches, C]
    owner: np.ndarray  # [patches]

    @classmethod
    def of(cls, seen: Seen, levels: Sequence[str]) -> "Source":
        """The means of these levels side by side."""
        return cls(np.concatenate([seen.means(level) for level in levels], axis=1), seen.owner)


def fitted(
    study: Study, sources: Sequence[Source], inside: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """The head of the pictures `inside` (bool), on the patches of all sources together.

    Further sources are views of the same pictures: a picture weighs the same with or without them.
    """
    chosen = np.flatnonzero(inside)
    place = np.full(len(study.pictures), -1)
    place[chosen] = np.arange(len(chosen))
    values = np.concatenate([s.values[inside[s.owner]] for s in sources])
    owner = place[np.concatenate([s.owner[inside[s.owner]] for s in sources])]
    weights = head.patch_weights([study.pictures[i] for i in chosen], owner)
    return head.fit(values.astype(np.float64), study.labels[chosen][owner], weights, strength)


def out_of_fold(
    study: Study,
    seed: int,
    training: Sequence[Source],
    test: Source,
    strength: float,
    allowed: np.ndarray | None = None,
) -> np.ndarray:
    """Logits [patches, 2] of every patch of `test`, by heads that did not see its patient.

    `allowed`: bool [pictures], those that heads may be fitted to; all where absent.
    """
    allowed = np.ones(len(study.pictures), bool) if allowed is None else allowed
    fold_of = study.fold_of(seed)
    logits = np.zeros((len(test.owner), 2))
    for fold in range(FOLDS):
        weight, bias = fitted(study, training, allowed & (fold_of != fold), strength)
        mine = fold_of[test.owner] == fold
        logits[mine] = test.values[mine] @ weight.T + bias
    return logits


Logits = np.ndarray  # [seeds, patches, 2]


def cross_validated(
    study: Study,
    training: Sequence[Source],
    test: Source,
    strength: float = USUAL,
    allowed: np.ndarray | None = None,
) -> Logits:
    """out_of_fold of every seed."""
    seeds = sorted(study.folds)
    return np.stack([out_of_fold(study, s, training, test, strength, allowed) for s in seeds])


def judged(study: Study, logits: Logits, owner: np.ndarray, sharpness: float = 1.0) -> Judged:
    """Images from patches, as the app makes them: the mean of the patches' probabilities."""
    p = [metrics.image_probabilities(x * sharpness, owner, len(study.pictures)) for x in logits]
    return Judged(np.stack(p), study.labels, study.patients)


def by_level(study: Study) -> str:
    """The best penalty of every level, and levels side by side."""
    seen, rows = study.seen("plain"), []
    sets = [(level,) for level in LEVELS] + [("b7", "b10"), ("b7", "b10", "b14")]
    for levels in sets:
        source = Source.of(seen, levels)
        for strength in STRENGTHS:
            logits = cross_validated(study, [source], source, strength)
            name = f"{' + '.join(levels)}, C = {strength:g}"
            rows.append(judged(study, logits, source.owner).row(name))
    return table(["features", *SCORES.values()], rows)


def by_patients(study: Study) -> str:
    """What the patients are worth who are new since the shipped model: the same test images."""
    seen, rows = study.seen("plain"), []
    known = np.isin(study.patients, list(read_folds(FILE)[0]))
    for level in ("b7", "b10", "b15x"):
        source = Source.of(seen, [level])
        found = [
            judged(study, cross_validated(study, [source], source, allowed=some), source.owner)
            for some in (known, np.ones_like(known))
        ]
        rows.append(found[0].row(f"{level}, patients of 0.2"))
        rows.append(found[1].row(f"{level}, all patients"))
        rows.append(found[1].difference(found[0], f"{level}, difference"))
    return table(["features", *SCORES.values()], rows)


def by_colour(study: Study) -> str:
    """Heads on plain and on stain-normalised patches, and averages of their logits."""
    plain, normalised = study.seen("plain"), study.seen("normalised")
    found: dict[str, Logits] = {}
    for level in LEVELS:
        for name, seen in (("plain", plain), ("normalised", normalised)):
            source = Source.of(seen, [level])
            found[f"{level} {name}"] = cross_validated(study, [source], source)
    owner = plain.owner
    rows = [judged(study, logits, owner).row(name) for name, logits in found.items()]
    for levels in (
        ("b7",),
        ("b10",),
        ("b15x",),
        ("b6", "b10"),
        ("b7", "b10", "b14"),
        ("b7", "b15x"),
        ("b7", "b10", "b15x"),
        ("b4", "b7", "b10", "b14", "b15x"),
    ):
        names = [f"{level} {colour}" for level in levels for colour in ("plain", "normalised")]
        mean = np.mean([found[name] for name in names], axis=0)
        both = judged(study, mean, owner)
        rows.append(both.row(f"mean logit of {' + '.join(levels)}, both colours"))
        if levels != ("b6", "b10"):
            continue
        shipped = both
    rows.append(both.difference(shipped, "the last less b6 + b10"))
    return table(["heads", *SCORES.values()], rows)


def by_scale(study: Study) -> str:
    """Heads at other scales of the same pictures, and averages with the plain one, by image."""
    rows = []
    for levels in (("b7",), ("b10",), ("b15x",)):
        found = {}
        for view in ("plain", "scale 0.7", "scale 0.5"):
            source = Source.of(study.seen(view), levels)
            logits = cross_validated(study, [source], source)
            found[view] = judged(study, logits, source.owner)
            rows.append(found[view].row(f"{levels[0]}, {view}"))
        p = np.mean([one.p for one in found.values()], axis=0)
        mean = Judged(p, study.labels, study.patients)
        rows.append(mean.row(f"{levels[0]}, mean of the three"))
        rows.append(mean.difference(found["plain"], f"{levels[0]}, mean less plain"))
    return table(["features", *SCORES.values()], rows)


def experiment(study: Study) -> Iterator[str]:
    for title, make in (
        ("Levels and penalties", by_level),
        ("New patients", by_patients),
        ("Scales", by_scale),
        ("Colours", by_colour),
    ):
        yield f"{title}\n\n{make(study)}"


if __name__ == "__main__":
    run(__doc__.splitlines()[0], experiment)
