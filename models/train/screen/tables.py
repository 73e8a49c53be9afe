"""Measures the screen on real patches, changed ones and counter-examples; prints Markdown tables.

python -m models.train.screen.tables --data ../shared/breakhis
"""

import argparse
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ..data.pictures import cut_patches, find_pictures, read_rgb
from ..network.architecture import PATCH
from .counterexamples import HARMLESS, SCENES, SPOILT
from .twin import ASSESSABLE, BACKGROUND, BLURRED, NOT_HE, screen, voters

RESULTS = (ASSESSABLE, BACKGROUND, BLURRED, NOT_HE)


def seeded(kind: str, index: int) -> np.random.Generator:
    """The randomness of one example: neither other kinds nor other examples change it."""
    return np.random.default_rng([zlib.crc32(kind.encode()), index])


def scenes(kind: str, count: int, side: int = PATCH) -> Iterator[np.ndarray]:
    """Counter-examples made from nothing."""
    return (SCENES[kind][0](seeded(kind, index), side) for index in range(count))


def row(name: str, results: Iterable[str]) -> str:
    counts = Counter(results)
    total = counts.total()
    shares = (f"{100 * counts[result] / total:.1f}" for result in RESULTS)
    return f"| {name} | {total} | {' | '.join(shares)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--every", type=int, default=8, help="use every n-th patch for copies")
    parser.add_argument("--scenes", type=int, default=200, help="examples of each generated kind")
    arguments = parser.parse_args()

    found, refused = defaultdict(list), defaultdict(list)
    sample = []
    for picture in find_pictures(arguments.data):
        patches = cut_patches(read_rgb(picture.path))
        results = [screen(patch) for patch in patches]
        found[f"{picture.magnification}x"] += results
        refused[f"{picture.magnification}x"].append(not voters(results))
        sample += list(patches)
    total = len(sample)
    sample = sample[:: arguments.every]

    head = "| | patches | assessable % | background % | blurred % | not H&E % |\n|" + "---|" * 6
    print(f"Real, {total} patches:\n\n{head}")
    for name in sorted(found, key=lambda name: int(name[:-1])):
        print(row(name, found[name]))
    print(row("all", [result for results in found.values() for result in results]))
    images = [verdict for verdicts in refused.values() for verdict in verdicts]
    print(f"\nNot assessable: {sum(images)} of {len(images)} images.")

    print(f"\nTo be accepted:\n\n{head}")
    everything = []
    for name, change in HARMLESS.items():
        results = [screen(change(patch, seeded(name, i))) for i, patch in enumerate(sample)]
        everything += results
        print(row(name, results))
    print(row("all", everything))

    print(f"\nTo be rejected:\n\n{head}")
    for name in SCENES:
        print(row(name, map(screen, scenes(name, arguments.scenes))))
    for name, (change, _) in SPOILT.items():
        print(row(name, (screen(change(patch, seeded(name, i))) for i, patch in enumerate(sample))))


if __name__ == "__main__":
    main()
