"""Long tasks in several processes, each done once: what is left of them, and how long it takes."""

import multiprocessing
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """Something long that leaves a file behind."""

    path: Path  # the file; where it is, the task is done
    make: Callable[[], object]
    cost: float = 1.0  # against other tasks that are spread with it


_waiting: Sequence[Task] = []  # what the worker processes inherit


def _do(place: int) -> int:
    _waiting[place].make()
    return place


def spread(name: str, tasks: Sequence[Task], jobs: int, log: Callable[[str], None]) -> None:
    """Does those of the tasks that are not done yet, in this many processes.

    No task may need another one of them: two processes would do it twice.
    """
    global _waiting
    _waiting = [task for task in tasks if not task.path.exists()]
    found = len(tasks) - len(_waiting)
    log(f"{name}: {found} of {len(tasks)} are there")
    start, done, total = time.monotonic(), 0.0, sum(task.cost for task in _waiting)
    for count, place in enumerate(_places(jobs), found + 1):
        done += _waiting[place].cost
        left = (time.monotonic() - start) / done * (total - done)
        log(f"{name}: {count} of {len(tasks)}, {left / 60:.0f} min left")


def _places(jobs: int) -> Iterable[int]:
    """The places of the tasks, each when it is done."""
    if jobs == 1:
        yield from map(_do, range(len(_waiting)))
        return
    # Forked, so that the pictures are shared and the tasks need not be pickled.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_do, range(len(_waiting)))
