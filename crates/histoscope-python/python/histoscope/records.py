"""Dataclasses that are read from JSON and written back as they came."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

_R = TypeVar("_R", bound="Record")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """A JSON object.

    A field with the default `None` is left out of the object where it has no value; one without a
    default is always there. What a later version adds is kept in `more`, so that nothing gets lost.
    """

    more: Mapping[str, Any] = dataclasses.field(default_factory=dict, repr=False)

    @classmethod
    def from_dict(cls: type[_R], data: Mapping[str, Any]) -> _R:
        """From what `to_dict` gave, or `json.loads` of a report of the command line."""
        kinds = _kinds(cls)
        known = {key: _read(kinds[key], value) for key, value in data.items() if key in kinds}
        more = {key: value for key, value in data.items() if key not in kinds}
        return cls(**known, more=more)

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it: field by field what the command line prints."""
        out: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name == "more" or (value is None and field.default is None):
                continue
            out[field.name] = _written(value)
        return out | dict(self.more)


# Of each class the types of its fields: to look them up takes longer than to read a report.
_known: dict[type[Record], dict[str, Any]] = {}


def _kinds(cls: type[Record]) -> dict[str, Any]:
    if cls not in _known:
        hints = get_type_hints(cls)
        names = {field.name for field in dataclasses.fields(cls)} - {"more"}
        _known[cls] = {name: hints[name] for name in names}
    return _known[cls]


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        inner = [one for one in get_args(kind) if one is not type(None)]
        return _read(inner[0], value) if len(inner) == 1 else value
    if origin is list:
        return [_read(get_args(kind)[0], item) for item in value]
    if isinstance(kind, type) and issubclass(kind, Record):
        return kind.from_dict(value)
    return value


def _written(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_dict()
    if isinstance(value, list):
        return [_written(item) for item in value]
    return value
