"""Ten days of invented papers that come in every container and layout there is, a dump of each a day."""

from __future__ import annotations

import email.policy
import gzip
import html
import io
import json
import tarfile
import textwrap
import zipfile
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from invented_days import DAYS, paper

Papers = list[dict[str, Any]]
_HUGGING = "Get trending papers in your email inbox!\n\nSubscribe\n\n"


def drop(inbox: Path, place: int) -> None:
    """Put the dumps of a day into the inbox; each holds new papers and one that another of the day has as well."""
    day = DAYS[place]
    base = place * 200
    made = {name: _papers(base + 10 * number, day) for number, name in enumerate(_FORMS)}
    for name, make in _FORMS.items():
        path = inbox / name.partition(" ")[0] / f"{day} {name.partition(' ')[2]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make(made[name] + made["jsonl long.jsonl"][:1], day))
    (inbox / f"{day} minutes.html").write_text("<html><body><p>Nothing of this is a listing.</p></body></html>\n")


def _papers(first: int, day: str) -> Papers:
    return [paper(number, day) for number in range(first, first + 4)]


def _text(papers: Papers, _day: str) -> bytes:
    parts = "\n\n".join(f"{own['title']} with Much Care\n\n{own['summary']} {_PROSE}" for own in papers)
    return (_HUGGING + parts + "\n").encode()


_PROSE = (
    "It was done with care and at length, on several sets of data, and what came of it is told in full. We hope so."
)


def _wrapped(papers: Papers, day: str) -> bytes:
    lines = _text(papers, day).decode().split("\n")
    return "\n".join(textwrap.fill(line, 72) for line in lines).encode()


def _markup(papers: Papers, _day: str) -> str:
    cards = "".join(
        f'<article><h3><a href="/papers/{own["id"]}">{html.escape(own["title"])} with Much Care</a></h3>'
        f"<p>{html.escape(own['summary'])} {_PROSE}</p></article>\n"
        for own in papers
    )
    return (
        f"<!doctype html>\n<html><body><p>{_HUGGING.split(chr(10))[0]}</p>\n<p>Subscribe</p>\n{cards}</body></html>\n"
    )


def _page(papers: Papers, day: str) -> bytes:
    return _markup(papers, day).encode()


def _mail(papers: Papers, day: str) -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = "list@example.org", "reader@example.org"
    message["Subject"], message["Date"] = f"Papers of {day}", f"{int(day[8:])} Jun 2026 08:00:00 +0000"
    message.set_content(_text(papers, day).decode())
    message.add_alternative(_markup(papers, day), subtype="html")
    message.set_boundary("=-the-same-in-every-run-=")
    return bytes(message)


def _archived_page(papers: Papers, day: str) -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["Subject"] = "<Saved by a browser>", "Papers"
    message["Snapshot-Content-Location"] = "https://papers.example.org/daily"
    message["MIME-Version"] = "1.0"
    message.set_content(_markup(papers, day), subtype="html")
    message.make_related(boundary="=-the-same-in-every-run-=")
    return bytes(message)


def _feed(papers: Papers, day: str) -> bytes:
    items = "".join(
        f"<item><title>{html.escape(own['title'])} Fed</title><link>https://arxiv.org/abs/{own['id']}</link>"
        f"<description>{html.escape(own['summary'])}</description></item>\n"
        for own in papers
    )
    return f'<?xml version="1.0"?>\n<rss version="2.0"><channel><title>{day}</title>\n{items}</channel></rss>'.encode()


def _lines(papers: Papers, _day: str) -> bytes:
    return "".join(json.dumps(own) + "\n" for own in papers).encode()


def _long(papers: Papers, day: str) -> bytes:
    """Return a dump that takes several transactions where those are small."""
    first = int(papers[0]["id"][5:])
    return _lines(papers + [paper(10_000 + 30 * (first // 200) + n, day) for n in range(30)], day)


def _zip(papers: Papers, day: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, own in (("a.jsonl", papers[:2]), ("b.jsonl", papers[2:])):
            archive.writestr(zipfile.ZipInfo(f"days/{name}"), _lines(own, day))
    return held.getvalue()


def _tar(papers: Papers, day: str) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        for name, data in (("page.html", _page(papers[:2], day)), ("more.jsonl", _lines(papers[2:], day))):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return held.getvalue()


def _references(papers: Papers, _day: str) -> bytes:
    made = [
        f"@article{{key{own['id']},\n  title = {{{own['title']} Cited}},\n"
        f"  author = {{{' and '.join(own['authors'])}}},\n}}\n"
        for own in papers
    ]
    return "".join(made).encode()


# The first word names the inbox's folder, the rest the file.
_FORMS = {
    "jsonl long.jsonl": _long,
    "text page.txt": _text,
    "wrapped page.txt": _wrapped,
    "html page.html": _page,
    "mail papers.eml": _mail,
    "web page.mhtml": _archived_page,
    "gz lines.jsonl.gz": lambda papers, day: gzip.compress(_lines(papers, day), mtime=0),
    "zip days.zip": _zip,
    "tar days.tar.gz": _tar,
    "feed papers.xml": _feed,
    "bib papers.bib": _references,
}
