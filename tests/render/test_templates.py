"""Templates are found, overridden file by file, styled once, and told apart when broken."""

from __future__ import annotations

import shutil
from binascii import a2b_qp
from pathlib import Path

import pytest
from invented_edition import ENVELOPE, edition

from digest.errors import TemplateError
from digest.render import Renderer
from digest.render.templates import inlined, shipped
from digest.settings import Settings


def override(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_one_file_can_be_overridden_and_the_others_stay(tmp_path: Path) -> None:
    mine = override(tmp_path, "email/excerpt.html", '<p class="excerpt">Mine & {{ pieces[0].text }}</p>\n')
    page = a2b_qp(Renderer(Settings(), overrides=mine).message(edition(1), ENVELOPE))
    assert b"Mine & Training" in page
    assert b"Read in the browser" in page


def test_an_overriding_style_sheet_is_put_into_the_tags(tmp_path: Path) -> None:
    mine = override(tmp_path, "email/style.css", ".title { color: #123456; }")
    assert b'class=3D"title" style=3D"color: #123456;"' in Renderer(Settings(), overrides=mine).message(
        edition(1), ENVELOPE
    )


def test_templates_named_without_a_html_suffix_last_are_escaped_too(tmp_path: Path) -> None:
    override(tmp_path, "email/own.html.j2", "{{ line.title }}")
    mine = override(
        tmp_path, "email/message.html", '{% set line = {"title": "<b>"} %}{% include "email/own.html.j2" %}\n'
    )
    assert b"&lt;b&gt;" in Renderer(Settings(), overrides=mine).message(edition(1), ENVELOPE)


BROKEN = {
    "a syntax error": ("email/message.html", "one\n{% if %}\n", "email/message.html, line 2: "),
    "an unclosed block": ("web/index.html", "{% for a in b %}\n", "web/index.html, line 1: "),
    "an unknown filter": ("email/links.txt", "\n\n{{ links|sparkle }}\n", "email/links.txt, line 3: "),
    "not UTF-8": ("email/paper.txt", b"\xff\xfe", "email/paper.txt: the template is not UTF-8"),
}


@pytest.mark.parametrize(("name", "text", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_template_is_refused_before_anything_is_rendered(
    tmp_path: Path, name: str, text: str | bytes, message: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        Renderer(Settings(), overrides=override(tmp_path, name, text))
    assert str(refused.value).startswith(message)
    assert "mend the template" in str(refused.value)
    assert "\n" not in str(refused.value)


FAILING = {
    "an unknown name": ("email/message.txt", "\n{{ nobody }}\n", "email/message.txt, line 2: UndefinedError"),
    "an unknown attribute": ("email/paper.html", "{{ paper.colour }}", "email/paper.html, line 1: UndefinedError"),
    "a wrong sum": ("email/links.html", "{{ 1 / 0 }}", "email/links.html, line 1: ZeroDivisionError"),
    "a missing include": ("email/excerpt.txt", "{% include 'gone.txt' %}", "gone.txt: the template is missing"),
}


@pytest.mark.parametrize(("name", "text", "message"), FAILING.values(), ids=FAILING)
def test_a_template_that_fails_names_itself_and_its_line(tmp_path: Path, name: str, text: str, message: str) -> None:
    renderer = Renderer(Settings(), overrides=override(tmp_path, name, text))
    with pytest.raises(TemplateError) as refused:
        renderer.message(edition(1), ENVELOPE)
    assert str(refused.value).startswith(message)


def test_a_missing_template_is_named(tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(shipped(), base)
    (base / "email" / "message.txt").unlink()
    with pytest.raises(TemplateError, match=r"email/message\.txt: the template is missing"):
        Renderer(Settings(), base=base).message(edition(1), ENVELOPE)
    (base / "web" / "style.css").unlink()
    with pytest.raises(TemplateError, match=r"web/style\.css: the template is missing"):
        Renderer(Settings(), base=base)


def test_a_missing_folder_of_overrides_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no such folder"):
        Renderer(Settings(), overrides=tmp_path / "none")


CSS = """
.a { color: red; } .b { margin: 0; } p.a { padding: 1px; } td.c { width: 2px; }
@media print { .a { color: blue; } }
"""
STYLED = {
    "one class": ('<div class="a">', '<div class="a" style="color: red;">'),
    "two classes": ('<b class="a b">', '<b class="a b" style="color: red;margin: 0;">'),
    "tag and class": ('<p id="x" class="a">', '<p id="x" class="a" style="color: red;padding: 1px;">'),
    "a cell": ('<td class="c" align="left">', '<td class="c" style="width: 2px;" align="left">'),
    "a class without rules": ('<p class="d">', '<p class="d">'),
    "a class made by the template": ('<p class="{{ a }}">', '<p class="{{ a }}">'),
    "no class": ("<p>{% if a %}<b>{% endif %}", "<p>{% if a %}<b>{% endif %}"),
}


@pytest.mark.parametrize(("source", "expected"), STYLED.values(), ids=STYLED)
def test_styles_are_put_into_the_tags_of_a_template(source: str, expected: str) -> None:
    assert inlined(source, CSS).replace(" !important", "").replace("; ", ";") == expected.replace("; ", ";")
