"""A mail or web archive without its words: its parts and their encodings stay, pictures and the like are emptied."""

from __future__ import annotations

import base64
import binascii
import email.header
import email.message
import email.policy
import io
import re
from collections.abc import Callable
from email.generator import BytesGenerator

from digest.anonymise.running import sample_of_line
from digest.anonymise.words import Words
from digest.errors import DumpError

_KEPT = frozenset(["content-transfer-encoding", "mime-version", "date", "snapshot-date", "precedence"])
_WITH_NAMES = frozenset(("content-type", "content-disposition"))
_NAME = re.compile(r"""(\b(?:file)?name\*?\d?\*?=)("[^"]*"|[^;\s]+)""", re.IGNORECASE)
_TEXTS = re.compile(r"text/|application/(?:[\w.+-]*(?:json|xml)|x-bibtex|x-research-info-systems)", re.IGNORECASE)

Sampler = Callable[[str, Words], str]


def sample_of_mail(data: bytes, words: Words, of_text: Sampler) -> bytes:
    """Return a mail with other words in its headers and its parts; DumpError where it cannot be written."""
    ends = "\r\n" if b"\r\n" in data[:4096] else "\n"
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32.clone(linesep=ends))
        parts = list(message.walk())
        for part in parts:
            words.avoid(_text(part) or "")
        for part in parts:
            _change(part, words, of_text)
        out = io.BytesIO()
        BytesGenerator(out, mangle_from_=False, maxheaderlen=0).flatten(message, linesep=ends)
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError) as error:
        raise DumpError("its parts cannot be told", mend="save the part that matters as a file of its own") from error
    return out.getvalue()


def _change(part: email.message.Message, words: Words, of_text: Sampler) -> None:
    part._headers = [(name, _header(name, str(value), words)) for name, value in part._headers]  # type: ignore[attr-defined]
    part.preamble = part.epilogue = None
    if part.is_multipart():
        return
    text = _text(part)
    part.set_payload("" if text is None else _encoded(of_text(text, words), part))


def _header(name: str, value: str, words: Words) -> str:
    small = name.lower()
    if small in _KEPT:
        return value
    if small in _WITH_NAMES:
        return _NAME.sub(lambda found: found[1] + sample_of_line(found[2], words), value)
    if "=?" in value:
        value = str(email.header.make_header(email.header.decode_header(value)))
    made = sample_of_line(" ".join(value.split()), words)
    return made if made.isascii() else email.header.Header(made, "utf-8", maxlinelen=10_000).encode()


def _text(part: email.message.Message) -> str | None:
    """Return the text of a part, or None where it holds none."""
    if part.is_multipart() or not _TEXTS.match(part.get_content_type()):
        return None
    data = part.get_payload(decode=True)
    return data.decode(_charset(part), "replace") if isinstance(data, bytes) else None


def _charset(part: email.message.Message) -> str:
    name = part.get_content_charset() or "utf-8"
    try:
        "".encode(name)
    except LookupError:
        return "utf-8"
    return name


def _encoded(text: str, part: email.message.Message) -> str:
    """Return a text as its part had it encoded."""
    data = text.encode(_charset(part), "replace")
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = binascii.b2a_qp(data, istext=True)
    return data.decode("ascii", "surrogateescape")
