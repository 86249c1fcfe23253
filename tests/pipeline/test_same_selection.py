"""What a subscriber's mails bring, their private feed brings: over ten real days, for 200 sets of rules."""

from __future__ import annotations

import email
import email.policy
import json
import random
import re
import shutil
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

import made_rules
import pytest
import real_papers
from conftest_pipeline import Site
from feed_reading import ATOM, BASE, before, followed_json

from digest.pipeline.run import renderer_of
from digest.service.feed_addresses import subscriber_feeds
from digest.service.kept_feeds import Document
from digest.service.private_feeds import PrivateFeeds

SETS = 200
# Still-here messages name papers of wider rules, which are no selection of the subscriber's.
SETTINGS = "[editions]\nstill_here_days = 0\n[feed]\nmax_entries = 20\n"
_PAPER = re.compile(r'href="https://arxiv\.org/abs/([^"]+)"')


def addresses() -> list[str]:
    return [f"reader{number}@example.org" for number in range(SETS)]


def subscribers() -> str:
    """Return 200 subscribers with one to five random rules each, some with exclusions, a few with room for little."""
    made, dice = made_rules.Maker(real_papers.papers(*real_papers.days()), seed=7).rules(SETS * 6), random.Random(7)
    texts = iter(made)
    lines = []
    for number, address in enumerate(addresses()):
        rules = [next(texts) for _ in range(dice.randint(1, 5))]
        excluded = [next(texts)] if number % 4 == 0 else []
        lines += [
            "[[subscribers]]",
            f'email = "{address}"',
            f"max_items = {dice.choice([3, 10, 30])}",
            f'frequency = "{dice.choice(["daily", "daily", "weekly"])}"',
            f"rules = {json.dumps(rules)}",
            f"exclude = {json.dumps(excluded)}",
        ]
    return "\n".join(lines)


def mailed(own: Site, address: str) -> Iterator[str]:
    """Yield the arXiv identifiers of the papers that a subscriber's mails show."""
    for path in sorted((own.state / "outbox").glob(f"*/{address}.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("html",))
        assert body is not None
        yield from dict.fromkeys(_PAPER.findall(body.get_content()))


def fed(documents: PrivateFeeds, path: str) -> Iterator[str]:
    """Yield the arXiv identifiers of the papers that a private feed brings, by its current document and archives."""
    here: str | None = f"{path}.atom"
    while here:
        found = documents.document(here.removeprefix("feeds/my/"))
        assert isinstance(found, Document)
        for entry in ET.fromstring(found.body).findall(f"{ATOM}entry"):
            links = {link.attrib["rel"]: link.attrib["href"] for link in entry.findall(f"{ATOM}link")}
            yield links["alternate"].removeprefix("https://arxiv.org/abs/")
        here = before(found.body)


@pytest.mark.slow
@pytest.mark.skipif(not real_papers.ARE_HERE, reason=real_papers.WHY_NOT)
def test_mails_and_private_feeds_hold_the_same_papers(site: Callable[[str], Site]) -> None:
    own = site(f"{SETTINGS}{subscribers()}")
    (own.state / "inbox").mkdir()
    for day in real_papers.days():
        shutil.copy(day, own.state / "inbox")
        own.run(day.stem)
    documents = PrivateFeeds(own.context(), renderer_of(own.context()))
    papers = archived = 0
    for address in addresses():
        path = subscriber_feeds(own.context(), address).path.removeprefix(BASE)
        by_mail, by_feed = list(mailed(own, address)), list(fed(documents, path))
        assert sorted(by_feed) == sorted(by_mail)
        ids = followed_json(lambda here: documents.document(here.removeprefix("feeds/my/")).body, f"{path}.json")  # type: ignore[union-attr]
        assert len(set(ids)) == len(ids) == len(by_feed)
        papers += len(by_feed)
        archived += before(documents.document(f"{path}.atom".removeprefix("feeds/my/")).body) is not None  # type: ignore[union-attr]
    assert papers > 2000
    assert archived > 20
