"""Histoscope: classifies micrographs of breast biopsies (haematoxylin and eosin) on this machine.

    from histoscope import Classifier

    report = Classifier().predict("field.png")

The same core as the page and the command line, with the same bits. For research and teaching only;
not a medical device.
"""

from histoscope._core import VERSION as __version__
from histoscope.classifier import Classifier, Features
from histoscope.errors import (
    HistoscopeError,
    ImageError,
    InternalError,
    LimitsError,
    ModelError,
    OptionsError,
)
from histoscope.options import PredictOptions
from histoscope.pictures import Image, Picture, decode
from histoscope.reports import Failure, FolderReport, Outcome, PatientReport, Report, outcome
from histoscope.scores import Evaluation, Lesson, Teaching

__all__ = [
    "Classifier",
    "Evaluation",
    "Failure",
    "Features",
    "FolderReport",
    "HistoscopeError",
    "Image",
    "ImageError",
    "InternalError",
    "Lesson",
    "LimitsError",
    "ModelError",
    "OptionsError",
    "Outcome",
    "PatientReport",
    "Picture",
    "PredictOptions",
    "Report",
    "Teaching",
    "__version__",
    "decode",
    "outcome",
]
