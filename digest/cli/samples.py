"""The command that makes samples of dumps for bug reports; it needs no store."""

from __future__ import annotations

import argparse
import secrets

from digest.cli.inputs import write_out
from digest.cli.terminal import note
from digest.service.samples import anonymised


def anonymise(options: argparse.Namespace) -> int:
    """Write a dump of the same shape without its words."""
    made = anonymised(options.file, secrets.token_bytes(32))
    if made.name != options.file.name:
        note(f"the sample is of {made.name} in {options.file.name}")
    write_out(made.data, options.output)
    note("look through it before you send it: whoever has the same papers can still tell which they are")
    return 0
