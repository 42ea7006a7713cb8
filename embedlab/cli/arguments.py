"""What the commands of `python -m embedlab` take: their options, with defaults and help."""

from __future__ import annotations

import argparse
from pathlib import Path

from embedlab.encoders import DEFAULT_MODEL

TEXT = "the column that holds the texts, or several, such as title,text (default: a guess)"


def search(searched: argparse.ArgumentParser) -> None:
    searched.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the texts to search")
    searched.add_argument("--text", metavar="COL", help=TEXT)
    searched.add_argument("--query", metavar="TEXT", help="what to look for")
    searched.add_argument("--mode", choices=("meaning", "words", "both"), default="both", help="how (default both)")
    searched.add_argument("--k", type=int, default=10, metavar="N", help="how many texts to show (default 10)")
    searched.add_argument("--beir", type=Path, metavar="DIR", help="measure all three on a folder in BEIR's layout")
    searched.add_argument(
        "--split", default="test", metavar="NAME", help="its judgements, qrels/NAME.tsv (default test)"
    )
    add_model(searched)
    searched.add_argument("--json", action="store_true", help="print what was found as JSON")


def compare(compared: argparse.ArgumentParser) -> None:
    compared.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the texts to compare them on")
    compared.add_argument("--text", metavar="COL", help=TEXT)
    compared.add_argument(
        "--models",
        required=True,
        metavar="A,B",
        help="two to six names, with commas between; NAME@fp32 for full precision; for vectors of your own a column of "
        "FILE, or a .npy file",
    )
    compared.add_argument("--label", metavar="COL", help="measure them by the labels in this column")
    compared.add_argument("--pairs", type=Path, metavar="FILE", help="measure them by pairs of texts with scores")
    compared.add_argument("--id", metavar="COL", help="the column of ids that --pairs names (default: row numbers)")
    compared.add_argument("--beir", type=Path, metavar="DIR", help="measure them on a folder in BEIR's layout")
    compared.add_argument(
        "--split",
        metavar="NAME",
        help="with --label, the column that says train or test (default: a guess); with --beir, its judgements, "
        "qrels/NAME.tsv (default test)",
    )
    compared.add_argument(
        "--in-turn", action="store_true", help="with --label, ask about every text in turn, whatever the file's split"
    )
    compared.add_argument(
        "--queries",
        type=Path,
        metavar="FILE",
        help="queries, one a line: which would return something else if the second model replaced the first? "
        "(default: those of --beir)",
    )
    compared.add_argument("--k", type=int, default=10, metavar="N", help="how many neighbours count (default 10)")
    compared.add_argument("--json", action="store_true", help="print everything as JSON")
    compared.add_argument("--out", type=Path, metavar="HTML", help="the report to write; it stands alone")


def check(checked: argparse.ArgumentParser) -> None:
    checked.add_argument("file", type=Path, metavar="FILE", help="the texts to check")
    checked.add_argument("--text", metavar="COL", help=TEXT)
    checked.add_argument("--label", metavar="COL", help="the column that holds labels, to find doubtful ones")
    checked.add_argument("--split", metavar="COL", help="the column that says train or test, to find leaks")
    add_model(checked)
    checked.add_argument("--threshold", type=float, metavar="X", help="how alike near-duplicates are, 0 to 1")
    checked.add_argument("--seed", type=int, default=0, metavar="N", help="fixes every random step (default 0)")
    checked.add_argument("--against", type=Path, metavar="FILE", help="also say what differs from these texts before")
    checked.add_argument("--source", default="", metavar="TEXT", help="where the texts come from, for the report")
    checked.add_argument("--licence", default="", metavar="TEXT", help="the texts' licence, for the report")
    checked.add_argument("--json", action="store_true", help="print everything as JSON")
    checked.add_argument("--out", type=Path, metavar="HTML", help="the report to write; it stands alone")
    checked.add_argument(
        "--fail-on",
        metavar="LIST",
        help="exit with 1 if one of these holds, such as verdict>1,duplicates>2%%,labels>5%%,leaks,cut,accuracy<0.8",
    )


def drift(drifted: argparse.ArgumentParser) -> None:
    drifted.add_argument("file", type=Path, metavar="A", help="the texts before")
    drifted.add_argument("after_file", type=Path, nargs="?", metavar="B", help="the texts after")
    drifted.add_argument("--text", metavar="COL", help=TEXT)
    drifted.add_argument("--after-text", metavar="COL", help="the same in B, if it has another name there")
    drifted.add_argument("--label", metavar="COL", help="the column that holds labels (default: a guess)")
    drifted.add_argument("--by", metavar="COL", help="part A by this column: train and test, two values, or a cut")
    drifted.add_argument("--before", metavar="V", help="with --by: the value of the texts before")
    drifted.add_argument("--after", metavar="V", help="with --by: the value of the texts after (default: all others)")
    drifted.add_argument("--at", metavar="V", help="with --by: cut dates, numbers or versions here")
    drifted.add_argument("--over", metavar="COL", help="the column of the curve over time (default: that of --by)")
    drifted.add_argument(
        "--period",
        choices=("day", "month", "year", "decade"),
        help="of the curve (default: as the texts allow)",
    )
    drifted.add_argument(
        "--reference",
        choices=("first", "previous"),
        default="first",
        help="what a period is held against: the first ones, or the one before it (default first)",
    )
    add_model(drifted)
    drifted.add_argument("--seed", type=int, default=0, metavar="N", help="fixes every random step (default 0)")
    drifted.add_argument("--json", action="store_true", help="print everything as JSON")
    drifted.add_argument("--out", type=Path, metavar="HTML", help="the report to write; it stands alone")
    drifted.add_argument(
        "--fail-on",
        metavar="LIST",
        help="exit with 1 if one of these holds, such as verdict>1,auc>0.7,labels,moved>0.1; --json names them all",
    )


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
