"""The command `models`: what can embed texts here, and how to get more."""

from __future__ import annotations

import argparse
import sys

from embedlab.base.english import counted
from embedlab.base.progress import Stages
from embedlab.cli.output import as_json
from embedlab.encoders import models


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--json", action="store_true", help="print them as JSON")
    parser.add_argument("--get", metavar="ID", help="download a model from the hub first (organisation/model)")


def run(options: argparse.Namespace, stages: Stages) -> None:
    """List the models, after the one in `options` was downloaded."""
    if options.get:
        from embedlab.encoders.transformer.hub import download

        snapshot = download(options.get, report=stages.report)
        print(f"{snapshot.name}, revision {snapshot.revision}: downloaded.", file=sys.stderr)
    known = models()
    if options.json:
        print(as_json([entry.facts() for entry in known]))
        return
    width = max(len(entry.name) for entry in known)
    for entry in known:
        size = counted(entry.dimensions, "dimension") if entry.dimensions else ""
        state = "ready" if entry.ready else "not ready"
        print(f"{entry.name:<{width}}  {entry.family.name}, {state}: {', '.join(filter(None, [entry.how, size]))}")
