"""The deeper network for lessons: trains, quantises and writes it, and judges what it brings.

    python -m models.train.release.teaching --data ../shared/breakhis --oral ../shared/oral \\
        --index ../shared/data/tcga_tiles.tsv --tiles FOLDER --models models --work target/train \\
        [--cli target/release/histoscope]

It is no classifier: its head is zeros, for people bring heads. So it is judged by lessons, as
experiments/backbone.py does, beside the network that ships. `--cli` teaches and judges one with the
command line too. Long steps are kept in `--work`, so that an interrupted run goes on. Figures go
into metrics.json (`teaching`), and the card is made anew.
"""

import argparse
import csv
import hashlib
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch

from ..data.dataset import Dataset
from ..data.oral import LABELS as ORAL
from ..data.oral import OralField, find_fields
from ..data.pictures import LABELS
from ..data.tcga import find_tiles
from ..experiments.backbone import CROPS, Eyes, Images, Material, add_arguments, eyes
from ..experiments.shipped_lessons import figures
from ..experiments.study import shipped_model
from ..familiarity import file, make
from ..familiarity.levels import Taps
from ..fit.crops import FROZEN
from ..fit.tissues import CUT, LEVELS, SIDE, Schedule
from ..network.folded import Network
from ..quantise.calibrate import CALIBRATION_PATCHES, calibration_batches, int8_model
from . import files, report
from .verify import NO_SCREEN

STEM = "histoscope-teaching"
MANIFEST = f"{STEM}.json"
FILE = f"{STEM}.int8.onnx"
NAME = "histoscope-lite0-teaching"
VERSION = "0.1.0"
SCHEDULE = Schedule()
STRENGTH = 0.1  # inverse penalty of the lessons that it is judged by
PURPOSE = (
    "What lessons look through where more is asked of them: features for heads that a person "
    "teaches. It is no classifier. Its own head is all zeros, so that untaught it says one half "
    'for both labels of every patch, and the verdict is "uncertain".'
)


def recipe(schedule: Schedule = SCHEDULE, crops: int = CROPS) -> str:
    """How it is made, for manifest and card."""
    first = FROZEN.last_block + 1
    return (
        f"EfficientNet-Lite0 up to {CUT.name} from ImageNet weights, blocks up to {FROZEN.name} "
        f"frozen; b{first} to {CUT.name} learned TCGA's twelve tissue classes on {crops} crops of "
        f"{SIDE} pixels in random stains and under other lamps, through linear heads on "
        f"{', '.join(LEVELS[:-1])} and {LEVELS[-1]} that are not kept: {schedule.steps} steps of "
        f"{schedule.crops} crops, AdamW at {schedule.rate:g}, averaged weights. um_per_pixel is "
        "that of the shipped model, so that both look at the same patches of a slide"
    )


