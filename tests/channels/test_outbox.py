"""The outbox: whole files under the right names, and what happens when the disk says no."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.channels import outbox
from digest.channels.base import Parcel, Settled
from digest.errors import StateError, TemplateError
from digest.models import Outcome

DAY = date(2026, 6, 16)
A, B = "a@example.org", "b@example.org"


class Ledger:
    """Keeps what was claimed and handed back, in order; None is what was claimed in vain."""

    def __init__(self, refuse: str = "") -> None:
        self.refuse = refuse
        self.claimed: list[str] = []
        self.reported: list[tuple[str, Outcome]] = []
        self.released: list[str] = []

    def turn(self, done: Sequence[Settled], wanted: Sequence[Parcel]) -> list[Parcel]:
        self.reported += [(parcel.to, outcome) for parcel, outcome in done if outcome]
        self.released += [parcel.to for parcel, outcome in done if not outcome]
        may = [parcel for parcel in wanted if parcel.to != self.refuse]
        self.claimed += [parcel.to for parcel in may]
        return may


def parcel(to: str, data: bytes = b"Subject: x\r\n\r\n.\r\n") -> Parcel:
    return Parcel(1, DAY, to, "digest@example.org", data)


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_each_message_becomes_a_file_of_its_date_and_address(tmp_path: Path):
    ledger = Ledger()
    outbox.Outbox(tmp_path).deliver([parcel("a+b@example.org", b"one"), parcel(B, b"two")], ledger.turn)
    assert files(tmp_path) == {"2026-06-16/a+b@example.org.eml": b"one", "2026-06-16/b@example.org.eml": b"two"}
    path = tmp_path / "2026-06-16" / "a+b@example.org.eml"
    assert ledger.reported[0] == ("a+b@example.org", Outcome("sent", str(path)))


def test_the_same_delivery_again_replaces_its_file(tmp_path: Path):
    out, ledger = outbox.Outbox(tmp_path), Ledger()
    out.deliver([parcel(A, b"one")], ledger.turn)
    out.deliver([parcel(A, b"two")], ledger.turn)
    assert files(tmp_path) == {"2026-06-16/a@example.org.eml": b"two"}


def test_what_a_killed_run_left_behind_is_cleared_by_the_next(tmp_path: Path):
    (tmp_path / "2026-06-16").mkdir()
    (tmp_path / "2026-06-16" / ".a@example.org.eml.part").write_bytes(b"hal")
    ledger = Ledger()
    outbox.Outbox(tmp_path).deliver([parcel(A, b"whole")], ledger.turn)
    assert files(tmp_path) == {"2026-06-16/a@example.org.eml": b"whole"}


def test_who_is_not_claimed_gets_no_file(tmp_path: Path):
    ledger = Ledger(refuse=A)
    outbox.Outbox(tmp_path).deliver([parcel(A), parcel(B)], ledger.turn)
    assert list(files(tmp_path)) == ["2026-06-16/b@example.org.eml"]
    assert [to for to, _ in ledger.reported] == [B]


def test_a_file_appears_only_after_its_claim(tmp_path: Path):
    final = tmp_path / "2026-06-16" / "a@example.org.eml"
    seen: list[bool] = []

    def turn(_done: Sequence[Settled], wanted: Sequence[Parcel]) -> Sequence[Parcel]:
        seen.append(final.exists())
        return wanted

    outbox.Outbox(tmp_path).deliver([parcel(A)], turn)
    assert seen == [False, True]
    assert final.exists()


def test_a_broken_message_is_not_claimed(tmp_path: Path):
    def parcels() -> Iterator[Parcel]:
        yield parcel(A)
        raise TemplateError("no such block")

    ledger = Ledger()
    with pytest.raises(TemplateError):
        outbox.Outbox(tmp_path).deliver(parcels(), ledger.turn)
    assert ledger.claimed == [A]
    assert len(ledger.reported) == 1


@pytest.mark.parametrize("call", ["fsync", "mkdir", "open"])
def test_a_disk_that_refuses_is_one_clear_line_and_claims_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os if call == "fsync" else Path, call, full)
    ledger = Ledger()
    with pytest.raises(StateError) as caught:
        outbox.Outbox(tmp_path).deliver([parcel(A), parcel(B)], ledger.turn)
    monkeypatch.undo()
    folder = tmp_path / "2026-06-16"
    assert str(caught.value) == f"{folder}: cannot be written: No space left on device (what is not there yet waits)"
    assert ledger.claimed == []
    assert files(tmp_path) == {}


def test_a_rename_that_fails_defers_the_one_that_was_claimed(tmp_path: Path):
    (tmp_path / "2026-06-16" / "b@example.org.eml").mkdir(parents=True)  # cannot be replaced by a file
    ledger = Ledger()
    with pytest.raises(StateError, match="cannot be written: Is a directory"):
        outbox.Outbox(tmp_path).deliver([parcel(A), parcel(B), parcel("c@d.org")], ledger.turn)
    assert {to: outcome.state for to, outcome in ledger.reported} == {A: "sent", B: "deferred"}
    assert ledger.released == ["c@d.org"]


def test_a_name_that_this_file_system_cannot_have_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outbox, "_LONGEST", 400)  # so that a name reaches the file system which it refuses
    ledger, long = Ledger(), "a" * 300 + "@example.org"
    outbox.Outbox(tmp_path).deliver([parcel(long), parcel(B)], ledger.turn)
    assert ledger.reported[0] == (long, Outcome("failed", "cannot be named here: File name too long"))
    assert ledger.reported[1][1].state == "sent"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        pytest.param("a+b@example.org", "a+b@example.org", id="plain"),
        pytest.param("o'hara_{x}~#!$&=^`-@example.org", "o'hara_{x}~#!$&=^`-@example.org", id="odd and harmless"),
        pytest.param("jürgen@bücher.example", "jürgen@bücher.example", id="international"),
        pytest.param("../../etc/x@example.org", "%2E./..%2Fetc%2Fx@example.org".replace("/", "%2F"), id="path"),
        pytest.param("a\\b@example.org", "a%5Cb@example.org", id="backslash"),
        pytest.param("a%2Fb@example.org", "a%252Fb@example.org", id="percent"),
        pytest.param("a\0b\n@example.org", "a%00b%0A@example.org", id="control characters"),
        pytest.param('<a|b?*:">@example.org', "%3Ca%7Cb%3F%2A%3A%22%3E@example.org", id="what Windows forbids"),
        pytest.param(".hidden@example.org", "%2Ehidden@example.org", id="leading dot"),
        pytest.param("\ud800@example.org", "%ED%A0%80@example.org", id="lone surrogate"),
    ],
)
def test_an_address_becomes_a_file_name(address: str, name: str):
    assert outbox.file_name(address) == name


@given(st.text(max_size=60))
def test_every_address_has_a_safe_name_that_leads_back_to_it(address: str):
    name = outbox.file_name(address)
    assert not re.search(r'[/\\<>:"|?*\s\0]', name)
    assert not name.startswith(".")
    assert unquote(name, errors="surrogatepass") == address


@given(st.text(min_size=200, max_size=400), st.text(min_size=200, max_size=400))
def test_long_addresses_have_names_that_fit_and_differ(one: str, other: str):
    names = [f".{outbox.file_name(address)}.eml.part" for address in (one, other)]
    assert all(len(name.encode()) <= 255 for name in names)
    assert (names[0] == names[1]) == (one == other)
