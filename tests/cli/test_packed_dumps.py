"""Archives and mails by the command line: each dump in them is taken in for its own date, and refused by itself."""

from __future__ import annotations

import gzip
import json
import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from bombs import mail_of, tar_of, zip_of
from command_line import Site, paper

DAY = "2026-06-15"


def dump(*numbers: int) -> bytes:
    return "".join(json.dumps(paper(number)) + "\n" for number in numbers).encode()


def put(site: Site, name: str, data: bytes) -> Path:
    path = site.state / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def told(site: Site, *arguments: str | Path) -> list[tuple[str, str, str]]:
    """Run ``ingest``; return name, date and status of each dump."""
    return [(report["name"], report["date"], report["status"]) for report in site("ingest", *arguments, "--json").json]


def test_each_file_of_an_archive_is_a_dump_for_its_own_date(site: Site) -> None:
    files = (
        ("2026-06-13 a.jsonl", dump(1)),
        ("2026-06-14/b.jsonl.gz", gzip.compress(dump(2, 3))),
        ("c.jsonl", dump(4)),
    )
    for path in (
        put(site, f"{DAY} month.zip", zip_of(*files)),
        put(site, f"{DAY} month.tgz", tar_of(*files, mode="w:gz")),
    ):
        reports = told(site, path)
        assert [report[:2] for report in reports] == [
            ("2026-06-13 a.jsonl", "2026-06-13"),
            ("b.jsonl", "2026-06-14"),
            ("c.jsonl", DAY),
        ]
        assert {report[2] for report in reports} == {"ingested" if path.suffix == ".zip" else "known"}


def test_parse_reads_what_is_in_an_archive(site: Site) -> None:
    path = put(site, "x.zip", zip_of(("a.jsonl", dump(1)), ("b.jsonl", dump(2))))
    assert site.plain("parse", path).out.count("\n") == 2
    assert site.plain("parse", "-", stdin=gzip.compress(dump(1, 2))).out.count("\n") == 2


def test_an_archive_waits_in_the_inbox_until_all_in_it_are_in_and_keeps_its_page(site: Site) -> None:
    path = put(site, "Daily page/x.zip", zip_of(("2026-06-14 a.jsonl", dump(1)), ("2026-06-16 b.jsonl", dump(2))))
    first = site("run", "--date", DAY, "--json").json["dumps"]
    assert (first["ingested"], first["waiting"]) == (1, 1)
    assert path.exists()
    second = site("run", "--date", "2026-06-16", "--json").json["dumps"]
    assert (second["ingested"], second["known"], second["waiting"]) == (1, 1, 0)
    assert not path.exists()
    assert site("rules", "match", 'page:"Daily page"', "--json").out.count('"title"') == 2


def test_a_file_of_an_archive_that_no_layout_knows_is_rejected_alone(site: Site) -> None:
    path = put(
        site, f"{DAY} x.zip", zip_of(("a.jsonl", dump(1)), ("notes.txt", b"Nothing is listed.\n"), ("b.jsonl", dump(2)))
    )
    said = site("run", "--date", DAY, "--json")
    assert said.status == 1
    assert (said.json["dumps"]["ingested"], said.json["dumps"]["rejected"]) == (2, 1)
    assert not path.exists()
    assert any("notes.txt" in name for name in site.files())


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("climbs.zip", zip_of(("a.jsonl", dump(1)), ("../b.jsonl", dump(2)))),
        ("cut.tar.gz", tar_of(("a.jsonl", dump(1)), mode="w:gz")[:-9]),
        ("cut.jsonl.gz", gzip.compress(dump(1))[:-9]),
    ],
)
def test_an_archive_with_a_fault_is_rejected_whole(site: Site, name: str, data: bytes) -> None:
    path = put(site, name, data)
    said = site("run", "--date", DAY, "--json")
    assert said.status == 1
    assert "Traceback" not in said.err
    assert said.json["dumps"] == {"ingested": 0, "known": 0, "rejected": 1, "waiting": 0}
    assert not path.exists()
    assert site("rules", "match", "*", "--json").out.count('"title"') == 0
    assert any(file.startswith("rejected/") and file.endswith(name) for file in site.files())


def attached(day: str, body: bytes) -> bytes:
    """Return a mail of some day with a dump in it."""
    return mail_of(body, kind="text/x-json").replace(b"Sun, 14 Jun 2026", day.encode())


