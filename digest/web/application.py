"""The application: which address is answered by what, and what is said where nothing is or something failed."""

from __future__ import annotations

import logging
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from digest.errors import DigestError, one_line
from digest.pipeline.context import Context
from digest.pipeline.run import renderer_of
from digest.render import Renderer
from digest.service import status
from digest.store import dumps as dump_store
from digest.web.feeds import Feeds, FeedsFirst
from digest.web.guard import Guard
from digest.web.personal import Personal
from digest.web.public import Public

log = logging.getLogger(__name__)


def app(context: Context) -> Starlette:
    """Return the web application of a site; raises TemplateError where its templates cannot be used."""
    renderer = renderer_of(context)
    personal = Personal(context, renderer)
    feeds = Feeds(context, renderer)
    return Starlette(
        routes=[
            Route("/healthz", partial(_health, context)),
            Route("/status", partial(_status, context, renderer)),
            Route("/unsubscribe/{token}", personal.unsubscribe, methods=["GET", "POST"]),
            Route("/feeds/my/{rest:path}", feeds.private),
            # One segment only: topics' editions lie in public/, as /editions/DATE/SLUG.html.
            Route("/editions/{token}", personal.edition),
            Mount("/", Public(context.public, lambda: renderer.index_page(None, [], []))),
        ],
        middleware=[
            Middleware(Guard, policy=renderer.content_security_policy),
            Middleware(FeedsFirst, feeds=feeds),
        ],
        exception_handlers={HTTPException: partial(_refused, renderer), DigestError: _unavailable},
    )


def _health(context: Context, _request: Request) -> Response:
    """Say that the store can be read."""
    with context.store.reading() as tx:
        dump_store.newest_run(tx)
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})


def _status(context: Context, renderer: Renderer, _request: Request) -> Response:
    """Show how the pages do, without what only the operator is told."""
    newest, lines = status.of_pages(context)
    page = renderer.status_page(newest, [(line.name, line.state, line.told) for line in lines])
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


def _refused(renderer: Renderer, _request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # what it is registered for
    if error.status_code == 404:
        return HTMLResponse(renderer.missing_page(), 404)
    return PlainTextResponse(f"{error.detail}\n", error.status_code, headers=error.headers)


def _unavailable(_request: Request, error: Exception) -> Response:
    """Answer where the store or a template fails; whoever asked may ask again."""
    log.error("web: %s", one_line(error))
    text = "This does not work at the moment; please try again later.\n"
    return PlainTextResponse(text, 503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
