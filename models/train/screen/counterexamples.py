"""Patches that the screen has to reject, and changes to real ones that it has to accept.

Each maker takes its randomness from a generator, so one seed gives one set. Nothing here is a
photograph: what is called one is a procedural stand-in for its colours and textures.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..data.augment import STAINS, Strength, jitter_colour, recompress
from ..network.architecture import PATCH

Maker = Callable[[np.random.Generator, int], np.ndarray]
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]

# ---- Tools


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _clouds(random: np.random.Generator, side: int, cell: float) -> np.ndarray:
    """Smooth noise [side, side] in 0..1 with features of about `cell` pixels."""
    cells = max(2, round(side / cell) + 1)
    lattice = Image.fromarray(random.random((cells, cells)).astype(np.float32))
    return np.asarray(lattice.resize((side, side), Image.Resampling.BICUBIC)).clip(0, 1)


def _camera(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Sensor noise, and JPEG two times of three: no camera gives a clean gradient."""
    noisy = _bytes(pixels + random.normal(0, random.uniform(0.5, 4), pixels.shape))
    return recompress(noisy, int(random.integers(50, 96))) if random.random() < 0.67 else noisy


def _densities(pixels: np.ndarray) -> np.ndarray:
    """Amounts of haematoxylin, eosin and a third stain, f64 [height, width, 3], at least 0."""
    density = -np.log((pixels.astype(float) + 1) / 256)
    return np.clip(density @ np.linalg.inv(STAINS), 0, None)


# ---- Made from nothing


def glass(random: np.random.Generator, side: int) -> np.ndarray:
    """Bare glass: any white point from lamp yellow to camera blue, vignetting, dust, noise."""
    white = random.uniform(190, 254) * np.exp(random.normal(0, 0.025, 3))
    y, x = np.mgrid[0:side, 0:side] / PATCH - random.uniform(-1, 2, 2)[:, None, None]
    shade = 1 - random.uniform(0, 0.12) * (x**2 + y**2) / 2
    pixels = np.clip(white, 0, 255) * shade[..., None]
    image = Image.fromarray(_bytes(pixels))
    draw = ImageDraw.Draw(image)
    for _ in range(int(random.integers(0, 5) * (side / PATCH) ** 2)):
        cx, cy = random.uniform(0, side, 2)
        r = random.uniform(1, 3)
        draw.ellipse((cx - r, cy - r, cx + r, cy + r), fill=(120, 115, 110))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(1.2))).astype(float)
    return _camera(soft, random)


def fluorescence(random: np.random.Generator, side: int) -> np.ndarray:
    """A dark field with glowing nuclei and fibres in one to three channels."""
    light = np.zeros((side, side, 3))
    y, x = np.mgrid[0:side, 0:side]
    dyes = np.array([[0.15, 0.25, 1], [0.1, 1, 0.2], [1, 0.15, 0.1], [1, 0.1, 0.8]])
    for dye in dyes[random.permutation(4)[: random.integers(1, 4)]]:
        spots = np.zeros((side, side))
        for _ in range(int(random.integers(10, 90) * (side / PATCH) ** 2) + 2):
            cx, cy = random.uniform(0, side, 2)
            r = random.uniform(4, 12)
            distance = ((x - cx) ** 2 + (y - cy) ** 2) / r**2
            edge = np.exp(np.minimum(6 * (distance - 1), 60))
            spots = np.maximum(spots, random.uniform(0.3, 1) / (1 + edge))
        haze = 0.25 * _clouds(random, side, 40) * random.random()
        light += (spots * (0.6 + 0.4 * _clouds(random, side, 5)) + haze)[..., None] * dye
    return _camera(255 * (1 - np.exp(-light * random.uniform(0.7, 1.8))) + 4, random)


def sky(random: np.random.Generator, side: int) -> np.ndarray:
    """Blue gradient with clouds."""
    down = np.linspace(0, 1, side)[:, None, None]
    blue = (1 - down) * np.array([70, 130, 205]) + down * np.array([160, 200, 235])
    cloud = np.clip(_clouds(random, side, 50) * 2 - random.uniform(0.6, 1.6), 0, 1)[..., None]
    return _camera(blue * (1 - cloud) + 245 * cloud, random)


def grass(random: np.random.Generator, side: int) -> np.ndarray:
    """Green blades, light and dark."""
    texture = 0.5 * _clouds(random, side, 3) + 0.5 * _clouds(random, side, 25)
    light, dark = np.array([150, 190, 80]), np.array([30, 60, 20])
    return _camera(dark + texture[..., None] * (light - dark), random)


def skin(random: np.random.Generator, side: int) -> np.ndarray:
    """Skin tones from pale to dark with shading and pores."""
    pale, dark = np.array([240, 200, 178]), np.array([110, 70, 48])
    tone = pale + random.random() * (dark - pale)
    shade = 0.7 + 0.35 * _clouds(random, side, side / 2) + 0.06 * _clouds(random, side, 4)
    return _camera(tone * shade[..., None], random)


