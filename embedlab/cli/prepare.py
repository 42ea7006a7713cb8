"""The command `prepare`: what the first start would wait for, done ahead of time."""

from __future__ import annotations

import argparse
from contextlib import suppress

from embedlab.base.errors import EmbedlabError
from embedlab.base.progress import Stages
from embedlab.encoders import inside, load


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command has no options."""


def run(options: argparse.Namespace, stages: Stages) -> None:
    """Convert the built-in model, and compile what a map needs."""
    from embedlab.space.warm import warm_up

    card = load().card
    with suppress(EmbedlabError):  # its layers are for looking, not for embedding
        inside()
    warm_up(many=True)
    print(f"Ready: {card.model} on {card.runtime}; {card.checked}.")
