"""How long the command line takes for a large slide, and how much memory: slides.py --cli PROGRAM --cutting PROGRAM --out FILE.json

The slide is drawn: 65,000 x 51,600 pixels at 0.25 µm, JPEG tiles, three levels, with 100 mm2 of tissue: 8,000 patches at 0.5 µm a
pixel. A second one spans 8 GB, most of them holes, to see that only its size differs. With --short a small one takes seconds.

Of the time, the network has what the report tells (`timings_ms`), as the mean over the threads; --cutting, the example of that name
of histoscope-slide, cuts the same patches without a network and counts how often a tile is decoded.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GENERATOR = ROOT / "tests" / "fixtures" / "slides" / "large.py"
SLIDES = {"slide": (65_000, 51_600, 0), "slide-8gb": (65_000, 51_600, 8 << 30)}
SHORT = {"short": (8000, 6000, 0)}
# Seconds for all patches of the first one, with two threads, and the network's share of them.
GOAL, SHARE = 45, 0.7


def run(command):
    """Seconds, greatest memory in MiB, and what a command printed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{command} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024, out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--cutting", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--short", action="store_true", help="see that it runs, on a small slide")
    arguments = parser.parse_args()
    folder = ROOT / "target" / "bench-slides"
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, (width, height, span) in (SHORT if arguments.short else SLIDES).items():
        path = folder / f"{name}-{width}x{height}.svs"
        if not path.exists():
            size = ["--width", str(width), "--height", str(height), "--span", str(span)]
            subprocess.run([sys.executable, GENERATOR, path, *size], check=True)
        for patches in ("25", "1000", "all"):
            command = [arguments.cli, "predict", path, "--json", "--mpp", "0.5", "--threads", arguments.threads]
            seconds, memory, out = run([*command, "--max-patches", patches])
            report = json.loads(out)
            row = {"slide": name, "bytes": path.stat().st_size, "max_patches": patches, "patches": report["num_patches"],
                   "voters": sum(report["patch_breakdown"].values()), "seconds": round(seconds, 2), "memory_mib": round(memory)}
            if patches == "all":
                row["network_share"] = round(report["timings_ms"]["inference"] / report["timings_ms"]["total"], 3)
                row["cutting"] = json.loads(run([arguments.cutting, path, arguments.threads])[2])
            if (name, patches) == ("slide", "all"):
                row |= {"goal_seconds": GOAL, "goal_network_share": SHARE}
            rows.append(row)
            print(row)
    result = {"machine": platform.processor() or platform.machine(), "load": round(os.getloadavg()[0], 1),
              "threads": int(arguments.threads), "rows": rows}
    arguments.out.parent.mkdir(exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
