"""What holds of single values in a feed: characters, plain text, dates, addresses, identifiers, types, languages.

Every function returns the faults of one value, each ending in brackets with the rule's source: an RFC's section, or the
name under which the W3C feed validator (github.com/w3c/feedvalidator) reports it.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html.entities import name2codepoint


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


# The code points that Unicode keeps for nothing (section 23.7), as part of a regular expression's set
NONCHARACTERS = "\ufdd0-\ufdef" + "".join(f"{chr(n)}{chr(n + 1)}" for n in range(0xFFFE, 0x110000, 0x10000))
# XML 1.0, section 2.2, the note at its end: legal, discouraged; and errors in HTML
_DISCOURAGED = re.compile(f"[\x7f-\x84\x86-\x9f{NONCHARACTERS}]")
_BAD = re.compile("[\x80-\x9f\ufffd]")
_TWICE_ENCODED = re.compile("[\xc2\xc3][\x80-\xbf]")  # UTF-8 read as Latin-1: "Ã©" for "é"
_END_TAG = re.compile(r"</(\w+)>")
_REFERENCE = re.compile(r"&(#?\w+)")
_EMAIL = re.compile(r"<[\w.+'-]+@(?:[A-Z0-9-]+\.)+[A-Z0-9][A-Z0-9-]*>", re.IGNORECASE)
# Names that the validator takes for elements where an end tag has them; those of HTML, old and new.
_ELEMENTS = words(
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo big blockquote body br button "
    "canvas caption center cite code col colgroup command comment data datagrid datalist dd del details dfn dialog "
    "dir div dl dt em embed eventsource fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 "
    "h6 head header hgroup hr html i iframe img input ins isindex kbd label legend li link listing m main map mark "
    "menu meta meter nav noframes noscript object ol optgroup option output p param picture plaintext pre progress "
    "q rp rt ruby s samp script section select slot small source span strike strong style sub summary sup table "
    "tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr xmp"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_MEDIA_TYPE = re.compile(
    r"""[^\s()<>,;:\\"/\[\]?=]+/[^\s()<>,;:\\"/\[\]?=]+(?:\s*;\s*[\w!#$&^.+-]+=(?:"[^"]*"|[^\s()<>,;:\\"/\[\]?=]+))*"""
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
# RFC 3986, appendix A: what may stand in an address after its scheme; brackets only around an IPv6 host.
_ADDRESS = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:"
    r"(?://(?:[\w.~!$&'()*+,;=:%-]*@)?(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::[0-9]*)?(?=[/?#]|$)|(?!//))"
    r"[\w.~!$&'()*+,;=:@%/-]*(?:\?[\w.~!$&'()*+,;=:@%/?-]*)?(?:#[\w.~!$&'()*+,;=:@%/?-]*)?",
    re.ASCII,
)
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SMALL_ESCAPE = re.compile(r"%(?:[a-f][0-9A-Fa-f]|[0-9A-F][a-f])")
_NEEDLESS_ESCAPE = re.compile(r"%(?:2D|2E|5F|7E|3[0-9]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])")
_SCHEMES = frozenset({"http", "https", "mailto", "tag", "urn"})  # of those that IANA lists, what a feed has a use for
_TAG = re.compile(
    r"tag:(?:[a-z0-9._-]+@)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?,(\d{4})(?:-(\d\d)(?:-(\d\d))?)?:[\w.~!$&'()*+,;=:@%/?-]*",
    re.ASCII,
)


def quoted(value: str) -> str:
    """Return the beginning of a value as a message shows it."""
    return repr(value[:60]) + ("…" if len(value) > 60 else "")


def faults_of_characters(value: str) -> list[str]:
    """Tell of characters that are legal in XML and that no text should hold."""
    faults = []
    if found := _BAD.search(value):
        faults.append(f"U+{ord(found[0]):04X}, which stands for a text that was decoded wrongly [BadCharacters]")
    if found := _TWICE_ENCODED.search(value):
        faults.append(f"{quoted(found[0])}, which is UTF-8 read as Latin-1 [BadCharacters]")
    if found := _DISCOURAGED.search(value):
        faults.append(f"U+{ord(found[0]):04X} [XML 1.0, 2.2: discouraged characters]")
    return faults


def faults_of_plain(value: str, *, in_hexadecimal: bool = False) -> list[str]:
    """Tell of what readers would take for markup in a text that is said to be plain.

    An ampersand before a letter or a digit is none where its line writes characters in hexadecimal (``&#x26;``): so the
    validator tells an author who means it.
    """
    if tags := [tag for tag in _END_TAG.findall(value) if tag.lower() in _ELEMENTS]:
        return [f"plain text with </{tags[0]}> [ContainsHTML]"]
    names = [] if in_hexadecimal else _REFERENCE.findall(value)
    like = [name for name in names if name in name2codepoint or name == "apos" or not name.isalpha()]
    return [f"plain text with &{like[0]} [ContainsHTML]"] if like else []


def faults_of_name(value: str, *, in_hexadecimal: bool = False) -> list[str]:
    """Tell what is wrong with a person's name."""
    faults = faults_of_plain(value, in_hexadecimal=in_hexadecimal)
    if not value.strip():
        faults.append("no name [NotBlank]")
    if _EMAIL.search(value):
        faults.append(f"a name with an address of mail, {quoted(value)} [ContainsEmail]")
    return faults


def faults_of_moment(value: str, now: datetime) -> list[str]:
    """Tell what is wrong with a time as feeds write it (RFC 4287, section 3.3; RFC 3339)."""
    if value != value.strip():
        return ["white space around a time [UnexpectedWhitespace]"]
    moment = moment_of(value)
    if moment is None:
        return [f"no time: {quoted(value)} [RFC 4287, 3.3; InvalidRFC3339Date]"]
    if not datetime(1990, 1, 1, tzinfo=UTC) <= moment <= now + timedelta(days=1):
        return [f"an unlikely time, {value} [ImplausibleDate]"]
    return []


def moment_of(value: str) -> datetime | None:
    """Return the time that is meant, None where it is none."""
    try:
        return datetime.fromisoformat(value) if _MOMENT.fullmatch(value) else None
    except ValueError:
        return None


def faults_of_address(value: str, *schemes: str) -> list[str]:
    """Tell what is wrong with an absolute address (RFC 3986), of one of the schemes, where any are given.

    An IRI with other characters than ASCII is one by RFC 3987, but the validator reads some of them as invalid.
    """
    if value != value.strip():
        return ["white space around an address [RFC 4287, 2; UnexpectedWhitespace]"]
    if not _ADDRESS.fullmatch(value):
        return [f"no absolute address, or characters that are to be escaped: {quoted(value)} [InvalidLink]"]
    if _NO_ESCAPE.search(value):
        return [f"a percent sign that escapes nothing: {quoted(value)} [RFC 3986, 2.1]"]
    scheme = value.partition(":")[0].lower()
    if scheme in ("http", "https") and not re.match(r"\w+://[^/?#:@]", value):
        return [f"no host: {quoted(value)} [InvalidLink]"]
    if scheme not in (schemes or _SCHEMES):
        return [f"an address of the scheme {scheme}: [SchemeNotIANARegistered, SecurityRisk]"]
    return []


def faults_of_id(value: str) -> list[str]:
    """Tell what is wrong with an identifier: an absolute IRI in its normal form (RFC 4287, section 4.2.6)."""
    faults = _faults_of_tag(value) if value.lower().startswith("tag:") else faults_of_address(value)
    if not faults and not _is_canonical(value):
        faults.append(f"an identifier that could be written in other ways: {quoted(value)} [NonCanonicalURI]")
    return faults


def _faults_of_tag(value: str) -> list[str]:
    found = _TAG.fullmatch(value)
    if not found or _NO_ESCAPE.search(value):
        return [f"no tag: URI: {quoted(value)} [RFC 4151, 2.1; InvalidTAG]"]
    try:
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return [f"a tag: URI of a day that never was: {quoted(value)} [RFC 4151, 2.1]"]
    return []


def _is_canonical(value: str) -> bool:
    scheme, _, rest = value.partition(":")
    if scheme != scheme.lower() or _NEEDLESS_ESCAPE.search(value) or _SMALL_ESCAPE.search(value):
        return False
    if not rest.startswith("//"):
        return True
    host, _, path = rest[2:].partition("/")
    plain = host == host.lower() and not re.search(r":(?:80|443)?$", host)
    return plain and "/" in rest[2:] and not re.search(r"(?:^|/)\.\.?(?:/|$)", re.split("[?#]", path)[0])


def is_media_type(value: str) -> bool:
    """Tell whether a value is a media type (RFC 4288, section 4.2), with parameters or without."""
    return bool(_MEDIA_TYPE.fullmatch(value))


def is_language(value: str) -> bool:
    """Tell whether a value has the form of a language tag (RFC 5646)."""
    return bool(_LANGUAGE.fullmatch(value))
