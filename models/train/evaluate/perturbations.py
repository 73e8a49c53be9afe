"""Changes of whole images, each of a stated strength, and what a model says to the changed images.

All are deterministic: noise depends on the file name alone.
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from PIL import Image, ImageFilter

from ..data.augment import STAINS, recompress
from ..data.pictures import Picture, cut_patches, read_rgb
from ..network.architecture import PATCH
from ..network.runtime import session

BATCH = 8  # patches a run of ONNX Runtime
PLAIN = "plain"
LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Perturbation:
    """A change of one image, uint8 [height, width, 3] in and out."""

    kind: str
    setting: str  # the strength, as the table shows it
    apply: Callable[[np.ndarray, int], np.ndarray]  # pixels, seed of the image

    @property
    def name(self) -> str:
        return f"{self.kind} {self.setting}".strip()


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def brightness(pixels: np.ndarray, factor: float) -> np.ndarray:
    return _rounded(pixels * factor)


def contrast(pixels: np.ndarray, factor: float) -> np.ndarray:
    """Differences from the image's mean grey, multiplied."""
    grey = (pixels @ LUMA).mean()
    return _rounded(grey + (pixels - grey) * factor)


def gamma(pixels: np.ndarray, exponent: float) -> np.ndarray:
    return _rounded(255 * (pixels / 255) ** exponent)


def hue(pixels: np.ndarray, degrees: float) -> np.ndarray:
    """Colours turned about the grey axis of RGB."""
    angle = np.radians(degrees)
    axis = np.full(3, 1 / np.sqrt(3))
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / np.sqrt(3)
    turn = np.cos(angle) * np.eye(3) + np.sin(angle) * cross
    turn += (1 - np.cos(angle)) * np.outer(axis, axis)
    return _rounded(pixels @ turn.T)


def saturation(pixels: np.ndarray, factor: float) -> np.ndarray:
    grey = (pixels @ LUMA)[..., None]
    return _rounded(grey + (pixels - grey) * factor)


def white_balance(pixels: np.ndarray, warmth: float) -> np.ndarray:
    """Red gains by this share, blue loses it; negative is cooler."""
    return _rounded(pixels * np.array([1 + warmth, 1, 1 - warmth]))


def stain(pixels: np.ndarray, haematoxylin: float = 1.0, eosin: float = 1.0) -> np.ndarray:
    """Optical density of each stain multiplied (STAINS of augment.py)."""
    density = -np.log((pixels.astype(float) + 1) / 256)
    mix = np.linalg.inv(STAINS) @ np.diag([haematoxylin, eosin, 1.0]) @ STAINS
    return _rounded(256 * np.exp(-density @ mix) - 1)


def resample(pixels: np.ndarray, factor: float) -> np.ndarray:
    """Width and height multiplied: the same tissue at another magnification; not below a patch."""
    height, width = (max(round(side * factor), PATCH) for side in pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).resize((width, height), Image.Resampling.LANCZOS))


def blur(pixels: np.ndarray, sigma: float) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))


def noise(pixels: np.ndarray, deviation: float, seed: int) -> np.ndarray:
    """Gaussian, independent in each channel; `deviation` in levels of 255."""
    random = np.random.default_rng(seed)
    return _rounded(pixels + random.normal(0, deviation, pixels.shape))


def _plain(function: Callable, *settings, **named) -> Callable[[np.ndarray, int], np.ndarray]:
    """The function with its strength, for a Perturbation that needs no seed."""
    return lambda pixels, _seed: function(pixels, *settings, **named)


PERTURBATIONS = (
    Perturbation(PLAIN, "", lambda pixels, _: pixels),
    *(Perturbation("brightness", f"{f - 1:+.0%}", _plain(brightness, f)) for f in (0.8, 1.2)),
    *(Perturbation("contrast", f"x{f:g}", _plain(contrast, f)) for f in (0.7, 1.4)),
    *(Perturbation("gamma", f"{e:g}", _plain(gamma, e)) for e in (0.7, 1.4)),
    *(Perturbation("hue", f"{d:+d}°", _plain(hue, d)) for d in (-18, 18)),
    *(Perturbation("saturation", f"x{f:g}", _plain(saturation, f)) for f in (0.6, 1.5)),
    Perturbation("white balance", "warm 10%", _plain(white_balance, 0.1)),
    Perturbation("white balance", "cool 10%", _plain(white_balance, -0.1)),
    *(Perturbation("haematoxylin", f"x{f:g}", _plain(stain, f)) for f in (0.7, 1.4)),
    *(Perturbation("eosin", f"x{f:g}", _plain(stain, eosin=f)) for f in (0.7, 1.4)),
    *(Perturbation("scale", f"x{f:g}", _plain(resample, f)) for f in (0.7, 1.4)),
    *(Perturbation("blur", f"sigma {s:g}", _plain(blur, s)) for s in (1, 2)),
    *(Perturbation("JPEG", f"quality {q}", _plain(recompress, q)) for q in (50, 30)),
    *(
        Perturbation("noise", f"sd {d}", lambda pixels, seed, d=d: noise(pixels, d, seed))
        for d in (5, 10)
    ),
    Perturbation("turn", "90°", lambda pixels, _: np.rot90(pixels)),
    Perturbation("mirror", "", lambda pixels, _: pixels[:, ::-1]),
)


def measure(pictures: Sequence[Picture], model: onnx.ModelProto) -> dict[str, list[np.ndarray]]:
    """Logits [patches, 2] of each picture under each perturbation, by the perturbation's name."""
    runner = session(model)
    found: dict[str, list[np.ndarray]] = {change.name: [] for change in PERTURBATIONS}
    for picture in pictures:
        pixels, seed = read_rgb(picture.path), zlib.crc32(picture.path.stem.encode())
        for change in PERTURBATIONS:
            patches = cut_patches(np.ascontiguousarray(change.apply(pixels, seed)))
            batches = [patches[i : i + BATCH] for i in range(0, len(patches), BATCH)]
            logits = [runner.run(["logits"], {"image": batch})[0] for batch in batches]
            found[change.name].append(np.concatenate(logits))
    return found
