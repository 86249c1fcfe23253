"""What only a subscriber has the address of: leaving, and a frozen edition whole. Never cached, never indexed."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digest.models import Edition
from digest.pipeline.context import Context
from digest.pipeline.envelopes import unsubscribe_token
from digest.render import Renderer
from digest.render.pages import UnsubscribeState
from digest.service import looking, subscriptions
from digest.store import ledger

_PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow"}


class Personal:
    """The answers to personal links. They are plain functions, so Starlette runs them in threads of their own."""

    def __init__(self, context: Context, renderer: Renderer) -> None:
        """Take the world and the pages."""
        self._context = context
        self._renderer = renderer

    def unsubscribe(self, request: Request) -> Response:
        """Ask (GET: mail scanners open links, so it changes nothing), or let go at once (POST).

        A POST is the page's button or a mail program's one click (RFC 8058, section 3.1). Its body is not looked
        into: the token is the proof, and whoever posts to this address means it. Twice is once.
        """
        found = subscriptions.by_unsubscribe_token(self._context, request.path_params["token"])
        if found is None:
            return self._unsubscribe_page("gone", status=404)
        if request.method == "POST":
            subscriptions.leave(self._context, found)
        elif found.state != "left":
            return self._unsubscribe_page("ask", found.email)
        return self._unsubscribe_page("done", found.email)

    def _unsubscribe_page(self, state: UnsubscribeState, email: str = "", status: int = 200) -> Response:
        page = self._renderer.unsubscribe_page(self._context.settings.site.title, state, email)
        return HTMLResponse(page, status, headers=_PRIVATE)

    def edition(self, request: Request) -> Response:
        """Show a frozen edition whole."""
        edition = looking.edition_by_token(self._context, request.path_params["token"])
        if edition is None:
            raise HTTPException(404)
        page = self._renderer.edition_page(edition, personal=True, unsubscribe_url=self._unsubscribe_url(edition))
        return HTMLResponse(page, headers=_PRIVATE)

    def _unsubscribe_url(self, edition: Edition) -> str:
        base = self._context.settings.site.base_url
        if not base or edition.id is None:
            return ""
        with self._context.store.reading() as tx:
            recipient = ledger.recipient_of(tx, edition.id)
        token = unsubscribe_token(self._context.store.secret(), recipient) if recipient is not None else ""
        return f"{base}/unsubscribe/{token}" if token else ""
