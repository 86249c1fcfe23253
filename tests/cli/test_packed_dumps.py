"""Archives and mails by the command line: each dump in them is taken in for its own date, and refused by itself."""

from __future__ import annotations

import gzip
import json
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
