"""Random crops for training: place, scale, orientation, stain, colour, focus, compression, noise.

The ranges are wide on purpose. Another laboratory's stain, camera and magnification must not decide
the label, so none of them may be a reliable hint during training.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from ..network.architecture import PATCH
from .pictures import Picture
from .stains import REFERENCE, Stains, random_stains, restain

# Optical density in R, G, B of haematoxylin, eosin and a third stain (Ruifrok & Johnston 2001).
STAINS = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])
_FROM_DENSITY = np.linalg.inv(STAINS)


@dataclass(frozen=True)
class Strength:
    """Ranges of the perturbations; all zeros, `scale` (1, 1) and no turns give the plain crop."""

    scale: tuple[float, float] = (0.6, 1.6)  # source side over patch side, log-uniform
    restain: float = 0.0  # probability of the colours of another laboratory
    colour: float = 1.0  # probability of the four below
    stain: float = 0.25  # each stain's density is multiplied by exp(normal * this)
    density_shift: float = 0.02  # added to each stain's density, normal
    balance: float = 0.06  # gain of each colour channel, exp(normal * this)
    lamp: float = 0.0  # gain of all channels together, exp(normal * this)
    gamma: float = 0.15  # exponent exp(normal * this)
    blur: float = 0.3  # probability; radius 0.3..1.5 pixels
    jpeg: float = 0.3  # probability; quality 35..95
    noise: float = 0.3  # probability; standard deviation 1..6 levels


# Other laboratories, cameras and magnifications; and the pictures nearly as they are.
STRONG = Strength(restain=0.65, colour=0.7, stain=0.10, balance=0.05, gamma=0.12)
MILD = Strength(
    (0.75, 1.35), colour=0.15, stain=0.10, balance=0.05, gamma=0.12, blur=0.1, jpeg=0.1, noise=0.1
)
# The same under other lamps: a fifth dimmer is two standard deviations, a tenth warmer is one.
STRONG_LAMPS = replace(STRONG, colour=0.85, balance=0.07, lamp=0.12)
MILD_LAMPS = replace(MILD, colour=0.6, balance=0.06, lamp=0.12)


@dataclass(frozen=True)
class Views:
    """One place of an image three times, in one orientation; uint8 [224, 224, 3] each."""

    plain: np.ndarray
    normalised: np.ndarray  # in the colours of stains.REFERENCE
    perturbed: np.ndarray


def random_views(
    pixels: np.ndarray, stains: Stains | None, strength: Strength, random: np.random.Generator
) -> Views:
    """A random crop of an image uint8 [height, width, 3]. `stains`: of the whole image.

    An image whose stains are unknown keeps its colours.
    """
    crop = _place(pixels, strength, random, PATCH)
    perturbed = _perturb(_resize(_recoloured(crop, stains, strength, random)), strength, random)
    normalised = restain(crop, stains, REFERENCE) if stains else crop
    views = (np.asarray(_resize(crop)), np.asarray(_resize(normalised)), perturbed)
    turns, mirrored = _orientation(random)
    return Views(*(_orient(view, turns, mirrored) for view in views))


def random_crop(
    pixels: np.ndarray,
    stains: Stains | None,
    strength: Strength,
    random: np.random.Generator,
    side: int,
) -> np.ndarray:
    """The perturbed view alone, uint8 [side, side, 3]; `side` in pixels, 224 as random_views."""
    crop = _place(pixels, strength, random, side)
    recoloured = _recoloured(crop, stains, strength, random)
    perturbed = _perturb(_resize(recoloured, side), strength, random)
    return _orient(perturbed, *_orientation(random))


def _place(
    pixels: np.ndarray, strength: Strength, random: np.random.Generator, side: int
) -> np.ndarray:
    """A square of the image, `side` times the scale wide, as far as the image goes."""
    height, width = pixels.shape[:2]
    low, high = np.log(strength.scale)
    wide = min(int(side * np.exp(random.uniform(low, high))), height, width)
    x, y = random.integers(width - wide + 1), random.integers(height - wide + 1)
    return pixels[y : y + wide, x : x + wide]


def _recoloured(
    crop: np.ndarray, stains: Stains | None, strength: Strength, random: np.random.Generator
) -> np.ndarray:
    if random.random() < strength.restain and stains:
        return restain(crop, stains, random_stains(random))
    return crop


def _orientation(random: np.random.Generator) -> tuple[int, bool]:
    """Quarter turns, and whether it is mirrored after them."""
    return int(random.integers(4)), random.random() < 0.5


def _orient(view: np.ndarray, turns: int, mirrored: bool) -> np.ndarray:
    view = np.rot90(view, turns)
    return np.ascontiguousarray(view[:, ::-1] if mirrored else view)


def _resize(crop: np.ndarray, side: int = PATCH) -> Image.Image:
    image = Image.fromarray(crop)
    if image.size == (side, side):
        return image
    return image.resize((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _perturb(crop: Image.Image, strength: Strength, random: np.random.Generator) -> np.ndarray:
    if random.random() < strength.blur:
        crop = crop.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.5)))
    values = np.asarray(crop)
    if random.random() < strength.colour:
        values = jitter_colour(values, strength, random)
    if random.random() < strength.noise:
        noisy = values + random.normal(0, random.uniform(1, 6), values.shape)
        values = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    if random.random() < strength.jpeg:
        values = recompress(values, int(random.integers(35, 96)))
    return values


def jitter_colour(
    pixels: np.ndarray, strength: Strength, random: np.random.Generator
) -> np.ndarray:
    """Stain densities, white balance and gamma perturbed; uint8 in and out."""
    gain = np.exp(random.normal(0, strength.stain, 3))
    shift = random.normal(0, strength.density_shift, 3)
    mix = _FROM_DENSITY @ np.diag(gain) @ STAINS
    density = -np.log((pixels.astype(np.float32) + 1) / 256)
    density = density @ mix.astype(np.float32) + (shift @ STAINS).astype(np.float32)
    light = np.exp(-density) * np.exp(random.normal(0, strength.balance, 3)).astype(np.float32)
    if strength.lamp:
        light *= np.float32(np.exp(random.normal(0, strength.lamp)))
    light = np.clip(light, 0, 1) ** np.float32(np.exp(random.normal(0, strength.gamma)))
    return np.clip(np.rint(light * 256 - 1), 0, 255).astype(np.uint8)


def recompress(pixels: np.ndarray, quality: int) -> np.ndarray:
    """The pixels after JPEG at this quality."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    buffer.seek(0)
    with Image.open(buffer) as image:
        return np.asarray(image.convert("RGB"))


def crop_plan(
    pictures: Sequence[Picture], count: int, random: np.random.Generator, tempering: float = 0.5
) -> np.ndarray:
    """Which picture each of `count` crops is taken from.

    Both labels get the same number. Within a label a patient's share goes with its number of images
    to the power `tempering`: 1 would let the two patients with most benign images dominate, 0 would
    show the few images of the others too often.
    """
    images: dict[tuple[int, str], list[int]] = {}
    for index, picture in enumerate(pictures):
        images.setdefault((picture.label, picture.patient), []).append(index)
    plan = []
    for label in (0, 1):
        patients = [key for key in images if key[0] == label]
        share = np.array([len(images[key]) ** tempering for key in patients])
        drawn = random.choice(len(patients), count // 2, p=share / share.sum())
        plan += [random.choice(images[patients[index]]) for index in drawn]
    return random.permutation(plan)
