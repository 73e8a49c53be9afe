"""The screen's twin: the committed measures, its rules, and real and generated patches."""

import dataclasses
import json
from collections import Counter

import numpy as np
import pytest
from models.train.data.pictures import cut_patches, read_rgb
from models.train.screen.counterexamples import HARMLESS, SCENES, SPOILT
from models.train.screen.tables import scenes, seeded
from models.train.screen.twin import (
    ASSESSABLE,
    BACKGROUND,
    BLURRED,
    DENSITY,
    NOT_HE,
    UNCHECKED,
    measure,
    screen,
    voters,
)
from PIL import Image

from ..conftest import ROOT

FIXTURES = ROOT / "tests" / "fixtures"
PATCHES = 24  # real ones
EXPECTED = json.loads((FIXTURES / "screen" / "expected.json").read_text())


@pytest.mark.parametrize("entry", EXPECTED, ids=lambda entry: entry["file"])
def test_measures_are_those_that_rust_is_held_to(entry):
    with Image.open(FIXTURES / entry["file"]) as image:
        measures = measure(np.asarray(image.convert("RGB")))
    found = json.loads(json.dumps(dataclasses.asdict(measures)))
    assert found == entry["measures"]
    assert measures.judge() == entry["screen"]


def test_every_fixture_is_expected():
    files = {path.name for path in (FIXTURES / "screen").glob("*.png")}
    names = {entry["file"] for entry in EXPECTED}
    assert {f"screen/{name}" for name in files} == {n for n in names if n.startswith("screen/")}


def test_densities_are_those_of_rust():
    assert DENSITY[[0, 127, 255]].tolist() == [1420, 177, 0]


def test_a_patch_that_is_too_small_is_not_judged():
    assert screen(np.zeros((31, 31, 3), np.uint8)) == UNCHECKED


@pytest.mark.parametrize(
    ("results", "wanted"),
    [
        ([BACKGROUND, ASSESSABLE, BLURRED, ASSESSABLE], [1, 3]),
        ([UNCHECKED, UNCHECKED], [0, 1]),
        ([ASSESSABLE], [0]),
        ([ASSESSABLE, ASSESSABLE, NOT_HE, NOT_HE, NOT_HE], [0, 1]),
        ([ASSESSABLE, NOT_HE, NOT_HE, NOT_HE], []),
        ([ASSESSABLE] * 2 + [NOT_HE] * 6 + [BLURRED], []),
        ([BACKGROUND] * 23 + [ASSESSABLE], []),
        ([BACKGROUND] * 21 + [ASSESSABLE] * 3, [21, 22, 23]),
        ([BACKGROUND] * 22 + [ASSESSABLE] * 3, []),
        ([BACKGROUND], []),
        ([], []),
    ],
)
def test_voters_are_the_assessable_patches_of_an_assessable_image(results, wanted):
    assert voters(results) == wanted


@pytest.mark.parametrize("kind", SCENES)
def test_scenes_are_caught_and_are_functions_of_their_seed(kind):
    found = list(scenes(kind, 20))
    assert all(np.array_equal(a, b) for a, b in zip(found[:2], scenes(kind, 2), strict=True))
    # Noise of every colour may be called blurred as well: it does not vote.
    assert sum(screen(patch) == ASSESSABLE for patch in found) <= 1


@pytest.fixture(scope="module")
def patches(pictures) -> list[np.ndarray]:
    """One patch, no corner, of real pictures spread over the set."""
    chosen = [pictures[i * len(pictures) // PATCHES] for i in range(PATCHES)]
    return [cut_patches(read_rgb(picture.path))[1] for picture in chosen]


def test_real_patches_are_assessable_and_stay_so_in_another_laboratory(patches):
    assessable = [patch for patch in patches if screen(patch) == ASSESSABLE]
    assert len(assessable) >= len(patches) - 1
    lost = Counter()
    for name, change in HARMLESS.items():
        results = [screen(change(patch, seeded(name, i))) for i, patch in enumerate(assessable)]
        lost[name] = sum(result != ASSESSABLE for result in results)
    assert lost.total() <= 0.03 * len(HARMLESS) * len(assessable), lost


@pytest.mark.parametrize("kind", ["gaussian 4", "gaussian 6", "defocus 8", "DAB", "grey", "pen"])
def test_spoilt_real_patches_do_not_vote(patches, kind):
    change, wanted = SPOILT[kind]
    results = [screen(change(patch, seeded(kind, i))) for i, patch in enumerate(patches)]
    assert sum(result in wanted for result in results) >= 0.75 * len(patches), results
