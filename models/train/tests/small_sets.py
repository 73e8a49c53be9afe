"""Small sets of drawn pictures in the layouts of the real ones."""

import argparse
from pathlib import Path

from models.train.data.synthetic import tissue_patch
from PIL import Image


def draw(folder: Path, count: int, models: Path) -> argparse.Namespace:
    """What a Material is told of `count` pictures, half of them of each label, in each set."""
    data, tiles, oral = (folder / name for name in ("data", "tiles", "oral/images"))
    for made in (data, tiles, oral):
        made.mkdir(parents=True)
    for number in range(count):
        pixels = Image.fromarray(tissue_patch(number, 10 + 5 * number, 0.2))
        kind = "B_A" if number % 2 else "M_DC"
        pixels.save(data / f"SOB_{kind}-14-{number}-100-001.png")
        pixels.crop((0, 0, 150, 150)).save(tiles / f"{number}.jpg")
        pixels.save(oral / f"{number}.png")
    rows = "".join(f"{'ab'[n % 2]}\tx\t{n}\tx\n" for n in range(count))
    (folder / "tiles.tsv").write_text(f"class\tname\tblob\tpath\n{rows}")
    rows = "".join(f"{n}.png\t{('normal', 'carcinoma')[n % 2]}\t400\n" for n in range(count))
    (oral.parent / "index.tsv").write_text(f"file\tlabel\tmagnification\n{rows}")
    return argparse.Namespace(
        data=data,
        oral=oral.parent,
        index=folder / "tiles.tsv",
        tiles=tiles,
        models=models,
        work=folder / "work",
    )
