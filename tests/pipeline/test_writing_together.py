"""Processes that write messages together send what one alone does, and whoever is killed costs nothing but time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest_pipeline import Site, paper
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from digest_processes import has_ended

from digest.errors import StateError, TemplateError
from digest.pipeline import crew
from digest.pipeline.deliver import Delivered, deliver
from digest.pipeline.run import renderer_of

DAY = date(2026, 6, 15)
READERS = [f"reader{number}@example.org" for number in range(60)]
RULES = ("reward", "title:graphs", "reward OR graphs", "*")
PEOPLE = "".join(
    f'[[subscribers]]\nemail = "{reader}"\nrules = ["{RULES[number % len(RULES)]}"]\n'
    for number, reader in enumerate(READERS)
)
NOBODY_LISTENS = '[delivery]\nchannel = "smtp"\n[smtp]\nhost = "127.0.0.1"\nport = 1\n'

Make = Callable[..., Site]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a state folder whose deliveries are planned."""
    state = tmp_path_factory.mktemp("planned") / "state"
    state.mkdir()
    site = Site(state, NOBODY_LISTENS + PEOPLE)
    site.drop("2026-06-15.jsonl", *(paper(n, title=f"{'Graphs and' * (n % 2)} Rewards {n}") for n in range(12)))
    site.run("2026-06-15", force=True)
    site.context().store.close()
    return state


@pytest.fixture
def waiting(planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Return a function that makes a site whose messages are written by so many processes, two at a time."""
    monkeypatch.setattr(crew, "_WORTH", 1)
    monkeypatch.setattr("digest.pipeline.deliver.BATCH", 2)
    with contextlib.ExitStack() as stack:

        def make(processes: int, toml: str = "") -> Site:
            state = tmp_path / f"{processes} at work"
            shutil.copytree(planned, state)
            site = Site(state, f"{toml}\n[work]\nprocesses = {processes}\n{PEOPLE}")
            stack.callback(lambda: site.context().store.close())
            return site

        yield make


def delivered(site: Site) -> Delivered:
    context = site.context()
    return deliver(context, renderer_of(context), DAY)


def states(site: Site) -> set[tuple[str, int]]:
    return set(site.rows("SELECT state, count(*) FROM deliveries GROUP BY state"))


def changes(site: Site) -> list[tuple[object, ...]]:
    return site.rows("SELECT delivery_id, old, new FROM delivery_changes ORDER BY id")


def test_two_processes_write_signed_messages_as_one_does_in_the_same_order(waiting: Make, tmp_path: Path):
    plain = serialization.NoEncryption()
    key = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain
    )
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "key.pem").chmod(0o600)
    signed = f'[dkim]\nkeys = [{{ selector = "s", key = "{tmp_path / "key.pem"}" }}]\n'
    alone, together = waiting(1, signed), waiting(2, signed)
    assert delivered(alone).sent == delivered(together).sent == len(READERS)
    mails = {name: data for name, data in together.written().items() if name.startswith("outbox")}
    assert len(mails) == len(READERS)
    assert alone.written() == together.written()
    assert all(data.startswith(b"DKIM-Signature: ") for data in mails.values())
    assert changes(alone) == changes(together)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_message_that_cannot_be_written_costs_only_itself(waiting: Make, processes: int):
    site = waiting(processes)
    with site.context().store.writing() as tx:
        tx.exec_driver_sql(f"UPDATE subscribers SET email = 'nowhere' WHERE email = '{READERS[30]}'")
    result = delivered(site)
    assert (result.sent, result.failed) == (len(READERS) - 1, 1)
    assert result.reasons == ["nowhere: 'nowhere' is no email address (correct or remove the subscriber)"]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_template_that_cannot_be_rendered_ends_it_and_everything_stays_planned(
    waiting: Make, tmp_path: Path, processes: int
):
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "message.txt").write_text("Dear {{ nobody.at.all }}\n")
    site = waiting(processes, f'templates = "{tmp_path}"\n')
    with pytest.raises(TemplateError, match=r"message\.txt, line 1: .*'nobody' is undefined"):
        delivered(site)
    assert states(site) == {("planned", len(READERS))}
    assert multiprocessing.active_children() == []


def test_a_process_that_is_killed_meanwhile_is_told_in_one_line_and_the_next_run_goes_on(waiting: Make):
    site, victims = waiting(2), []

    @contextlib.contextmanager
    def progress(_what: str, _total: int) -> Iterator[Callable[..., None]]:
        def step(_done: int = 1) -> None:
            if not victims:
                victims.extend(child.pid for child in multiprocessing.active_children() if child.pid)
                os.kill(victims[0], signal.SIGKILL)

        yield step

    context, result = replace(site.context(), progress=progress), Delivered()
    with pytest.raises(StateError, match=r"a process that shared the work was ended \(SIGKILL\)"):
        deliver(context, renderer_of(context), DAY, result)
    assert len(victims) == 2
    assert all(has_ended(victim) for victim in victims)
    assert 0 < result.sent < len(READERS)
    assert states(site) == {("sent", result.sent), ("planned", len(READERS) - result.sent)}
    assert result.sent + delivered(site).sent == len(READERS)
    assert sorted(path.name for path in site.state.glob("outbox/*/*")) == sorted(f"{reader}.eml" for reader in READERS)
