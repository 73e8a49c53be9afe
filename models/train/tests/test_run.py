"""The recipes, and a training that is interrupted; skipped where PyTorch is absent."""

import json
import subprocess
import sys
import time
from collections import Counter

import numpy as np
import pytest
from models.train.data.augment import MILD_LAMPS, STRONG_LAMPS
from models.train.data.synthetic import reference_patches, tissue_patch
from models.train.network.export import export_f32
from models.train.network.runtime import session
from models.train.store import CODE, Store
from PIL import Image

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.fit.crops import Part, Plan  # noqa: E402
from models.train.fit.recipe import Mixture, Recipe  # noqa: E402
from models.train.fit.student import Training  # noqa: E402
from models.train.network.architecture import Cut  # noqa: E402
from models.train.run import RECIPES  # noqa: E402 (needs PyTorch)
from models.train.steps import CUTS, EVERYONE, Steps  # noqa: E402
from models.train.tasks import spread  # noqa: E402

from .networks import network_and_model  # noqa: E402
from .small_training import draw  # noqa: E402


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_runtime_runs_in_processes_that_were_forked_after_it_had_run(tmp_path, jobs):
    _, network = network_and_model("b1")
    model, patches = export_f32(network), np.stack(reference_patches()[:1])
    kept = Store(tmp_path)

    def run(number: int) -> np.ndarray:
        return session(model).run(None, {"image": patches})[0] + number

    first = run(0)
    tasks = [kept.kept("task", str(n), lambda n=n: run(n)).task() for n in range(4)]
    spread("runs", tasks, jobs, lambda _: None)
    for number, task in enumerate(tasks):
        np.testing.assert_allclose(kept.load(task.path), first + number)


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
        assert set(steps.features) >= {recipe.cut, *recipe.plan.levels}
        assert set(steps.material.normalised) == set(recipe.plan.levels)
        assert len(steps.material.crops.owner) == 12
        networks.append(steps.network(everyone, 0, EVERYONE).get())
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


def test_features_of_chunks_are_joined_in_the_order_of_the_patches(tmp_path, monkeypatch):
    draw(tmp_path)
    recipe = Recipe(Cut.parse("b5"), strength=1e-3)
    whole = Steps(tmp_path, tmp_path / "whole", recipe).features
    monkeypatch.setattr("models.train.steps.CHUNK", 4)
    steps = Steps(tmp_path, tmp_path / "parts", recipe)
    assert [task.cost for task in steps.seeing_tasks()] == [4, 4, 2]
    assert set(steps.features) == set(whole)
    for cut, values in steps.features.items():
        np.testing.assert_allclose(values, whole[cut], atol=1e-5)


def start_small(folder) -> subprocess.Popen:
    command = [sys.executable, "-m", "models.train.tests.small_training", str(folder)]
    return subprocess.Popen(command, cwd=CODE.parents[1], stdout=subprocess.PIPE, text=True)


def test_a_training_that_is_killed_goes_on_and_does_nothing_twice(tmp_path):
    draw(tmp_path / "pictures")
    work, folds = tmp_path / "work", "folds of the first seed, and all patients"
    training = start_small(tmp_path)
    for line in training.stdout:
        if line.startswith(f"{folds}: 2 of 6"):
            break
    # The third fold is trained, and most likely in the middle of its predictions.
    while len(list(work.glob("network-0-*"))) < 3 and training.poll() is None:
        time.sleep(0.01)
    training.kill()
    training.communicate()
    (work / f"fold-0-2-abc.{training.pid}.part").write_bytes(b"half of it")
    before = {path.name: path.stat().st_mtime_ns for path in work.glob("*[!t]")}
    done = sum(name.startswith("fold-") for name in before)
    assert 2 <= done <= 4

    again = start_small(tmp_path)
    told, _ = again.communicate()
    assert again.returncode == 0
    assert "features and crops: 8 of 8 are there" in told
    assert f"{folds}: {done} of 6 are there" in told
    assert {name: (work / name).stat().st_mtime_ns for name in before} == before
    made = Counter(path.name.rpartition("-")[0] for path in work.iterdir())
    wanted = [f"{kind}-0-{n}" for kind in ("network", "fold", "robustness") for n in range(5)]
    wanted += [f"{kind}-{start}" for kind in ("features", "normalised") for start in (0, 4, 8)]
    wanted += ["patches", "crops-1", "crops-2", "network-0--1"]
    wanted += [f"cut-{cut.name}" for cut in CUTS]
    curve = [name for name in made if name.startswith("curve-")]
    assert curve and made == Counter([*wanted, *curve])
    once_more, _ = start_small(tmp_path).communicate()
    assert all(line.endswith(" are there") for line in once_more.splitlines())
