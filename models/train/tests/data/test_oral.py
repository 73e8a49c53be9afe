"""The index of the oral set."""

import pytest
from models.train.data.oral import find_fields

HEADER = "file\tlabel\tmagnification\twidth\theight\tsha256\n"


def test_fields_are_those_of_the_index(tmp_path):
    lines = "b.jpg\tcarcinoma\t400\t224\t224\tff\na.jpg\tnormal\t100\t224\t224\t00\n"
    (tmp_path / "index.tsv").write_text(HEADER + lines)
    found = find_fields(tmp_path)
    assert [(f.path.name, f.label, f.magnification) for f in found] == [
        ("b.jpg", 1, 400),
        ("a.jpg", 0, 100),
    ]


def test_foreign_labels_and_no_index_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        find_fields(tmp_path)
    (tmp_path / "index.tsv").write_text(HEADER + "a.jpg\tinflamed\t100\t224\t224\t00\n")
    with pytest.raises(ValueError, match="inflamed"):
        find_fields(tmp_path)