def write(out: Path, network: Network, model: onnx.ModelProto, tiles: int, data: str) -> dict:
    """Writes the ONNX file and its manifest into `out`; returns the manifest.

    `tiles`: how many of TCGA's were learned; `data`: name of the set of which some patches set the
    ranges of activations.
    """
    content = model.SerializeToString(deterministic=True)
    (out / FILE).write_bytes(content)
    manifest = {
        "schema_version": 1,
        "name": NAME,
        "version": VERSION,
        "purpose": PURPOSE,
        "architecture": files.architecture_text(CUT),
        "licence": files.LICENCE,
        "labels": list(LABELS),
        "input": files.INPUT,
        "outputs": files.outputs(network),
        "variants": {"int8": files.described(content, FILE) | {"quantization": files.QUANTIZATION}},
        "features": file.features(LEVELS),
        "calibration": {"temperature": 1.0, "uncertain_below": 1.0},
        "macs_per_patch": network.macs(),
        "parameters": network.parameters(),
        "training": {
            "data": f"TCGA breast tiles in twelve tissue classes ({tiles:,}; for the blocks); "
            f"{data} ({CALIBRATION_PATCHES} patches without labels; for the ranges of activations)",
            "um_per_pixel": files.UM_PER_PIXEL,
            "recipe": recipe(),
            "revision": files.revision(),
        },
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
    return manifest


def lessons(material: Material, network: Network, model: onnx.ModelProto) -> list[dict]:
    """What lessons learn from the network that ships and from this one, in f32 and int8.

    A row has, for oral fields and for BreakHis in foreign stains, means of AUCs and their spreads.
    """
    shipped = shipped_model(material.arguments.models)
    written = model.SerializeToString(deterministic=True)
    seeing: list[tuple[str, bytes, Eyes]] = [
        ("ships, int8", shipped, Taps(onnx.load_from_string(shipped)).features),
        ("deeper, f32", b"f32" + written, eyes(network)),
        ("deeper, int8", written, Taps(model, LEVELS).features),
    ]
    rows = []
    for name, content, see in seeing:
        row: dict = {"network": name}
        for title, images in (("oral", material.oral), ("foreign", material.foreign)):
            key = hashlib.sha256(content).hexdigest()
            row[title] = scores(images, material.features(images, key, see))
        rows.append(row)
    return rows


def scores(images: Images, values: np.ndarray) -> dict:
    """Of lessons on these features."""
    found = figures(values, images.labels, images.draw, STRENGTH, images.whole)
    return {name: list(cell) for name, cell in found.items()}


def whole_path(cli: Path, models: Path, oral: Path) -> list[dict]:
    """AUC of half of the oral fields by lessons on the other half, all by the command line."""
    fields = find_fields(oral)
    random.Random(0).shuffle(fields)
    half = len(fields) // 2
    rows = []
    for name, model in (("ships", []), ("deeper", ["--model", models / FILE])):
        with tempfile.TemporaryDirectory() as folder:
            lesson = Path(folder) / "ours.lesson.json"
            ask(cli, "teach", fields[:half], ["--force", "--out", lesson, *model])
            found = ask(cli, "evaluate", fields[half:], ["--lesson", lesson, *model])
        rows.append({"network": name, "images": len(fields) - half, **found["by_image"]["auc"]})
    return rows


def ask(cli: Path, command: str, fields: Sequence[OralField], options: list[object]) -> dict:
    """The JSON that the command line answers of these fields, whose labels it is told."""
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as table:
        rows = [[field.path.name, ORAL[field.label]] for field in fields]
        csv.writer(table).writerows([["file", "label"], *rows])
        table.flush()
        told = ["--labels", table.name, NO_SCREEN, "--json"]
        paths = [field.path for field in fields]
        run = subprocess.run([cli, command, *options, *told, *paths], capture_output=True)
    if not run.stdout:
        raise RuntimeError(f"{command}: {run.stderr.decode()}")
    return json.loads(run.stdout)


def release(arguments: argparse.Namespace, log: Callable[[str], None]) -> None:
    """All of it, from the training to the card."""
    material = Material(arguments, log)
    network = material.network(SCHEDULE)
    dataset = Dataset.load(arguments.data, arguments.work)
    everyone = np.arange(len(dataset.pictures))
    model = int8_model(network, calibration_batches(dataset, everyone, seed=0))
    tiles, classes = find_tiles(arguments.index, arguments.tiles)
    out = arguments.models
    shipped, results = report.read(out)
    manifest = write(out, network, model, len(tiles), results["data"]["name"])
    log("written; familiarity:")
    known = make.make(
        *(out, MANIFEST, dataset.pictures, arguments.oral, arguments.work, log),
        LEVELS,
        make.TEACHING,
    ).figures
    log("lessons")
    found = {
        "version": VERSION,
        "file": manifest["variants"]["int8"],
        "macs_per_patch": network.macs(),
        "parameters": network.parameters(),
        "recipe": recipe(),
        "tiles": len(tiles),
        "classes": len(classes),
        "strength": STRENGTH,
        "shipped": shipped["version"],
        "lessons": lessons(material, network, model),
        "familiarity": known,
    }
    if arguments.cli:
        found["whole_path"] = whole_path(arguments.cli, out, arguments.oral)
    report.write(out, shipped, results | {"teaching": report.plain(found)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--cli", type=Path, help="our engine, to teach and judge with it")
    arguments = parser.parse_args()
    start = time.monotonic()
    torch.set_num_threads(1)

    def log(text: str) -> None:
        print(f"[{time.monotonic() - start:6.0f} s] {text}", flush=True)

    release(arguments, log)


if __name__ == "__main__":
    main()