def wood(random: np.random.Generator, side: int) -> np.ndarray:
    """Brown grain."""
    grain = np.sin(_clouds(random, side, 90) * 60 + np.arange(side)[:, None] * 0.1)
    tone = np.array([165, 115, 70]) * random.uniform(0.6, 1.2)
    return _camera(tone * (0.85 + 0.15 * grain + 0.1 * _clouds(random, side, 4))[..., None], random)


def document(random: np.random.Generator, side: int) -> np.ndarray:
    """Black text on white paper."""
    image = Image.new("RGB", (side, side), (int(random.integers(235, 256)),) * 3)
    draw = ImageDraw.Draw(image)
    step = int(random.integers(10, 22))
    words = ["histology", "report", "of", "the", "breast", "margin", "lorem", "ipsum", "2.1 mm"]
    for y in range(4, side, step):
        line = " ".join(random.choice(words, 12))
        draw.text((4, y), line, fill=(20, 20, 25), font_size=step * 0.8)
    return np.asarray(image)


def screenshot(random: np.random.Generator, side: int) -> np.ndarray:
    """Flat panels, buttons and text in interface colours."""
    grounds = [(246, 248, 250), (30, 30, 34), (255, 255, 255), (228, 232, 238)]
    accents = [(0, 120, 215), (40, 167, 69), (220, 53, 69), (255, 193, 7), (108, 117, 125)]
    image = Image.new("RGB", (side, side), grounds[random.integers(4)])
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        x, y, w, h = (random.random(4) * [side, side, side / 1.5, side / 3]).astype(int)
        draw.rectangle((x, y, x + w, y + h), fill=(grounds + accents)[random.integers(9)])
        draw.text((x + 3, y + 2), "Open file", fill=(90, 90, 90), font_size=12)
    return np.asarray(image)


def checkerboard(random: np.random.Generator, side: int) -> np.ndarray:
    """Two flat colours, not both of them pink."""
    cell = int(random.integers(2, 40))
    y, x = np.mgrid[0:side, 0:side] // cell
    colours = np.array([[250, 250, 250], [5, 5, 5], [60, 120, 60], [40, 60, 150], [200, 180, 40]])
    pair = colours[random.permutation(5)[:2]]
    return pair[(x + y) % 2].astype(np.uint8)


def static(random: np.random.Generator, side: int) -> np.ndarray:
    """Every byte drawn by itself."""
    return random.integers(0, 256, (side, side, 3), dtype=np.uint8)


def black(random: np.random.Generator, side: int) -> np.ndarray:
    """Lens cap, or the field's edge in the eyepiece."""
    return _camera(np.full((side, side, 3), random.uniform(0, 20)), random)


def saturated(random: np.random.Generator, side: int) -> np.ndarray:
    """One pure colour that no stain has: blue, green, cyan, yellow or red."""
    pure = [(0, 0, 255), (0, 255, 0), (0, 255, 255), (255, 255, 0), (255, 0, 0)]
    return _camera(np.full((side, side, 3), pure[random.integers(5)], float), random)


# ---- Made from a real (or rendered) patch


def gaussian(sigma: float) -> Change:
    """Gaussian blur, then fresh camera noise: a blurred field is sampled by a sharp sensor."""

    def change(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        # Reflected borders would be sharper than the rest; Pillow repeats the edge.
        image = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma))
        return _camera(np.asarray(image).astype(float), random)

    return change


