"""What the tests share: the repository's fixtures, the command line, one classifier."""

import json
import os
import pathlib
import subprocess

import histoscope
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def fixtures():
    return ROOT / "tests/fixtures"


@pytest.fixture(scope="session")
def field(fixtures):
    """25 of its 30 patches are sampled."""
    return fixtures / "good/grid_1400x1150.jpg"


@pytest.fixture(scope="session")
def study():
    """24 drawn fields of six patients, three of each kind; what they are by file."""
    folder = ROOT / "www/public/demo-study"
    return folder, json.loads((folder / "study.json").read_text())


@pytest.fixture(scope="session")
def classifier():
    return histoscope.Classifier(threads=2)


@pytest.fixture(scope="session")
def command_line():
    """Runs `histoscope` with these arguments; its JSON, whatever its exit status."""
    program = os.environ["HISTOSCOPE_CLI"]

    def run(*arguments):
        command = [program, *map(str, arguments), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def timeless():
    """A report without what differs from run to run, or with the edition of the engine."""

    def strip(report):
        report = json.loads(json.dumps(report))
        for each in (report, *report.get("individual_results", [])):
            each.pop("timings_ms", None)
            each.get("engine", {}).pop("edition", None)
        return report

    return strip
