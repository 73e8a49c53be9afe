"""Errors, sorted by who can do something about them; each with a stable code and a remedy."""

from __future__ import annotations


class HistoscopeError(Exception):
    """What stood in the way.

    `code` is stable and meant for programs, `message` names the problem, `remedy` says what to do,
    `fault` says whose it is.
    """

    def __init__(self, code: str, message: str, remedy: str, fault: str) -> None:
        # All of them, so that it can be pickled and sent between processes.
        super().__init__(code, message, remedy, fault)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.fault = fault

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy} [{self.code}]"


class ImageError(HistoscopeError):
    """The picture: another file, or a re-export of this one, helps."""


class LimitsError(HistoscopeError):
    """A limit of ours: a smaller picture helps."""


class OptionsError(HistoscopeError, ValueError):
    """What the caller asked for."""


class ModelError(HistoscopeError):
    """The model's files, or a lesson's."""


class InternalError(HistoscopeError):
    """A bug of ours."""


_BY_FAULT: dict[str, type[HistoscopeError]] = {
    "image": ImageError,
    "limits": LimitsError,
    "options": OptionsError,
    "model": ModelError,
}


def of_core(code: str, message: str, remedy: str, fault: str) -> HistoscopeError:
    """The error that the core means."""
    return _BY_FAULT.get(fault, InternalError)(code, message, remedy, fault)


def wrong_option(option: str, detail: str) -> OptionsError:
    """An option that is none, said as the core says it."""
    remedy = "Correct the option; the message says what is allowed."
    return OptionsError("options_invalid", f"{option}: {detail}", remedy, "options")
