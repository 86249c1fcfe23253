"""What a failure means for the address: enhanced status codes (RFC 3463, RFC 5248), reply codes and common words.

The code decides, not the word "failed": a full mailbox and a message taken for spam are final for the message, and
say nothing against the address.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

# "hard": the address is no good; "soft": it may be tomorrow, or nobody can tell; "policy" and "content": the receiver
# does not want mail of ours, or this message, so that it is ours to mend; "none": it did arrive.
Meaning: TypeAlias = Literal["hard", "soft", "policy", "content", "none"]

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]\d)")
_REPLY = re.compile(r"(?<![\d.])([45]\d\d)(?=[ -]|$)")
_LOOKED_AT = 1000  # characters of a diagnostic text

# Of the IANA registry of enhanced status codes; a subject without a detail stands for all its other details.
_CODES: Final[dict[str, Meaning]] = {
    "1": "hard",  # addressing: no such mailbox, no such domain, no mail there (null MX)
    "1.5": "none",  # the address is valid
    "1.7": "policy",  # our own address is what is wrong
    "1.8": "policy",
    "1.9": "soft",
    "2": "soft",  # mailbox: full, or not saying
    "2.1": "hard",  # disabled
    "2.3": "content",  # longer than is taken there
    "3": "soft",  # the mail system
    "3.3": "content",
    "3.4": "content",  # too big
    "4": "soft",  # network and routing: no answer, loops, given up after days
    "4.4": "hard",  # no way to the domain
    "4.310": "hard",  # Exchange: there is no such domain
    "5": "policy",  # protocol: what we said was not understood
    "6": "content",  # media
    "7": "policy",  # security and policy, never the address's fault
}

_POLICY = re.compile(
    r"\bspam|\bblock(ed|list)|blacklist|\brbl\b|reputation|\bpolicy\b|\bdmarc\b|\bspf\b|\bdkim\b|unsolicited|\bbulk\b"
    r"|\bsender\b.{0,20}\b(verif|reject|denied|refused|unknown|invalid|not (found|known|allowed)|does(n't| not) exist)"
    r"|\bbanned\b|rate limit|too many (messages|connections)|\bvirus\b|relay(ing)? (access )?denied|authenticat",
    re.IGNORECASE,
)
_SOFT = re.compile(
    r"\b(over ?quota|quota exceeded|exceeded .{0,20}quota)|mailbox (is )?full|full mailbox"
    r"|insufficient (system )?storage|out of storage|try again|temporar",
    re.IGNORECASE,
)
_HARD = re.compile(
    r"\b(no such|unknown|invalid|non-?existent) (local )?(user|recipient|mailbox|address|account)\b"
    r"|\b(user|recipient|mailbox|account|address)\b.{0,60}\b(unknown|not found|does(n't| not) exist|not exist|disabled"
    r"|inactive|invalid|couldn't be found|unavailable|not known|no longer)\b"
    r"|\bno (mailbox|user|account) (here )?(by|with) that name|\bno (user|mailbox|account) (here|there)\b"
    r"|doesn't have an? \S{1,80} account|is not a known user|recipient address rejected: access denied"
    r"|\b(host|domain)( name)?\b.{0,80}\b(not found|unknown|does(n't| not) exist)",
    re.IGNORECASE,
)
_BY_REPLY: Final[dict[str, Meaning]] = {
    "550": "hard",  # mailbox unavailable (RFC 5321, section 4.2.3); its policy reasons are told by words
    "551": "hard",
    "552": "soft",  # storage
    "553": "hard",  # mailbox name not allowed
    "556": "hard",  # the domain takes no mail (RFC 7504)
}


def status_in(text: str) -> str:
    """Return the first enhanced status code in a text, such as ``5.1.1``, "" for none."""
    found = _STATUS.search(text[:_LOOKED_AT])
    return f"{found[1]}.{int(found[2])}.{int(found[3])}" if found else ""


def reply_in(text: str) -> str:
    """Return the first SMTP reply code of a failure in a text, such as ``550``, "" for none."""
    found = _REPLY.search(text[:_LOOKED_AT])
    return found[1] if found else ""


def telling(status: str, text: str) -> str:
    """Return the status that tells more: the one in the text where the other is missing or names no reason."""
    status, inner = status_in(status), status_in(text)
    return inner if not status or (_is_vague(status) and inner[:1] == status[:1]) else status


def meaning_of(status: str, text: str = "") -> Meaning:
    """Return what a status and the words beside it mean; words count where the code says nothing in particular.

    Without a status, the one in the text counts, else its reply code, else its words; what nobody can tell is soft.
    """
    is_told = bool(status_in(status))
    status, text = telling(status, text), text[:_LOOKED_AT]
    if status.startswith("2"):
        return "none"
    if status.startswith("4") or (not is_told and reply_in(text).startswith("4")):
        return "soft"
    words = _by_words(text) if not status or _is_vague(status) else None
    return words or (_by_code(status) if status and not status.startswith("5.0") else _by_reply(text))


def _is_vague(status: str) -> bool:
    """Say whether a status names no reason, and 5.4.1, by which Exchange refuses unknown addresses and more."""
    return status.startswith("5.0") or status.endswith(".0") or status == "5.4.1"


def _by_code(status: str) -> Meaning:
    _, subject, detail = status.split(".")
    return _CODES.get(f"{subject}.{detail}") or _CODES.get(subject, "soft")


def _by_words(text: str) -> Meaning | None:
    # Policy first: a refusal of spam may speak of a recipient, and a plain "no such user" speaks of no policy.
    words: tuple[tuple[re.Pattern[str], Meaning], ...] = ((_POLICY, "policy"), (_SOFT, "soft"), (_HARD, "hard"))
    return next((meaning for pattern, meaning in words if pattern.search(text)), None)


def _by_reply(text: str) -> Meaning:
    reply = reply_in(text)
    return _BY_REPLY.get(reply, "policy" if reply.startswith("5") else "soft")
