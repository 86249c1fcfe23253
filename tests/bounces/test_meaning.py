"""What a failure means for an address: the status decides, and words where it says nothing in particular."""

from __future__ import annotations

import pytest
from flufl.bounce import all_failures
from hypothesis import given
from hypothesis import strategies as st

from digest.bounces import meaning_of

CASES = {
    "no such mailbox": ("5.1.1", "", "hard"),
    "no such domain": ("5.1.2", "", "hard"),
    "a domain that takes no mail": ("5.1.10", "550 5.1.10 null MX", "hard"),
    "moved away": ("5.1.6", "", "hard"),
    "our own address is wrong": ("5.1.8", "sender address has null MX", "policy"),
    "disabled": ("5.2.1", "", "hard"),
    "a full mailbox, for good": ("5.2.2", "552 5.2.2 mailbox full", "soft"),
    "a full mailbox, for now": ("4.2.2", "", "soft"),
    "no way to the domain": ("5.4.4", "", "hard"),
    "given up after days": ("4.4.7", "delivery time expired", "soft"),
    "given up, and called permanent": ("5.4.7", "delivery time expired", "soft"),
    "taken for spam": ("5.7.1", "550 5.7.1 looks like spam, user unknown to love it", "policy"),
    "not signed": ("5.7.26", "unauthenticated email is not accepted", "policy"),
    "too large": ("5.3.4", "", "content"),
    "larger than that mailbox takes": ("5.2.3", "", "content"),
    "of a kind that is not taken": ("5.6.1", "", "content"),
    "what we said was not understood": ("5.5.2", "syntax error", "policy"),
    "arrived": ("2.1.5", "", "none"),
    "no code, no such user": ("5.0.0", "550 No such user here", "hard"),
    "no code, and blocked": ("5.0.0", "550 Blocked, see our policy", "policy"),
    "no code at all": ("5.0.0", "", "soft"),
    "a bare refusal of a recipient": ("5.0.0", "550 no", "hard"),
    "a bare refusal of a message": ("5.0.0", "554 no", "policy"),
    "a better code in the text": ("5.0.0", "550 5.2.2 over quota", "soft"),
    "the better code is the status": ("5.1.1", "550 5.7.1 no", "hard"),
    "Exchange on an unknown address": ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", "hard"),
    "5.4.1 for something else": ("5.4.1", "no answer from host", "soft"),
    "Outlook on an unknown address": ("", "550 5.5.0 Requested action not taken: mailbox unavailable", "hard"),
    "a reply alone, unknown": ("", "550 user unknown", "hard"),
    "our own address is refused": ("", "550 Sender rejected", "policy"),
    "our own address is not there": ("5.1.0", "550 5.1.0 sender address does not exist", "policy"),
    "Exim on a sender that it cannot verify": ("", "550 No Such User Here Sender verify failed", "policy"),
    "a user who is asked to tell the sender": ("", "550 user unknown, tell the sender", "hard"),
    "a reply alone, later": ("", "450 user unknown for now", "soft"),
    "a reply that contradicts its status": ("", "450 5.1.1 not now", "soft"),
    "a reply of several lines": ("", "550-5.1.1 The email account\n550 5.1.1 does not exist", "hard"),
    "storage": ("", "552 no", "soft"),
    "an address in the text is no status": ("", "host 5.1.1.9 said: 550 mailbox full", "soft"),
    "nothing": ("", "", "soft"),
    "no status": ("fish", "chips", "soft"),
    "numbers that nobody registered": ("5.99.99", "", "soft"),
    "a detail that nobody registered": ("5.1.99", "", "hard"),
}


@pytest.mark.parametrize(("status", "text", "meaning"), CASES.values(), ids=CASES)
def test_a_failure_means(status: str, text: str, meaning: str):
    assert meaning_of(status, text) == meaning


@given(st.integers(0, 999), st.integers(0, 999), st.text(max_size=60))
def test_what_is_transient_never_condemns_an_address(subject: int, detail: int, text: str):
    assert meaning_of(f"4.{subject}.{detail}", text) == "soft"


@given(st.integers(1, 999), st.text(st.characters(exclude_characters=".0123456789"), max_size=60))
def test_policy_is_never_the_address_s_fault(detail: int, text: str):
    assert meaning_of(f"5.7.{detail}", text) == "policy"


@given(st.text(max_size=20), st.text(max_size=300))
def test_any_text_has_a_meaning(status: str, text: str):
    assert meaning_of(status, text) in ("hard", "soft", "policy", "content", "none")


def test_the_library_calls_permanent_what_is_not():
    """Why its word is not believed; where this fails, it has changed, and may be asked more."""
    import email

    full = email.message_from_string(
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 4.2.2\n\n--b--\n"
    )
    assert all_failures(full) == (frozenset(), frozenset({b"ada@example.com"}))
