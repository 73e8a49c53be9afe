"""What every experiment is told on the command line."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Both sets of pictures, and a place for what takes long."""
    parser.add_argument("--data", type=Path, required=True, help="BreakHis, or our subset of it")
    parser.add_argument("--oral", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="where what is computed is kept")
