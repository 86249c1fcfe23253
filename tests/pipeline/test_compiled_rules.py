"""Compiled rules are kept from run to run: only what changed is compiled, and nothing depends on the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_pipeline import Site, paper

from digest.errors import StateError
from digest.pipeline import compiling
from digest.rules import parse, program

Make = Callable[[str], Site]

EMAIL = "reader@example.org"


def reader(*rules: str) -> str:
    return f'[[subscribers]]\nemail = "{EMAIL}"\nrules = {list(rules)}\n'


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rules that are compiled, in order."""
    found: list[str] = []

    def counted(text: str, **options: bool):
        found.append(text)
        return parse(text, **options)

    monkeypatch.setattr(program, "parse", counted)
    return found


def kept(site: Site) -> Path:
    return site.state / compiling.NAME


def day(site: Site, number: int) -> int:
    """Run a day that brings a paper; return how many editions there are."""
    site.drop(f"2026-06-{14 + number} a.jsonl", paper(number, title="Reward Models", summary="On agents."))
    return site.run(f"2026-06-{14 + number}")["editions"]["composed"]


def test_a_rule_is_compiled_in_the_first_run_only(site: Make, read: list[str]) -> None:
    own = site(reader("reward", "agents NOT survey"))
    assert day(own, 1) == 1
    assert read == ["reward", "agents NOT survey"]
    read.clear()
    assert day(own, 2) == 1
    # The terms are read when they are looked up; no rule is.
    assert read == ["reward", "agents", "survey"]


def test_an_unchanged_set_of_rules_leaves_the_file_as_it_is(site: Make) -> None:
    own = site(reader("reward"))
    day(own, 1)
    before = kept(own).stat().st_mtime_ns, kept(own).read_bytes()
    day(own, 2)
    assert (kept(own).stat().st_mtime_ns, kept(own).read_bytes()) == before


def test_only_the_rule_that_changed_is_compiled(site: Make, read: list[str]) -> None:
    own = site(reader("reward", "agents NOT survey"))
    day(own, 1)
    read.clear()
    own.toml = reader("reward", "agents OR survey")
    assert day(own, 2) == 1
    assert "agents OR survey" in read
    assert "agents NOT survey" not in read


@pytest.mark.parametrize("data", [b"", b"junk", b"x" * 1000], ids=["empty", "short", "long"])
def test_a_damaged_file_is_made_anew(site: Make, read: list[str], data: bytes) -> None:
    own = site(reader("reward"))
    day(own, 1)
    whole = kept(own).read_bytes()
    kept(own).write_bytes(data)
    assert day(own, 2) == 1
    assert kept(own).read_bytes() == whole


def test_a_file_that_cannot_be_written_costs_nobody_an_edition(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise StateError("no space left on device", where=str(path))

    monkeypatch.setattr(compiling, "write_atomically", full)
    own = site(reader("reward"))
    assert day(own, 1) == 1
    assert not kept(own).exists()


def test_rules_out_of_use_are_thrown_out_when_they_are_many(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_SLACK", 1)
    own = site(reader("reward"))
    context = own.context()
    for number in range(9):
        compiling.compiled(context, [f"rule{number}"])
    left = compiling._kept(kept(own)).numbers
    assert "rule8" in left
    assert len(left) <= 3


def test_a_rule_that_cannot_be_read_is_not_kept(site: Make) -> None:
    own = site(reader("reward"))
    found = compiling.compiled(own.context(), ["reward", "titel:x"])
    assert list(found.problems) == ["titel:x"]
    assert list(compiling._kept(kept(own)).numbers) == ["reward"]
