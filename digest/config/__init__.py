"""The configuration: TOML and environment in, validated settings out; an error names the file, the line and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from digest.config import sources
from digest.config.checks import Problem, contradictions, of_validation
from digest.config.commented import COMMENTED, write_commented
from digest.config.environment import overrides
from digest.config.lines import KeyPath, key_lines, line_of
from digest.errors import ConfigError
from digest.settings import Settings

__all__ = ["COMMENTED", "DEFAULT", "load", "write_commented"]

DEFAULT = Path("config.toml")


def load(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """Return the settings of the TOML file at ``path``, with ``DIGEST_SECTION__KEY`` of ``environ`` above them.

    Without a path, ``config.toml`` in the working folder is read if there is one, else the defaults hold. Raises
    ConfigError in one line for whatever cannot be used: a missing file, no TOML, an unknown key, a value out of range,
    an invalid rule, two subscribers of one address. Elements of arrays are counted from 1 in it. No value of a key
    is repeated in it unless it is needed to find the mistake, and a secret never is.
    """
    text = _text(path if path else DEFAULT, needed=path is not None)
    name = str(path or DEFAULT)
    table = _parsed(text, name)
    above = overrides(environ)
    for key_path, (_, value) in above.items():
        section = table.setdefault(str(key_path[0]), {})
        if isinstance(section, dict):
            section[key_path[1]] = value
    settings, problems = _checked(table)
    if settings and not problems:
        return settings
    raise _error(problems, name, _lines(text), {key_path: variable for key_path, (variable, _) in above.items()})


def _text(path: Path, *, needed: bool) -> str:
    """Return the file's text, line ends as TOML counts them; a byte order mark, which TOML knows not, is dropped."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        if not needed:
            return ""
        raise ConfigError("there is no such file", where=str(path), mend="digest init writes one") from error
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError("not UTF-8 text", where=f"{path}, line {line}", mend="save it as UTF-8") from error


def _parsed(text: str, name: str) -> dict[str, Any]:
    """Return the document as plain values; raises ConfigError with the line that TOML's reader names."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what = str(error)
        found = re.search(r" \(at line (\d+), column (\d+)\)$", what)
        line = int(found[1]) if found else text.rstrip("\n").count("\n") + 1
        column = f", column {found[2]}" if found else ""
        short = re.sub(r" \(at [^()]*\)$", "", what)
        raise ConfigError(f"not TOML: {short}", where=f"{name}, line {line}{column}") from error
    except RecursionError as error:
        raise ConfigError("nested too deeply", where=name) from error


def _checked(table: dict[str, Any]) -> tuple[Settings | None, list[Problem]]:
    try:
        settings = Settings.model_validate(table)
    except ValidationError as error:
        return None, of_validation(error, table)
    return settings, [*contradictions(settings), *sources.problems(settings)]


def _lines(text: str) -> dict[KeyPath, int]:
    try:
        return key_lines(text)
    except RecursionError:  # a document that its reader could just read
        return {}


def _error(
    problems: Iterable[Problem], name: str, lines: Mapping[KeyPath, int], variables: Mapping[KeyPath, str]
) -> ConfigError:
    """Return the error of the first problem in the file, and how many more there are."""
    ordered = sorted(problems, key=lambda problem: line_of(lines, problem.path) or 0)
    first = ordered[0]
    line = line_of(lines, first.path)
    place = f"{name}, line {line}" if line else name
    where = f"environment variable {variables[first.path]}" if first.path in variables else f"{place}, {_dotted(first)}"
    if len(ordered) == 1:
        return ConfigError(first.what, where=where, mend=first.mend)
    mend = f" ({first.mend})" if first.mend else ""
    return ConfigError(f"{first.what}{mend}; and {len(ordered) - 1} more", where=where)


def _dotted(problem: Problem) -> str:
    """Return the path as people write it: ``topics[2].rules[1].query``, counted from 1."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in problem.path)
    return "".join(parts).lstrip(".")
