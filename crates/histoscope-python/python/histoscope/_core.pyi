"""What is compiled. It takes and gives JSON; `classifier` and `pictures` are for people."""

import os
from typing import TypeAlias, final

# RGB8 bytes with width and height; an image file's bytes; its path.
_Image: TypeAlias = tuple[bytes, int, int] | bytes | str | os.PathLike[str]

__all__ = [
    "EXTENSIONS",
    "MAX_FILE_BYTES",
    "VERSION",
    "Engine",
    "Judged",
    "colour",
    "decode",
    "labels_of",
    "read_lesson",
]

VERSION: str
EXTENSIONS: list[str]
MAX_FILE_BYTES: int

@final
class Judged:
    def report(self) -> str: ...
    def features(self) -> bytes: ...

@final
class Engine:
    def __new__(
        cls,
        path: str | os.PathLike[str] | None,
        single_precision: bool,
        lesson: str | None = None,
    ) -> Engine: ...
    def taught(self, lesson: str) -> Engine: ...
    def features(self) -> str | None: ...
    def model(self) -> str: ...
    def judge(
        self,
        image: _Image,
        name: str,
        options: str,
        threads: int,
        truth: tuple[str | None, str | None] = ...,
    ) -> Judged: ...
    def together(
        self,
        reports: str,
        keep_duplicates: bool,
        count_unfamiliar: bool,
        one_patient: bool,
        patients: list[str | None] | None,
    ) -> str: ...
    def votes(self, votes: str, keep_duplicates: bool, count_unfamiliar: bool) -> str: ...
    def evaluate(self, images: list[Judged]) -> str: ...
    def teach(self, images: list[Judged], name: str, force: bool) -> str: ...

def colour(classes: list[str], shares: list[float]) -> tuple[int, int, int]: ...
def decode(image: _Image) -> tuple[bytes, int, int]: ...
def labels_of(
    paths: list[str], table: str | os.PathLike[str] | None
) -> list[tuple[str | None, str | None]]: ...
def read_lesson(path: str | os.PathLike[str]) -> str: ...
