"""A folded network as plain arrays: what training hands to quantisation and export."""

from dataclasses import dataclass

import numpy as np

from .architecture import PATCH


@dataclass(frozen=True)
class Conv:
    """A convolution with bias, BatchNorm folded in, then ReLU6 or nothing."""

    name: str  # also the name of its output
    source: str  # name of the layer it reads; "input" is the normalised patch
    weight: np.ndarray  # f32 [out, in / groups, k, k]
    bias: np.ndarray  # f32 [out]
    stride: int
    padding: int  # the same on all four sides
    groups: int
    relu6: bool


@dataclass(frozen=True)
class Residual:
    """The sum of two layers of one shape."""

    name: str
    left: str
    right: str


@dataclass(frozen=True)
class Network:
    """Layers in order of evaluation, then the 1x1 head whose mean over the map is the logits."""

    layers: list[Conv | Residual]
    head: Conv
    map_size: int

    def convolutions(self) -> list[Conv]:
        return [layer for layer in self.layers if isinstance(layer, Conv)] + [self.head]

    def parameters(self) -> int:
        """Weights and biases after folding."""
        return sum(conv.weight.size + conv.bias.size for conv in self.convolutions())

    def macs(self) -> int:
        """Multiply-accumulates of the convolutions for one patch."""
        side = {"input": PATCH}
        total = 0
        for layer in [*self.layers, self.head]:
            if isinstance(layer, Residual):
                side[layer.name] = side[layer.left]
                continue
            kernel = layer.weight.shape[2]
            out = (side[layer.source] + 2 * layer.padding - kernel) // layer.stride + 1
            side[layer.name] = out
            total += out * out * layer.weight.size
        return total
