"""What the commands of `python -m embedlab` take: their options, with defaults and help."""

from __future__ import annotations

import argparse
from pathlib import Path

from embedlab.encoders import DEFAULT_MODEL

TEXT = "the column that holds the texts, or several, such as title,text (default: a guess)"


def add_input(parser: argparse.ArgumentParser) -> None:
    """Add the file and its text, the model or own vectors, and --json."""
    parser.add_argument("file", type=Path, metavar="FILE", help="TXT, CSV, TSV, JSON, JSONL, Parquet or XLSX, also .gz")
    parser.add_argument("--text", metavar="COL", help=TEXT)
    add_model(parser)
    parser.add_argument(
        "--vectors", metavar="COL", help="use your own vectors: a column of lists of numbers, or a .npy file"
    )
    parser.add_argument("--json", action="store_true", help="print counts and seconds per stage as JSON")


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the model, its dimensions and its precision."""
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="NAME", help=f"see the command “models” (default {DEFAULT_MODEL})"
    )
    parser.add_argument("--dimensions", type=int, metavar="N", help="keep only the first N dimensions (Matryoshka)")
    parser.add_argument("--exact", action="store_true", help="compute in fp32 also where bfloat16 is faster")


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Add the seed."""
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="fixes every random step (default 0)")
