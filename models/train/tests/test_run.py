"""The recipes, and tasks in several processes; skipped where PyTorch is absent."""

import json
import re

import numpy as np
import pytest
from models.train.data.augment import MILD_LAMPS, STRONG_LAMPS
from models.train.data.synthetic import reference_patches, tissue_patch
from models.train.network.export import export_f32
from models.train.network.runtime import session
from models.train.store import Store
from PIL import Image

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.fit.crops import Part, Plan  # noqa: E402
from models.train.fit.recipe import Mixture, Recipe  # noqa: E402
from models.train.fit.student import Training  # noqa: E402
from models.train.network.architecture import Cut  # noqa: E402
from models.train.run import EVERYONE, RECIPES, Steps, spread  # noqa: E402 (needs PyTorch)

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


def test_steps_train_a_recipe_and_keep_what_they_made(tmp_path):
    """A whole training in small: features, crops, teacher and student, as run.py joins them."""
    for number in range(6):
        name = f"SOB_{'B_A' if number < 3 else 'M_DC'}-14-{number}-100-001.png"
        Image.fromarray(tissue_patch(number, 10 + 10 * number, 0.2)).save(tmp_path / name)
    parts = (Part(8, "strong", STRONG_LAMPS, 1), Part(4, "mild", MILD_LAMPS, 2))
    recipe = Recipe(
        Cut.parse("b5"),
        strength=1e-3,
        training=Training(steps=2, crops=4),
        plan=Plan((Cut.parse("b7"), Cut.parse("b14")), parts),
        levels=(Cut.parse("b14"),),
        mixture=Mixture(blocks=0.5, head=0.25),
    )
    everyone = np.arange(6)
    networks = []
    for _ in range(2):
        steps = Steps(tmp_path, tmp_path / "work", recipe)
        assert set(steps.features()) >= {recipe.cut, *recipe.plan.levels}
        assert set(steps.normalised()) == set(recipe.plan.levels)
        assert len(steps.material.crops.owner) == 12
        networks.append(steps.network(everyone, 0, EVERYONE))
        files = sorted(path.name for path in (tmp_path / "work").iterdir())
    first, again = (network.head.weight for network in networks)
    np.testing.assert_array_equal(first, again)
    assert "50% of these blocks and 25% of this head" in recipe.text()
    assert len(files) == 6  # patches, features, normalised, two parts of crops, the network


def test_steps_take_the_folds_and_seeds_that_are_asked_for(tmp_path):
    names = [f"SOB_{'B_A' if n < 5 else 'M_DC'}-14-{n}-100-001.png" for n in range(10)]
    for number, name in enumerate(names):
        Image.fromarray(tissue_patch(number, 20, 0.2)).save(tmp_path / name)
    folds = {str(seed): {str(n): (n + seed) % 5 for n in range(10)} for seed in range(3)}
    (tmp_path / "folds.json").write_text(json.dumps(folds))
    recipe = Recipe(Cut.parse("b5"), strength=1e-3)
    steps = Steps(tmp_path, tmp_path / "work", recipe, tmp_path / "folds.json", 2)
    assert steps.folds == {0: folds["0"], 1: folds["1"]}


def test_a_teacher_looks_only_where_the_crops_were_seen():
    plan = Plan((Cut.parse("b6"),), (Part(8, "strong", STRONG_LAMPS, 1),))
    with pytest.raises(ValueError, match="levels that the plan has"):
        Recipe(
            Cut.parse("b7"),
            strength=1e-3,
            training=Training(steps=1),
            plan=plan,
            levels=(Cut.parse("b10"),),
        )
