"""EfficientNet-Lite0 as plain data: the shapes of its layers, where it may be cut, its cost."""

from dataclasses import dataclass

PATCH = 224  # pixels, side of the square patch the network reads
STEM_CHANNELS = 32
HEAD_CHANNELS = 1280  # the 1x1 convolution after the last block
LAST_BLOCK = 15
# Blocks whose outputs lessons read: of the network that ships, and of the deeper one for lessons.
SHIPPED_LEVELS = ("b4", "b6", "b7")
TEACHING_LEVELS = ("b7", "b10", "b14")
BN_EPSILON = 1e-3  # of the TensorFlow weights; PyTorch's default differs


@dataclass(frozen=True)
class Block:
    """An inverted residual: expand 1x1 (absent where expansion is 1), depthwise, project 1x1."""

    index: int
    kernel: int
    stride: int
    expansion: int
    inputs: int
    outputs: int

    @property
    def hidden(self) -> int:
        return self.inputs * self.expansion

    @property
    def residual(self) -> bool:
        return self.stride == 1 and self.inputs == self.outputs


def _blocks() -> tuple[Block, ...]:
    # (repeats, kernel, stride of the first, expansion, output channels) of the seven stages.
    stages = [
        (1, 3, 1, 1, 16),
        (2, 3, 2, 6, 24),
        (2, 5, 2, 6, 40),
        (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    ]
    blocks, inputs = [], STEM_CHANNELS
    for repeats, kernel, stride, expansion, outputs in stages:
        for repeat in range(repeats):
            first = stride if repeat == 0 else 1
            blocks.append(Block(len(blocks), kernel, first, expansion, inputs, outputs))
            inputs = outputs
    return tuple(blocks)


BLOCKS = _blocks()


@dataclass(frozen=True)
class Cut:
    """How much of the network is kept.

    `last_block`: the last block kept, 0..15. `expand`: whether the 1x1 expansion with ReLU6 that
    follows it is kept too (the expansion of the next block, or the final 320 -> 1280 convolution);
    its ReLU6 features are what the mean is then taken over.
    """

    last_block: int
    expand: bool

    @property
    def name(self) -> str:
        return f"b{self.last_block}{'x' if self.expand else ''}"

    @property
    def features(self) -> int:
        """Channels of the map that the head reads."""
        if not self.expand:
            return BLOCKS[self.last_block].outputs
        if self.last_block == LAST_BLOCK:
            return HEAD_CHANNELS
        return BLOCKS[self.last_block + 1].hidden

    @property
    def map_size(self) -> int:
        """Side of the square map that the head reads."""
        size = PATCH // 2
        for block in BLOCKS[: self.last_block + 1]:
            size //= block.stride
        return size

    @classmethod
    def parse(cls, name: str) -> "Cut":
        """The inverse of `name`: "b10", "b10x", "b15x" (the whole network)."""
        expand = name.endswith("x")
        digits = name[1:-1] if expand else name[1:]
        if not name.startswith("b") or not digits.isdigit() or int(digits) > LAST_BLOCK:
            raise ValueError(f"not a cut: {name!r} (b0..b15, with an x for the expansion)")
        return cls(int(digits), expand)


WHOLE = Cut(LAST_BLOCK, expand=True)


def same_padding(kernel: int) -> int:
    """Symmetric padding; the original TensorFlow padding is asymmetric where the stride is 2."""
    return (kernel - 1) // 2


def map_name(cut: Cut) -> str:
    """Name of the layer of the whole network, folded, whose map the head of `cut` reads."""
    if cut.last_block == LAST_BLOCK and cut.expand:
        return "top"
    if cut.expand:
        return f"block{cut.last_block + 1}_expand"
    last = "add" if BLOCKS[cut.last_block].residual else "project"
    return f"block{cut.last_block}_{last}"
