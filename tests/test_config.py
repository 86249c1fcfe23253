"""Configuration: what is read, and how what is wrong is said."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import config
from digest.config.lines import key_lines, line_of
from digest.errors import ConfigError, UsageError
from digest.settings import Settings

READER = '\n[[subscribers]]\nemail = "reader@example.org"\nrules = ["*"]\n'


def loaded(folder: Path, text: str, **environ: str) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return config.load(path, environ)


def refused(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **environ)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(f"{folder}/", "")


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert config.load(None, {}) == Settings()


def test_config_toml_of_the_working_folder_is_read_without_being_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text('[site]\ntitle = "Mine"\n', "utf-8")
    assert config.load(None, {}).site.title == "Mine"


def test_a_named_file_must_be_there(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml: there is no such file"):
        config.load(tmp_path / "nowhere.toml", {})


def test_a_folder_is_no_configuration(tmp_path: Path):
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        config.load(tmp_path, {})


def test_the_sections_topics_and_subscribers_are_read(tmp_path: Path):
    settings = loaded(
        tmp_path,
        """
        [editions]
        max_items = 5
        [[topics]]
        slug = "alignment"
        title = "Alignment"
        rules = ['"reward model*" OR RLHF', { name = "Safety", query = "title:safety", weight = 2 }]
        [[subscribers]]
        email = "Reader@Example.ORG"
        frequency = "weekly"
        topics = ["alignment"]
        exclude = ["title:survey"]
        """,
    )
    assert settings.editions.max_items == 5
    assert [(rule.name, rule.query, rule.weight) for rule in settings.topics[0].rules] == [
        (None, '"reward model*" OR RLHF', 1.0),
        ("Safety", "title:safety", 2.0),
    ]
    assert settings.subscribers[0].email == "Reader@example.org"
    assert settings.subscribers[0].exclude == ("title:survey",)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path):
    path = tmp_path / "config.toml"
    path.write_bytes('\ufeff[site]\r\ntitle = "Café"\r\n'.encode())
    assert config.load(path, {}).site.title == "Café"


SUBSCRIBER = "[[subscribers]]\nemail = 'a@example.org'\n"
TOPIC = "[[topics]]\nslug = 'agents'\ntitle = 'A'\nrules = ['*']\n"

# What is written, and what is said of it behind "config.toml".
PROBLEMS = {
    "unknown key": (
        "[editions]\nmax_itmes = 3",
        ", line 2, editions.max_itmes: unknown key (did you mean max_items?)",
    ),
    "unknown section": ("x = 1", ", line 1, x: unknown section"),
    "a hub that is no web address": (
        "[feed]\nhub = 'hub.example.org'",
        ', line 2, feed.hub: not a web address: write it like "https://hub.example.org/"',
    ),
    "a hub with a password": (
        "[feed]\nhub = 'https://me:secret@hub.example.org/'",
        ', line 2, feed.hub: not a web address: write it like "https://hub.example.org/"',
    ),
    "misspelt section": ("[sight]", ", line 1, sight: unknown section (did you mean site?)"),
    "unknown key of a subscriber": (
        READER + "rulez = 1",
        ", line 5, subscribers[1].rulez: unknown key (did you mean rules?)",
    ),
    "a word for a number": (
        "[editions]\n\nmax_items = 'ten'",
        ", line 3, editions.max_items: should be a whole number",
    ),
    "out of range, dotted": (
        "editions.max_items = 0",
        ", line 1, editions.max_items: should be greater than or equal to 1",
    ),
    "a number for a truth": ("[editions]\nsend_empty = 1", ", line 2, editions.send_empty: should be true or false"),
    "a word for a section": ("site = 'here'", ", line 1, site: should be a table"),
    "a word for a list": (SUBSCRIBER + "rules = '*'", ", line 3, subscribers[1].rules: should be a list"),
    "a number for a rule": (
        SUBSCRIBER + "rules = [5]",
        ', line 3, subscribers[1].rules[1]: should be a rule in quotes or { query = "…" }',
    ),
    "inside a list": (
        SUBSCRIBER + "rules = [\n  '*',\n  { query = 'a', weight = 0 },\n]",
        ", line 5, subscribers[1].rules[2].weight: should be greater than 0",
    ),
    "one pair of brackets": (
        "[topics]\nslug = 'a'",
        ", line 1, topics: should be a list of tables (write [[topics]])",
    ),
    "no such choice": ("[delivery]\nchannel = 'fax'", ', line 2, delivery.channel: should be "outbox" or "smtp"'),
    "no time zone": (
        READER + SUBSCRIBER + "timezone = 'Moon'\nrules = ['*']",
        ", line 7, subscribers[2].timezone: 'Moon' is not a time zone: write it like \"Europe/Berlin\"",
    ),
    "no duration": (
        "[schedule]\ncatch_up = '20 hours'",
        ', line 2, schedule.catch_up: not a duration: write it like "5 min", "20 h" or "2 d"',
    ),
    "no slug": (
        TOPIC.replace("agents", "A b"),
        ", line 2, topics[1].slug: should be small letters, digits and hyphens, at most 64",
    ),
    "no address": ("[[subscribers]]\nrules = ['*']", ", line 1, subscribers[1].email: is missing"),
    "a bad address": (
        SUBSCRIBER.replace("@", "."),
        ", line 2, subscribers[1].email: not an email address: An email address must have an @-sign.",
    ),
    "a key twice": (
        "[site]\ntitle = 'a'\ntitle = 'b'",
        ", line 3: not TOML: Cannot overwrite a value",
    ),
    "no value": ("[site]\ntitle = \n", ", line 2, column 9: not TOML: Invalid value"),
    "never closed": ("[site]\ntitle = '''a", ", line 2: not TOML: Expected \"'''\""),
    "nested too deeply": ("a = " + "[" * 5000, ": nested too deeply"),
    "neither rules nor topics": (
        SUBSCRIBER,
        ", line 1, subscribers[1]: a@example.org has neither rules nor topics, so nothing would ever match",
    ),
    "an address twice": (
        READER + READER.replace("reader", "READER"),
        ", line 7, subscribers[2].email: the same as in subscribers[1]: reader@example.org",
    ),
    "a slug twice": (TOPIC * 2, ", line 6, topics[2].slug: the same as in topics[1]: agents"),
    "unknown topic": (
        TOPIC + SUBSCRIBER + "topics = [\n'agent',\n]",
        ", line 8, subscribers[1].topics[1]: there is no topic 'agent' (did you mean agents?)",
    ),
    "another store": (
        "[store]\nurl = 'postgresql://me:hunter2@db/x'",
        ', line 2, store.url: only SQLite can be the store (write it like "sqlite:///digest.db")',
    ),
    "no title in the search": (
        "[site]\ntitle_search = 'https://example.org/?q='",
        ", line 2, site.title_search: needs {title} where the title goes",
    ),
}


@pytest.mark.parametrize(("text", "message"), PROBLEMS.values(), ids=PROBLEMS)
def test_one_line_names_file_line_and_key(tmp_path: Path, text: str, message: str):
    assert refused(tmp_path, text) == "config.toml" + message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(SUBSCRIBER + "rules = ['*', '\"open']", "line 3, subscribers[1].rules[2]", id="of a subscriber"),
        pytest.param(READER + "exclude = [\n'\"open',\n]", "line 6, subscribers[1].exclude[1]", id="exclude"),
        pytest.param(TOPIC.replace("'*'", "{ query = '\"open' }"), "line 4, topics[1].rules[1]", id="of a topic"),
    ],
)
def test_an_invalid_rule_is_named_with_its_place_and_position(tmp_path: Path, text: str, place: str):
    message = refused(tmp_path, text)
    assert re.match(rf"config\.toml, {re.escape(place)}: invalid rule, character \d+: \w+", message), message


def test_of_several_problems_the_first_is_told_and_the_others_are_counted(tmp_path: Path):
    text = "[web]\nport = 70000\n[site]\nbase_url = 'ftp://x'\ncolour = 'red'\n"
    assert refused(tmp_path, text) == "config.toml, line 2, web.port: should be less than or equal to 65535; and 2 more"


def test_the_count_of_others_stands_behind_the_mend(tmp_path: Path):
    text = "[editions]\nmax_itmes = 3\n[site]\ncolour = 'red'\n"
    assert refused(tmp_path, text).endswith("editions.max_itmes: unknown key (did you mean max_items?); and 1 more")


def test_text_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"[site]\ntitle = 'Caf\xe9'\n")
    with pytest.raises(ConfigError, match=r"config\.toml, line 2: not UTF-8 text \(save it as UTF-8\)"):
        config.load(path, {})


def test_the_environment_stands_above_the_file(tmp_path: Path):
    settings = loaded(
        tmp_path,
        "[smtp]\nport = 25\npassword = 'from the file'\n",
        DIGEST_SMTP__PORT="2525",
        DIGEST_SMTP__PASSWORD="12345",
        DIGEST_EDITIONS__SEND_EMPTY="yes",
        DIGEST_SMTP__TLS="",
        DIGEST_SITE__TITLE="",
        DIGEST_TESTDATA="/none/of/ours",
        HOME="/root",
    )
    assert (settings.smtp.port, settings.smtp.password, settings.smtp.tls) == (2525, "12345", None)
    assert settings.editions.send_empty
    assert settings.site.title == ""


SECRET = "hunter2"
NO_SECTION = "no section of the configuration that a variable can set"
NO_STORE = 'only SQLite can be the store (write it like "sqlite:///digest.db")'


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        pytest.param("SMPT__PASSWORD", SECRET, f"{NO_SECTION} (did you mean smtp?)", id="unknown section"),
        pytest.param("SMTP__PASWORD", SECRET, "no key of [smtp] (did you mean password?)", id="unknown key"),
        pytest.param("SMTP__PORT", SECRET, "not a whole number", id="no number"),
        pytest.param("SMTP__PORT", "70000", "should be less than or equal to 65535", id="out of range"),
        pytest.param("EDITIONS__SEND_EMPTY", SECRET, "neither true nor false", id="no truth value"),
        pytest.param("SMTP__TLS", SECRET, 'should be "none", "starttls" or "tls"', id="none of the choices"),
        pytest.param("TOPICS__0", SECRET, NO_SECTION, id="a list"),
        pytest.param("STORE__URL", f"postgresql://u:{SECRET}@h/d", NO_STORE, id="another store"),
    ],
)
def test_a_wrong_variable_is_named_without_its_value(tmp_path: Path, name: str, value: str, message: str):
    assert (
        refused(tmp_path, "[smtp]\nport = 25\n", **{f"DIGEST_{name}": value})
        == f"environment variable DIGEST_{name}: {message}"
    )


def test_mail_may_stay_on_this_machine(tmp_path: Path):
    settings = loaded(tmp_path, "[site]\nsender = 'Digest <digest@localhost>'\noperator = 'root@localhost'\n")
    assert (settings.site.sender, settings.site.operator) == ("Digest <digest@localhost>", "root@localhost")


def test_a_password_of_the_wrong_type_is_not_repeated(tmp_path: Path):
    assert (
        refused(tmp_path, "[smtp]\npassword = 98765\n")
        == "config.toml, line 2, smtp.password: should be text in quotes"
    )


def enabled() -> str:
    return re.sub(r"(?m)^#(?=[a-z\[])", "", config.COMMENTED)


def test_the_commented_configuration_changes_no_default(tmp_path: Path):
    assert loaded(tmp_path, config.COMMENTED) == Settings()


def test_with_its_comments_enabled_it_is_valid_and_shows_the_defaults(tmp_path: Path):
    settings = loaded(tmp_path, enabled())
    assert (len(settings.topics), len(settings.subscribers)) == (1, 1)
    examples = {"operator": "you@example.org", "tls": "starttls"}  # these have no default to show
    for name in set(Settings.model_fields) - {"topics", "subscribers", "sources"}:
        section, default = getattr(settings, name), getattr(Settings(), name)
        for key in type(section).model_fields:
            assert getattr(section, key) == examples.get(key, getattr(default, key)), f"{name}.{key}"


def test_every_key_of_the_settings_occurs_in_it():
    written = tomllib.loads(enabled())
    assert set(written) == set(Settings.model_fields)
    for name, value in written.items():
        section = getattr(Settings(), name)
        keys = set().union(*value) if isinstance(value, list) else set(value)
        model = Settings.model_fields[name].annotation.__args__[0] if isinstance(value, list) else type(section)
        assert keys == set(model.model_fields), name


def test_it_is_written_into_a_new_folder_and_never_over_another(tmp_path: Path):
    path = config.write_commented(tmp_path / "new" / "folder")
    assert path.read_text("utf-8") == config.COMMENTED
    path.write_text("mine", "utf-8")
    with pytest.raises(UsageError, match=r"config\.toml: is there already and is left as it is"):
        config.write_commented(path.parent)
    assert path.read_text("utf-8") == "mine"


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path):
    (tmp_path / "taken").write_text("", "utf-8")
    with pytest.raises(UsageError, match="taken: cannot be made: a file has that name"):
        config.write_commented(tmp_path / "taken")


DOCUMENT = '''\
# [not.a.table]
top = 1
[site]  # comment = "no key"
"title" = """
[inside] = "a string"
""""
[a.b]
c.d = { e = [1, { f = 'x#y' }], "g h" = 2020-01-01 10:00:00 }
[[topics]]
rules = [
  "one", # "two",
  \'\'\'three
  and \'more\'\'\'\',

  { query = "four\\"", weight = 2 },
]
[[topics]]
[topics.deep]
x = true
[[topics.list]]
[[topics.list]]
y = []
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param(("top",), 2, id="top level"),
        pytest.param(("site",), 3, id="table"),
        pytest.param(("site", "title"), 4, id="quoted key"),
        pytest.param(("a", "b", "c", "d"), 8, id="dotted keys"),
        pytest.param(("a", "b", "c", "d", "e", 1, "f"), 8, id="inline table in a list"),
        pytest.param(("a", "b", "c", "d", "g h"), 8, id="key with a space"),
        pytest.param(("topics", 0), 9, id="first of a list of tables"),
        pytest.param(("topics", 0, "rules", 0), 11, id="first element"),
        pytest.param(("topics", 0, "rules", 1), 12, id="string of several lines"),
        pytest.param(("topics", 0, "rules", 2), 15, id="element after it"),
        pytest.param(("topics", 1), 17, id="second of a list of tables"),
        pytest.param(("topics", 1, "deep", "x"), 19, id="table inside it"),
        pytest.param(("topics", 1, "list", 1, "y"), 22, id="list of tables inside it"),
        pytest.param(("topics", 1, "list", 1, "z"), 21, id="missing key: its table"),
        pytest.param(("nowhere",), None, id="nowhere"),
    ],
)
def test_every_key_is_found_on_its_line(path: tuple[str | int, ...], line: int | None):
    tomllib.loads(DOCUMENT)
    assert line_of(key_lines(DOCUMENT), path) == line


def test_no_key_is_found_where_there_is_none():
    paths = {path for path in key_lines(DOCUMENT) if len(path) == 1}
    assert paths == {("top",), ("site",), ("a",), ("topics",)} - {("a",), ("topics",)}


@given(st.text("[]{}=\"'#.,\n\\ ab1", max_size=60))
def test_the_line_finder_ends_on_any_text(text: str):
    lines = key_lines(text)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in items for found in [(*path, key), *_paths(inner, (*path, key))]]


def test_every_path_of_the_commented_configuration_has_its_line():
    lines = key_lines(enabled())
    text = enabled().splitlines()
    found = [
        path for path in _paths(tomllib.loads(enabled())) if path not in {("topics",), ("subscribers",), ("sources",)}
    ]
    assert len(found) > 50
    for path in found:
        name = next(part for part in reversed(path) if isinstance(part, str))
        assert name in text[lines[path] - 1], path
