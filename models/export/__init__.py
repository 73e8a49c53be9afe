"""From a trained PyTorch or ONNX classifier to a fast int8 model for Histoscope."""
