"""The rooms of the training code: each needs only those before it, and has its own tests."""

import ast
from pathlib import Path

import pytest
from models.train import store

CODE = store.CODE
# In the order of what happens to a picture and its network.
ORDER = (
    "network",
    "data",
    "screen",
    "quantise",
    "fit",
    "evaluate",
    "familiarity",
    "experiments",
    "release",
)
SHARED = {"store"}  # beside the rooms, for all of them


def rooms(file: Path) -> set[str]:
    """What a module imports from other rooms."""
    nodes = [n for n in ast.walk(ast.parse(file.read_text())) if isinstance(n, ast.ImportFrom)]
    return {(n.module or n.names[0].name).split(".")[0] for n in nodes if n.level == 2}


def test_every_room_is_known():
    assert {path.parent.name for path in CODE.glob("*/__init__.py")} == set(ORDER)


@pytest.mark.parametrize("room", ORDER)
def test_a_room_needs_only_those_before_it(room):
    allowed = SHARED | set(ORDER[: ORDER.index(room)])
    for file in (CODE / room).glob("*.py"):
        assert rooms(file) <= allowed, file


def test_a_test_lies_in_the_room_that_it_tests():
    for file in (CODE / "tests").glob("*/test_*.py"):
        assert file.parent.name in ORDER, file
