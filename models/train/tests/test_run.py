"""The recipes, and tasks in several processes; skipped where PyTorch is absent."""

import re

import numpy as np
import pytest
from models.train.data.synthetic import reference_patches
from models.train.network.export import export_f32
from models.train.network.runtime import session
from models.train.store import Store

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.fit.recipe import Recipe  # noqa: E402
from models.train.fit.student import Training  # noqa: E402
from models.train.network.architecture import Cut  # noqa: E402
from models.train.run import RECIPES, spread  # noqa: E402 (needs PyTorch)

from .networks import network_and_model  # noqa: E402


@pytest.mark.parametrize("jobs", [1, 2])
def test_tasks_are_spread_over_processes(tmp_path, jobs):
    _, network = network_and_model("b1")
    model, patches = export_f32(network), np.stack(reference_patches()[:1])
    kept = Store(tmp_path)

    def task(number: int):
        return lambda: kept.get(
            "task", str(number), lambda: session(model).run(None, {"image": patches})[0] + number
        )

    first = task(0)()  # the runtime has been used before the processes are forked
    told = []
    spread([task(number) for number in range(4)], jobs, told.append)
    assert [text.split(",")[0] for text in told] == [f"{count} of 4" for count in range(1, 5)]
    assert all(re.fullmatch(r"\d of 4, \d+ min left", text) for text in told)
    for number in range(4):
        found = kept.load(kept.path("task", str(number)))
        np.testing.assert_allclose(found, first + number)


def test_the_shipped_recipe_is_the_one_that_the_results_name(results, manifest):
    assert RECIPES[manifest["version"].rpartition(".")[0]].text() == results["recipe"]


def test_a_student_needs_crops():
    with pytest.raises(ValueError, match="needs crops"):
        Recipe(Cut.parse("b7"), strength=1e-3, training=Training(steps=1))
