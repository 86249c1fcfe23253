"""Messages that come back to us: bounces and complaints about an email of ours, as servers write them."""

from __future__ import annotations

import email
from pathlib import Path


def message_id(mailed: Path) -> str:
    """Return the Message-ID of an email in the outbox."""
    return str(email.message_from_bytes(mailed.read_bytes())["Message-ID"])


def bounce(of: str, status: str = "5.1.1", *, to: str = "digest@example.org", mark: str = "", **told: str) -> bytes:
    """Return a bounce about a Message-ID; ``mark`` makes its bytes other ones."""
    said = {"recipient": "reader@example.org", "action": "failed", "text": f"550 {status} invented"} | told
    text = f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
X-Mark: {mark}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {said["recipient"]}
Action: {said["action"]}
Status: {status}
Diagnostic-Code: smtp; {said["text"]}

--b
Content-Type: text/rfc822-headers

Message-ID: {of}
Subject: Paper digest

--b--
"""
    return text.replace("\n", "\r\n").encode()


def complaint(of: str, kind: str = "abuse") -> bytes:
    """Return a complaint (ARF) about a Message-ID."""
    text = f"""From: feedback@mail.example.net
To: digest@example.org
Subject: FW: Paper digest
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Feedback/1.0
Version: 1

--b
Content-Type: message/rfc822

Message-ID: {of}
Subject: Paper digest

Invented papers.
--b--
"""
    return text.replace("\n", "\r\n").encode()
