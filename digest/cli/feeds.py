"""The commands on feeds: where they are, a new address for a private one, and the public ones as a list to take in."""

from __future__ import annotations

import argparse

from digest.cli.inputs import settings_of, write_out
from digest.cli.terminal import note, say, say_json
from digest.cli.world import opened
from digest.errors import ConfigError
from digest.pipeline.context import Context
from digest.render.opml import opml
from digest.service import feed_addresses, subscriptions
from digest.service.feed_addresses import FeedAddresses
from digest.settings import Settings

_ADDRESSES = {"atom": "Atom", "json": "JSON Feed", "daily_atom": "by day, Atom", "daily_json": "by day, JSON Feed"}
_NOT_SERVED = ("pending", "left", "removed")


def list_(options: argparse.Namespace) -> int:
    """List the public feeds, or a subscriber's own."""
    found, remarks = _own(options) if options.email else _public(settings_of(options)[0])
    if options.json:
        say_json([_as_row(feed) for feed in found])
    else:
        for feed in found:
            _tell(feed)
    for line in remarks:
        note(line)
    return 0


def _own(options: argparse.Namespace) -> tuple[list[FeedAddresses], list[str]]:
    with opened(options) as context:
        feed, remarks = _subscribers(context, options.email)
    mend = f"for a new one: digest feeds rotate {options.email}"
    return [feed], [*remarks, f"secret: whoever has an address reads the feed; {mend}"]


def _subscribers(context: Context, email: str) -> tuple[FeedAddresses, list[str]]:
    feed, state = feed_addresses.subscriber_feeds(context, email), subscriptions.show(context, email).state
    remarks = [f"{email} is {state}: nothing is served there"] if state in _NOT_SERVED else []
    return feed, remarks + ([] if feed.site else ["these are paths; site.base_url is not set"])


def _public(settings: Settings) -> tuple[list[FeedAddresses], list[str]]:
    remarks = [] if settings.site.base_url else ["these are paths under public/; site.base_url is not set"]
    return feed_addresses.public_feeds(settings), remarks


def _as_row(feed: FeedAddresses) -> dict[str, str]:
    return {"title": feed.title} | {name: getattr(feed, name) for name in _ADDRESSES}


def _tell(feed: FeedAddresses) -> None:
    say(feed.title)
    for name, words in _ADDRESSES.items():
        say(f"  {words + ':':<18} {getattr(feed, name)}")


def rotate(options: argparse.Namespace) -> int:
    """Give a subscriber's feed a new address."""
    with opened(options) as context:
        feed_addresses.rotate(context, options.email)
        feed, remarks = _subscribers(context, options.email)
    _tell(feed)
    for line in remarks:
        note(line)
    note(f"the old address is void; tell {options.email} the new one, and nobody else")
    return 0


def export(options: argparse.Namespace) -> int:
    """Print the public feeds as OPML."""
    settings = settings_of(options)[0]
    site, found = settings.site, feed_addresses.public_feeds(settings)
    if not site.base_url:
        mend = "set it to the address that the feeds are found at"
        raise ConfigError("a reader needs whole addresses", where="site.base_url", mend=mend)
    write_out(opml(site.title, f"{site.base_url}/", [(feed.title, feed.atom) for feed in found]), options.output)
    return 0
