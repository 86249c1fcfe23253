"""Sites in temporary folders whose clock the tests set. What takes long to make is made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from serve_site import PUBLISHED, Site
from starlette.applications import Starlette

from digest import web
from digest.pipeline import run
from digest.pipeline.context import Context
from digest.render import Renderer
from digest.web import application


@pytest.fixture(scope="session")
def renderers() -> Callable[[Context], Renderer]:
    """Return what gives renderers and keeps them: reading the templates takes longest of all."""
    kept: dict[str, Renderer] = {}
    fresh = run.renderer_of

    def give(context: Context) -> Renderer:
        if context.overrides:
            return fresh(context)
        key = context.settings.model_dump_json()
        if key not in kept:
            kept[key] = fresh(context)
        return kept[key]

    return give


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a new store."""
    own = Site(tmp_path_factory.mktemp("blank") / "state", "")
    own.context.store.close()
    return own.state


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder after a day with two papers."""
    own = Site(tmp_path_factory.mktemp("published") / "state", PUBLISHED)
    own.drop("2026-06-15 page.jsonl", 1, 2)
    own.tick("2026-06-15 07:00")
    own.context.store.close()
    return own.state


@pytest.fixture
def site(
    tmp_path: Path, blank: Path, renderers: Callable[[Context], Renderer], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Site]]:
    """Return a function that makes a site of a configuration, given as TOML."""
    made: list[Site] = []

    def make(toml: str, like: Path = blank) -> Site:
        state = tmp_path / f"state{len(made)}"
        shutil.copytree(like, state)
        made.append(Site(state, toml))
        return made[-1]

    for module in (run, application):
        monkeypatch.setattr(module, "renderer_of", renderers)
    yield make
    for item in made:
        item.context.store.close()


@pytest.fixture
def served(site: Callable[..., Site], published: Path) -> tuple[Site, Starlette]:
    """A site that has run for a day, and its application."""
    own = site(PUBLISHED, published)
    own.now = own.now.replace(hour=7)
    return own, web.app(own.context)
