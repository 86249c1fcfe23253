"""The units, the Dockerfile and the line for cron are held to the program: what they start can be started."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from digest.cli.arguments import parser
from digest.schedule import STOP_WITHIN

ROOT = Path(__file__).parents[1]
UNITS = sorted((ROOT / "deploy").glob("*"))
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
RUNNING = (ROOT / "docs" / "running.md").read_text("utf-8")
PROGRAM = "/srv/digest/.venv/bin/digest"


def settings(unit: Path) -> dict[str, str]:
    """Return what a unit sets, the last of each name."""
    lines = [line for line in unit.read_text("utf-8").splitlines() if "=" in line and line[0] not in "#["]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def instruction(name: str) -> list[str]:
    """Return the words of an instruction of the Dockerfile that is in the form of a list."""
    (words,) = re.findall(rf"^{name} (\[.*\])$", DOCKERFILE, re.MULTILINE)
    found: list[str] = json.loads(words)
    return found


def commands() -> dict[str, list[str]]:
    """Return every call of the program in what is deployed, without the program."""
    found = {unit.name: settings(unit)["ExecStart"] for unit in UNITS if unit.suffix == ".service"}
    found |= {"cron": re.findall(r"^30 6 .*bin/(digest .*)$", RUNNING, re.MULTILINE)[0]}
    found |= {"docker": re.findall(r"^    docker exec digest (digest .*)$", RUNNING, re.MULTILINE)[0]}
    return {name: shlex.split(line)[1:] for name, line in found.items()} | {"Dockerfile": instruction("CMD")}


@pytest.mark.parametrize("name", commands())
def test_what_is_started_is_what_the_command_line_takes(name: str) -> None:
    words = commands()[name]
    assert parser().parse_args(words).command
    assert words[0] == {"digest.service": "serve", "Dockerfile": "serve", "docker": "status"}.get(name, "run")


def test_the_image_starts_the_program_and_asks_it_where_it_listens() -> None:
    assert instruction("ENTRYPOINT") == ["digest"]
    arguments = parser().parse_args(instruction("CMD"))
    asked = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", DOCKERFILE)
    assert asked == [(str(arguments.port), "/healthz")]
    assert f"EXPOSE {arguments.port}\n" in DOCKERFILE


def test_the_image_is_made_of_files_that_are_there_and_not_kept_out() -> None:
    copied = [word for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"}
    assert set(copied) == let_in
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_service_is_given_longer_to_end_than_it_takes() -> None:
    assert int(settings(ROOT / "deploy" / "digest.service")["TimeoutStopSec"]) > STOP_WITHIN + 10


def test_the_timer_starts_the_run() -> None:
    timer = settings(ROOT / "deploy" / "digest-run.timer")
    assert (ROOT / "deploy" / timer["Unit"]).exists()
    assert timer["Persistent"] == "true"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_finds_no_fault_with_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(PROGRAM, sys.executable), "utf-8")
    files = [str(tmp_path / unit.name) for unit in UNITS]
    said = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
