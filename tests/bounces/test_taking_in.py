"""``digest bounces ingest``: what came back, from files, mailboxes, Maildirs and standard input, into the ledger."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command_line import Said, Site, paper
from returned import bounce, complaint, message_id

from digest import config
from digest.cli import main
from digest.pipeline.context import open_context
from digest.service.bouncing import ingest
from digest.service.mails import Mail
from digest.store import open_store
from digest.store.ledger import settle

DAY = "2026-06-15"
READER = "reader@example.org"
SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def sent(site: Site) -> Site:
    """Return a site that has sent an email to each of its two subscribers."""
    site.drop(f"{DAY} a.jsonl", paper(1))
    assert site("run", "--date", DAY).status == 0
    return site


def ours(site: Site, day: str = DAY) -> str:
    return message_id(site.state / "outbox" / day / f"{READER}.eml")


def taken_in(site: Site, *messages: bytes) -> Said:
    return site("bounces", "ingest", "-", "--json", stdin=mailbox(*messages))


def mailbox(*messages: bytes) -> bytes:
    return b"".join(b"From MAILER-DAEMON Mon Jun 15 07:00:05 2026\n" + message + b"\n" for message in messages)


def ledger(site: Site, email: str = READER) -> list[tuple[str, str]]:
    rows = site("deliveries", "list", "--subscriber", email, "--json").json
    return [(row["state"], row["reply"]) for row in rows]


def state_of(site: Site, email: str = READER) -> str:
    return str(site("subscribers", "show", email, "--json").json["state"])


def test_a_hard_bounce_fails_its_delivery_and_no_other(sent: Site) -> None:
    said = taken_in(sent, bounce(ours(sent), text="550 5.1.1 User unknown"))
    assert (said.status, said.err) == (0, "")
    assert said.json["kinds"]["failed"] == said.json["failures"]["hard"] == said.json["messages"] == 1
    [report] = said.json["reports"]
    assert (report["email"], report["date"], report["class"], report["status"]) == (READER, DAY, "hard", "5.1.1")
    assert (report["failed"], report["suppressed"]) == (True, False)
    assert ledger(sent) == [("failed", "bounced: 5.1.1 550 5.1.1 User unknown")]
    assert ledger(sent, "follower@example.org")[0][0] == "sent"
    assert state_of(sent) == "active"


def test_the_papers_of_what_bounced_do_not_come_back(sent: Site) -> None:
    taken_in(sent, bounce(ours(sent)))
    sent("run", "--date", "2026-06-16")
    assert not sent.mailed("2026-06-16", READER)


def test_what_is_told_to_people_names_whose_and_why(sent: Site) -> None:
    said = sent("bounces", "ingest", "-", stdin=bounce(ours(sent), text="550 5.1.1 User unknown"))
    assert said.out.splitlines() == [
        "1 message: 1 failed, 0 known, 0 foreign",
        f"  {READER}, {DAY}: failed, hard: 550 5.1.1 User unknown",
    ]


def test_the_same_message_again_changes_nothing(sent: Site) -> None:
    message = bounce(ours(sent))
    assert taken_in(sent, message, message).json["known"] == 1
    before = (sent.state / "digest.db").read_bytes()
    again = taken_in(sent, message)
    assert (again.status, again.json["known"], again.json["reports"]) == (0, 1, [])
    assert (sent.state / "digest.db").read_bytes() == before


OTHERS = {
    "a full mailbox, for good": ("5.2.2", "failed", "soft", "sent"),
    "a transient failure that was given up": ("4.4.7", "failed", "soft", "sent"),
    "taken for spam": ("5.7.1", "failed", "policy", "failed"),
    "too large": ("5.3.4", "failed", "content", "failed"),
    "delayed": ("4.2.0", "delayed", None, "sent"),
    "delivered": ("2.0.0", "delivered", None, "sent"),
}


@pytest.mark.parametrize(("status", "action", "meaning", "state"), OTHERS.values(), ids=OTHERS)
def test_what_is_not_the_address_s_fault_is_never_counted_against_it(
    sent: Site, status: str, action: str, meaning: str | None, state: str
) -> None:
    sent.configure(sent.config.read_text() + "[delivery]\nsuppress_after = 1\n")
    [report] = taken_in(sent, bounce(ours(sent), status, action=action)).json["reports"]
    assert (report["kind"], report["class"], report["suppressed"]) == (action, meaning, False)
    assert ledger(sent)[0][0] == state
    assert state_of(sent) == "active"


def test_a_complaint_suppresses_at_once_and_the_ledger_keeps_that_it_was_sent(sent: Site) -> None:
    [report] = taken_in(sent, complaint(ours(sent))).json["reports"]
    assert (report["kind"], report["suppressed"], report["failed"]) == ("complaint", True, False)
    assert (state_of(sent), ledger(sent)[0][0]) == ("suppressed", "sent")
    sent.drop("2026-06-16 a.jsonl", paper(2))
    sent("run", "--date", "2026-06-16")
    assert not sent.mailed("2026-06-16", READER)
    assert sent.mailed("2026-06-16", "follower@example.org")


def test_who_complained_is_resumed_only_when_they_asked(sent: Site) -> None:
    taken_in(sent, complaint(ours(sent)))
    refused = sent("subscribers", "resume", READER)
    assert refused.status == 2
    assert "--confirmed" in refused.complaint
    assert state_of(sent) == "suppressed"
    assert sent("subscribers", "resume", READER, "--confirmed").status == 0
    sent.drop("2026-06-16 a.jsonl", paper(2))
    sent("run", "--date", "2026-06-16")
    assert sent.mailed("2026-06-16", READER)


def test_whose_address_failed_is_resumed_by_the_operators_word(sent: Site) -> None:
    sent.configure(sent.config.read_text() + "[delivery]\nsuppress_after = 1\n")
    assert taken_in(sent, bounce(ours(sent))).json["reports"][0]["suppressed"]
    assert state_of(sent) == "suppressed"
    assert sent("subscribers", "resume", READER).status == 0
    assert state_of(sent) == "active"


def test_who_was_suppressed_comes_back_when_added_again_as_confirmed(sent: Site) -> None:
    taken_in(sent, complaint(ours(sent)))
    again = ("subscribers", "add", READER, "--rule", "x")
    assert sent(*again).status == 2
    assert sent(*again, "--confirmed").status == 0
    assert state_of(sent) == "active"


# ---- whose it is


FORGED: dict[str, Callable[[str], str]] = {
    "another list's message": lambda _: "<1234.abc@lists.example.net>",
    "another date": lambda own: own.replace("<20260615", "<20260616"),
    "another subscriber": lambda own: re.sub(r"\.(\d+)\.", lambda found: f".{int(found[1]) + 1}.", own, count=1),
    "another code": lambda own: own.replace(own[-30:-20], "aaaaaaaaaa"),
    "no code": lambda own: re.sub(r"\.[a-z2-7]{26}@", "@", own),
    "an empty one": lambda _: "<@>",
    "a number that is no subscriber's": lambda own: re.sub(r"\.\d+\.", ".999999999999.", own, count=1),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
@pytest.mark.parametrize("kind", [bounce, complaint])
def test_what_is_not_ours_changes_nothing(
    sent: Site, kind: Callable[[str], bytes], forge: Callable[[str], str]
) -> None:
    forged = forge(ours(sent))
    assert forged != ours(sent)
    said = taken_in(sent, kind(forged))
    assert (said.status, said.json["foreign"], said.json["reports"]) == (0, 1, [])
    assert (ledger(sent)[0][0], state_of(sent)) == ("sent", "active")


def test_a_message_of_another_store_is_foreign(sent: Site, tmp_path: Path) -> None:
    own = ours(sent)
    sent.state = tmp_path / "another"
    sent.drop(f"{DAY} a.jsonl", paper(1))
    assert sent.plain(*sent.arguments("run", "--date", DAY)).status == 0  # which makes a store of its own
    assert ours(sent) != own
    assert taken_in(sent, bounce(own)).json["foreign"] == 1


def test_the_case_of_a_message_id_may_change_on_its_way(sent: Site) -> None:
    assert taken_in(sent, bounce(ours(sent).upper())).json["reports"][0]["failed"]


def test_a_forwarded_copy_that_bounces_elsewhere_is_still_the_delivery_s(sent: Site) -> None:
    [report] = taken_in(sent, bounce(ours(sent), recipient="reader@new.example.net")).json["reports"]
    assert (report["email"], report["failed"]) == (READER, True)


def test_answering_machines_and_people_are_counted_and_ignored(sent: Site) -> None:
    own = ours(sent).encode()
    samples = ("vacation", "out-of-office-without-headers", "read-receipt", "a-persons-answer", "not-spam-after-all")
    messages = [re.sub(rb"<20260615\S+>", own, (SAMPLES / f"{name}.eml").read_bytes()) for name in samples]
    said = taken_in(sent, *messages)
    assert (said.status, said.json["messages"], said.json["reports"]) == (0, 5, [])
    assert (said.json["kinds"]["auto-reply"], said.json["kinds"]["other"]) == (3, 2)
    assert (ledger(sent)[0][0], state_of(sent)) == ("sent", "active")


# ---- where they lie


def test_a_maildir_is_read_and_left_as_it_is(sent: Site, tmp_path: Path) -> None:
    maildir = tmp_path / "Maildir"
    for folder in ("new", "cur", "tmp"):
        (maildir / folder).mkdir(parents=True)
    (maildir / "new" / "1.mx").write_bytes(bounce(ours(sent)))
    (maildir / "cur" / "2.mx:2,S").write_bytes((SAMPLES / "vacation.eml").read_bytes())
    (maildir / "tmp" / "3.mx").write_bytes(b"half")
    said = sent("bounces", "ingest", maildir, "--json")
    assert (said.status, said.json["messages"], said.json["kinds"]["failed"]) == (0, 2, 1)
    assert sorted(path.name for path in maildir.rglob("*.mx*")) == ["1.mx", "2.mx:2,S", "3.mx"]
    assert sent("bounces", "ingest", maildir, "--json").json["known"] == 1


def test_a_mailbox_has_as_many_messages_as_begin_in_it(sent: Site, tmp_path: Path) -> None:
    quoted = bounce(ours(sent), mark="a").replace(
        b"\n\r\n--b--",
        b"\n\r\nFrom here on, nothing since 1998\r\nof note\r\nFrom there on, more than in 1998\r\nNote: so\r\n--b--",
    )
    (tmp_path / "box").write_bytes(mailbox(quoted, bounce(ours(sent), mark="b"), bounce(ours(sent), mark="c")))
    said = sent("bounces", "ingest", tmp_path / "box", "--json")
    assert (said.json["messages"], said.json["kinds"]["failed"]) == (3, 3)
    assert [report["failed"] for report in said.json["reports"]] == [True, False, False]


def test_what_cannot_be_read_is_named_and_costs_nothing_else(sent: Site, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(bounce(ours(sent)))
    (tmp_path / "bomb.eml").write_bytes(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000)
    (tmp_path / "folder").mkdir()
    names = ("nowhere.eml", "bomb.eml", "folder", "one.eml")
    said = sent("bounces", "ingest", *(tmp_path / name for name in names), "--json")
    assert (said.status, said.json["reports"][0]["failed"]) == (1, True)
    assert [line.split(": ")[0].rsplit("/")[-1] for line in said.json["unread"]] == list(names[:3])
    assert said.err.count("digest: ") == said.err.count("\n") == 3


def test_a_file_of_a_maildir_that_cannot_be_read_is_named_and_costs_no_other(sent: Site, tmp_path: Path) -> None:
    maildir = tmp_path / "Maildir"
    (maildir / "new").mkdir(parents=True)
    (maildir / "new" / "1.mx").symlink_to("/proc/self/mem")  # which nobody can read the beginning of
    (maildir / "new" / "2.mx").write_bytes(bounce(ours(sent)))
    said = sent("bounces", "ingest", maildir, "--json")
    assert (said.status, said.json["unread"]) == (1, [f"{maildir}/new/1.mx: input/output error"])
    assert said.json["reports"][0]["failed"]


def test_standard_input_that_is_closed_or_broken_is_named(sent: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = sent.arguments("bounces", "ingest", "-")
    with Path("/proc/self/mem").open() as broken:  # nobody can read its beginning
        for stream, why in ((None, "is closed"), (broken, "input/output error")):
            monkeypatch.setattr(sys, "stdin", stream)
            assert main(arguments) == 1
            assert f"digest: standard input: {why}\n" in sent.capsys.readouterr().err


def test_a_dry_run_says_what_would_happen_and_leaves_it(sent: Site) -> None:
    sent.configure(sent.config.read_text() + "[delivery]\nsuppress_after = 1\n")
    messages = mailbox(bounce(ours(sent), mark="a"), bounce(ours(sent), mark="b"))
    said = sent("bounces", "ingest", "-", "--dry-run", "--json", stdin=messages)
    assert [(one["failed"], one["suppressed"]) for one in said.json["reports"]] == [(True, True), (False, False)]
    assert (ledger(sent)[0][0], state_of(sent)) == ("sent", "active")
    assert "dry run" in sent("bounces", "ingest", "-", "--dry-run", stdin=messages).out
    assert taken_in(sent, bounce(ours(sent), mark="a")).json["known"] == 0


def test_a_dry_run_locks_nothing_while_messages_come(sent: Site) -> None:
    message = bounce(ours(sent))

    def slowly() -> Iterator[Mail]:
        yield Mail("a", message)
        with contextlib.closing(sqlite3.connect(sent.state / "digest.db", timeout=0)) as other, other:
            other.execute("UPDATE subscribers SET name = 'Ada'")
        yield Mail("b", message)

    context = open_context(config.load(sent.config, {}), state=sent.state)
    with contextlib.closing(context.store):
        total = ingest(context, slowly(), dry_run=True)
    assert (total.messages, total.known, [told.failed for told in total.told]) == (2, 1, [True])
    assert ledger(sent)[0][0] == "sent"


def test_nothing_to_read_is_wrong_use_and_nothing_in_it_is_none(sent: Site) -> None:
    assert sent("bounces", "ingest").status == 2
    assert sent("bounces", "ingest", "-", "--json").json["messages"] == 0


def test_a_bounce_that_is_faster_than_the_ledger_has_the_last_word(sent: Site) -> None:
    """It may come before the server's "250" is noted; that is noted by a guarded statement, which finds no row then."""
    store = sent.state / "digest.db"
    own = ours(sent)
    with contextlib.closing(sqlite3.connect(store)) as tx, tx:
        tx.execute("UPDATE deliveries SET state = 'sending'")
    assert taken_in(sent, bounce(own)).json["reports"][0]["failed"]
    opened = open_store(sent.state, "sqlite:///digest.db")
    with opened.writing() as tx:
        number = tx.exec_driver_sql("SELECT id FROM deliveries WHERE state = 'failed'").scalar_one()
        assert not settle(tx, number, "sent", reply="250 ok", now="2026-06-15T08:00:00Z")
    opened.close()
    assert ledger(sent)[0][0] == "failed"


def test_each_change_that_a_bounce_makes_stands_in_the_delivery_s_history(sent: Site) -> None:
    taken_in(sent, bounce(ours(sent), text="550 5.1.1 User unknown"))
    shown = sent("deliveries", "show", READER, "--json").json
    assert (shown["changes"][-1]["old"], shown["changes"][-1]["new"]) == ("sent", "failed")
    assert shown["changes"][-1]["reply"] == "bounced: 5.1.1 550 5.1.1 User unknown"
    assert [(told["kind"], told["status"]) for told in shown["bounces"]] == [("failed", "5.1.1")]
