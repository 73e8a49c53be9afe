"""Runs the shipped network in PyTorch and both ONNX files in ONNX Runtime on the same patches."""

import numpy as np
import onnx
import torch
from torch.nn import functional

from .metrics import softmax
from .network import Network, Residual
from .runtime import session


def torch_logits(network: Network, patches: np.ndarray) -> np.ndarray:
    """f32 [n, 2]: the folded network evaluated by PyTorch, independent of the ONNX graphs."""
    pixels = torch.from_numpy(patches).permute(0, 3, 1, 2).float()
    values = {"input": (pixels - 127) / 128}
    with torch.inference_mode():
        for layer in [*network.layers, network.head]:
            if isinstance(layer, Residual):
                values[layer.name] = values[layer.left] + values[layer.right]
                continue
            result = functional.conv2d(
                values[layer.source],
                torch.from_numpy(layer.weight),
                torch.from_numpy(layer.bias),
                layer.stride,
                layer.padding,
                groups=layer.groups,
            )
            values[layer.name] = functional.relu6(result) if layer.relu6 else result
    return values[network.head.name].mean((2, 3)).numpy()


def compare(
    network: Network, models: dict[str, onnx.ModelProto], batches: list[np.ndarray]
) -> dict[str, dict]:
    """Each model against PyTorch, over patches: label agreement and differences of probability."""
    expected = np.concatenate([torch_logits(network, batch) for batch in batches])
    reference = softmax(expected)[:, 1]
    table = {}
    for name, model in models.items():
        runner = session(model)
        logits = [runner.run(["logits"], {"image": batch})[0] for batch in batches]
        found = softmax(np.concatenate(logits))[:, 1]
        gap = np.abs(found - reference)
        table[name] = {
            "patches": len(found),
            "label_agreement": float(((found >= 0.5) == (reference >= 0.5)).mean()),
            "mean_probability_difference": float(gap.mean()),
            "largest_probability_difference": float(gap.max()),
        }
    return table
