"""What a recipient wants of an edition: a subscriber's or a topic's rules, rhythm and limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from digest import editions
from digest.models import Frequency, Rule, Subscriber
from digest.pipeline.matching import RuleSet
from digest.pipeline.people import rules_of
from digest.settings import Settings, TopicSetting


@dataclass(frozen=True, slots=True)
class Wish:
    """What a recipient wants, whether a subscriber or a topic."""

    title: str
    sets: tuple[RuleSet, ...]
    frequency: Frequency = "daily"
    weekday: str = "monday"
    max_items: int | None = None
    exclude: tuple[str, ...] = ()
    topics: tuple[tuple[str, str], ...] = ()
    joined: date | None = None
    added_by: str = ""
    mail: bool = True  # whether it is sent to somebody

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in their owners' order."""
        return tuple(rule for own in self.sets for rule in own.rules)

    @property
    def queries(self) -> tuple[str, ...]:
        """All that is asked of papers: rules and exclusions."""
        return tuple(query for own in self.sets for query in own.queries)


def topic_set(topic: TopicSetting) -> RuleSet:
    """Return a topic's rules as a set of their own."""
    return RuleSet(rules_of(topic.rules, topic.slug), topic.exclude)


def wish_of_topic(topic: TopicSetting) -> Wish:
    """Return what a topic's edition wants: all that matches."""
    return Wish(
        topic.title, (topic_set(topic),), exclude=topic.exclude, topics=((topic.slug, topic.title),), mail=False
    )


def wish_of(subscriber: Subscriber, settings: Settings) -> Wish:
    """Return what a subscriber wants: their own rules and their topics', less what they exclude."""
    followed = [topic for topic in settings.topics if topic.slug in subscriber.topics]
    own = RuleSet(subscriber.rules, subscriber.exclude)
    theirs = (RuleSet(found.rules, found.exclude + subscriber.exclude) for found in map(topic_set, followed))
    return Wish(
        title=subscriber.name or subscriber.email,
        sets=(own, *theirs),
        frequency=subscriber.frequency,
        weekday=subscriber.weekday,
        max_items=subscriber.max_items,
        exclude=subscriber.exclude,
        topics=tuple((topic.slug, topic.title) for topic in followed),
        joined=subscriber.added_on,
        added_by=subscriber.added_by,
        mail=subscriber.mail,
    )


def limits_of(wish: Wish) -> editions.Limits:
    """Return how much an edition of a recipient holds."""
    return editions.Limits(wish.max_items, editions.backlog_days(wish.frequency))
