"""What PyTorch saved, as a network; skipped where PyTorch is absent."""

import numpy as np
import pytest

from models.export.errors import ExportError
from models.export.verify import probabilities

torch = pytest.importorskip("torch", reason="NO PYTORCH: reading its files was not tested")

from models.export.load import load  # noqa: E402 (PyTorch)
from models.export.to_onnx import to_onnx  # noqa: E402

from .conftest import SIDE  # noqa: E402


def network() -> torch.nn.Module:
    torch.manual_seed(2)
    layers = [torch.nn.Conv2d(3, 8, 3, 2), torch.nn.BatchNorm2d(8), torch.nn.ReLU()]
    pooled = [torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(8, 2)]
    return torch.nn.Sequential(*layers, *pooled).eval()


def code(path, arch=None, trusted=False) -> str:
    with pytest.raises(ExportError) as caught:
        load(path, arch, 2, trusted)
    return caught.value.code


def test_a_traced_network_says_in_onnx_what_it_says_in_pytorch(tmp_path):
    path = tmp_path / "traced.pt"
    torch.jit.trace(network(), torch.zeros(1, 3, SIDE, SIDE)).save(path)
    model = to_onnx(load(path, None, 2, trusted=False), SIDE)
    patches = np.random.default_rng(0).normal(0, 1, (3, 3, SIDE, SIDE)).astype(np.float32)
    with torch.inference_mode():
        wanted = network()(torch.from_numpy(patches)).softmax(1).numpy()
    np.testing.assert_allclose(probabilities(model, patches, True, 1), wanted, atol=1e-5)


def test_a_pickle_is_read_only_where_it_is_trusted(tmp_path):
    path = tmp_path / "whole.pt"
    torch.save(network(), path)
    assert code(path) == "pickle_refused"
    assert isinstance(load(path, None, 2, trusted=True), torch.nn.Sequential)


def test_weights_need_the_name_of_their_network(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save(network().state_dict(), path)
    assert code(path) == "arch_missing"
    assert code(path, "resnet18") == "arch_unknown"
    assert code(tmp_path / "none.pt") == "file_missing"


@pytest.mark.parametrize("library", ["torchvision", "timm"])
def test_weights_of_the_libraries_are_unwrapped(tmp_path, library):
    reason = f"NO {library.upper()} (make test-export-torch): its weights were not tested"
    pytest.importorskip(library, reason=reason)
    path, arch = tmp_path / "weights.pt", f"{library}:resnet18"
    torch.save(load_fresh(arch).state_dict(), path)
    assert code(path, f"{library}:resnet34") == "weights_differ"
    assert code(path, f"{library}:no-such-network") == "arch_unknown"
    weights = load_fresh(arch).state_dict()
    wrapped = {"epoch": 3, "state_dict": {f"module.model.{k}": v for k, v in weights.items()}}
    torch.save(wrapped, path)
    found = load(path, arch, 2, trusted=False)
    assert torch.equal(found.state_dict()["conv1.weight"], weights["conv1.weight"])


def load_fresh(arch: str) -> torch.nn.Module:
    from models.export.load import architecture

    torch.manual_seed(4)
    return architecture(arch, 2)
