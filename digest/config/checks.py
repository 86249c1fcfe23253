"""What is wrong with a configuration, as problems with a key path: the validator's words, and contradictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from digest import rules
from digest.config.lines import KeyPath
from digest.errors import RuleError
from digest.settings import RuleSetting, Settings

_WORDS = {
    "Input should": "should",
    "Tuple should": "should",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid boolean": "true or false",
    "a valid string": "text in quotes",
    "a valid tuple": "a list",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: the path of its key, what it is, and how to mend it."""

    path: KeyPath
    what: str
    mend: str = ""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``did you mean X?`` for the known name that is most like this one, or an empty string."""
    close = get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else ""


def of_validation(error: ValidationError, table: dict[str, Any], within: KeyPath = ()) -> list[Problem]:
    """Return the problems that the validator found in the document ``table``, in our words.

    ``within`` is where such a table stands in a configuration, and begins each path: () for the whole of one.
    """
    details = error.errors(include_url=False, include_context=True, include_input=False)
    return [_problem(detail, (*within, *_path(detail["loc"], table))) for detail in details]


def _path(location: KeyPath, table: object) -> KeyPath:
    """Return the location without what is not in the document but for its end: the validator names inner steps too."""
    path: KeyPath = ()
    for part in location:
        path = (*path, part)
        try:
            table = table[part]  # type: ignore[index]  # whatever cannot be indexed ends the walk
        except (TypeError, LookupError):
            return path if isinstance(table, dict) else path[:-1]
    return path


def _problem(detail: ErrorDetails, path: KeyPath) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        what = "unknown section" if len(path) == 1 else "unknown key"
        return Problem(path, what, suggestion(name, _known(path[:-1])))
    if kind == "missing":
        return Problem(path, "is missing")
    if kind == "literal_error":
        return Problem(path, f"should be {context['expected']}".replace("'", '"'))
    if kind == "value_error":
        return Problem(path, str(context["error"]))
    if kind == "string_pattern_mismatch":
        return Problem(path, "should be small letters, digits and hyphens, at most 64")
    if kind == "too_short":
        return Problem(path, "is empty", "write at least one")
    if kind == "tuple_type" and len(path) == 1:
        return Problem(path, "should be a list of tables", f"write [[{name}]]")
    if kind == "model_type":
        is_rule = path[-2:-1] == ("rules",)
        return Problem(path, 'should be a rule in quotes or { query = "…" }' if is_rule else "should be a table")
    return Problem(path, _plain(detail["msg"]))


def _plain(message: str) -> str:
    """Return the validator's sentence with our words for kinds of values."""
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    return message[:1].lower() + message[1:]


def _known(path: KeyPath) -> list[str]:
    """Return the keys that the settings know at this path; elements of lists add nothing."""
    model: type[BaseModel] = Settings
    for part in path:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def contradictions(settings: Settings) -> Iterator[Problem]:
    """Yield what each key alone does not show: rules that cannot be read, names twice or of nothing, empty readers."""
    if "{title}" not in settings.site.title_search:
        yield Problem(("site", "title_search"), "needs {title} where the title goes")
    if not settings.store.url.startswith("sqlite:///"):
        # The address is not repeated: one of another store holds its password.
        yield Problem(("store", "url"), "only SQLite can be the store", 'write it like "sqlite:///digest.db"')
    yield from _topics(settings)
    yield from _subscribers(settings)


def _topics(settings: Settings) -> Iterator[Problem]:
    yield from twice("topics", "slug", [topic.slug for topic in settings.topics])
    for number, topic in enumerate(settings.topics):
        yield from _rules(("topics", number), topic.rules, topic.exclude)


def _subscribers(settings: Settings) -> Iterator[Problem]:
    yield from twice("subscribers", "email", [subscriber.email.casefold() for subscriber in settings.subscribers])
    slugs = [topic.slug for topic in settings.topics]
    for number, subscriber in enumerate(settings.subscribers):
        path: KeyPath = ("subscribers", number)
        if not subscriber.rules and not subscriber.topics:
            yield Problem(path, f"{subscriber.email} has neither rules nor topics, so nothing would ever match")
        for place, slug in enumerate(subscriber.topics):
            if slug not in slugs:
                yield Problem((*path, "topics", place), f"there is no topic {slug!r}", suggestion(slug, slugs))
        yield from _rules(path, subscriber.rules, subscriber.exclude)


def twice(section: str, key: str, names: list[str]) -> Iterator[Problem]:
    """Yield a problem for each name that stands earlier in the list too."""
    for number, name in enumerate(names):
        first = names.index(name)
        if first < number:
            yield Problem((section, number, key), f"the same as in {section}[{first + 1}]: {name}")


def _rules(path: KeyPath, own: Iterable[RuleSetting], exclude: Iterable[str]) -> Iterator[Problem]:
    queries = [((*path, "rules", number), rule.query) for number, rule in enumerate(own)]
    queries += [((*path, "exclude", number), query) for number, query in enumerate(exclude)]
    for place, query in queries:
        try:
            rules.parse(query)
        except RuleError as error:
            yield Problem(place, f"invalid rule, character {error.position + 1}: {error.what}", error.mend)
