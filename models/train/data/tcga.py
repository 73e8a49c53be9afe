"""TCGA's breast tiles: twelve tissue classes of many laboratories, for auxiliary tasks.

    python -m models.train.data.tcga --index ../shared/data/tcga_tiles.tsv \\
        --repository CLONE --out FOLDER

The index names each tile's class and git blob; the command takes the blobs out of a clone of the
repository that publishes them (qiangCS/BreastHistoNet, Apache-2.0). Tiles are JPEGs of 150x150
pixels of about 0.25 micrometres; no slides are named.
"""

import argparse
import csv
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tile:
    """One tile. Its file's name is its blob's."""

    path: Path
    label: int  # index into the classes, which are sorted by name


def find_tiles(index: Path, folder: Path) -> tuple[list[Tile], list[str]]:
    """The tiles of the index whose files lie in `folder`, each once, and the names of the classes.

    Raises FileNotFoundError where one is absent, ValueError where one has two classes.
    """
    class_of: dict[str, str] = {}
    for row in rows_of(index):
        if class_of.setdefault(row["blob"], row["class"]) != row["class"]:
            raise ValueError(f"{index}: blob {row['blob']} has two classes")
    names = sorted(set(class_of.values()))
    tiles = [Tile(file_of(folder, blob), names.index(name)) for blob, name in class_of.items()]
    if absent := [tile.path for tile in tiles if not tile.path.exists()]:
        raise FileNotFoundError(f"{len(absent)} tiles are absent, such as {absent[0]}")
    return tiles, names


def rows_of(index: Path) -> list[dict[str, str]]:
    with Path(index).open(newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def file_of(folder: Path, blob: str) -> Path:
    return Path(folder) / f"{blob}.jpg"


def extract(index: Path, repository: Path, out: Path) -> int:
    """Writes the blobs of the index that are not yet in `out`; returns how many."""
    out.mkdir(parents=True, exist_ok=True)
    blobs = sorted({row["blob"] for row in rows_of(index)})
    wanted = [blob for blob in blobs if not file_of(out, blob).exists()]
    command = ["git", "-C", str(repository), "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as git:
        for blob in wanted:
            git.stdin.write(f"{blob}\n".encode())
            git.stdin.flush()
            head = git.stdout.readline().split()
            if len(head) != 3 or head[1] != b"blob":
                raise ValueError(f"{repository} has no blob {blob}")
            content = git.stdout.read(int(head[2]))
            git.stdout.read(1)  # a newline follows
            part = file_of(out, blob).with_suffix(".part")  # whole or not there
            part.write_bytes(content)
            part.replace(file_of(out, blob))
        git.stdin.close()
    return len(wanted)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--repository", type=Path, required=True, help="a clone of it")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    count = extract(arguments.index, arguments.repository, arguments.out)
    print(f"{count} tiles written to {arguments.out}")


if __name__ == "__main__":
    main()