def test_a_mail_is_for_the_day_it_was_written_unless_its_name_says_another(site: Site) -> None:
    plain = put(site, "forwarded.eml", attached("Thu, 11 Jun 2026", dump(1)))
    named = put(site, "2026-06-12 forwarded.eml", attached("Thu, 11 Jun 2026", dump(2)))
    assert told(site, plain) == [("forwarded.eml", "2026-06-11", "ingested")]
    assert told(site, named) == [("2026-06-12 forwarded.eml", "2026-06-12", "ingested")]


def test_a_mail_in_a_mail_is_for_its_own_day(site: Site) -> None:
    inner = attached("Wed, 10 Jun 2026", dump(1))
    path = put(site, "forwarded.eml", mail_of(inner, kind="message/rfc822"))
    assert told(site, path) == [("forwarded.eml", "2026-06-10", "ingested")]
    packed = put(site, "mails.zip", zip_of(("one.eml", inner.replace(b"2606.00001", b"2606.00002"))))
    assert told(site, packed) == [("one.eml", "2026-06-10", "ingested")]


def test_a_mail_dated_later_waits(site: Site) -> None:
    path = put(site, "tomorrow.eml", attached("Tue, 16 Jun 2026", dump(1)))
    assert site("run", "--date", DAY, "--json").json["dumps"]["waiting"] == 1
    assert path.exists()
    assert site("run", "--date", "2026-06-16", "--json").json["dumps"]["ingested"] == 1
    assert not path.exists()


# --- several dumps in a mail ------------------------------------------------------------------------


