"""`digest sources`: what an operator sees of the ways in, and asking them by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from digest.cli import main

CONFIG = """
[[sources]]
name = "kept"
kind = "folder"
path = "kept"

[[sources]]
name = "gone"
kind = "folder"
path = "gone"
cron = "0 7 * * mon-fri"
"""


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    (tmp_path / "config.toml").write_text(CONFIG)
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "2026-06-15 page.jsonl").write_text('{"title": "An Invented Paper"}\n')
    os.utime(folder / "2026-06-15 page.jsonl", (1, 1))
    return ["--config", str(tmp_path / "config.toml"), "--state", str(tmp_path / "state")]


def test_a_source_is_asked_by_its_name_and_its_dump_waits(
    options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sources", "ask", "kept", *options]) == 0
    assert capsys.readouterr().out == "kept: brought 1 dump\n"
    assert [path.name for path in (tmp_path / "state/inbox/kept").iterdir()] == ["2026-06-15 page.jsonl"]
    assert main(["sources", "ask", "kept", *options]) == 0
    assert capsys.readouterr().out == "kept: nothing new\n"


def test_one_that_fails_is_named_and_the_others_are_asked(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sources", "ask", *options]) == 1
    told = capsys.readouterr()
    assert told.out == "kept: brought 1 dump\n"
    assert told.err.startswith("digest: gone: ")
    assert len(told.err.splitlines()) == 1
    assert main(["sources", "list", *options]) == 0
    kept, gone = capsys.readouterr().out.splitlines()
    assert kept.startswith("kept: folder, every 30 min; asked 20")
    assert "brought something 20" in kept
    assert gone.startswith("gone: folder, at 0 7 * * mon-fri; asked 20")
    assert ", failing since 20" in gone


def test_a_source_that_is_none_is_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "ask", "kpt", *options]) == 2
    assert "kpt: no such source (sources are: kept, gone)" in capsys.readouterr().err


@pytest.mark.parametrize("action", ["list", "ask"])
def test_where_there_are_none_that_is_said(action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", action, "--state", str(tmp_path / "state")]) == 0
    told = capsys.readouterr()
    assert "no sources: " in told.out + told.err


def test_machines_get_a_list(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources", "list", "--json", *options]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["kind"], row["when"], row["checked_at"]) for row in rows] == [
        ("kept", "folder", "every 30 min", None),
        ("gone", "folder", "at 0 7 * * mon-fri", None),
    ]


def test_a_run_for_today_asks_them_first_and_names_one_that_fails(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--json", *options]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["dumps"]["ingested"] == 1
    assert "gone: " in told.err


def test_a_run_for_an_earlier_date_does_not_ask(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--date", "2026-06-15", "--json", *options]) == 0
    assert json.loads(capsys.readouterr().out)["dumps"]["ingested"] == 0
