"""Writes small networks of Keras and PaddlePaddle as their exporters write them, beside those of generate.py.

    python others.py keras FOLDER      (requirements-keras.txt)
    python others.py paddle FOLDER     (requirements-paddle.txt)

Each exporter has an environment of its own: they need other versions of the same packages. The weights are random.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from drawn import SIDE, add_row, second_class, write_manifest

Made = tuple[str, Callable[[Path], None]]


def keras_networks() -> Iterator[Made]:
    """By tf2onnx, with channels last; each ends in a softmax."""
    import keras
    import tensorflow as tf
    import tf2onnx

    applications, shape = keras.applications, (SIDE, SIDE, 3)
    networks = {
        "keras-mobilenet-v2": lambda: applications.MobileNetV2(
            shape, alpha=0.35, weights=None, classes=2
        ),
        "keras-mobilenet-v3": lambda: applications.MobileNetV3Small(shape, weights=None, classes=2),
        "keras-efficientnet": lambda: applications.EfficientNetB0(
            input_shape=shape, weights=None, classes=2
        ),
        "keras-nasnet": lambda: applications.NASNetMobile(shape, weights=None, classes=2),
        "keras-densenet": lambda: applications.DenseNet121(
            input_shape=shape, weights=None, classes=2
        ),
    }
    for name, make in networks.items():
        keras.utils.set_random_seed(1)
        network = make()
        for layer in network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                shape_of = layer.moving_mean.shape
                layer.moving_mean.assign(np.random.normal(0, 0.1, shape_of))
                layer.moving_variance.assign(np.random.uniform(0.5, 1.5, shape_of))

        # Its exporter wants to have seen it at work.
        network(np.zeros((1, *shape), np.float32))

        def exported(path: Path, network=network) -> None:
            network.export(path, format="onnx", verbose=False)

        yield f"{name}.export", exported
        for opset in (9, 13, 18):

            def converted(path: Path, network=network, opset=opset) -> None:
                signature = [tf.TensorSpec((None, *shape), tf.float32, name="input")]
                function = tf.function(network, input_signature=signature)
                tf2onnx.convert.from_function(
                    function, signature, opset=opset, output_path=str(path)
                )

            yield f"{name}.tf2onnx-{opset}", converted


def paddle_networks() -> Iterator[Made]:
    """By paddle2onnx, with channels first."""
    import paddle
    from paddle.vision import models

    networks = {
        "paddle-mobilenet-v2": lambda: models.mobilenet_v2(scale=0.35, num_classes=2),
        "paddle-mobilenet-v3": lambda: models.mobilenet_v3_small(scale=0.5, num_classes=2),
        "paddle-shufflenet": lambda: models.shufflenet_v2_x0_25(num_classes=2),
        "paddle-squeezenet": lambda: models.squeezenet1_1(num_classes=2),
    }
    for name, make in networks.items():
        paddle.seed(1)
        network = make()
        network.eval()
        for layer in network.sublayers():
            if isinstance(layer, paddle.nn.BatchNorm2D):
                layer._mean.set_value(paddle.normal(0.0, 0.1, layer._mean.shape))
                layer._variance.set_value(paddle.uniform(layer._variance.shape, min=0.5, max=1.5))
        for opset in (11, 13, 16):

            def exported(path: Path, network=network, opset=opset) -> None:
                spec = [paddle.static.InputSpec([None, 3, SIDE, SIDE], "float32", "x")]
                stem = str(path.with_suffix(""))
                paddle.onnx.export(network, stem, input_spec=spec, opset_version=opset)

            yield f"{name}.paddle2onnx-{opset}", exported


def main(kind: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    networks, layout, are_logits = {
        "keras": (keras_networks, "NHWC", False),
        "paddle": (paddle_networks, "NCHW", True),
    }[kind]
    for name, write in networks():
        path = folder / f"{name}.onnx"
        try:
            write(path)
            expected = second_class(path, layout, are_logits)
        # Whatever an exporter cannot do is its own matter, and said.
        except Exception as error:  # noqa: BLE001
            path.unlink(missing_ok=True)
            print(f"{name}: {str(error).splitlines()[0][:160]}", file=sys.stderr)
            continue
        write_manifest(path, layout, are_logits)
        add_row(folder, path.name, expected)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("keras", "paddle"):
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
