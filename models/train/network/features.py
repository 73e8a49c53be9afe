"""Frozen features: mean-pooled layers of the backbone, computed with ONNX Runtime.

ONNX Runtime is several times as fast as eager PyTorch on a CPU, and the features come from the very
graph that is exported.
"""

from collections.abc import Iterable

import numpy as np

from .export import export_f32
from .folded import Network
from .runtime import session, with_outputs


def pooled(
    network: Network, layers: list[str], batches: Iterable[np.ndarray]
) -> dict[str, np.ndarray]:
    """Mean over positions of the named layers: each f32 [patches, channels].

    `batches`: uint8 [n, 224, 224, 3] each.
    """
    runner = session(with_outputs(export_f32(network), layers, pooled=True))
    rows = [runner.run(None, {"image": batch}) for batch in batches]
    return {layer: np.concatenate([row[i] for row in rows]) for i, layer in enumerate(layers)}
