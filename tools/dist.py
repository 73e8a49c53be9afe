#!/usr/bin/env python3
"""Packs the built page: target/dist/histoscope-<version>.zip, the single file beside it, and SHA256SUMS of both.

The same files give the same zip, byte for byte: entries are sorted and carry a fixed time and mode.
"""

import hashlib
import re
import shutil
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "www" / "dist"
SINGLE_FILE = ROOT / "www" / "dist-single" / "histoscope.html"
OUT = ROOT / "target" / "dist"
# The first moment that a zip can name.
TIME = (1980, 1, 1, 0, 0, 0)


def version() -> str:
    found = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit("Cargo.toml names no version")
    return found[1]


def pack(target: Path) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(path for path in PAGE.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"histoscope/{file.relative_to(PAGE).as_posix()}", TIME)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    name = f"histoscope-{version()}"
    pack(OUT / f"{name}.zip")
    shutil.copy(SINGLE_FILE, OUT / f"{name}.html")
    files = sorted(OUT.iterdir())
    sums = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files)
    (OUT / "SHA256SUMS").write_text(sums)
    for file in files:
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