def mail(text: str, *files: tuple[str, bytes], day: str = "Sun, 14 Jun 2026") -> bytes:
    """Return a mail with files attached."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ada@example.org", "alan@example.org", "Papers"
    made["Date"] = f"{day} 09:30:00 +0000"
    made.set_content(text)
    for name, data in files:
        kind = ("message/rfc822" if name.endswith(".eml") else "application/octet-stream").split("/")
        made.add_attachment(data, maintype=kind[0], subtype=kind[1], filename=name, cte="base64")
    return made.as_bytes()


NOTE = "Dear Alan,\n\nhere are the papers of the week.\n\nAda\n"
TWO = (("2026-06-12 a.jsonl", dump(1)), ("b.jsonl", dump(2, 3)))


def test_each_dump_attached_to_a_mail_is_taken_in_and_the_note_above_them_is_no_fault(site: Site) -> None:
    data = mail(NOTE, *TWO)
    path = put(site, "lab/week.eml", data)
    said = site("run", "--date", DAY, "--json")
    assert (said.status, said.json["dumps"]["ingested"], said.json["papers"]["new"]) == (0, 2, 3)
    assert not path.exists()
    assert site("rules", "match", "page:lab", "--json").out.count('"title"') == 3
    kept = sorted(name.split("/")[1] + name.split("/")[2][16:] for name in site.files() if name.startswith("dumps/"))
    assert kept == ["2026-06-12 week.eml", "2026-06-14 b.jsonl"]
    assert [status for _, _, status in told(site, put(site, "again.eml", data))] == ["known", "known"]


def test_a_mail_of_several_dumps_is_replayed_as_it_was_taken_in(site: Site) -> None:
    put(site, "week.eml", mail(NOTE, *TWO))
    site("run", "--date", DAY)
    into = site.folder / "other"
    said = site("replay", "--into", into, "--json")
    assert (said.status, said.json["papers"]) == (0, 3)


def test_parse_prints_every_dump_attached_to_a_mail(site: Site) -> None:
    assert site.plain("parse", put(site, "week.eml", mail(NOTE, *TWO))).out.count("\n") == 3


def test_what_is_attached_is_as_old_as_its_mail_unless_its_name_or_that_of_the_mail_tells(site: Site) -> None:
    files = (("a.jsonl", dump(1)), ("b.jsonl", dump(2)), ("2026-06-11 c.jsonl", dump(3)))
    dates = [on for _, on, _ in told(site, put(site, "week.eml", mail(NOTE, *files)))]
    assert dates == ["2026-06-14", "2026-06-14", "2026-06-11"]
    files = (("a.jsonl", dump(4)), ("b.jsonl", dump(5)))
    dates = [on for _, on, _ in told(site, put(site, "2026-06-13 week.eml", mail(NOTE, *files)))]
    assert dates == ["2026-06-13", "2026-06-13"]


def test_dumps_in_mails_in_a_mail_are_taken_in_once_each(site: Site) -> None:
    inner = mail(NOTE, ("a.jsonl", dump(1)), ("b.jsonl", dump(2)), day="Wed, 10 Jun 2026")
    other = mail(NOTE, ("c.jsonl", dump(3)), day="Thu, 11 Jun 2026")
    path = put(site, "week.eml", mail(NOTE, ("one.eml", inner), ("two.eml", other), ("d.jsonl", dump(4))))
    assert told(site, path) == [
        ("week.eml", "2026-06-10", "ingested"),
        ("b.jsonl", "2026-06-10", "ingested"),
        ("two.eml", "2026-06-11", "ingested"),
        ("d.jsonl", "2026-06-14", "ingested"),
    ]
    assert site("rules", "match", "*", "--json").out.count('"title"') == 4


def test_an_archive_attached_to_a_mail_is_unpacked(site: Site) -> None:
    packed = (("2026-06-13 a.jsonl", dump(1)), ("notes.txt", b"Nothing is listed.\n"))
    path = put(site, "week.eml", mail(NOTE, ("week.zip", zip_of(*packed)), ("b.jsonl.gz", gzip.compress(dump(2)))))
    said = site("run", "--date", DAY, "--json")
    assert (said.json["dumps"]["ingested"], said.json["dumps"]["rejected"]) == (2, 1)
    assert "notes.txt" in said.err
    assert "week.eml" not in said.err
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "files", "told"),
    [
        pytest.param(NOTE, (), "no layout recognises it", id="nothing but a note"),
        pytest.param(NOTE, (("x.pdf", b"%PDF-1.7 "),), "no layout recognises it", id="a note with a picture"),
        pytest.param(NOTE * 100, (("x.zip", zip_of(("a.jsonl", dump(1)))),), "no layout recognises it", id="long text"),
        pytest.param(NOTE, (("x.zip", zip_of(("a.txt", b"x"))[:-9]),), "'x.zip' is attached: the archive", id="cut"),
    ],
)
def test_a_mail_that_holds_what_nobody_reads_is_set_aside_whole(
    site: Site, text: str, files: tuple[tuple[str, bytes], ...], told: str
) -> None:
    put(site, "week.eml", mail(text, *files))
    said = site("run", "--date", DAY, "--json")
    assert (said.status, said.json["dumps"]["rejected"]) == (1, 1)
    assert told in said.err
    assert any(name.endswith("week.eml") for name in site.files() if name.startswith("rejected/"))


# --- what must wait ---------------------------------------------------------------------------------


def test_an_archive_with_a_later_dump_is_looked_into_once_until_its_day(site: Site) -> None:
    files = (("2026-06-14 a.jsonl", dump(1)), ("notes.txt", b"Nothing is listed.\n"), ("2026-06-18 b.jsonl", dump(2)))
    path = put(site, "x.zip", zip_of(*files))
    os.utime(path, (1_781_500_000, 1_781_500_000))  # on 15 June
    assert site("run", "--date", DAY, "--json").json["dumps"] == {
        "ingested": 1,
        "known": 0,
        "rejected": 1,
        "waiting": 1,
    }
    for day in ("2026-06-16", "2026-06-17"):
        said = site("run", "--date", day, "--json")
        assert said.status == 0
        assert said.json["dumps"] == {"ingested": 0, "known": 0, "rejected": 0, "waiting": 1}
    assert site("status", "--json").json["inbox"] == [{"name": "x.zip", "date": "2026-06-18"}]
    path.write_bytes(zip_of(("2026-06-14 c.jsonl", dump(3)), *files))
    assert site("run", "--date", "2026-06-17", "--json").json["dumps"]["ingested"] == 1
    assert site("run", "--date", "2026-06-18", "--json").json["dumps"]["ingested"] == 1
    assert not path.exists()


def test_a_mail_whose_own_date_is_later_is_named_with_what_to_do(site: Site) -> None:
    put(site, "x.eml", attached("Tue, 16 Jun 2037", dump(1)))
    for _ in range(2):
        assert site("run", "--date", DAY, "--json").json["dumps"]["waiting"] == 1
    put(site, "y.eml", attached("Tue, 16 Jun 2037", dump(2)))
    assert "y.eml: waiting: the date that it tells itself is later (one at the" in site("run", "--date", DAY).err
