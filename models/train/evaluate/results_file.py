"""Puts one part into metrics.json, for commands that measure no more than that part."""

import json
from pathlib import Path

NAME = "metrics.json"
DECIMALS = 4


def put(models: Path, part: str, figures: dict) -> dict:
    """Writes the part into the file in `models` in place of what it has; returns it, rounded."""
    file, text = models / NAME, json.dumps(figures)
    found = json.loads(text, parse_float=lambda number: round(float(number), DECIMALS))
    results = json.loads(file.read_text()) | {part: found}
    file.write_text(json.dumps(results, indent=1) + "\n")
    return found
