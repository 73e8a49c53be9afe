"""The server that Histoscope replaces, as its documents describe it: FastAPI, PyTorch, ResNet-50.

    uvicorn --app-dir benches/peers old_server:app --port 8001

Decode with Pillow, cut patches of 224x224, take at most 25 of them evenly, normalise as ImageNet has
it, batches of 16, softmax, mean. The weights are random: they change no time. It is measured by
servers.py and serves for nothing else.
"""

import io

import numpy as np
import torch
from fastapi import FastAPI, File, HTTPException, UploadFile
from PIL import Image, UnidentifiedImageError
from pipeline import BATCH, PATCHES, SIDE, resnet50
from torch import nn

CLASSES = ("benign", "malignant")
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)

torch.manual_seed(0)
NETWORK = torch.ao.quantization.quantize_dynamic(resnet50(2), {nn.Linear}, torch.qint8)

app = FastAPI()


def patches_of(image: Image.Image) -> list[torch.Tensor]:
    """At most 25 patches, row-major, evenly: of n those at floor(i * n / 25)."""
    pixels = np.asarray(image.convert("RGB"))
    height, width, _ = pixels.shape
    places = [
        (x, y) for y in range(0, height - SIDE + 1, SIDE) for x in range(0, width - SIDE + 1, SIDE)
    ]
    if len(places) > PATCHES:
        places = [places[index * len(places) // PATCHES] for index in range(PATCHES)]
    cut = [pixels[y : y + SIDE, x : x + SIDE] for x, y in places]
    # ToTensor and Normalize of torchvision.
    tensors = [torch.from_numpy(patch.transpose(2, 0, 1).copy()) for patch in cut]
    return [(tensor.float().div(255) - MEAN) / DEVIATION for tensor in tensors]


@app.get("/health")
def health() -> dict[str, object]:
    return {"status": "healthy", "model_loaded": True, "device": "cpu"}


@app.post("/predict/single")
async def single(file: UploadFile = File(...)) -> dict[str, object]:  # noqa: B008
    try:
        image = Image.open(io.BytesIO(await file.read()))
        patches = patches_of(image)
    except (UnidentifiedImageError, OSError) as error:
        raise HTTPException(400, "not an image") from error
    if not patches:
        raise HTTPException(400, "the image is smaller than a patch")
    with torch.inference_mode():
        batches = torch.stack(patches).split(BATCH)
        shares = torch.cat([NETWORK(batch).softmax(1) for batch in batches])
    mean = shares.mean(0)
    index = int(mean.argmax())
    votes = shares.argmax(1)
    return {
        "success": True,
        "filename": file.filename,
        "prediction": CLASSES[index],
        "prediction_idx": index,
        "confidence": float(mean[index]),
        "probabilities": dict(zip(CLASSES, mean.tolist(), strict=True)),
        "num_patches": len(patches),
        "patch_breakdown": {
            "benign_patches": int((votes == 0).sum()),
            "malignant_patches": int((votes == 1).sum()),
        },
    }
