"""The index of TCGA's tiles, and how they are taken out of a clone."""

import subprocess

import pytest
from models.train.data.tcga import extract, file_of, find_tiles

HEADER = "class\tname\tblob\tpath\n"


def git(folder, *arguments: str, content: bytes | None = None) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "clone"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def blob_of(repository, content: bytes) -> str:
    return git(repository, "hash-object", "-w", "--stdin", content=content).strip()


def write_index(folder, rows: list[tuple[str, str]]):
    lines = [f"{name}\tx.jpg\t{blob}\tx/x.jpg\n" for name, blob in rows]
    (folder / "index.tsv").write_text(HEADER + "".join(lines))
    return folder / "index.tsv"


def test_tiles_are_the_blobs_of_the_clone_each_once(tmp_path, repository):
    contents = [b"first\n", b"", b"\x00\xff"]
    blobs = [blob_of(repository, content) for content in contents]
    index = write_index(tmp_path, [*zip("bab", blobs, strict=True), ("b", blobs[0])])
    with pytest.raises(FileNotFoundError, match="3 tiles are absent"):
        find_tiles(index, tmp_path / "tiles")
    assert extract(index, repository, tmp_path / "tiles") == 3
    assert extract(index, repository, tmp_path / "tiles") == 0
    found, names = find_tiles(index, tmp_path / "tiles")
    assert names == ["a", "b"]
    assert [tile.label for tile in found] == [1, 0, 1]
    assert [tile.path.read_bytes() for tile in found] == contents


def test_what_contradicts_itself_or_is_absent_is_refused(tmp_path, repository):
    blob = blob_of(repository, b"content")
    with pytest.raises(ValueError, match="two classes"):
        find_tiles(write_index(tmp_path, [("a", blob), ("b", blob)]), tmp_path)
    index = write_index(tmp_path, [("a", "0" * 40)])
    with pytest.raises(ValueError, match="has no blob"):
        extract(index, repository, tmp_path)
    assert not file_of(tmp_path, "0" * 40).exists()
