"""The reader of the f32 file; skipped where PyTorch is absent."""

import numpy as np
import pytest
from models.train.data.synthetic import reference_patches
from models.train.network.export import export_f32

torch = pytest.importorskip("torch", reason="NO PYTORCH: training code was not tested")

from models.train.release.verify import read_network, torch_logits  # noqa: E402 (needs PyTorch)

from ..networks import network_and_model  # noqa: E402


def test_network_is_read_back_from_its_file():
    _, network = network_and_model("b4x")
    found = read_network(export_f32(network))
    assert (found.map_size, found.macs()) == (network.map_size, network.macs())
    assert [layer.name for layer in found.layers] == [layer.name for layer in network.layers]
    patches = np.stack(reference_patches()[:1])
    np.testing.assert_allclose(
        torch_logits(found, patches), torch_logits(network, patches), atol=1e-6
    )
