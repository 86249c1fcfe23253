"""The one door to rendering: editions to mails and pages, papers to feeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from digest.models import Edition, Envelope
from digest.render.feeds import Feeds
from digest.render.mail import Mails
from digest.render.mime import message_bytes
from digest.render.pages import Pages, UnsubscribeState
from digest.render.templates import Templates
from digest.settings import Settings, TopicSetting


class Renderer:
    """Renders for one site; keeps what messages share for as long as it lives."""

    def __init__(self, settings: Settings, base: Path | None = None, overrides: Path | None = None) -> None:
        """Read the templates: those that ship with Digest (or ``base``), file by file overridden from ``overrides``.

        Raises TemplateError for a folder that is missing and for a template that is missing or broken.
        """
        self._made_of = settings, base, overrides
        self._settings = settings
        self._templates = Templates(base, overrides)
        self._mails = Mails(settings, self._templates)
        self._pages = Pages(settings, self._templates)

    def __reduce__(self) -> tuple[Any, ...]:
        """Let another process render alike, which reads the same templates for itself."""
        return Renderer, self._made_of

    @property
    def counts(self) -> Counter[str]:
        """How often each template was rendered, by its name (``email/paper.html``)."""
        return self._templates.counts

    @property
    def encodings(self) -> Counter[str]:
        """How often a part that mails share was transfer-encoded, by its template."""
        return self._mails.encodings

    @property
    def content_security_policy(self) -> str:
        """The Content-Security-Policy under which the pages look as they should: no script, only their own style."""
        return self._pages.policy

    def message(self, edition: Edition, envelope: Envelope) -> bytes:
        """Return the edition as a message ready for the wire (RFC 5322, CRLF), the same octets for the same input.

        Raises TemplateError for a template that cannot be rendered, DigestError for an envelope that cannot be written.
        """
        laid_out, text, html = self._mails.bodies(edition, envelope)
        return message_bytes(envelope, laid_out.subject, text, html)

    def edition_page(
        self,
        edition: Edition,
        *,
        personal: bool,
        unsubscribe_url: str = "",
        canonical_url: str = "",
        feed_url: str = "",
    ) -> str:
        """Return the whole edition as a web page; a ``personal`` one asks not to be indexed."""
        return self._pages.edition(
            edition,
            personal=personal,
            unsubscribe_url=unsubscribe_url,
            canonical_url=canonical_url,
            feed_url=feed_url,
        )

    def index_page(
        self,
        topics: Sequence[TopicSetting] | None,
        editions: Sequence[tuple[date, str, str, int]],
        latest: Sequence[Edition],
    ) -> str:
        """Return the start page of ``public/``; ``editions`` are (date, slug, title, papers), newest first.

        Before the first run there are no feeds yet, and ``topics`` is None.

        ``latest`` are the topics' editions of the newest day, whose titles the page shows.
        """
        return self._pages.index(topics, editions, latest)

    def unsubscribe_page(self, site_title: str, state: UnsubscribeState, email: str = "") -> str:
        """Return the page behind an unsubscribe link: a question with a button, its answer, or a link that is void."""
        return self._pages.unsubscribe(site_title, state, email)

    def status_page(self, newest: date | None, pages: Sequence[tuple[str, str, str]]) -> str:
        """Return the page that tells how pages do: the newest date run, and (name, state, sentence) of each."""
        return self._pages.status(newest, pages)

    def missing_page(self) -> str:
        """Return the page for an address where nothing is."""
        return self._pages.missing()

    def feeds(self, authority: str) -> Feeds:
        """Return what writes feeds whose tag: identifiers have this authority (RFC 4151: "name,date")."""
        return Feeds(self._settings.site, authority, self._templates)