def _convolve(pixels: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    reach = len(kernel) // 2
    padded = np.pad(pixels.astype(float), ((reach, reach), (reach, reach), (0, 0)), "reflect")
    shape = padded.shape[:2]
    response = np.fft.rfft2(kernel / kernel.sum(), shape)[..., None]
    spectrum = np.fft.rfft2(padded, axes=(0, 1)) * response
    return np.fft.irfft2(spectrum, shape, axes=(0, 1))[2 * reach :, 2 * reach :]


def defocus(radius: int) -> Change:
    """The disk of a lens out of focus."""
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    disk = (x**2 + y**2 <= radius**2).astype(float)
    return lambda pixels, random: _camera(_convolve(pixels, disk), random)


def motion(length: int) -> Change:
    """The stage moved while the shutter was open."""

    def change(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        line = Image.new("L", (length, length))
        angle, middle = random.uniform(0, np.pi), (length - 1) / 2
        dx, dy = middle * np.cos(angle), middle * np.sin(angle)
        ImageDraw.Draw(line).line((middle - dx, middle - dy, middle + dx, middle + dy), fill=1)
        return _camera(_convolve(pixels, np.asarray(line).astype(float)), random)

    return change


def dab(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Immunohistochemistry: the eosin becomes DAB in part, the haematoxylin a pale counterstain."""
    amounts = _densities(pixels)
    positive = random.uniform(0.5, 1.2)
    brown = (amounts[..., 1] + 0.6 * amounts[..., 0]) * positive
    blue = 0.35 * amounts[..., 0]
    # R, G, B densities of haematoxylin as a counterstain and of DAB (Ruifrok & Johnston 2001).
    density = blue[..., None] * STAINS[0] + brown[..., None] * np.array([0.27, 0.57, 0.78])
    return _camera(255 * np.exp(-density), random)


def grey(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A grey copy."""
    return np.asarray(Image.fromarray(pixels).convert("L").convert("RGB"))


def inverted(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The negative."""
    return 255 - pixels


def swapped(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Red and green exchanged: tissue in green and blue."""
    return np.ascontiguousarray(pixels[..., [1, 0, 2]])


def pen(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Marker ink over most of the patch: it absorbs on top of the tissue."""
    inks = [(0.05, 0.1, 0.5), (0.05, 0.45, 0.2), (0.06, 0.06, 0.08)]
    ink = np.array(inks[random.integers(3)])
    height, width = pixels.shape[:2]
    edge = np.arange(width)[None, :] < width * random.uniform(0.7, 1.1)
    cover = (edge * (0.85 + 0.15 * _clouds(random, max(height, width), 30)[:height, :width]))[
        ..., None
    ]
    return _camera(pixels * (1 - cover + cover * ink), random)


# ---- Changes that another laboratory, camera or objective makes: still H&E, to be accepted


def jitter(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Stain, white balance and gamma as in training."""
    return jitter_colour(pixels, Strength(), random)


def restain(haematoxylin: float, eosin: float, cast: tuple[float, float, float]) -> Change:
    """Other amounts of both stains, and a lamp of another colour."""

    def change(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        # What is neither of the two, mostly the lamp's colour and red blood, goes with both.
        amounts = _densities(pixels) * [haematoxylin, eosin, (haematoxylin + eosin) / 2]
        return _bytes(np.exp(-amounts @ STAINS) * 256 * np.array(cast) - 1)

    return change


def compressed(quality: int) -> Change:
    """JPEG."""
    return lambda pixels, random: recompress(pixels, quality)


def noisy(sigma: float) -> Change:
    """Sensor noise."""
    return lambda pixels, random: _bytes(pixels + random.normal(0, sigma, pixels.shape))


def softened(sigma: float) -> Change:
    """Mild blur."""

    def change(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(sigma)))

    return change


def rescaled(scale: float) -> Change:
    """As if cut with a side of `scale` patches and resized; what lies beyond is mirrored."""

    def change(pixels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        side = len(pixels)
        source = round(side * scale)
        if source > side:
            pixels = np.pad(pixels, ((0, source - side), (0, source - side), (0, 0)), "symmetric")
        crop = Image.fromarray(pixels[:source, :source])
        return np.asarray(crop.resize((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0))

    return change


# ---- The lists

# What is to be rejected, and as what: any of the named results counts as caught.
SCENES: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "glass": (glass, ("background",)),
    "fluorescence": (fluorescence, ("not_he",)),
    "sky": (sky, ("not_he", "background")),
    "grass": (grass, ("not_he",)),
    "skin": (skin, ("not_he",)),
    "wood": (wood, ("not_he",)),
    "document": (document, ("not_he", "background")),
    "screenshot": (screenshot, ("not_he", "background")),
    "checkerboard": (checkerboard, ("not_he",)),
    "static": (static, ("not_he",)),
    "black": (black, ("not_he",)),
    "saturated": (saturated, ("not_he",)),
}

SPOILT: dict[str, tuple[Change, tuple[str, ...]]] = {
    "gaussian 2": (gaussian(2), ("blurred",)),
    "gaussian 3": (gaussian(3), ("blurred",)),
    "gaussian 4": (gaussian(4), ("blurred",)),
    "gaussian 6": (gaussian(6), ("blurred",)),
    "defocus 5": (defocus(5), ("blurred",)),
    "defocus 8": (defocus(8), ("blurred",)),
    "motion 15": (motion(15), ("blurred",)),
    "DAB": (dab, ("not_he",)),
    "grey": (grey, ("not_he",)),
    "inverted": (inverted, ("not_he",)),
    "red and green swapped": (swapped, ("not_he",)),
    "pen": (pen, ("not_he",)),
}

HARMLESS: dict[str, Change] = {
    "jitter": jitter,
    "very pink": restain(0.6, 1.6, (1, 1, 1)),
    "very purple": restain(1.6, 0.7, (1, 1, 1)),
    "pale": restain(0.5, 0.5, (1, 1, 1)),
    "dark": restain(1.6, 1.6, (0.95, 0.95, 0.95)),
    "yellow lamp": restain(1, 1, (1, 0.98, 0.88)),
    "blue lamp": restain(1, 1, (0.88, 0.95, 1)),
    "dim lamp": restain(1, 1, (0.75, 0.75, 0.75)),
    "JPEG 35": compressed(35),
    "JPEG 60": compressed(60),
    "noise 3": noisy(3),
    "noise 6": noisy(6),
    "blur 0.5": softened(0.5),
    "blur 1": softened(1.0),
    "scale 0.6": rescaled(0.6),
    "scale 1.6": rescaled(1.6),
}
