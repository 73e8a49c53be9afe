"""What a caller may set about an image; the core checks the values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from histoscope import errors


class PredictOptions(TypedDict, total=False):
    """All by name; what is left out, or `None`, keeps its default."""

    # At most so many patches, spread evenly (25).
    max_patches: int | Literal["all"] | None
    # Pixels from one patch to the next (the patch size).
    stride: int | None
    # Whether glass, blurred patches and other stains are left out (True).
    screen: bool | None
    # Confidence below which the verdict is "uncertain", 0.5 to 1 (the model's own).
    uncertain_below: float | None
    # The size of a pixel, 0.01 to 100, whatever the file says.
    um_per_pixel: float | None


def as_json(options: Mapping[str, Any]) -> str:
    """For the core. An option that does not exist is refused here, where all can be named."""
    known = PredictOptions.__annotations__
    for option in options:
        if option not in known:
            there = ", ".join(known)
            raise errors.wrong_option(option, f"there is no such option; there are {there}")
    return json.dumps({option: value for option, value in options.items() if value is not None})
