"""Messages that come back: bounces, complaints, answering machines; bytes in, what they report out."""

from digest.bounces.mailbox import LONGEST, mails
from digest.bounces.meaning import Meaning, meaning_of
from digest.bounces.reading import read
from digest.bounces.report import Action, Kind, Recipient, Report

__all__ = ["LONGEST", "Action", "Kind", "Meaning", "Recipient", "Report", "mails", "meaning_of", "read"]
