"""Numbers of the int8 model: ranges of activations, s8 weights, i32 biases.

Activations are 7 bits, 0..127, so that dot products of s8 and u7 operands are exact in the SIMD
instructions of every target. ReLU6 outputs have a fixed scale; the range of each linear output
(bottlenecks and residual sums) comes from calibrate.py.
"""

from dataclasses import dataclass

import numpy as np

from ..network.folded import Conv

TOP = 127  # greatest quantised activation
BIAS_LIMIT = 2**23  # keeps the 32-bit sums far from overflow and the bias exact in f32


@dataclass(frozen=True)
class Range:
    """An affine quantisation: real = scale * (quantised - zero_point)."""

    scale: float
    zero_point: int
    top: int = TOP

    @property
    def low(self) -> float:
        return -self.zero_point * self.scale

    @property
    def high(self) -> float:
        return (self.top - self.zero_point) * self.scale


INPUT_RANGE = Range(1 / 128, 127, top=255)  # raw pixels: (x - 127) / 128
RELU6_RANGE = Range(6 / TOP, 0)


def make_range(low: float, high: float) -> Range:
    """The 7-bit range that covers [low, high] and holds zero exactly."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32(max(high - low, 1e-6) / TOP)
    return Range(float(scale), int(np.clip(np.rint(-low / scale), 0, TOP)))


@dataclass(frozen=True)
class QuantisedConv:
    """Integer weights and bias of one convolution, with a scale for each output channel."""

    weight: np.ndarray  # s8 [out, in / groups, k, k], -127..127
    weight_scale: np.ndarray  # f32 [out]
    bias: np.ndarray  # i32 [out]
    bias_scale: np.ndarray  # f32 [out], the input's scale times weight_scale

    def restored_weight(self) -> np.ndarray:
        return self.weight.astype(np.float32) * self.weight_scale[:, None, None, None]


def quantise_conv(conv: Conv, input_scale: float) -> QuantisedConv:
    """Symmetric per output channel; the scale is what the largest weight of the channel needs.

    A few channels of the ImageNet weights are dead: weights near zero, a bias that alone decides.
    Their scale is raised until the bias fits, which leaves their weights zero.
    """
    largest = np.abs(conv.weight).reshape(len(conv.weight), -1).max(1)
    for_bias = np.abs(conv.bias) / (input_scale * BIAS_LIMIT)
    scale = np.maximum(largest / TOP, np.maximum(for_bias, 1e-12)).astype(np.float32)
    weight = np.clip(np.rint(conv.weight / scale[:, None, None, None]), -TOP, TOP)
    bias_scale = np.float32(input_scale) * scale
    bias = np.rint(conv.bias.astype(np.float64) / bias_scale)
    return QuantisedConv(weight.astype(np.int8), scale, bias.astype(np.int32), bias_scale)
