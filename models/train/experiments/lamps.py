"""What a dimmer lamp or another white balance does to frozen heads, and what helps against it.

    python -m models.train.experiments.lamps --data ../shared/breakhis \\
        --oral ../shared/oral --work FOLDER

Heads are fitted without the patient whose sampled pictures are changed. Helps: balancing every
picture by its bright end before it is cut, and showing the head changed copies of the training
patients' pictures.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from ..data.split import FOLDS
from ..evaluate import metrics
from .features import Seen
from .heads import USUAL, Source, fitted
from .study import Judged, Study, run, table
from .views import BALANCES, LAMPS

LEVELS = (("b7",), ("b10",), ("b7", "b10", "b14"), ("b15x",))


def sampled(study: Study, seen: Seen, levels: Sequence[str]) -> Source:
    """A source whose owners are pictures of the whole study."""
    source = Source.of(seen, levels)
    return Source(source.values, study.sample()[source.owner])


def predictions(
    study: Study, training: Sequence[Source], tests: dict[str, Source]
) -> dict[str, Judged]:
    """Of the sampled pictures, under each change, by heads that saw nothing of their patients."""
    chosen = study.sample()
    found = {name: np.zeros((len(study.folds), len(chosen))) for name in tests}
    for row, seed in enumerate(sorted(study.folds)):
        fold_of = study.fold_of(seed)
        for fold in range(FOLDS):
            inside = (fold_of != fold) & np.isin(np.arange(len(fold_of)), chosen)
            weight, bias = fitted(study, training, inside, USUAL)
            mine = fold_of[chosen] == fold
            for name, test in tests.items():
                logits = test.values @ weight.T + bias
                with np.errstate(invalid="ignore"):  # pictures outside the sample have no patches
                    p = metrics.image_probabilities(logits, test.owner, len(study.pictures))
                found[name][row, mine] = p[chosen[mine]]
    return {n: Judged(p, study.labels[chosen], study.patients[chosen]) for n, p in found.items()}


def rows(name: str, found: dict[str, Judged]) -> list[list[str]]:
    plain = found["plain"]
    lines = []
    for change, one in found.items():
        flips = ((one.p >= 0.5) != (plain.p >= 0.5)).mean()
        by_patient = np.mean(
            [
                ((one.p >= 0.5) != (plain.p >= 0.5))[:, plain.patients == patient].mean()
                for patient in np.unique(plain.patients)
            ]
        )
        scores = one.scores()
        lines.append(
            [
                name,
                change,
                f"{scores['auc']:.3f}",
                f"{scores['patient_auc']:.3f}",
                f"{scores['patient_score']:.3f}",
                f"{flips:.1%}",
                f"{by_patient:.1%}",
            ]
        )
    return lines


def experiment(study: Study) -> Iterator[str]:
    head = ["heads", "change", "AUC", "patient AUC", "patient score", "flips", "patients equal"]
    for balance in (None, *BALANCES):
        lines = []
        for levels in LEVELS:
            views = {"plain": balance or "plain"}
            views |= {lamp: f"{lamp}, {balance}" if balance else lamp for lamp in LAMPS}
            tests = {n: sampled(study, study.seen_sample(v), levels) for n, v in views.items()}
            name = " + ".join(levels)
            lines += rows(name, predictions(study, [tests["plain"]], tests))
            lines += rows(f"{name}, shown lamps", predictions(study, [*tests.values()], tests))
        yield f"Balanced by: {balance or 'nothing'}\n\n{table(head, lines)}"


if __name__ == "__main__":
    run(__doc__.splitlines()[0], experiment)
