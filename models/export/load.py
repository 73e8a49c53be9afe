"""A trained classifier from a file, as a PyTorch module in inference mode.

A checkpoint of weights is read with `weights_only=True`: a pickle runs whatever code its writer put
into it, so a whole pickled module is read only where the person says that they trust the file.
"""

import pickle
from pathlib import Path
from typing import Any

import torch

from .errors import ExportError

# What training frameworks call the weights within a checkpoint, and put in front of their names.
HOLDERS = ("state_dict", "model_state_dict", "model", "net", "ema", "state_dict_ema")
PREFIXES = ("module.", "model.", "net.", "network.", "backbone.", "_orig_mod.")
NAMES_SHOWN = 3


def load(path: Path, arch: str | None, classes: int, trusted: bool) -> torch.nn.Module:
    """The module of the file at `path`.

    `arch`: "torchvision:NAME" or "timm:NAME", for a file of weights alone. `trusted`: unpickle a
    whole module.
    """
    if not path.is_file():
        raise ExportError("file_missing", f"There is no file {path}.", "Check its name.")
    if arch is None and (scripted := _torchscript(path)) is not None:
        return scripted.eval()
    stored = _stored(path, trusted)
    if isinstance(stored, torch.nn.Module):
        return stored.eval()
    if arch is None:
        raise ExportError(
            "arch_missing",
            f"{path.name} holds weights, but not which network they belong to.",
            "Name it: --arch torchvision:resnet50, or timm:NAME.",
        )
    module = architecture(arch, classes)
    _fill(module, _weights(stored, path), arch)
    return module.eval()


def _torchscript(path: Path) -> torch.nn.Module | None:
    try:
        return torch.jit.load(path, map_location="cpu")
    except RuntimeError:
        return None


def _stored(path: Path, trusted: bool) -> Any:
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    try:
        return torch.load(path, map_location="cpu", weights_only=not trusted)
    except pickle.UnpicklingError as error:
        raise ExportError(
            "pickle_refused",
            f"{path.name} holds more than weights, and reading it may run code that is in it.",
            "Save model.state_dict() and name --arch; or, if you made the file, --trust-pickle.",
        ) from error
    except (RuntimeError, EOFError, ModuleNotFoundError, AttributeError) as error:
        raise ExportError(
            "file_unreadable",
            f"PyTorch cannot read {path.name}: {error}.",
            "Save model.state_dict() with torch.save, or export ONNX yourself and give that.",
        ) from error


def architecture(arch: str, classes: int) -> torch.nn.Module:
    library, _, name = arch.partition(":")
    try:
        if library == "torchvision":
            from torchvision import models

            return models.get_model(name, weights=None, num_classes=classes)
        if library == "timm":
            import timm

            return timm.create_model(name, pretrained=False, num_classes=classes)
    except ModuleNotFoundError as error:
        raise ExportError(
            "library_missing", f"{library} is not installed.", f"pip install {library}"
        ) from error
    except (ValueError, RuntimeError) as error:
        raise ExportError(
            "arch_unknown", f"{library} has no network {name}: {error}.", "Check its name."
        ) from error
    raise ExportError(
        "arch_unknown", f"{arch} names no library.", "Write torchvision:NAME or timm:NAME."
    )


def _weights(stored: Any, path: Path) -> dict[str, torch.Tensor]:
    """The weights by name, without what a framework wraps around them."""
    while isinstance(stored, dict):
        inner = next((stored[k] for k in HOLDERS if isinstance(stored.get(k), dict)), None)
        if inner is None:
            break
        stored = inner
    if not isinstance(stored, dict):
        stored = {}
    found = {k: v for k, v in stored.items() if isinstance(v, torch.Tensor)}
    if not found:
        raise ExportError(
            "weights_missing",
            f"There are no weights in {path.name}.",
            "Save model.state_dict() with torch.save.",
        )
    while prefix := next((p for p in PREFIXES if all(n.startswith(p) for n in found)), None):
        found = {name.removeprefix(prefix): value for name, value in found.items()}
    return found


def _fill(module: torch.nn.Module, weights: dict[str, torch.Tensor], arch: str) -> None:
    wanted = module.state_dict()
    wrong = [
        *(f"{name} is missing" for name in wanted.keys() - weights.keys()),
        *(f"{name} is not of this network" for name in weights.keys() - wanted.keys()),
        *(
            f"{name} is {list(weights[name].shape)}, not {list(wanted[name].shape)}"
            for name in wanted.keys() & weights.keys()
            if wanted[name].shape != weights[name].shape
        ),
    ]
    if wrong:
        more = f" and {len(wrong) - NAMES_SHOWN} more" if len(wrong) > NAMES_SHOWN else ""
        raise ExportError(
            "weights_differ",
            f"The weights are not those of {arch}: {', '.join(sorted(wrong)[:NAMES_SHOWN])}{more}.",
            "Check --arch and the number of --labels.",
        )
    module.load_state_dict(weights)
