"""Changed copies are judged by heads that did not see their patients."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="NO PYTORCH: experiments were not tested")

from models.train.experiments.heads import Source
from models.train.experiments.lamps import predictions, rows

from .invented_study import invented_seen


def test_the_same_features_give_the_same_verdicts(study):
    everything = Source.of(invented_seen(study.pictures, 1.0), ["b7"])
    chosen = study.sample()
    mine = np.isin(everything.owner, chosen)
    source = Source(everything.values[mine], everything.owner[mine])
    # A change that turns every feature round.
    turned = Source(-source.values, source.owner)
    found = predictions(study, [source], {"plain": source, "turned": turned})
    assert set(found["plain"].patients) == set(study.patients)
    skilled = found["plain"].scores()["auc"]
    assert skilled > 0.9 and found["turned"].scores()["auc"] < 1 - skilled + 0.05
    assert rows("b7", found)[0][-2:] == ["0.0%", "0.0%"]
