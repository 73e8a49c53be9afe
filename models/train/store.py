"""Results of the long steps, kept on disk so that an interrupted run goes on where it stopped.

A result is found again only if everything it depends on is the same: recipe, pictures, folds and
the code, of which comments, docstrings and layout do not count.
"""

import ast
import hashlib
import os
import pickle
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from .tasks import Task

T = TypeVar("T")
CODE = Path(__file__).parent


def digest(*parts: object) -> str:
    """16 hexadecimal digits that change with any of the parts (text, numbers, bytes, tuples)."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def code_digest(modules: Iterable[str], follow: bool = True) -> str:
    """Of what these modules ("fit.head") do, and all that they import of this package.

    `follow`: False leaves out what they import.
    """
    found: dict[str, str] = {}
    waiting = sorted(modules)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        tree = ast.parse(_file(name).read_text())
        for node in ast.walk(tree):
            if follow and isinstance(node, ast.ImportFrom) and node.level > 0:
                waiting += _imported(node, name)
            _drop_docstring(node)
        found[name] = ast.dump(tree)
    return digest(sorted(found.items()))


def _file(module: str) -> Path:
    return CODE / f"{module.replace('.', '/')}.py"


def _imported(node: ast.ImportFrom, importer: str) -> list[str]:
    """The modules that a relative import of the module `importer` names."""
    room = importer.split(".")[: -node.level]
    base = ".".join([*room, *([node.module] if node.module else [])])
    if base and _file(base).exists():
        return [base]
    return [".".join([*([base] if base else []), alias.name]) for alias in node.names]


def _drop_docstring(node: ast.AST) -> None:
    if not isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) or not node.body:
        return
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        node.body = node.body[1:]


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)  # asks, and does nothing
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    return True


@dataclass(frozen=True)
class Kept(Generic[T]):
    """A result that is made when it is first wanted: where it lies, and how it is made."""

    store: "Store"
    path: Path
    make: Callable[[], T]

    def get(self) -> T:
        """The stored result, or what `make` returns, stored."""
        if (stored := self.store.load(self.path)) is not None:
            return stored
        result = self.make()
        self.store.put(self.path, result)
        return result

    def task(self, cost: float = 1.0) -> Task:
        """To be made beside others; `cost`: against those."""
        return Task(self.path, self.get, cost)


class Store:
    """A folder of pickled results. Only for files that this code wrote itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, key: str) -> Path:
        return self.folder / f"{name}-{key}.pickle"

    def get(self, name: str, key: str, make: Callable[[], T]) -> T:
        """The stored result of this name and key, or what `make` returns, stored."""
        return self.kept(name, key, make).get()

    def kept(self, name: str, key: str, make: Callable[[], T]) -> Kept[T]:
        """The result of this name and key, not yet looked at."""
        return Kept(self, self.path(name, key), make)

    def load(self, path: Path) -> object | None:
        """What is stored there; None where nothing is."""
        return pickle.loads(path.read_bytes()) if path.exists() else None

    def tidy(self) -> None:
        """Removes what processes that were killed have left half written."""
        for part in self.folder.glob("*.[0-9]*.part"):
            if not _runs(int(part.suffixes[-2].removeprefix("."))):
                part.unlink(missing_ok=True)

    def put(self, path: Path, result: object) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        # Two processes may write at once, and one may be stopped: the name appears when all is
        # written.
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(pickle.dumps(result))
        part.replace(path)
