"""The thresholds of the screen, read from the Rust source that the app is built of.

Nothing is typed again here: a threshold that changes in `src/screen.rs` changes for the evaluation,
and one that is renamed is an error that names it.
"""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3] / "src" / "screen.rs"

_CONSTANT = re.compile(r"^(?:pub )?const (\w+): [^=\n]+ = ([^;\n]+);$", re.MULTILINE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

Value = int | float | tuple[int | float, ...]


def read(source: str) -> dict[str, Value]:
    """Constants of a Rust source by name: a number, or the ends of a range, or an array's items.

    What is no literal of these kinds is left out.
    """
    found = {}
    for name, text in _CONSTANT.findall(source):
        parts = re.split(r"\.\.=?|, ", text.strip("[]"))
        if all(_NUMBER.fullmatch(part) for part in parts):
            numbers = tuple(float(part) if "." in part else int(part) for part in parts)
            found[name] = numbers if len(numbers) > 1 else numbers[0]
    return found


class Thresholds:
    """The constants of one source, as attributes."""

    def __init__(self, source: str, name: str) -> None:
        self._constants, self._name = read(source), name

    def __getattr__(self, name: str) -> Value:
        try:
            return self._constants[name]
        except KeyError:
            raise AttributeError(
                f"{self._name} has no constant {name}: the screen's twin has to follow it"
            ) from None


SCREEN = Thresholds(SOURCE.read_text(), SOURCE.name)
