"""The command `embed`: a file's vectors, as a .npy file."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from embedlab import pipeline
from embedlab.base.progress import Stages
from embedlab.cli.arguments import add_input, how, opened, say_unknown, say_unread
from embedlab.cli.output import check_out, give, writing


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    add_input(parser)
    parser.add_argument("--out", type=Path, required=True, metavar="NPY", help="float32, a row of length 1 a text")


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Embed the file in `options`, and write its vectors."""
    check_out(options.out, [".npy"], [options.file, Path(options.vectors or "")])
    _, corpus = opened(options, stages)
    space = pipeline.embed(corpus, how(options), stages).space
    say_unread(space, options)
    with stages.stage("write"), writing(options.out), options.out.open("wb") as file:
        np.save(file, space.vectors, allow_pickle=False)
    say_unknown(space, options)
    doubt = [space.doubt] if space.doubt else []
    give(
        options, stages, space.facts, [*doubt, f"{options.out}: {' x '.join(map(str, space.vectors.shape))}, float32."]
    )
