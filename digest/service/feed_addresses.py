"""Where feeds are: the public ones, and the secret address of a subscriber's own, which can be changed.

A private feed is found by a token that names the recipient and the feed's *turn*, which is counted up to change the
address. Both are signed, so that no token can be guessed; one of an old turn finds nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest import tokens
from digest.errors import UsageError
from digest.models import SubscriberState
from digest.pipeline.context import Context
from digest.pipeline.people import address_book
from digest.settings import Settings
from digest.store import people

_PURPOSE = "feed"


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """Where a feed is, by papers and by days, each in two formats: web addresses, or paths where there is no base_url.

    ``site`` is the base_url or "", ``path`` the feed's without its suffix, such as ``feeds/papers``.
    """

    title: str
    site: str
    path: str

    @property
    def atom(self) -> str:
        """The feed of papers, as Atom."""
        return self._address("", "atom")

    @property
    def json(self) -> str:
        """The feed of papers, as JSON Feed."""
        return self._address("", "json")

    @property
    def daily_atom(self) -> str:
        """The feed of days, as Atom."""
        return self._address("/daily", "atom")

    @property
    def daily_json(self) -> str:
        """The feed of days, as JSON Feed."""
        return self._address("/daily", "json")

    def _address(self, series: str, suffix: str) -> str:
        return f"{f'{self.site}/' if self.site else ''}{self.path}{series}.{suffix}"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose private feed it is: the recipient's id, and the subscriber's state, on which it depends who is served."""

    recipient: int
    state: SubscriberState


def public_feeds(settings: Settings) -> list[FeedAddresses]:
    """Return the public feeds: of all papers, and of each topic, in the configuration's order."""
    title, site = settings.site.title, settings.site.base_url
    own = [FeedAddresses(f"{title}: {topic.title}", site, f"feeds/topics/{topic.slug}") for topic in settings.topics]
    return [FeedAddresses(title, site, "feeds/papers"), *own]


def token_of(secret: bytes, recipient: int, turn: int) -> str:
    """Return the token that a subscriber's private feed is found by in its turn."""
    return tokens.sign(secret, _PURPOSE, f"{recipient}.{turn}")


def path_of(secret: bytes, recipient: int, turn: int) -> str:
    """Return where a subscriber's private feed is, relative to base_url and without a suffix."""
    return f"feeds/my/{token_of(secret, recipient, turn)}"


def owner(context: Context, token: str) -> Owner | None:
    """Return whose private feed this token finds; None where it is forged, or of an old turn."""
    subject = tokens.read(context.store.secret(), _PURPOSE, token)
    if subject is None:
        return None
    recipient, _, turn = subject.partition(".")
    with context.store.reading() as tx:
        state = people.owner_of_feed(tx, int(recipient), int(turn))
    return Owner(int(recipient), state) if state else None


def subscriber_feeds(context: Context, email: str) -> FeedAddresses:
    """Return where a subscriber's private feed is, which is secret; raises UsageError where there is none."""
    with context.store.reading() as tx:
        found = address_book(context.settings).find(tx, email)
    if found is None:
        raise _no_such_subscriber(email)
    site = context.settings.site
    return FeedAddresses(
        private_title(context.settings), site.base_url, path_of(context.store.secret(), found.id, found.feed_turn)
    )


def private_title(settings: Settings) -> str:
    """Return what a subscriber's own feed is called, which readers show beside the site's others."""
    return f"{settings.site.title}: your papers"


def rotate(context: Context, email: str) -> str:
    """Give a subscriber's private feed a new address, and return its path (see ``path_of``); the old one is void.

    The configuration has no say in it: the address is the store's. Raises UsageError where there is no such subscriber.
    """
    with context.store.writing() as tx:
        turned = people.turn_feed(tx, email)
    if turned is None:
        raise _no_such_subscriber(email)
    return path_of(context.store.secret(), *turned)


def _no_such_subscriber(email: str) -> UsageError:
    return UsageError("no such subscriber", where=email, mend="see: digest subscribers list")
