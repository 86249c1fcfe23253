"""Every command that docs/rules.md shows prints what it shows, on the papers of the demo."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from command_line import Site

ROOT = Path(__file__).parents[2]
SHOWN = re.findall(
    r"^    \$ digest (.*)\n((?:    (?!\$ ).*\n)*)", (ROOT / "docs/rules.md").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder whose inbox holds the example dumps."""
    state = tmp_path_factory.mktemp("demo") / "demo"
    shutil.copytree(ROOT / "examples" / "dumps", state / "inbox")
    return state


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_shown_prints_what_is_shown(site: Site, demo: Path, command: str, output: str) -> None:
    if not (demo / "digest.db").exists():
        assert site.plain("run", "--date", "2026-06-21", "--force", "--state", demo).status == 0
    arguments = shlex.split(command)
    if "--state" in arguments:
        arguments[arguments.index("--state") + 1] = str(demo)
    said = site.plain(*arguments)
    assert said.out + said.err == re.sub(r"^    ", "", output, flags=re.MULTILINE)


def test_each_way_of_trying_a_rule_is_shown() -> None:
    assert {" ".join(command.split()[:2]) for command, _ in SHOWN} == {"rules check", "rules match", "rules explain"}
