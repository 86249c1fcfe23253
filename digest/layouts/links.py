"""Addresses and identifiers: the URLs in an abstract, and what names a paper for good.

arXiv ids: https://info.arxiv.org/help/arxiv_identifier.html (new since 0704, old ``archive/YYMMNNN``; a subject class
after the archive is no part of the identity). DOIs: ISO 26324; arXiv's own are ``10.48550/arXiv.ID``.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from digest.models import Identifiers

# A URL ends before white space, angle brackets, quotation marks and full-width punctuation (RFC 3986, appendix C).
_URL = re.compile(r"https?://[^\s<>\"`“”‘’«»。，、；！？（）【】《》]{1,2000}", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\w[\w.-]*(?::\d{1,5})?(?:[/?#][^\s<>\"`]*)?", re.IGNORECASE)
_BRACKET = re.compile(r"[()\[\]{}]")
_CLOSERS = {")": "(", "]": "[", "}": "{"}
_TRAILING = ".,;:!?'*_$\\|…·([{"
_TEX_ESCAPE = re.compile(r"\\([_%#&~$])(?:\{\})?")
_NEXT_URL = re.compile(r"[,;|]+https?://", re.IGNORECASE)

_LONGEST_LINE = 300  # a line that names a paper is no longer, and abstracts need not be searched
_ARXIV = r"(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z]+(?:-[a-z]+)?(?:\.[a-z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3})(?:v\d+)?"
_ARXIV_ID = re.compile(rf"(?:arxiv:)?{_ARXIV}", re.IGNORECASE)
_ARXIV_URL = re.compile(
    rf"https?://(?:(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html|ps|e-print)|(?:www\.)?alphaxiv\.org/abs"
    rf"|huggingface\.co/papers|hf\.co/papers|(?:www\.)?scholar-?feed\.[a-z.]+/paper)/{_ARXIV}(?:\.pdf)?/?(?:[?#]\S*)?",
    re.IGNORECASE,
)
# Where sites keep a paper's page, also relative, or in an archive's copy of it.
_PAPER_PATH = re.compile(rf"(?:^|/)(?:abs|pdf|html|overview|papers?)/{_ARXIV}(?:\.pdf)?/?(?:[?#]\S*)?$", re.IGNORECASE)
_DOI_URL = re.compile(r"(?:https?:)?//(?:dx\.|www\.)?doi\.org/(10\.[^\s?#]+)(?:[?#]\S*)?", re.IGNORECASE)
_DOI = re.compile(r"(?:doi:\s?|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV_DOI = re.compile(rf"10\.48550/arxiv\.{_ARXIV}", re.IGNORECASE)


def _balanced(url: str) -> str:
    """Return the URL up to a bracket that closes none of its own: of ``(see https://a.b/c_(d))`` it keeps one pair."""
    open_brackets: list[str] = []
    for place, char in enumerate(url):
        if char in "([{":
            open_brackets.append(char)
        elif char in _CLOSERS and (not open_brackets or open_brackets.pop() != _CLOSERS[char]):
            return url[:place]
    return url


def trimmed(url: str) -> str:
    """Return a URL found in running text without what belongs to the text: punctuation, brackets, TeX escapes."""
    if "://" in url[8:] and (after := _NEXT_URL.search(url)):
        url = url[: after.start()]
    if "\\" in url:
        url = _TEX_ESCAPE.sub(r"\1", url)
    if _BRACKET.search(url):
        url = _balanced(url)
    return url.rstrip(_TRAILING)


def is_web_address(text: str) -> bool:
    """Tell whether the text is one http or https URL of a plain host, with nothing that a link must not carry.

    Addresses with a user name before the host are refused: they are made to look like another host's.
    """
    return _ADDRESS.fullmatch(text) is not None and text.isprintable()


def links(abstract: str | None) -> tuple[str, ...]:
    """Return the http and https URLs in an abstract, in order, once each, without trailing punctuation."""
    if not abstract:
        return ()
    found: dict[str, None] = {}
    colon = abstract.find("://")  # to look for the scheme itself in whatever case would be far slower
    while colon >= 0:
        match = _URL.match(abstract, colon - 5) or _URL.match(abstract, max(0, colon - 4))
        url = trimmed(match[0]) if match else ""
        if is_web_address(url):
            found[url] = None
        colon = abstract.find("://", colon + max(3, len(url) - 5))
    return tuple(found)


def arxiv_id(text: str) -> str | None:
    """Return the arXiv id that ``text`` is (id, DOI or address; version and subject class dropped), else None."""
    found = _ARXIV_ID.fullmatch(text) or _ARXIV_URL.fullmatch(text)
    if not found:
        own = _DOI.fullmatch(text)
        found = _ARXIV_DOI.fullmatch(own[1]) if own else None
    if not found:
        return None
    return re.sub(r"\.[a-z]{2}/", "/", found[1].lower())


def doi(text: str) -> str | None:
    """Return the DOI in lower case (DOIs are case-insensitive, ISO 26324 section 4.2) that ``text`` is, else None."""
    found = _DOI.fullmatch(text)
    return trimmed(found[1]).lower() if found else None


def linked(address: str) -> Identifiers | None:
    """Return what a link's address names a paper by, else None; a relative one counts, and a copy on another host.

    ``url`` is set where the address is an absolute one.
    """
    if len(address) > _LONGEST_LINE:
        return None
    found = _PAPER_PATH.search(address)
    arxiv = found[1] if found else None
    other = _DOI_URL.fullmatch(address)
    if other:
        arxiv, own_doi = arxiv_id(unquote(other[1])), doi(unquote(other[1]))
    else:
        own_doi = None
    if not (arxiv or own_doi):
        return None
    arxiv = arxiv_id(arxiv) if arxiv else None
    return Identifiers(arxiv, None if arxiv else own_doi, address if is_web_address(address) else None)


def identifiers(text: str) -> Identifiers | None:
    """Return what a line of its own names the paper by (``arXiv:2501.01234``, ``doi:10.…``, an address), else None."""
    if len(text) > _LONGEST_LINE:
        return None
    words = text.split(" [")[0].strip()  # arXiv's own pages print "arXiv:2501.01234v2 [cs.LG]"
    address = words if is_web_address(words) else None
    found, own_doi = arxiv_id(words), doi(words)
    if not (found or own_doi):
        return None
    return Identifiers(arxiv=found, doi=None if found else own_doi, url=address)
