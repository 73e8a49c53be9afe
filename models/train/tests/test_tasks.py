"""Tasks in several processes: each is done once, and what is left is told."""

import re
from pathlib import Path

import pytest
from models.train.store import Store
from models.train.tasks import Task, spread


@pytest.mark.parametrize("jobs", [1, 2])
def test_tasks_are_spread_over_processes_and_done_once(tmp_path, jobs):
    kept = Store(tmp_path)
    (tmp_path / "log").write_text("")

    def make(number: int) -> int:
        with (tmp_path / "log").open("a") as file:
            file.write(f"{number}\n")
        return number + 7

    tasks = [kept.kept("task", str(n), lambda n=n: make(n)).task(n + 1) for n in range(4)]
    tasks[2].make()
    told: list[str] = []
    spread("numbers", tasks, jobs, told.append)
    assert told[0] == "numbers: 1 of 4 are there"
    assert [text.split(",")[0] for text in told[1:]] == [f"numbers: {n} of 4" for n in (2, 3, 4)]
    assert all(re.fullmatch(r"numbers: \d of 4, \d+ min left", text) for text in told[1:])
    assert [kept.load(task.path) for task in tasks] == [7, 8, 9, 10]
    spread("numbers", tasks, jobs, told.append)
    assert told[4:] == ["numbers: 4 of 4 are there"]
    assert sorted((tmp_path / "log").read_text().split()) == list("0123")


def test_what_is_left_is_reckoned_by_cost(monkeypatch):
    clock = iter([0, 60, 240])
    monkeypatch.setattr("models.train.tasks.time.monotonic", lambda: next(clock))
    told: list[str] = []
    tasks = [Task(Path("/absent"), lambda: None, cost) for cost in (1, 3)]
    spread("two", tasks, 1, told.append)
    assert told == ["two: 0 of 2 are there", "two: 1 of 2, 3 min left", "two: 2 of 2, 0 min left"]
