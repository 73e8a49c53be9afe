"""Whether a lesson does better if it starts from the head that ships, and not from zero.

    python -m models.train.experiments.starting --data ../shared/breakhis \\
        --oral ../shared/oral --models models --work FOLDER

Starting means that the penalty pulls to that head's weights. Features are those of the int8 network
that ships, lessons are drawn and judged as lessons.py does. The head that ships has learned the
patients of the foreign stains; so there a head is fitted too, for each draw, to the plain images of
patients that are not judged.
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from scipy.optimize import minimize

from ..data.oral import find_fields
from ..evaluate import metrics
from ..evaluate.perturbations import PLAIN
from ..familiarity.levels import columns
from ..familiarity.observed import Observer, every_patch
from .arguments import add_arguments
from .lessons import DRAWS, Draw, few, few_by_patient, lesson
from .shipped_lessons import SIZES, stained
from .study import sampled, shipped_model, table

STRENGTHS = (1e-3, 1e-2, 1e-1)
SHARES = (0.5, 1.0)  # of the head's weights, to which the penalty pulls
# The head reads the means of the last level, and the features hold them here.
READ = columns(("b7",), ("mean",))

Head = Callable[[np.ndarray], np.ndarray]  # indices of the judged images -> weights on the features


def pulled(
    values: np.ndarray, labels: np.ndarray, strength: float, towards: np.ndarray
) -> np.ndarray:
    """As lessons.lesson, with the penalty on the distance from `towards` [F]; without an offset.

    Both are weights on the values as they are; distances are taken on standardised ones.
    """
    mean, spread = values.mean(0), values.std(0) + 1e-6
    z, sign = (values - mean) / spread, 2.0 * labels - 1
    weights = strength * len(labels) / (2 * np.bincount(labels)[labels])
    start = z @ (towards * spread)

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        change, offset = parameters[:-1], parameters[-1]
        margin = sign * (start + z @ change + offset)
        slope = -weights * sign / (1 + np.exp(margin))
        value = weights @ np.logaddexp(0, -margin) + change @ change / 2
        return value, np.append(z.T @ slope + change, slope.sum())

    found = minimize(loss, np.zeros(values.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return towards + found[:-1] / spread


def shipped_head(model: bytes) -> np.ndarray:
    """Weights [80] of the difference of the logits on the means of b7."""
    graph = onnx.load_from_string(model).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weight = constants["head_w_q"].astype(float) * constants["head_w_scale"][:, None, None, None]
    benign, malignant = weight[:, :, 0, 0]
    return malignant - benign


def on_features(head: np.ndarray, count: int) -> np.ndarray:
    """The head's weights among those of all features."""
    weights = np.zeros(count)
    weights[READ] = head
    return weights


def scores(
    values: np.ndarray, labels: np.ndarray, draw: Draw, strength: float, head: Head, share: float
) -> list[str]:
    """Cells of a row: means of AUCs and their spreads, by the number of images a class."""
    cells = []
    for count in SIZES:
        found = []
        for number in range(DRAWS):
            taught, judged = draw(np.random.default_rng([number, count]), count)
            towards = share * head(judged)
            weights = pulled(values[taught], labels[taught], strength, towards)
            found.append(metrics.auc(labels[judged], values[judged] @ weights))
        cells.append(f"{np.mean(found):.3f} ± {np.std(found):.3f}")
    return cells


def rows(
    values: np.ndarray, labels: np.ndarray, draw: Draw, heads: dict[str, Head]
) -> Iterator[list[str]]:
    """Of every penalty: from zero, then from each head."""
    count = values.shape[1]
    nothing = np.zeros(count)
    for strength in STRENGTHS:
        cells = scores(values, labels, draw, strength, lambda _: nothing, 0)
        yield ["zero", f"{strength:g}", *cells]
        for name, head in heads.items():
            for share in SHARES:
                cells = scores(values, labels, draw, strength, head, share)
                yield [f"{share:.0%} of {name}", f"{strength:g}", *cells]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--models", type=Path, required=True)
    arguments = parser.parse_args()
    model = shipped_model(arguments.models)
    observer = Observer(model, arguments.work)
    titles = ["starts from", "C", *(f"{n} a class" for n in SIZES)]

    fields = find_fields(arguments.oral)
    labels = np.array([field.label for field in fields])
    values = every_patch(observer.files([field.path for field in fields], PLAIN)).means()
    own = on_features(shipped_head(model), values.shape[1])
    found = rows(values, labels, few(labels), {"the head that ships": lambda _: own})
    print(f"Oral\n\n{table(titles, list(found))}\n", flush=True)

    chosen = sampled(arguments.data)
    labels = np.array([picture.label for picture in chosen])
    patients = np.array([picture.patient for picture in chosen])
    paths = [picture.path for picture in chosen]
    values = every_patch(observer.changed(paths, "foreign", stained)).means()
    plain = every_patch(observer.files(paths, PLAIN)).means()[:, READ]

    def others(judged: np.ndarray) -> np.ndarray:
        """A head of the patients that are not judged, in their own stains."""
        known = ~np.isin(patients, patients[judged])
        head = lesson(plain[known], labels[known], STRENGTHS[0])[:-1]
        return on_features(head, values.shape[1])

    heads: dict[str, Head] = {
        "a head of other patients": others,
        "the head that ships (has seen them)": lambda _: own,
    }
    found = rows(values, labels, few_by_patient(labels, patients), heads)
    print(f"BreakHis in foreign stains\n\n{table(titles, list(found))}\n", flush=True)


if __name__ == "__main__":
    main()
