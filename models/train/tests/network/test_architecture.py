"""Where the network may be cut."""

import pytest
from models.train.network.architecture import Cut


def test_cut_names_are_read_back():
    for name in ("b0", "b10", "b10x", "b15x"):
        assert Cut.parse(name).name == name
    for name in ("10", "b16", "bx", "c3"):
        with pytest.raises(ValueError, match="not a cut"):
            Cut.parse(name)
