"""The invented study; its modules need PyTorch, without which the tests are skipped."""

import pytest


@pytest.fixture
def study(tmp_path):
    from .invented_study import invented_study

    return invented_study(tmp_path)
