"""The lamp's colour taken off a picture, by the brightest of its field: glass, where there is any.

Each channel is multiplied so that its bright end, a high percentile of all pixels, becomes a fixed
level. A lamp that is dimmer or of another colour multiplies the channels, and this undoes it but
for what was clipped. Integers but for one quotient a channel, so that every build finds the same.
"""

from dataclasses import dataclass

import numpy as np

LEAST_END = 64  # a darker bright end is no lamp's: such a field stays darker than the others


@dataclass(frozen=True)
class Balance:
    """Which pixels count as the bright end, and what becomes of it."""

    share: float  # of the pixels that are darker
    level: int  # 0..255

    def ends(self, pixels: np.ndarray) -> np.ndarray:
        """The bright end of each channel, int [3], of an image uint8 [height, width, 3]."""
        rank = int(self.share * (pixels.shape[0] * pixels.shape[1] - 1))
        below = [np.cumsum(np.bincount(pixels[..., c].ravel(), minlength=256)) for c in range(3)]
        return np.array([np.searchsorted(counts, rank, "right") for counts in below])

    def apply(self, pixels: np.ndarray) -> np.ndarray:
        """The image with the lamp's colour and brightness taken off; uint8 [height, width, 3]."""
        gains = self.level / np.maximum(self.ends(pixels), LEAST_END)
        table = np.clip(np.rint(np.arange(256)[:, None] * gains), 0, 255).astype(np.uint8)
        return np.stack([table[pixels[..., c], c] for c in range(3)], axis=-1)


# The glass itself, which is clipped in many pictures; and what is pale, which hardly ever is.
GLASS = Balance(0.99, 240)
PALE = Balance(0.90, 230)
