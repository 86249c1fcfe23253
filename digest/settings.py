"""The settings records: frozen, validated, with every default; ``config/`` reads them from TOML one floor up."""

from __future__ import annotations

import functools
import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

_DURATION = re.compile(r"(\d+)\s*(s|min|h|d)")
# Mail to this machine, which the validator refuses as no address of the Internet (RFC 6761, section 6.3).
_LOCAL = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@localhost")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_SIZE = re.compile(r"(\d{1,9})\s*(kB|MB|GB)")
_BYTES = {"kB": 10**3, "MB": 10**6, "GB": 10**9}
_MOST_SIZE = 10**9  # bytes of a dump that is brought over a network or by a command: it is held in memory


def seconds(text: str) -> int:
    """Return the seconds in a duration such as ``"5 min"`` or ``"20 h"`` (units s, min, h, d).

    Raises ValueError for anything else.
    """
    found = _DURATION.fullmatch(text.strip())
    if not found or not int(found[1]):
        raise ValueError('not a duration: write it like "5 min", "20 h" or "2 d"')
    return int(found[1]) * _SECONDS[found[2]]


def _duration(text: str) -> str:
    seconds(text)
    return text


def octets(text: str) -> int:
    """Return the bytes in a size such as ``"20 MB"`` (units kB, MB, GB, each a thousand of the one before).

    Raises ValueError for anything else, and for nothing or more than 1 GB.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found or not 0 < int(found[1]) * _BYTES[found[2]] <= _MOST_SIZE:
        raise ValueError('not a size up to "1 GB": write it like "500 kB" or "20 MB"')
    return int(found[1]) * _BYTES[found[2]]


def _size(text: str) -> str:
    octets(text)
    return text


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'{name!r} is not a time zone: write it like "Europe/Berlin"') from error
    return name


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError('not a time of day: write it like "07:00"')
    return text


def checked_address(text: str) -> str:
    """Return the address with its domain in lower case (RFC 5321, section 2.4: the local part keeps its case).

    Raises ValueError for what is no address.
    """
    if _LOCAL.fullmatch(text):
        return text
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(f"not an email address: {error}") from error


@functools.lru_cache(maxsize=64)  # asked for each message, of the one sender
def split_sender(text: str) -> tuple[str, str]:
    """Return (display name, address) of ``Name <address>`` or a bare address; raises ValueError for anything else.

    The address has its domain in ASCII.
    """
    found = re.fullmatch(r"\s*(?:\"?([^\"<>\r\n]*?)\"?\s*<([^<>\s]+)>|([^<>\s]+))\s*", text)
    if not found:
        raise ValueError('not a sender: write it like "Paper digest <digest@example.org>"')
    return (found[1] or "").strip(), _of_ascii_domain(checked_address(found[2] or found[3]))


def ascii_domain(text: str) -> str:
    """Return a domain as the DNS has it (``xn--…``), an empty one and localhost as they are; raises ValueError."""
    if text in ("", "localhost"):
        return text
    try:
        return validate_email(f"x@{text}", check_deliverability=False, test_environment=True).ascii_domain
    except EmailNotValidError as error:
        raise ValueError('not a domain: write it like "example.org"') from error


def _selector(text: str) -> str:
    # Letters, digits and hyphens, with dots between (RFC 6376, section 3.1); a label of the DNS has 63 octets at most.
    if len(text) > 200 or not re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*", text):
        raise ValueError('not a selector: write letters, digits and hyphens, like "digest-2026"')
    return text


def _return_path(text: str) -> str:
    """Return the address that bounces come to; it gets "+", a number and a code, within 64 octets before the "@"."""
    if text and not re.fullmatch(r"[A-Za-z0-9._=-]{1,24}@.+", text):
        raise ValueError('not a return path: write at most 24 letters and digits before the "@", like "bounces@…"')
    return _of_ascii_domain(checked_address(text)) if text else ""


def _sender(text: str) -> str:
    name, address = split_sender(text)
    return f"{name} <{address}>" if name else address


def _of_ascii_domain(address: str) -> str:
    """Return the address with its domain as the DNS has it: it goes into Message-IDs, List-Ids and envelopes."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{ascii_domain(domain)}"


