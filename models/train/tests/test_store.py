"""The store finds a result again only if nothing that it depends on has changed."""

import os
import subprocess
import sys

import pytest
from models.train import store
from models.train.store import Store, code_digest, digest


def test_a_result_is_made_once(tmp_path):
    made = []

    def make() -> list[int]:
        made.append(1)
        return [1, 2]

    for _ in range(2):
        assert Store(tmp_path / "work").get("fold-0-1", digest("recipe", 1), make) == [1, 2]
    assert len(made) == 1
    Store(tmp_path / "work").get("fold-0-1", digest("recipe", 2), make)
    assert len(made) == 2
    assert not list(tmp_path.rglob("*.part"))


def test_an_interrupted_step_leaves_nothing(tmp_path):
    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Store(tmp_path).get("fold", "key", fail)
    assert Store(tmp_path).get("fold", "key", lambda: 3) == 3


def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left = tmp_path / f"fold-0-1-abc.{gone.pid}.part"
    others = [tmp_path / f"fold-0-2-abc.{os.getpid()}.part", tmp_path / "fold-0-3.7-abc.pickle"]
    for path in (left, *others):
        path.write_bytes(b"half")
    Store(tmp_path).tidy()
    Store(tmp_path / "absent").tidy()
    assert sorted(tmp_path.iterdir()) == sorted(others)


def test_a_kept_result_is_not_made_before_it_is_wanted(tmp_path):
    made = []
    kept = Store(tmp_path).kept("fold", "key", lambda: made.append(1) or 7)
    assert not kept.path.exists() and not made
    task = kept.task(3)
    assert (task.path, task.cost) == (kept.path, 3)
    assert task.make() == kept.get() == 7 and len(made) == 1


@pytest.fixture
def code(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "CODE", tmp_path)
    for room in ("fit", "network"):
        (tmp_path / room).mkdir()
    (tmp_path / "fit/recipe.py").write_text('"""Trains."""\nfrom . import head\n\nRATE = 1\n')
    (tmp_path / "fit/head.py").write_text(
        "from ..network.shapes import SIDE\n\ndef fit():\n    return SIDE\n"
    )
    (tmp_path / "network/shapes.py").write_text("from .. import store\n\nSIDE = 2\n")
    (tmp_path / "store.py").write_text("KEPT = 3\n")
    (tmp_path / "fit/card.py").write_text("TITLE = 4\n")
    return tmp_path


def test_comments_and_other_modules_do_not_count(code):
    before = code_digest(["fit.recipe"])
    (code / "fit/card.py").write_text("TITLE = 5\n")
    (code / "network/shapes.py").write_text("from .. import store\n# pixels\nSIDE = (2)\n")
    assert code_digest(["fit.recipe"]) == before


@pytest.mark.parametrize(
    "module", ["fit/recipe.py", "fit/head.py", "network/shapes.py", "store.py"]
)
def test_code_counts_with_what_it_imports_in_any_room(code, module):
    before = code_digest(["fit.recipe"])
    with (code / module).open("a") as file:
        file.write("\nMORE = 1\n")
    assert code_digest(["fit.recipe"]) != before


def test_what_is_imported_is_left_out_where_that_is_wanted(code):
    before = code_digest(["fit.recipe"], follow=False)
    (code / "fit/head.py").write_text("def fit():\n    return 7\n")
    assert code_digest(["fit.recipe"], follow=False) == before
    (code / "fit/recipe.py").write_text("RATE = 2\n")
    assert code_digest(["fit.recipe"], follow=False) != before


def test_code_of_the_training_is_found():
    assert code_digest(["fit.recipe"]) == code_digest(["fit.recipe", "fit.head", "data.augment"])
    assert code_digest(["fit.recipe"]) != code_digest(["evaluate.perturbations"])
