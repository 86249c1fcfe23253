"""What the operator is told: a week of troubles makes exactly these mails, and nothing secret stands in them."""

from __future__ import annotations

import email
import email.policy
import itertools
import re
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

import pytest
from conftest_pipeline import Site, paper
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import Script, running

from digest.pipeline.alerting import PAUSE, RETRY, is_worth, reconciled, tell_operator
from digest.pipeline.context import instant
from digest.pipeline.run import deliver_pending
from digest.pipeline.troubles import Trouble
from digest.store.troubles import Kept, Mails, refusal, set_refusal

OPERATOR, READER = "ops@example.org", "reader@example.org"
HEAD = f'operator = "{OPERATOR}"\n'
READERS = f'[[subscribers]]\nemail = "{READER}"\nrules = [{{ name = "Quiet wish", query = "reward" }}]\n'
MONDAY = datetime(2026, 6, 1, 7, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
END = "digest status tells more. Such a mail comes when something is new, and at\nmost every six hours.\n"


def mails(own: Site) -> list[EmailMessage]:
    """Return the mails to the operator in the outbox, in order."""
    paths = sorted((own.state / "outbox" / "operator").rglob("*.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]  # type: ignore[misc]


def texts(own: Site) -> list[str]:
    return [body(found) for found in mails(own)]


def body(message: EmailMessage) -> str:
    return str(message.get_content()).replace("\r\n", "\n").removesuffix(END)


def subjects(own: Site) -> list[str]:
    return [str(found["Subject"]) for found in mails(own)]


@pytest.fixture
def own(site: Callable[[str], Site]) -> Site:
    """A site with an operator whose page "loud" has come on ten weekdays, and "hushed" until Tuesday 9 June."""
    made = site(HEAD + READERS)
    made.clock = MONDAY
    for more in range(12):
        day = (MONDAY + DAY * more).date()
        if day.weekday() < 5:
            made.drop(f"loud/{day} page.jsonl", paper(100 + more))
        if day.weekday() < 5 and day <= date(2026, 6, 9):
            made.drop(f"hushed/{day} page.jsonl", paper(200 + more))
    return made


def live(own: Site, until: str, step: timedelta = DAY) -> None:
    """Run each day at 07:00, and look for troubles at each step, up to a day."""
    last = datetime.fromisoformat(f"{until}T23:59:59+00:00")
    while own.clock <= last:
        if own.clock.hour == 7:
            own.run(own.clock.date().isoformat())
        else:
            tell_operator(own.context())
        own.clock += step


@pytest.mark.slow
def test_a_week_with_a_silent_page_two_rejected_dumps_and_a_mend_makes_three_mails(own: Site) -> None:
    for day in range(15, 20):
        own.drop(f"loud/2026-06-{day} page.jsonl", paper(300 + day))
    own.drop_text("2026-06-15 one.txt", "nobody knows this\n")
    own.drop_text("2026-06-15 two.txt", "nor this\n")
    live(own, "2026-06-17", HOUR)
    own.drop("hushed/2026-06-18 page.jsonl", paper(400))
    live(own, "2026-06-19", HOUR)
    assert [(found["Date"].datetime.isoformat(), found["Subject"]) for found in mails(own)] == [
        ("2026-06-13T00:00:00+00:00", "Paper digest: 1 new trouble"),
        ("2026-06-15T07:00:00+00:00", "Paper digest: 2 new troubles"),
        ("2026-06-18T07:00:00+00:00", "Paper digest: all is well again"),
    ]
    silent, rejected, well = texts(own)
    assert silent == ("New:\n- hushed: silent since Tuesday 9 June; it usually brings a dump every\n  weekday\n\n")
    assert rejected.startswith("New:\n- 2026-06-15 one.txt was rejected: ")
    assert "\n- 2026-06-15 two.txt was rejected: " in rejected
    assert rejected.endswith(
        "\n\nStill so:\n- hushed: silent since Tuesday 9 June; it usually brings a dump every\n"
        "  weekday (since 2026-06-13 00:00 UTC)\n\n"
    )
    assert well == (
        "Over:\n- hushed: silent since Tuesday 9 June; it usually brings a dump every\n"
        "  weekday (since 2026-06-13 00:00 UTC)\n\nAll is well again.\n\n"
    )


def test_a_mail_is_one_of_a_program_to_one_person(own: Site) -> None:
    assert tell_operator(own.context(), [("x", "x hangs")])
    (found,) = mails(own)
    assert found["From"] == "Digest <digest@example.org>"
    assert found["To"] == OPERATOR
    assert found["Auto-Submitted"] == "auto-generated"
    assert re.fullmatch(r"<operator\.token\d+@example\.org>", str(found["Message-ID"]))
    assert found.get_content_type() == "text/plain"
    assert "List-Unsubscribe" not in found


def test_the_mail_takes_no_editions_place_and_says_nothing_of_rules(own: Site) -> None:
    own.drop_text("2026-06-01 one.txt", "nobody knows this\n")
    own.run("2026-06-01")
    assert own.mail("2026-06-01", READER) is not None
    (text,) = texts(own)
    assert "wish" not in text
    assert READER not in text


def test_without_an_operator_nobody_is_told(own: Site) -> None:
    own.toml = READERS
    own.drop_text("2026-06-01 one.txt", "nobody knows this\n")
    own.run("2026-06-01")
    assert not mails(own)
    assert own.rows("SELECT * FROM troubles") == []


def test_where_nothing_changed_nothing_is_written(own: Site) -> None:
    own.drop_text("2026-06-01 one.txt", "nobody knows this\n")
    own.run("2026-06-01")
    log = own.state / "digest.db-wal"
    before = len(mails(own)), log.read_bytes()
    assert before[0] == 1
    own.clock += 9 * HOUR
    assert not tell_operator(own.context())
    assert (len(mails(own)), log.read_bytes()) == before


def test_what_a_caller_alone_knows_is_told_and_mended_by_callers_who_know(own: Site) -> None:
    context = own.context()
    hangs = ("asking arxiv", "asking arxiv: no sign of life for 15 min")
    assert tell_operator(context, [hangs])
    own.clock += 7 * HOUR
    assert not tell_operator(context)
    assert not tell_operator(context, [(hangs[0], "asking arxiv: no sign of life for 435 min")])
    assert tell_operator(context, [])
    assert subjects(own) == ["Paper digest: 1 new trouble", "Paper digest: all is well again"]
    assert texts(own)[0] == "New:\n- asking arxiv: no sign of life for 15 min\n\n"
    assert "435 min" in texts(own)[1]


def test_there_is_one_mail_in_six_hours_however_much_happens(own: Site) -> None:
    context = own.context()
    start = own.clock
    sent = []
    for minute in range(0, 24 * 60, 10):
        own.clock = start + timedelta(minutes=minute)
        if tell_operator(context, [(f"job {minute // 20}", f"job {minute // 20} hangs")]):
            sent.append(own.clock - start)
    assert sent == [timedelta(), PAUSE, 2 * PAUSE, 3 * PAUSE]
    assert texts(own)[1].startswith(
        "New:\n- job 18 hangs\n\nOver:\n- job 0 hangs (since 2026-06-01 07:00 UTC)\n- job 1 "
    )


def test_many_troubles_are_counted(own: Site) -> None:
    assert tell_operator(own.context(), [(str(number), f"job {number} hangs") for number in range(33)])
    (text,) = texts(own)
    assert text.count("hangs") == 20
    assert text.endswith("\n- and 13 more\n\n")


def test_failed_deliveries_beyond_a_few_are_told_once_with_five_addresses(own: Site) -> None:
    names = [f"reader{number:02}@example.org" for number in range(12)]
    own.toml = HEAD + "".join(f'[[subscribers]]\nemail = "{name}"\nrules = ["reward"]\n' for name in names)
    own.run("2026-06-01")
    fail(own, 3)
    assert not tell_operator(own.context())
    fail(own, 9)
    assert tell_operator(own.context())
    (text,) = texts(own)
    told = "9 emails of 2026-06-01 failed: " + ", ".join(f"{name} (550 5.1.1)" for name in names[:5]) + ", and 4 more"
    assert " ".join(text.split()) == f"New: - {told}"
    for _ in range(5):
        own.clock += 7 * HOUR
        assert not tell_operator(own.context())


def fail(own: Site, count: int) -> None:
    own.clock += timedelta(seconds=1)
    with own.context().store.writing() as tx:
        tx.exec_driver_sql(
            "UPDATE deliveries SET state = 'failed', reply = '550 5.1.1 secret words', changed_at = ? WHERE id <= ?",
            (instant(own.clock), count),
        )


def test_suppressed_addresses_are_told_once_and_later_ones_too(own: Site) -> None:
    own.run("2026-06-01")

    def suppress(after: timedelta) -> None:
        own.clock += after
        with own.context().store.writing() as tx:
            tx.exec_driver_sql("UPDATE subscribers SET state = 'suppressed', state_at = ?", (instant(own.clock),))

    suppress(HOUR)
    assert tell_operator(own.context())
    own.clock += 8 * HOUR
    assert not tell_operator(own.context())
    suppress(HOUR)
    assert tell_operator(own.context())
    told = f"1 address is written to no more: {READER} (the way back: digest subscribers resume EMAIL)"
    assert [" ".join(text.split()) for text in texts(own)] == [f"New: - {told}"] * 2


def test_a_server_that_refuses_for_a_day_is_told_of_when_mail_goes_out_again(own: Site) -> None:
    script = Script({})
    with ExitStack() as stack:
        port = stack.enter_context(running(script.start))
        smtp = '[delivery]\nchannel = "smtp"\n[smtp]\nhost = "127.0.0.1"\ntimeout = "5 s"\nport = '
        own.toml = HEAD + READERS + f"{smtp}1\n"  # nobody listens there
        own.run("2026-06-01")
        for _ in range(23):
            own.clock += HOUR
            with pytest.raises(Exception, match="refused"):
                deliver_pending(own.context(), own.clock.date())
            assert not tell_operator(own.context())
        assert own.rows("SELECT told_at FROM troubles WHERE key = 'sending'") == [(None,)]
        own.toml = HEAD + READERS + f"{smtp}{port}\n"
        own.clock += HOUR
        own.run("2026-06-02")
        for _ in range(24):
            own.clock += HOUR
            tell_operator(own.context())
    told = [(recipient, data) for recipient, data in script.taken if recipient == OPERATOR]
    assert len(told) == 1
    message = email.message_from_bytes(told[0][1], policy=email.policy.default)
    assert message["Subject"] == "Paper digest: all is well again"
    text = " ".join(str(message.get_content()).split())
    assert text.startswith("Over: - nothing can be sent: ")
    assert "(since 2026-06-01 07:00 UTC) All is well again." in text


@pytest.mark.parametrize(
    ("state", "stands"),
    [
        pytest.param("deferred", True, id="an email waits, and was not tried"),
        pytest.param("planned", False, id="an email went out"),
        pytest.param("sent", False, id="there is nothing to send any more"),
    ],
)
def test_that_nothing_can_be_sent_stands_until_something_was_or_nothing_waits(
    own: Site, state: str, stands: bool
) -> None:
    own.run("2026-06-01")
    with own.context().store.writing() as tx:
        set_refusal(tx, "the server is away")
        later = instant(own.clock + DAY)
        tx.exec_driver_sql("UPDATE deliveries SET state = ?, next_attempt = ?", (state, later))
    own.run("2026-06-01")
    with own.context().store.reading() as tx:
        assert refusal(tx) == ("the server is away" if stands else "")


def test_an_outbox_that_cannot_be_written_is_tried_again_after_half_an_hour(own: Site) -> None:
    context, hangs = own.context(), [("x", "x hangs")]
    (own.state / "outbox").mkdir()
    (own.state / "outbox" / "operator").write_text("in the way")
    assert not tell_operator(context, hangs)
    (own.state / "outbox" / "operator").unlink()
    own.clock += RETRY - timedelta(seconds=1)
    assert not tell_operator(context, hangs)
    own.clock += timedelta(seconds=1)
    assert tell_operator(context, hangs)
    assert texts(own) == ["New:\n- x hangs\n\n"]


# ---- the decision alone

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=UTC)
EARLIER = "2026-06-15T01:00:00Z"
STANDS = Kept("a", "a", True, EARLIER)


@pytest.mark.parametrize(
    ("kept", "mails", "worth"),
    [
        pytest.param([], Mails(), False, id="nothing"),
        pytest.param([STANDS], Mails(), True, id="new"),
        pytest.param([STANDS], Mails(told_at="2026-06-15T06:00:01Z"), False, id="new within six hours"),
        pytest.param([STANDS], Mails(told_at="2026-06-15T06:00:00Z"), True, id="new after six hours"),
        pytest.param([STANDS], Mails(told_at="2026-06-16T06:00:00Z"), True, id="the clock was put back"),
        pytest.param([STANDS], Mails(failed_at="2026-06-15T11:45:00Z"), False, id="tried a moment ago"),
        pytest.param([replace(STANDS, told_at=EARLIER)], Mails(EARLIER), False, id="told"),
        pytest.param([replace(STANDS, mended_at=EARLIER)], Mails(EARLIER), False, id="came and went"),
        pytest.param([replace(STANDS, mended_at=EARLIER)], Mails(EARLIER, EARLIER), True, id="could not be told"),
        pytest.param([replace(STANDS, told_at=EARLIER, mended_at=EARLIER)], Mails(EARLIER), True, id="all is mended"),
        pytest.param(
            [replace(STANDS, told_at=EARLIER, mended_at=EARLIER), replace(STANDS, key="b", told_at=EARLIER)],
            Mails(EARLIER),
            False,
            id="one of two is mended",
        ),
        pytest.param([Kept("r", "r", False, EARLIER, EARLIER)], Mails(EARLIER), False, id="what happened was told"),
    ],
)
def test_a_mail_is_due(kept: list[Kept], mails: Mails, worth: bool) -> None:
    assert is_worth(kept, mails, NOW) is worth


steps = st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.integers(1, 10 * 3600)), max_size=30)


@given(steps)
def test_each_trouble_that_lasts_is_told_and_mails_keep_their_distance(days: list[tuple[set[str], int]]) -> None:
    kept: list[Kept] = []
    mails, now, sent = Mails(), NOW, []
    for found, seconds in [*days, (set("a"), 7 * 3600), (set("a"), 7 * 3600)]:
        now += timedelta(seconds=seconds)
        kept = reconciled({own.key: own for own in kept}, [Trouble(key, key) for key in sorted(found)], instant(now))
        if is_worth(kept, mails, now):
            sent.append(now)
            mails = Mails(instant(now))
            kept = [replace(own, told_at=own.told_at or instant(now)) for own in kept if not own.mended_at]
    assert all(after - before >= PAUSE for before, after in itertools.pairwise(sent))
    assert [own.key for own in kept if own.told_at and not own.mended_at] == ["a"]
