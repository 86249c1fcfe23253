"""The folder ``public/`` as it is: pages and feeds with their types, and nothing that only happens to lie there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path, PurePath

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

# By our own table: the system's differ, and few know Atom (RFC 4287, section 7). Anything else is only downloaded.
TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".xml": "application/xml",
}
_HEADERS = {
    # Pages written long ago hold the style sheet of their day, whose hash no policy of today names.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    # They change once a day; readers that come more often get a 304.
    "Cache-Control": "public, max-age=300",
}


class Public(StaticFiles):
    """Serves the files of a folder, by name only: no listing, no dotfile, nothing that a link leads out to."""

    def __init__(self, folder: Path, first_page: Callable[[], str]) -> None:
        """Take the folder, which need not exist yet, and what to show at ``/`` until there is an ``index.html``."""
        super().__init__(directory=folder, check_dir=False)
        self._first_page = first_page

    async def check_config(self) -> None:
        """Do without: before the first run there is no folder."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer for a path inside the folder; what is not there, or not for everybody, raises a 404."""
        start = path == "."
        try:
            return await super().get_response("index.html" if start else path, scope)
        except OSError as error:
            raise HTTPException(404) from error
        except HTTPException as error:
            if error.status_code == 405:
                raise
            if start and error.status_code == 404:
                return HTMLResponse(self._first_page(), headers={"Cache-Control": "no-store"})
            raise HTTPException(404) from error

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Find a file; what begins with a dot, or is in such a folder, or may not be read, is as good as absent."""
        if any(part.startswith(".") for part in PurePath(path).parts):
            return "", None
        found, about = super().lookup_path(path)
        return (found, about) if about and os.access(found, os.R_OK) else ("", None)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the file with its type, or the word that it is still the same (RFC 9110, section 13.1)."""
        kind = TYPES.get(PurePath(full_path).suffix.lower(), "application/octet-stream")
        found = FileResponse(
            full_path, status_code=status_code, headers=_HEADERS, media_type=kind, stat_result=stat_result
        )
        asked = super().file_response(full_path, stat_result, scope, status_code)
        return NotModifiedResponse(found.headers) if isinstance(asked, NotModifiedResponse) else found
