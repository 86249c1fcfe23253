"""Settings from the environment: ``DIGEST_SMTP__PASSWORD`` is the key ``password`` of ``[smtp]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from digest.config.checks import suggestion
from digest.config.lines import KeyPath
from digest.errors import ConfigError
from digest.settings import Settings

_PREFIX = "DIGEST_"
_TRUTHS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def overrides(environ: Mapping[str, str]) -> dict[KeyPath, tuple[str, object]]:
    """Return {(section, key): (variable's name, value as its field's type)} of all ``DIGEST_SECTION__KEY``.

    Names without ``__`` are none of ours. An empty value unsets a key that may be unset. Raises ConfigError, which
    names the variable and not its value, for an unknown section or key, a number that is none, and a list.
    """
    found: dict[KeyPath, tuple[str, object]] = {}
    for name in sorted(environ):
        if name.startswith(_PREFIX) and "__" in name:
            section, key = name.removeprefix(_PREFIX).lower().split("__", 1)
            found[section, key] = name, _value(_field(name, section, key), name, environ[name])
    return found


def _field(name: str, section: str, key: str) -> FieldInfo:
    sections = {
        field_name: field.annotation
        for field_name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
    }
    if section not in sections:
        raise _error(name, "no section of the configuration that a variable can set", suggestion(section, sections))
    fields = sections[section].model_fields
    if key not in fields:
        raise _error(name, f"no key of [{section}]", suggestion(key, fields))
    return fields[key]


def _value(field: FieldInfo, name: str, text: str) -> object:
    kinds: tuple[Any, ...] = (field.annotation, *get_args(field.annotation))
    if type(None) in kinds and not text:
        return None
    if bool in kinds:
        if text.strip().lower() not in _TRUTHS:
            raise _error(name, "neither true nor false", "")
        return _TRUTHS[text.strip().lower()]
    if int in kinds:
        try:
            return int(text)
        except ValueError:
            raise _error(name, "not a whole number", "") from None  # its message would repeat the value
    return text


def _error(name: str, what: str, mend: str) -> ConfigError:
    return ConfigError(what, where=f"environment variable {name}", mend=mend)
