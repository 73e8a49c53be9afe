"""The store finds a result again only if nothing that it depends on has changed."""

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


@pytest.fixture
def code(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "CODE", tmp_path)
    (tmp_path / "train.py").write_text('"""Trains."""\nfrom .head import fit\n\nRATE = 1\n')
    (tmp_path / "head.py").write_text("def fit():\n    return 2\n")
    (tmp_path / "card.py").write_text("TITLE = 3\n")
    return tmp_path


def test_code_counts_with_what_it_imports(code):
    before = code_digest(["train"])
    (code / "card.py").write_text("TITLE = 4\n")
    (code / "head.py").write_text('def fit():\n    """Fits."""\n    # a comment\n    return (2)\n')
    assert code_digest(["train"]) == before
    (code / "head.py").write_text("def fit():\n    return 3\n")
    assert code_digest(["train"]) != before


def test_code_of_the_training_is_found():
    assert code_digest(["train"]) == code_digest(["train", "head"])
    assert code_digest(["train"]) != code_digest(["perturbations"])
