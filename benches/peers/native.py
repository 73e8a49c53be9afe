"""Times a patch natively on one thread: ONNX Runtime on each model file, then our command line.

    python benches/peers/native.py [--cli target/release/histoscope]

Prints medians in milliseconds a patch. ONNX Runtime gets 1 and 16 patches at once and its better
time counts. Ours is the time of the network in the report of the command line, over the patches of
a demo field. That both give the same probabilities is tested elsewhere:
`tests/fixtures/reference` holds those of ONNX Runtime.
"""

import argparse
import json
import statistics
import subprocess
import time
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).parents[2]
RUNS = 15


def onnx_runtime(path: Path) -> float:
    """Median milliseconds a patch of the better batch size."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    medians = []
    for batch in (1, 16):
        pixels = np.random.default_rng(0).integers(90, 240, (batch, 224, 224, 3), dtype=np.uint8)
        times = []
        for run in range(RUNS + 3):
            start = time.perf_counter()
            session.run(["logits"], {name: pixels})
            if run >= 3:
                times.append((time.perf_counter() - start) * 1000 / batch)
        medians.append(statistics.median(times))
    return min(medians)


def command_line(cli: Path, field: Path) -> float:
    """Median milliseconds a patch of the network's part of the time."""
    times = []
    for _ in range(RUNS):
        command = [str(cli), "predict", str(field), "--json", "--max-patches", "all", "--no-screen"]
        finished = subprocess.run(command, check=True, capture_output=True, text=True)
        report = json.loads(finished.stdout)
        times.append(report["timings_ms"]["inference"] / report["num_patches"])
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cli", type=Path, default=ROOT / "target" / "release" / "histoscope")
    arguments = parser.parse_args()
    files = [
        *(ROOT / "models").glob("*.onnx"),
        *(Path(__file__).parent / "models").glob("*.onnx"),
    ]
    for path in sorted(files):
        milliseconds = onnx_runtime(path)
        print(f"ONNX Runtime {onnxruntime.__version__}, {path.name}: {milliseconds:.2f} ms a patch")
    field = ROOT / "www" / "public" / "demo" / "synthetic-nests.jpg"
    print(f"Histoscope, int8, {field.name}: {command_line(arguments.cli, field):.2f} ms a patch")


if __name__ == "__main__":
    main()
