"""What can go wrong, with a stable code and what to do."""


class ExportError(Exception):
    """A sentence that names the problem, one that names the remedy, and a code that stays."""

    def __init__(self, code: str, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy} [{code}]")
        self.code = code
