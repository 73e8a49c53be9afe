"""Jobs whose workers die: a module of its own, for workers import it."""

import os
import pathlib
import signal
from dataclasses import dataclass

from histoscope.cohort import Job


@dataclass(frozen=True)
class Deadly(Job):
    """Kills its worker at one image: once, or always."""

    how: str = "once"

    def do(self, classifier, images):
        grave = pathlib.Path(self.output).with_suffix(".died")
        here = any("drawn-4-1" in image.path for image in images)
        if here and (self.how == "always" or not grave.exists()):
            grave.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().do(classifier, images)


class Stillborn(Job):
    """Kills its worker before it has a classifier."""

    def classifier(self):
        os.kill(os.getpid(), signal.SIGKILL)
