"""Writes the files that ship: both ONNX models, and the manifest with their sizes and hashes."""

import hashlib
import json
import subprocess
from pathlib import Path

import onnx

from ..data.pictures import LABELS
from ..network.architecture import PATCH, Cut
from ..network.folded import Network

NAME = "histoscope-lite0"
VERSION = "0.3.0"
STEM = "histoscope-v0"
# Least and most micrometres per pixel of BreakHis: "400X" to "40X", which are objectives of 40 to 4
# (Spanhol et al., IEEE Trans. Biomed. Eng. 63, 2016, section III).
UM_PER_PIXEL = [0.05, 0.49]
LICENCE = "Apache-2.0"  # of the ImageNet weights that the network starts from
MANIFEST = f"{STEM}.json"

INPUT = {
    "name": "image",
    "dtype": "uint8",
    "layout": "NHWC",
    "channels": "RGB",
    "patch_size": PATCH,
}
QUANTIZATION = {
    "activation_bits": 7,
    "weight_bits": 8,
    "weights": "symmetric, per output channel",
    "activations": "asymmetric, per tensor, clipped to 0..127",
}


HEADLINES = ("auc", "balanced_accuracy", "patient_score", "ece")


def file_name(variant: str) -> str:
    return f"{STEM}.{variant}.onnx"


def revision() -> str:
    """Git revision of the training code, "-dirty" appended where it has uncommitted changes."""
    folder = Path(__file__).parents[1]

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(folder), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", str(folder))
        return git("rev-parse", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def protocol_text(protocol: dict) -> str:
    return (
        f"{protocol['folds']}-fold by {protocol['grouping']}, stratified by "
        f"{protocol['stratified_by']}, mean of {len(protocol['seeds'])} seeds, out of fold"
    )


def architecture_text(cut: Cut) -> str:
    kept = f"blocks 0-{cut.last_block}"
    if cut.expand:
        kept += " and the 1x1 expansion after them"
    return (
        f"EfficientNet-Lite0, {kept}; linear head as a 1x1 convolution and the mean of its "
        f"{cut.map_size}x{cut.map_size} map"
    )


def outputs(network: Network) -> dict:
    """What the manifest says of them."""
    return {"logits": "logits", "cam": "cam", "cam_size": [network.map_size] * 2}


def described(content: bytes, file: str) -> dict:
    """A variant, as the manifest names it."""
    return {"file": file, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def write(
    out: Path, cut: Cut, network: Network, models: dict[str, onnx.ModelProto], results: dict
) -> dict:
    """Writes both ONNX files and the manifest into `out`; returns the manifest.

    `results`: the content of metrics.json, of which the manifest holds the headlines.
    """
    variants = {}
    for variant, model in models.items():
        content = model.SerializeToString(deterministic=True)
        (out / file_name(variant)).write_bytes(content)
        variants[variant] = described(content, file_name(variant))
    variants["int8"]["quantization"] = QUANTIZATION
    manifest = {
        "schema_version": 1,
        "name": NAME,
        "version": VERSION,
        "architecture": architecture_text(cut),
        "licence": LICENCE,
        "labels": list(LABELS),
        "input": INPUT,
        "outputs": outputs(network),
        "variants": variants,
        "calibration": {},  # its place in the file; filled by write_manifest
        "macs_per_patch": network.macs(),
        "parameters": network.parameters(),
        "training": {
            "data": results["data"]["name"],
            "images": sum(results["data"]["images"].values()),
            "patients": sum(results["data"]["patients"].values()),
            "um_per_pixel": UM_PER_PIXEL,
            "recipe": results["recipe"],
            "revision": results["revision"],
        },
    }
    write_manifest(out, manifest, results)
    return manifest


def write_manifest(out: Path, manifest: dict, results: dict) -> None:
    """Writes the manifest, with calibration and headlines from these results."""
    manifest["calibration"] = {
        key: results["calibration"][key] for key in ("temperature", "uncertain_below")
    }
    manifest["metrics"] = {"split": protocol_text(results["protocol"])} | {
        f"{name}_{variant}": round(scores["mean"], 4)
        for variant, table in results["scores"].items()
        for name, scores in table.items()
        if name in HEADLINES
    }
    (out / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n")