def _web_address(text: str) -> str:
    if text and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", text):
        raise ValueError('not a web address: write it like "https://digest.example.org"')
    return text.rstrip("/")


def _hub_address(text: str) -> str:
    # Kept as it is: a hub may tell a path with a slash at its end from one without. Feeds show it to everybody, so no
    # password may stand in it.
    if text and not re.fullmatch(r"https?://[^\s/?#@]+([/?][^\s#]*)?", text):
        raise ValueError('not a web address: write it like "https://hub.example.org/"')
    return text


Duration = Annotated[str, AfterValidator(_duration)]
Size = Annotated[str, AfterValidator(_size)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Clock = Annotated[str, AfterValidator(_clock)]
Address = Annotated[str, AfterValidator(checked_address)]
ReturnPath = Annotated[str, AfterValidator(_return_path)]
Sender = Annotated[str, AfterValidator(_sender)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
HubAddress = Annotated[str, AfterValidator(_hub_address)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Section(BaseModel):
    """What all sections share: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Site(Section):
    """``[site]``: who speaks, and where it is found."""

    title: str = "Paper digest"
    base_url: WebAddress = ""
    timezone: TimeZone = "UTC"
    sender: Sender = "Paper digest <digest@localhost>"
    operator: Address | None = None
    title_search: str = "https://arxiv.org/search/?searchtype=title&query={title}"
    templates: str = ""


class Paths(Section):
    """``[paths]``: the state folder, relative to the configuration file."""

    state: str = "state"


class Store(Section):
    """``[store]``: where the store is, relative to the state folder."""

    url: str = "sqlite:///digest.db"


class Schedule(Section):
    """``[schedule]``: what ``digest serve`` does when (durations; a time of day in the site's zone)."""

    ingest_every: Duration = "5 min"
    catch_up: Duration = "20 h"
    topics_at: Clock = "07:00"


class Delivery(Section):
    """``[delivery]``: the channel that deliveries go out by, and what follows where it fails."""

    channel: Literal["outbox", "smtp"] = "outbox"
    return_path: ReturnPath = ""
    suppress_after: Annotated[int, Field(ge=1, le=100)] = 3
    resend_unknown: Literal["once", "never"] = "once"
    first_pause: Duration = "5 min"
    pause: Duration = "30 min"
    give_up: Duration = "5 d"

    @field_validator("give_up")
    @classmethod
    def _patient(cls, value: str, info: ValidationInfo) -> str:
        pause = info.data.get("pause")
        if pause and seconds(value) < seconds(pause):
            raise ValueError(f"is shorter than the pause of {pause} before a second try")
        return value


class Smtp(Section):
    """``[smtp]``: the server that takes messages; ``tls`` unset means STARTTLS where the server offers it."""

    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65535)] = 25
    tls: Literal["none", "starttls", "tls"] | None = None
    username: str = ""
    password: str = Field(default="", repr=False)
    timeout: Duration = "60 s"
    connections: Annotated[int, Field(ge=1, le=100)] = 4
    per_connection: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    rate: Annotated[float, Field(ge=0, le=100_000, strict=False)] = 0


class Editions(Section):
    """``[editions]``: how much an edition looks back at and holds (days, papers)."""

    lookback_days: Annotated[int, Field(ge=1, le=365)] = 7
    recent_days: Annotated[int, Field(ge=1, le=36500)] = 90
    max_items: Annotated[int, Field(ge=1, le=1000)] = 30
    full_items: Annotated[int, Field(ge=0, le=1000)] = 10
    send_empty: bool = False
    still_here_days: Annotated[int, Field(ge=0, le=365)] = 7


class Feed(Section):
    """``[feed]``: how long the current feed documents are (entries), and the WebSub hub that is told of new ones."""

    max_entries: Annotated[int, Field(ge=1, le=100000)] = 200
    hub: HubAddress = ""


class DkimKey(Section):
    """A key that messages are signed with: its selector in the DNS, and its file, relative to the configuration."""

    selector: Annotated[str, AfterValidator(_selector)]
    key: Annotated[str, Field(min_length=1)]


class Dkim(Section):
    """``[dkim]``: who signs messages (empty: the domain of ``site.sender``), and the keys; without any, nobody."""

    domain: Annotated[str, AfterValidator(ascii_domain)] = ""
    keys: tuple[DkimKey, ...] = Field(default=(), strict=False)


class Web(Section):
    """``[web]``: where ``digest serve`` listens."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000


class Log(Section):
    """``[log]``: whether ``digest run`` tells its events as ``digest serve`` does, and whether with addresses."""

    events: bool = False
    addresses: bool = False


class Work(Section):
    """``[work]``: how many processes compose and write for thousands of subscribers (0: one for each processor)."""

    processes: Annotated[int, Field(ge=0, le=256)] = 0


class RuleSetting(Section):
    """A rule with a name or a weight; a bare string in the configuration is its ``query`` alone."""

    query: str
    name: str | None = None
    weight: Annotated[float, Field(gt=0, le=1000, strict=False)] = 1.0

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: object) -> object:
        return {"query": value} if isinstance(value, str) else value


class TopicSetting(Section):
    """``[[topics]]``: a public named set of rules."""

    slug: Slug
    title: str
    rules: tuple[RuleSetting, ...] = Field(min_length=1, strict=False)
    exclude: tuple[str, ...] = Field(default=(), strict=False)


class SubscriberSetting(Section):
    """``[[subscribers]]``: an address that the configuration owns; None means the site's value."""

    email: Address
    name: str = ""
    mail: bool = True
    frequency: Literal["daily", "weekly"] = "daily"
    weekday: Weekday = "monday"
    send_at: Clock = "07:00"
    timezone: TimeZone | None = None
    max_items: Annotated[int, Field(ge=1, le=1000)] | None = None
    topics: tuple[str, ...] = Field(default=(), strict=False)
    rules: tuple[RuleSetting, ...] = Field(default=(), strict=False)
    exclude: tuple[str, ...] = Field(default=(), strict=False)


class SourceSetting(Section):
    """``[[sources]]``: a way in besides the inbox. Which keys go with which kind, ``config/sources.py`` says."""

    name: Slug
    kind: Literal["folder", "url", "command"]
    every: Duration = "30 min"
    cron: str = ""
    jitter: Duration = "30 s"
    layout: str = ""
    path: str = ""
    url: str = ""
    headers: dict[str, str] = Field(default={}, repr=False)
    retries: Annotated[int, Field(ge=0, le=5)] = 2
    allow_private: bool = False
    command: tuple[str, ...] = Field(default=(), strict=False)
    timeout: Duration = "60 s"
    max_size: Size = "20 MB"

    @property
    def when(self) -> str:
        """When it is asked, in the configuration's words: "every 30 min", "at 0 7 * * mon-fri"."""
        return f"at {self.cron}" if self.cron else f"every {self.every}"


class Settings(Section):
    """The whole configuration."""

    site: Site = Site()
    paths: Paths = Paths()
    store: Store = Store()
    schedule: Schedule = Schedule()
    delivery: Delivery = Delivery()
    smtp: Smtp = Smtp()
    editions: Editions = Editions()
    feed: Feed = Feed()
    dkim: Dkim = Dkim()
    web: Web = Web()
    log: Log = Log()
    work: Work = Work()
    topics: tuple[TopicSetting, ...] = Field(default=(), strict=False)
    subscribers: tuple[SubscriberSetting, ...] = Field(default=(), strict=False)
    sources: tuple[SourceSetting, ...] = Field(default=(), strict=False)
