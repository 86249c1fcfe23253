"""Where a paper is found: the address its title leads to, and those of paper, PDF and code. Only http and https."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from digest import layouts
from digest.keeping import kept
from digest.models import Identifiers, Paper
from digest.text import readable

# RFC 3986, sections 3.2 to 3.5: what may stand in an address as it is, the percent sign of what is encoded already
# included; brackets only around the host's number.
_AS_IT_IS = "%:/?@!$&'()*+,;=-._~"
_IN_SITES = f"{_AS_IT_IS}[]"
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_PLAIN = re.compile(r"[A-Za-z0-9/.;():_-]+")  # most identifiers
_LIMIT = 2000  # characters; longer addresses are cut by mail programs and servers
_BEGINS = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_NEVER = re.compile(r"[\s\x00-\x20\x7f-\x9f<>\"\\^`{|}\ud800-\udfff]")
CODE = "Code"  # the name of a link to code
_CODE_HOSTS = ("github.com", "gitlab.com", "huggingface.co")


class Link(NamedTuple):
    """A named address."""

    name: str
    url: str


@kept(8192)
def web_address(url: str | None) -> str:
    """Return the address if it is a plain http or https one, encoded for a link; else ""."""
    if not url or len(url) > _LIMIT or not _BEGINS.match(url):
        return ""
    if _NEVER.search(url):
        return ""
    try:
        parts = urlsplit(url)
        if not parts.hostname or parts.port == 0:
            return ""
    except ValueError:  # no host, or no port, that could be one
        return ""
    site = url[: url.index("//") + 2 + len(parts.netloc)]
    rest, mark, fragment = url[len(site) :].partition("#")
    return quote(site, safe=_IN_SITES) + _quoted(rest) + mark + _quoted(fragment)


def _quoted(text: str) -> str:
    """Return what follows a site's name with all encoded that may not stand there; a percent sign may, of an octet."""
    return _BARE_PERCENT.sub("%25", quote(text, safe=_AS_IT_IS))


def title_link(paper: Paper, title_search: str) -> str:
    """Return what the title leads to: the paper's own address, arXiv, the DOI, else a search for the title."""
    return own_address(paper.identifiers) or _search(paper.title[:1000], title_search)


def links(paper: Paper) -> tuple[Link, ...]:
    """Return the links that exist, in the order Paper, PDF, Code."""
    arxiv = paper.identifiers.arxiv
    found = (
        Link("Paper", own_address(paper.identifiers)),
        Link("PDF", _whole(f"https://arxiv.org/pdf/{_path(arxiv)}") if arxiv else ""),
        Link(CODE, code_address(paper)),
    )
    return tuple(link for link in found if link.url)


def code_address(paper: Paper) -> str:
    """Return the first address of code that the paper names, or ""."""
    return next(filter(None, map(_code, paper.links)), "")


def site_addresses(paper: Paper) -> list[Link]:
    """Return where the sites that listed the paper have it, as far as that can be told; first listing first."""
    arxiv = _path(paper.identifiers.arxiv) if paper.identifiers.arxiv else None
    found = {layouts.site(name): layouts.address(name, arxiv) for name in paper.layouts}
    return [Link(name, url) for name, address in found.items() if name and (url := _whole(address))]


@kept(8192)
def _search(title: str, title_search: str) -> str:
    return web_address(title_search.replace("{title}", quote(readable(title)[:300], safe="")))


@kept(8192)
def own_address(own: Identifiers) -> str:
    """Return where the paper itself is found: its own address, else arXiv, else the DOI, else ""."""
    return (
        web_address(own.url)
        or (_whole(f"https://arxiv.org/abs/{_path(own.arxiv)}") if own.arxiv else "")
        or (_whole(f"https://doi.org/{_path(own.doi)}") if own.doi else "")
    )


def _whole(url: str) -> str:
    """Return an address that we wrote and encoded, which has nothing that it may not have, unless it is too long."""
    return url if len(url) <= _LIMIT else ""


def _path(identifier: str) -> str:
    return identifier if _PLAIN.fullmatch(identifier) else quote(identifier, safe="/.;():-_", errors="ignore")


def _code(url: str) -> str:
    if not any(map(url.lower().__contains__, _CODE_HOSTS)):
        return ""
    address = web_address(url)
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    return address if host in _CODE_HOSTS and not parts.path.startswith("/papers/") else ""
