"""Heads on frozen features with a second task, other weights, or as the mean of several heads.

    python -m models.train.experiments.ideas --data ../shared/breakhis \\
        --oral ../shared/oral --work FOLDER
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from ..data.split import FOLDS, make_folds
from ..fit import head
from .heads import USUAL, Source, cross_validated, fitted, judged
from .study import SCORES, Study, run, table

EVIDENCE = 1000  # what all weights of BreakHis sum to, as in head.fit: the penalty's measure
INNER_SEED = 1
SHARES = (0.1, 0.3, 1.0)
OWN_SHARES = (0.3, 1.0)

Head = tuple[np.ndarray, np.ndarray]  # weight [2, C], bias [2]


@dataclass(frozen=True)
class Bench:
    """One level's features of both sets."""

    study: Study
    source: Source
    fields: np.ndarray  # f64 [fields, C], one patch each

    @classmethod
    def of(cls, study: Study, level: str) -> "Bench":
        source = Source.of(study.seen("plain"), [level])
        return cls(study, source, study.seen_oral("plain").means(level).astype(np.float64))

    def plain(self, inside: np.ndarray) -> Head:
        """As everywhere: patients and classes weigh the same. `inside`: bool [pictures]."""
        return fitted(self.study, [self.source], inside, USUAL)

    def images_equal(self, inside: np.ndarray) -> Head:
        """Images of a class weigh the same, and so do classes, however many patients there are."""
        values, owner = self._inside(inside)
        labels = self.study.labels
        per_image = inside / np.bincount(labels[inside], minlength=2)[labels]
        weights = (per_image / np.bincount(self.source.owner, minlength=len(labels)))[owner]
        return head.fit(values, labels[owner], weights / weights.mean(), USUAL)

    def inner_heads(self, inside: np.ndarray) -> Head:
        """The mean of heads of four fifths of the patients each, which is one head again."""
        chosen = [self.study.pictures[i] for i in np.flatnonzero(inside)]
        folds = make_folds(chosen, INNER_SEED)
        part = np.array([folds.get(patient, FOLDS) for patient in self.study.patients])
        heads = [self.plain(inside & (part != fold)) for fold in range(FOLDS)]
        weights, biases = zip(*heads, strict=True)
        return np.mean(weights, axis=0), np.mean(biases, axis=0)

    def with_oral(self, inside: np.ndarray, share: float, own: bool) -> Head:
        """A head that learns normal and carcinoma of oral fields as benign and malignant, too.

        Each set is standardised by itself; the fields weigh `share` of what BreakHis weighs.
        `own`: the head is the sum of a shared one and of one for each set, all under the penalty
        (Daumé III, Frustratingly easy domain adaptation, ACL 2007); else one head serves both.
        """
        values, owner = self._inside(inside)
        pictures, chosen = self.study.pictures, np.flatnonzero(inside)
        weights = head.patch_weights([pictures[i] for i in chosen], np.searchsorted(chosen, owner))
        mean = np.average(values, axis=0, weights=weights)
        spread = np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weights)) + 1e-6
        ours, theirs = (values - mean) / spread, _standardised(self.fields)
        count = ours.shape[1]
        if own:
            ours = np.hstack([ours, ours, np.zeros_like(ours)])
            theirs = np.hstack([theirs, np.zeros_like(theirs), theirs])
        oral = np.array([field.label for field in self.study.fields])
        model = LogisticRegression(C=USUAL, max_iter=5000)
        model.fit(
            np.concatenate([ours, theirs]),
            np.concatenate([self.study.labels[owner], oral]),
            sample_weight=EVIDENCE
            * np.concatenate([weights / weights.sum(), np.full(len(theirs), share / len(theirs))]),
        )
        row = model.coef_[0]
        row = (row[:count] + row[count : 2 * count] if own else row) / spread
        offset = model.intercept_[0] - row @ mean
        return np.stack([-row, row]) / 2, np.array([-offset, offset]) / 2

    def _inside(self, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features and pictures of the patches that may be seen."""
        rows = inside[self.source.owner]
        return self.source.values[rows].astype(np.float64), self.source.owner[rows]

    def out_of_fold(self, fit: Callable[[np.ndarray], Head]) -> np.ndarray:
        """Logits [seeds, patches, 2], by heads that did not see the patch's patient."""
        found = np.zeros((len(self.study.folds), len(self.source.owner), 2))
        for row, seed in enumerate(sorted(self.study.folds)):
            fold_of = self.study.fold_of(seed)
            for fold in range(FOLDS):
                weight, bias = fit(fold_of != fold)
                mine = (fold_of == fold)[self.source.owner]
                found[row, mine] = self.source.values[mine] @ weight.T + bias
        return found


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(0)) / (values.std(0) + 1e-6)


def ideas(bench: Bench) -> Iterator[tuple[str, Callable[[np.ndarray], Head]]]:
    """What is held against the plain head."""
    for own, shares in ((False, SHARES), (True, OWN_SHARES)):
        for share in shares:
            name = f"oral, {'shared and own' if own else 'shared'}, {share:g}"
            yield name, lambda inside, s=share, o=own: bench.with_oral(inside, s, o)
    yield "mean of five inner heads", bench.inner_heads
    yield "images weighing the same", bench.images_equal


def experiment(study: Study) -> Iterator[str]:
    rows = []
    for level in ("b7", "b10"):
        bench = Bench.of(study, level)
        source = bench.source
        plain = judged(study, cross_validated(study, [source], source), source.owner)
        rows.append(plain.row(level))
        for name, fit in ideas(bench):
            found = judged(study, bench.out_of_fold(fit), source.owner)
            rows.append(found.difference(plain, f"{level}, {name}, less plain"))
    yield f"Ideas\n\n{table(['heads', *SCORES.values()], rows)}"


if __name__ == "__main__":
    run(__doc__.splitlines()[0], experiment)
