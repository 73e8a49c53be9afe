"""Removes the mean error that rounding weights and activations leaves in each output channel.

Layer by layer, from the input on: evaluate the float layer on float inputs and the quantised layer
on the quantised (and so far corrected) inputs, compare each channel's mean before the clip, and
take the difference off the bias (Nagel et al. 2019, "Data-Free Quantization Through Weight
Equalization and Bias Correction", the empirical form).
"""

from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional

from ..network.folded import Conv, Network, Residual
from .numbers import INPUT_RANGE, RELU6_RANGE, Range, quantise_conv


def _convolve(x: torch.Tensor, conv: Conv, weight: np.ndarray) -> torch.Tensor:
    return functional.conv2d(
        x,
        torch.from_numpy(weight),
        torch.from_numpy(conv.bias),
        conv.stride,
        conv.padding,
        groups=conv.groups,
    )


def _rounded(x: torch.Tensor, span: Range) -> torch.Tensor:
    """What QuantizeLinear and DequantizeLinear make of x, both ends clipped."""
    steps = torch.round(x / span.scale) + span.zero_point
    return (steps.clamp(0, span.top) - span.zero_point) * span.scale


def correct_biases(network: Network, ranges: dict[str, Range], patches: np.ndarray) -> Network:
    """A network whose int8 form has the channel means of `network`'s f32 form.

    `patches`: uint8 [n, 224, 224, 3]; all are held at once, 32 take about 1 GB. Only for
    export_int8: in the f32 file the corrected biases would be wrong.
    """
    pixels = torch.from_numpy(patches).permute(0, 3, 1, 2).float()
    first = (pixels - INPUT_RANGE.zero_point) * INPUT_RANGE.scale
    spans = {"input": INPUT_RANGE, **ranges}
    exact, coarse = {"input": first}, {"input": first}
    layers: list[Conv | Residual] = []

    def corrected(conv: Conv) -> tuple[Conv, torch.Tensor, torch.Tensor]:
        """The corrected layer and its float and quantised results before any clip."""
        span = spans.get(conv.source, RELU6_RANGE)
        weight = quantise_conv(conv, span.scale).restored_weight()
        wanted = _convolve(exact[conv.source], conv, conv.weight)
        found = _convolve(coarse[conv.source], conv, weight)
        gap = (wanted - found).mean((0, 2, 3))
        changed = replace(conv, bias=conv.bias + gap.numpy())
        return changed, wanted, found + gap[:, None, None]

    with torch.inference_mode():
        for place, layer in enumerate(network.layers):
            span = RELU6_RANGE
            if isinstance(layer, Residual):
                wanted = exact[layer.left] + exact[layer.right]
                found = coarse[layer.left] + coarse[layer.right]
                span = ranges[layer.name]
            else:
                layer, wanted, found = corrected(layer)
                if layer.relu6:
                    wanted = wanted.clamp(0, 6)
                else:
                    span = ranges[layer.name]
            layers.append(layer)
            exact[layer.name], coarse[layer.name] = wanted, _rounded(found, span)
            _forget(network, place, exact, coarse)
        head, _, _ = corrected(network.head)
    return replace(network, layers=layers, head=head)


def _forget(network: Network, place: int, *stores: dict[str, torch.Tensor]) -> None:
    """Drops the maps that no layer after `place` reads."""
    needed = set()
    for layer in [*network.layers[place + 1 :], network.head]:
        needed |= {layer.left, layer.right} if isinstance(layer, Residual) else {layer.source}
    for store in stores:
        for name in set(store) - needed:
            del store[name]
