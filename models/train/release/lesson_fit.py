"""What scikit-learn's logistic regression finds on small made-up tables: the reference for lessons.

    python -m models.train.release.lesson_fit --out tests/fixtures/reference

Writes lesson_fit.json. Each case is the minimum over weights and offsets of

    C * sum_i w_i * -ln p_i(label_i) + 1/2 * sum of squares of the weights

with the offsets free. Two classes: one row, p(second class) is the sigmoid of its score. More
classes: one row each, p is the softmax of the scores; the offsets, of which only differences count,
sum to zero.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

FILE = "lesson_fit.json"
DIGITS = 4  # of the made-up numbers, which are exact in the file


def table(seed: int, classes: int, rows: int, columns: int, apart: float):
    """Values [rows, columns], labels, weights: overlapping clouds of unequal size and spread."""
    random = np.random.default_rng(seed)
    labels = np.arange(rows) % (classes + 1) % classes
    centres = random.normal(0, apart, (classes, columns))
    spreads = np.exp(random.normal(0, 0.5, columns))
    values = (centres[labels] + random.normal(0, 1, (rows, columns))) * spreads
    weights = np.exp(random.normal(0, 0.7, rows))
    return np.round(values, DIGITS), labels, np.round(weights * rows / weights.sum(), DIGITS)


def case(name: str, c: float, values, labels, weights) -> dict:
    """One table with its minimum, as close as f64 comes to it."""
    model = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    model.fit(values, labels, sample_weight=weights)
    offsets = model.intercept_ - (model.intercept_.mean() if len(model.intercept_) > 1 else 0)
    return {
        "name": name,
        "c": c,
        "classes": int(labels.max()) + 1,
        "values": values.tolist(),
        "labels": labels.tolist(),
        "sample_weights": weights.tolist(),
        "coefficients": model.coef_.tolist(),
        "offsets": offsets.tolist(),
        "probabilities": model.predict_proba(values).tolist(),
    }


def cases() -> list[dict]:
    """Two and three classes, weak and strong penalties, more columns than rows, separable rows."""
    return [
        case("two classes", 1.0, *table(1, 2, 40, 5, 0.7)),
        case("two classes, strong penalty", 1e-3, *table(1, 2, 40, 5, 0.7)),
        case("more columns than rows", 0.1, *table(2, 2, 12, 20, 0.5)),
        case("separable", 10.0, *table(3, 2, 30, 3, 4.0)),
        case("three classes", 0.5, *table(4, 3, 45, 4, 0.8)),
        case("five classes", 0.05, *table(5, 5, 60, 6, 0.8)),
    ]


def write(out: Path) -> None:
    document = {"scikit_learn": sklearn.__version__, "cases": cases()}
    (out / FILE).write_text(json.dumps(document) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
