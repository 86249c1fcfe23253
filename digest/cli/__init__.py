"""The command line: arguments in, exit status out; ``main`` is what tests call and ``entry`` what the shell does."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from collections.abc import Sequence

from digest.cli import caret
from digest.cli.arguments import parser
from digest.cli.terminal import complain
from digest.errors import ConfigError, DigestError, RuleError, UsageError

DONE, REFUSED, WRONG_USE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status (see the contract in ``docs/architecture.md``)."""
    try:
        options = parser().parse_args(argv)
    except SystemExit as asked:  # argparse: --help is 0, wrong use is 2
        return int(asked.code or 0)
    try:
        # Imported when asked for: most commands need the store, and that takes a while to load.
        module, _, function = options.command.partition(":")
        status: int = getattr(importlib.import_module(f"digest.cli.{module}"), function)(options)
    except (ConfigError, UsageError) as error:
        complain(str(error))
        return WRONG_USE
    except RuleError as error:
        complain("\n".join((str(error), *caret.shown(error))))
        return WRONG_USE
    except DigestError as error:
        complain(str(error))
        return REFUSED
    except BrokenPipeError:
        # The reader of our output is gone, as after `| head`; Python would complain once more at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        complain("interrupted; nothing was half done, the next run goes on")
        return 128 + signal.SIGINT
    return status


def entry() -> None:
    """Run the command line of this process, and end it."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a title may hold what the terminal's encoding does not
    sys.exit(main())
