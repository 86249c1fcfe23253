"""The templates: found, overridden file by file, checked, with the style sheet put into the tags of mail templates."""

from __future__ import annotations

import functools
import hashlib
import re
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import css_inline
import jinja2
from markupsafe import Markup

from digest.errors import TemplateError
from digest.render.wrap import indented, wrapped

MAIL_STYLE = "email/style.css"
_CLASSED = re.compile(r"<(?P<tag>[a-z][a-z0-9]*)(?P<before>[^<>]*?) class=\"(?P<names>[\w -]+)\"")
_STYLED = re.compile(r'style="(?P<style>[^"]*)"')
_TABLE_PARTS = {"td": "<table><tr>{}</tr></table>", "tr": "<table>{}</table>", "body": "{}"}
_MEND = "mend the template, or take it out of your templates folder to use the one that ships with Digest"


class Templates:
    """The templates of one site; each is read, and styled, once."""

    def __init__(self, base: Path | None = None, overrides: Path | None = None) -> None:
        """Read and check every template; raises TemplateError for one that is missing or broken."""
        if overrides is not None and not overrides.is_dir():
            raise TemplateError("no such folder", where=str(overrides), mend="check site.templates")
        folders = [folder for folder in (overrides, base or shipped()) if folder]
        self.counts: Counter[str] = Counter()
        self._environment = _environment(tuple(folders))
        self._found: dict[str, jinja2.Template] = {}
        self._globals: dict[str, Any] = dict(self._environment.globals)
        self._check(folders[-1])

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """Return the template rendered; raises TemplateError naming template and line."""
        self.counts[name] += 1
        try:
            return self._rendered(self._found.get(name) or self._find(name), context)
        except Exception as error:
            raise _explained(error, name) from error

    def _rendered(self, template: jinja2.Template, context: Mapping[str, Any]) -> str:
        """Do what ``Template.render`` does, but for a walk through all globals at each call: a third of a fragment."""
        try:
            return "".join(template.root_render_func(template.new_context({**self._globals, **context}, shared=True)))
        except Exception:
            self._environment.handle_exception()  # raises with the template's lines in the traceback

    def _find(self, name: str) -> jinja2.Template:
        """Return a template as it is now; it stays so, since Jinja2 would ask at each rendering whether it changed."""
        found = self._found[name] = self._environment.get_template(name)
        return found

    def source(self, name: str) -> str:
        """Return a file of the templates as it is (a style sheet)."""
        try:
            return self._environment.loader.get_source(self._environment, name)[0]  # type: ignore[union-attr]
        except jinja2.TemplateError as error:
            raise _explained(error, name) from error

    @functools.cached_property
    def digest(self) -> str:
        """What tells the templates of pages and feeds from others, in the form that is in use."""
        names = sorted(name for name in self._found if name.startswith("web/"))
        return hashlib.sha256("\0".join(map(self.source, names)).encode()).hexdigest()

    def _check(self, folder: Path) -> None:
        """Compile every shipped template's form that is in use, so that a broken one stops a run before it begins."""
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.suffix in (".html", ".txt"):
                try:
                    self._find(name)
                except Exception as error:
                    raise _explained(error, name) from error


def shipped() -> Path:
    """Return the folder of the templates that come with Digest: in the installed package, else in the checkout."""
    package = Path(str(files("digest")))
    found = next((f for f in (package / "templates", package.parent / "templates") if f.is_dir()), None)
    if found is None:
        raise TemplateError("the templates are missing", where=str(package / "templates"), mend="install Digest again")
    return found


@functools.lru_cache(maxsize=8)
def _environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    """Return what compiles the templates of these folders, once per process; an edited file is compiled again."""
    environment = jinja2.Environment(
        loader=_StyledLoader(list(folders)),
        undefined=jinja2.StrictUndefined,
        autoescape=_escaped,  # noqa: S701 - all but plain text is escaped, whatever the suffix
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(wrapped=wrapped, indented=indented)
    return environment


def _escaped(name: str | None) -> bool:
    """Escape all but plain text, whatever a file's name ends in."""
    return name is None or not name.endswith(".txt")


class _StyledLoader(jinja2.FileSystemLoader):
    """Reads templates from folders, first come; puts styles into those of mails."""

    def __init__(self, folders: list[Path]) -> None:
        super().__init__([str(folder) for folder in folders])

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Any]:
        source, name, fresh = super().get_source(environment, template)
        if template.startswith("email/") and template.endswith(".html"):
            css, _, style_fresh = super().get_source(environment, MAIL_STYLE)
            return inlined(source, css), name, lambda: _all_true(fresh, style_fresh)
        return source, name, fresh


def _all_true(*checks: Callable[[], bool] | None) -> bool:
    return all(check is None or check() for check in checks)


def inlined(source: str, css: str) -> str:
    """Return the template with ``style="…"`` after each literal ``class="…"``: what css-inline finds in ``css``.

    Many mail programs drop ``<style>``. Done once per template, on tags alone, so that Jinja's syntax never meets an
    HTML parser; selectors that look at more than one tag do not apply, and rules inside @media stay in ``<style>``.
    """
    found = {(m["tag"], m["names"]) for m in _CLASSED.finditer(source)}
    styles = {key: _style(*key, css) for key in found}

    def styled(tag: re.Match[str]) -> str:
        style = styles[tag["tag"], tag["names"]]
        return f'{tag[0]} style="{style}"' if style else tag[0]

    return _CLASSED.sub(styled, source)


def _style(tag: str, names: str, css: str) -> str:
    sample = _TABLE_PARTS.get(tag, "<body>{}</body>").format(f'<{tag} class="{names}"></{tag}>')
    html = css_inline.inline(f"<html><head><style>{css}</style></head>{sample}</html>", load_remote_stylesheets=False)
    tag_found = re.search(rf'<{tag} [^<>]*class="{re.escape(names)}"[^<>]*>', html)
    style = _STYLED.search(tag_found[0]) if tag_found else None
    return style["style"] if style else ""


def _explained(error: Exception, name: str) -> TemplateError:
    """Return the error for people: which template, which line, what is wrong."""
    if isinstance(error, TemplateError):
        return error
    if isinstance(error, jinja2.TemplateNotFound):
        return TemplateError("the template is missing", where=str(error.name or name), mend=_MEND)
    if isinstance(error, jinja2.TemplateSyntaxError):
        return TemplateError(str(error.message), where=f"{error.name or name}, line {error.lineno}", mend=_MEND)
    if isinstance(error, UnicodeDecodeError):
        return TemplateError("the template is not UTF-8", where=name, mend=_MEND)
    return TemplateError(f"{type(error).__name__}: {error}", where=_place(error, name), mend=_MEND)


def _place(error: Exception, name: str) -> str:
    """Return the template and line that an error came from: Jinja2 puts them into the traceback."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith((".html", ".txt")):
            return f"{'/'.join(Path(frame.filename).parts[-2:])}, line {frame.lineno}"
    return name


def markup(text: str) -> Markup:
    """Mark text as safe HTML; only for what this package made itself."""
    return Markup(text)  # noqa: S704 - callers pass slots and escaped pieces only
