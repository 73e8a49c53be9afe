"""Times the pipeline that Histoscope replaces: PyTorch, ResNet-50, 25 patches in batches of 16.

    python benches/peers/pipeline.py [--runs 5] [--out FILE]

The forward passes alone, with the linear layer quantised dynamically as that server does it. The
weights are random: they change no time. Without PyTorch it says so and does nothing.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

try:
    import torch
    from torch import nn
except ImportError:
    print("SKIPPED the replaced pipeline: there is no PyTorch")
    sys.exit(0)

PATCHES, BATCH, SIDE = 25, 16, 224
# Blocks and inner channels of the four stages of ResNet-50 (He et al., 2015, table 1).
STAGES = [(3, 64), (4, 128), (6, 256), (3, 512)]


def convolution(cin: int, cout: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [
        nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(cout),
    ]


class Bottleneck(nn.Module):
    def __init__(self, cin: int, inner: int, stride: int) -> None:
        super().__init__()
        cout = 4 * inner
        self.body = nn.Sequential(
            *convolution(cin, inner, 1),
            nn.ReLU(inplace=True),
            *convolution(inner, inner, 3, stride),
            nn.ReLU(inplace=True),
            *convolution(inner, cout, 1),
        )
        same = stride == 1 and cin == cout
        self.shortcut = nn.Identity() if same else nn.Sequential(*convolution(cin, cout, 1, stride))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet50(classes: int) -> nn.Module:
    layers = [*convolution(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, (blocks, inner) in enumerate(STAGES):
        for block in range(blocks):
            layers.append(Bottleneck(channels, inner, 2 if block == 0 and stage > 0 else 1))
            channels = 4 * inner
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]
    return nn.Sequential(*layers).eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    network = torch.ao.quantization.quantize_dynamic(resnet50(2), {nn.Linear}, torch.qint8)
    patches = torch.rand(PATCHES, 3, SIDE, SIDE)
    result: dict[str, object] = {"torch": torch.__version__, "patches": PATCHES, "batch": BATCH}
    for threads in (1, 2):
        torch.set_num_threads(threads)
        times = []
        with torch.inference_mode():
            # The first run does not count.
            for run in range(arguments.runs + 1):
                start = time.perf_counter()
                logits = torch.cat([network(batch) for batch in patches.split(BATCH)])
                if run > 0:
                    times.append(1000 * (time.perf_counter() - start))
                if logits.shape != (PATCHES, 2) or not logits.isfinite().all():
                    raise SystemExit(f"the network says {logits}")
        result[f"ms_{threads}_threads"] = round(statistics.median(times))
    print(json.dumps(result))
    if arguments.out:
        arguments.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
