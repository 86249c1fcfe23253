"""The documents are held to the program: keys, commands, states, modules, samples of JSON, and links between them."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from digest import config, rules
from digest.cli.arguments import parser
from digest.layouts import LAYOUTS, Layout
from digest.lifecycle import DELIVERY, SUBSCRIBER
from digest.models import Listing
from digest.pipeline.compose import Composed
from digest.pipeline.deliver import Delivered
from digest.pipeline.run import Result
from digest.service import subscriptions
from digest.settings import DkimKey, RuleSetting, Settings

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("[!.]*/README.md")),
]
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]

README, OPERATORS, SOURCES, ARCHITECTURE, LAYOUTS_DOCUMENT = (
    (ROOT / name).read_text("utf-8")
    for name in ("README.md", "docs/operators.md", "docs/sources.md", "docs/architecture.md", "docs/layouts.md")
)
LINK = re.compile(r"\]\(([^()\s]+)\)|<img src=\"([^\"]+)\"")


def rows(document: str, heading: str) -> dict[str, list[str]]:
    """The table below a line that begins so: {first cell without backticks: the other cells}."""
    table = document.split(f"\n{heading}", 1)[1].split("\n\n", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
    return {first.strip("` "): rest for first, *rest in cells}


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language, wherever they are indented."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", document, re.MULTILINE | re.DOTALL)
    return ["".join(line.removeprefix(indent) for line in text.splitlines(keepends=True)) for indent, text in found]


# ---- configuration


def keys() -> Iterator[tuple[str, FieldInfo]]:
    for section, field in Settings.model_fields.items():
        for model in (field.annotation, *get_args(field.annotation)):
            if isinstance(model, type) and issubclass(model, BaseModel):
                yield from ((f"{section}.{key}", own) for key, own in model.model_fields.items())
    yield from ((f"rules.{key}", own) for key, own in RuleSetting.model_fields.items())
    yield from ((f"dkim.keys.{key}", own) for key, own in DkimKey.model_fields.items())


KEYS = dict(keys())
DOCUMENTED = rows(OPERATORS, "| key | default |")


def test_the_operators_table_has_just_the_keys_there_are():
    assert list(DOCUMENTED) == list(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_documented_default_is_the_real_one(key: str):
    said, field = DOCUMENTED[key][0], KEYS[key]
    if field.is_required():
        assert said == "must be given"
    elif field.default is None:
        assert said == "–"
    else:
        told = tomllib.loads(f"x = {said.strip('`')}")["x"]
        assert (tuple(told) if isinstance(told, list) else told) == field.default


@pytest.mark.parametrize(
    "text",
    [*blocks(README, "toml"), *blocks(OPERATORS, "toml"), *blocks(SOURCES, "toml")],
    ids=lambda text: text.splitlines()[0],
)
def test_a_configuration_shown_is_a_valid_one(tmp_path: Path, text: str):
    (tmp_path / "config.toml").write_text(text, "utf-8")
    assert config.load(tmp_path / "config.toml", {}) != Settings()


# ---- commands


def commands(of: argparse.ArgumentParser, name: str = "digest") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that can be given, with its parser."""
    inner = [action for action in of._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield name, of
    for action in inner:
        for own, made in action.choices.items():
            yield from commands(made, f"{name} {own}")


COMMANDS = dict(commands(parser()))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_shown_to_operators(command: str):
    assert re.search(rf"{command}\b", OPERATORS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_stands_in_the_contract(command: str):
    contract = ARCHITECTURE.split("\n## The contract", 1)[1]
    group, _, action = command.rpartition(" ")
    shown = rf"{re.escape(group)} [\w\\|]*\b{action}\b"  # digest subscribers add\|list
    assert re.search(shown, contract)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_mentioned(command: str):
    options = {name for action in COMMANDS[command]._actions for name in action.option_strings if name[:2] == "--"}
    section = OPERATORS.split("\n## Commands", 1)[1].split("\n## Running", 1)[0]
    assert {name for name in options - {"--help"} if not re.search(rf"{name}\b", section)} == set()


def test_an_example_of_a_command_is_one_that_the_command_line_takes():
    given = re.findall(r"^    digest (.*)$", README + OPERATORS, re.MULTILINE)
    lines = [line.partition(" | ")[0] for line in given]
    assert len(lines) > 30
    for line in lines:
        assert parser().parse_args(shlex.split(line)).command


def test_rules_shown_first_can_be_read():
    block = README.split("\n## Rules\n", 1)[1].split("\n`digest", 1)[0]
    shown = [re.split(r" {2,}", line.strip())[0] for line in block.splitlines() if line.strip()]
    assert len(shown) == 5
    for rule in shown:
        assert rules.warnings(rules.parse(rule)) == ()


# ---- tables, samples and the map


@pytest.mark.parametrize("state", DELIVERY)
def test_the_ledgers_changes_are_the_documented_ones(state: str):
    told = rows(ARCHITECTURE, "| from | to |")[state][0]
    assert set(re.findall(r"\w+", told)) == DELIVERY[state]


@pytest.mark.parametrize("state", [*DELIVERY, *SUBSCRIBER])
def test_every_state_is_explained_to_operators(state: str):
    assert re.search(rf"^\| .*`{state}`", OPERATORS, re.MULTILINE)


def test_the_sample_of_a_run_has_the_fields_of_a_run():
    shown = json.loads(blocks(ARCHITECTURE.split("### `digest run --json`")[1], "json")[0])
    real = Result(date(2026, 6, 15), (), Composed(), Delivered(), 0, ()).summary()
    assert shape(shown) == shape(real)


def test_the_sample_of_a_listing_has_the_fields_of_a_listing():
    shown = json.loads(blocks(ARCHITECTURE.split("### `digest parse`")[1], "json")[0])
    assert list(shown) == list(Listing("A Title", "jsonl").as_row())


def shape(document: Any) -> Any:
    """The names in a document, without its values."""
    return {name: shape(value) for name, value in document.items()} if isinstance(document, dict) else None


def test_the_columns_of_an_export_are_the_documented_ones():
    table = OPERATORS.split("**CSV.**")[1].split("\n\n## ")[0]
    told = re.findall(r"`(\w+)`", "".join(re.findall(r"^(\| [^|]+\|)", table, re.MULTILINE)))
    assert sorted(told) == sorted(subscriptions.export([]).strip().split(","))


def test_the_map_has_every_module_there_is():
    floors = ARCHITECTURE.split("\n## The floors", 1)[1].split("\n## ", 1)[0]
    told = set(re.findall(r"`([a-z_]+(?:\.py|/))`", floors))
    real = {path.name for path in (ROOT / "digest").glob("*.py")} - {"__init__.py"}
    real |= {f"{path.parent.name}/" for path in (ROOT / "digest").glob("*/__init__.py")}
    assert told - {"templates/"} == real


def test_the_map_names_every_layout():
    told = re.search(r"^\| \| `layouts/` \|(.*)$", ARCHITECTURE, re.MULTILINE)
    assert told
    assert re.findall(r"`([\w-]+)`", told[1]) == sorted(layout.name for layout in LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_layout_stands_in_every_table_and_has_a_section(layout: Layout):
    first_cells = " ".join(rows(README, "| layout | dump |"))
    assert layout.name in re.findall(r"[\w-]+", first_cells)
    assert f"[`{layout.name}`](#{layout.name})" in rows(LAYOUTS_DOCUMENT, "| layout | what it is |")
    assert f"\n## `{layout.name}`\n" in LAYOUTS_DOCUMENT


def test_the_bookmarklet_to_copy_is_the_readable_one() -> None:
    """On one line, without comments; a browser takes percent signs of an address for escapes, so they are escaped."""
    lines = (ROOT / "docs/bookmarklet.js").read_text("utf-8").splitlines()
    code = "".join(line.strip() for line in lines if not line.startswith("//"))
    assert f"```text\njavascript:{code.replace('%', '%25')}\n```" in LAYOUTS_DOCUMENT


# ---- links, and what no document says


def anchors(document: str) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", document, flags=re.M | re.S), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_links_lead_somewhere(path: Path):
    targets = ["".join(found) for found in LINK.findall(path.read_text("utf-8"))]
    for target in targets:
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        led = (path.parent / file) if file else path
        assert led.exists(), target
        assert not anchor or anchor in anchors(led.read_text("utf-8")), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_document_can_be_reached_from_the_first(path: Path):
    linked = {(ROOT / "".join(found).partition("#")[0]).resolve() for found in LINK.findall(README)}
    aside = {ROOT / "README.md", ROOT / "state" / "README.md"}
    assert path in linked | aside


@pytest.mark.parametrize("name", [*NAMES, "constraints.txt", "config.example.toml", "Makefile", "pyproject.toml"])
def test_no_document_names_a_machine_or_a_registry(name: str):
    text = (ROOT / name).read_text("utf-8")
    assert re.findall(r"(?:/work|/root|/home|/tmp|/opt)/\S*|pypi\.\S*|pythonhosted\S*|index-url|file:///", text) == []
