"""A PyTorch module as a float ONNX file of any batch."""

import io
import warnings

import onnx
import torch

from .errors import ExportError

OPSET = 17  # has LayerNormalization, and what reads it need not be new


def to_onnx(module: torch.nn.Module, side: int) -> onnx.ModelProto:
    """The network as f32 [N, 3, side, side] -> f32 [N, classes], traced."""
    file = io.BytesIO()
    try:
        with warnings.catch_warnings():
            # That this exporter will go one day; the other needs a package more.
            warnings.simplefilter("ignore", DeprecationWarning)
            torch.onnx.export(
                module,
                (torch.zeros(1, 3, side, side),),
                file,
                dynamo=False,
                opset_version=OPSET,
                input_names=["image"],
                output_names=["scores"],
                dynamic_axes={"image": {0: "N"}, "scores": {0: "N"}},
            )
    except (RuntimeError, TypeError, torch.onnx.errors.OnnxExporterError) as error:
        raise ExportError(
            "trace_failed",
            f"PyTorch cannot export the network: {str(error).splitlines()[0]}.",
            "Export ONNX by your own training code and give that file.",
        ) from error
    return onnx.load_from_string(file.getvalue())
