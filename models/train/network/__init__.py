"""The network: its shapes, its weights from ImageNet, its float ONNX graph, running it."""
