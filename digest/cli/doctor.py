"""`digest doctor`: a verdict on everything that sending needs, a line for each, and the mend."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from digest.cli.inputs import settings_of
from digest.cli.terminal import say, say_json
from digest.cli.world import opened
from digest.config import DEFAULT
from digest.errors import StateError
from digest.service import doctor
from digest.service.doctor.finding import Finding, ok, problem


def examine(options: argparse.Namespace) -> int:
    """Print the findings; return 1 where one is a problem. A configuration that cannot be used is raised as ever."""
    settings_of(options)
    findings: list[Finding] = []
    for finding in _found(options):
        findings.append(finding)
        if not options.json:
            say(finding.line())
    verdicts = [finding.verdict for finding in findings]
    if options.json:
        say_json({"healthy": "problem" not in verdicts, "findings": [_as_json(finding) for finding in findings]})
    return int("problem" in verdicts)


def _found(options: argparse.Namespace) -> Iterator[Finding]:
    path = options.config or DEFAULT
    yield ok("configuration", str(path) if path.exists() else "the defaults, as there is no config.toml")
    try:
        with opened(options) as context:
            yield from doctor.examine(context)
    except StateError as error:
        yield problem("state folder and store", f"{error.where}: {error.what}", error.mend)


def _as_json(finding: Finding) -> dict[str, str]:
    return {"check": finding.check, "verdict": finding.verdict, "told": finding.told, "mend": finding.mend}
