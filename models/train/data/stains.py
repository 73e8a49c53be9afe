"""Separation of haematoxylin and eosin in one image, and rendering it in other colours.

Macenko et al., "A method for normalizing histology slides for quantitative analysis", ISBI 2009.
Optical density is -ln((value + 1) / 256), in R, G, B.
"""

from dataclasses import dataclass

import numpy as np

STAINED = 0.15  # least density in every channel of a pixel that counts as stained
LEAST_STAINED = 500  # pixels; with fewer the stains cannot be told
ANGLES = (1, 99)  # percentiles of the angle between the two stains
FULL = 99  # percentile of the density of a stain that counts as its strength
STEP = 3  # every third pixel each way is enough to estimate from
_DENSITY = -np.log((np.arange(256, dtype=np.float32) + 1) / 256)


@dataclass(frozen=True)
class Stains:
    """The colours of an image: haematoxylin first, eosin second."""

    vectors: np.ndarray  # f32 [2, 3], unit optical density of each stain in R, G, B
    strengths: np.ndarray  # f32 [2], density of the most heavily stained pixels


# Usual targets of this method, from the authors' own implementation.
REFERENCE = Stains(
    np.float32([[0.5626, 0.7201, 0.4062], [0.2159, 0.8012, 0.5581]]),
    np.float32([1.9705, 1.0308]),
)


def estimate(pixels: np.ndarray) -> Stains | None:
    """The stains of an image, uint8 [height, width, 3]; None where too little is stained."""
    density = _DENSITY[pixels[::STEP, ::STEP].reshape(-1, 3)]
    stained = density[(density > STAINED).all(1)]
    if len(stained) < LEAST_STAINED:
        return None
    plane = np.linalg.eigh(np.cov(stained.T))[1][:, [2, 1]]
    plane *= np.where(plane[0] < 0, -1, 1)  # an eigenvector's sign is arbitrary
    along = stained @ plane
    low, high = np.percentile(np.arctan2(along[:, 1], along[:, 0]), ANGLES)
    ends = np.stack([plane @ [np.cos(angle), np.sin(angle)] for angle in (low, high)])
    # Haematoxylin is the bluer stain: it absorbs more of the red.
    vectors = ends if ends[0, 0] > ends[1, 0] else ends[::-1]
    amounts = density @ np.linalg.pinv(vectors)
    strengths = np.percentile(amounts, FULL, axis=0) + 1e-6
    return Stains(vectors.astype(np.float32), strengths.astype(np.float32))


def restain(pixels: np.ndarray, source: Stains, target: Stains) -> np.ndarray:
    """The image, uint8 [height, width, 3], as if stained like `target` instead of `source`."""
    scale = np.diag(target.strengths / source.strengths)
    mix = (np.linalg.pinv(source.vectors) @ scale @ target.vectors).astype(np.float32)
    light = np.exp(-(_DENSITY[pixels.reshape(-1, 3)] @ mix)) * 256 - 1
    return np.clip(light, 0, 255).astype(np.uint8).reshape(pixels.shape)


def random_stains(random: np.random.Generator) -> Stains:
    """Colours about those of the reference, as wide as laboratories differ and wider."""
    vectors = np.clip(REFERENCE.vectors + random.normal(0, 0.07, (2, 3)), 0.02, None)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    together, apart = random.normal(0, 0.22), random.normal(0, 0.18, 2)
    strengths = REFERENCE.strengths * np.exp(together + apart)
    return Stains(vectors.astype(np.float32), strengths.astype(np.float32))
