"""The commands on the state folder and what is in it, but for the address book: from init to serve."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from digest import channels, config
from digest.channels.base import Parcel
from digest.cli import logs, terminal
from digest.cli.inputs import standard_input, write_out
from digest.cli.terminal import complain, note, say, say_json
from digest.cli.world import opened
from digest.errors import UsageError
from digest.models import DumpReport, Edition
from digest.pipeline import bringing, ingest, rehearsing, retrying
from digest.pipeline import run as running
from digest.pipeline.context import Context, open_context, silent
from digest.pipeline.returning import envelope_sender
from digest.pipeline.signing import signs
from digest.pipeline.taker import LATER
from digest.render import Renderer
from digest.service import looking
from digest.service import status as standing
from digest.settings import checked_address
from digest.text import counted

_NOBODY = "preview@localhost.localdomain"  # whom the preview of a topic or a rule is for


def init(options: argparse.Namespace) -> int:
    """Write a commented configuration and make the state folder."""
    path = config.write_commented(options.folder)
    context = open_context(config.load(path, {}), base=options.folder)
    context.store.close()
    option = "" if path == Path("config.toml") else f" --config {path}"
    note(f"written: {path}; name a subscriber in it, put dumps into {context.archive.inbox}, then: digest run{option}")
    return 0


def run(options: argparse.Namespace) -> int:
    """Do the daily run."""
    with opened(options) as context:
        on = options.date or context.today()
        act = rehearsing.dry_run if options.dry_run else running.run
        logged = options.log or context.settings.log.events
        if logged:
            context = replace(context, progress=silent)
        with logs.telling(context.settings.log) if logged else contextlib.nullcontext():
            failed = () if options.dry_run else _asked(context, on)
            result = act(context, on, resend=options.resend, force=options.force)
    result = replace(result, problems=(*failed, *result.problems))
    if not logged:  # all of it is in the log
        _complain(result)
    if options.json:
        say_json(result.summary())
    else:
        _tell(result, dry=options.dry_run)
    return 1 if result.problems else 0


def _asked(context: Context, on: date) -> Sequence[str]:
    """Ask the sources, whose dumps are news of no earlier date than today; return a line for each that fails."""
    if not context.settings.sources or on < context.today():
        return ()
    answers = bringing.ask_all(context, bringing.Askers(context))
    return [f"{answer.name}: {answer.reason}" for answer in answers if answer.failed]


def _complain(result: running.Result) -> None:
    for report in result.dumps:
        for line in terminal.told(report) if report.status == "ingested" or _waits_oddly(report) else ():
            note(line)
    for problem in result.problems:
        complain(problem)


def _waits_oddly(report: DumpReport) -> bool:
    """Tell whether a dump waits for something else than the date in its name."""
    return report.status == "waiting" and report.reason != LATER


def _tell(result: running.Result, *, dry: bool) -> None:
    summary = result.summary()
    dumps, papers, editions, deliveries = (summary[k] for k in ("dumps", "papers", "editions", "deliveries"))
    say(f"{summary['date']}{' (dry run: nothing was changed)' if dry else ''}")
    say(f"  dumps: {_counts(dumps)}; {counted(summary['listings'], 'listing')}, {_counts(papers)} papers")
    say(f"  editions: {_counts(editions)}")
    say(f"  deliveries: {_counts(deliveries)}")
    for path in result.feeds:
        say(f"  feed: {path}")


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def ingest_paths(options: argparse.Namespace) -> int:
    """Take in dumps only: those named, or those that were rejected."""
    _check_what(options)
    stdin = standard_input(options.paths)
    with opened(options) as context, context.at_work():
        if options.rejected:
            reports = retrying.from_rejected(context)
        else:
            reports = ingest.from_paths(context, options.paths, on=options.date, layout=options.layout, stdin=stdin)
    problems = running.problems_of(reports)
    if options.json:
        say_json([_report_as_json(report) for report in reports])
    else:
        for report in reports:
            for line in terminal.told(report) if report.status != "rejected" else ():
                say(line)
    for problem in problems:
        complain(problem)
    return 1 if problems else 0


def _check_what(options: argparse.Namespace) -> None:
    """Raise UsageError unless either paths are given or ``--rejected``."""
    if options.rejected and (options.paths or options.date or options.layout):
        mend = "they keep the dates they had; to name a layout, give the file's path"
        raise UsageError("stands without PATH, --date and --layout", where="--rejected", mend=mend)
    if not options.rejected and not options.paths:
        raise UsageError("nothing to take in", where="digest ingest", mend="name a file, a folder or -")


def _report_as_json(report: DumpReport) -> dict[str, object]:
    return {
        "name": report.name,
        "date": report.date.isoformat(),
        "status": report.status,
        "sha256": report.sha256,
        "page": report.page,
        "layout": report.layout,
        "encoding": report.encoding,
        "history": report.history,
        "listings": report.listings,
        "stated": report.stated,
        "new": report.new,
        "known": report.known,
        "remarks": [{"kind": found.kind, "line": found.line, "text": found.text} for found in report.remarks],
        "ignored": dict(report.ignored),
        "reason": report.reason,
    }


def preview(options: argparse.Namespace) -> int:
    """Show what an edition looks like."""
    with opened(options) as context:
        until = options.date or context.today()
        since = looking.days_back(until, options.last) if options.last else until
        if options.subscriber:
            found = looking.preview_subscriber(context, options.subscriber, since, until)
        elif options.topic:
            found = looking.preview_topic(context, options.topic, since, until)
        else:
            found = looking.preview_rule(context, options.rule, since, until)
        edition = found.edition
        to = edition.recipient if options.subscriber else _NOBODY
        write_out(_rendered(context, edition, to, options.format), options.output)
    for problem in found.problems:
        complain(problem)
    note(f"{len(edition.entries)} of {edition.considered} papers")
    return 1 if found.problems else 0


def _rendered(context: Context, edition: Edition, to: str, form: str) -> bytes:
    renderer = running.renderer_of(context)
    message = renderer.message(edition, looking.preview_envelope(context, to))
    return message if form == "eml" else _part(message, "html" if form == "html" else "plain")


def _part(message: bytes, kind: str) -> bytes:
    """Return one alternative of a message that we made ourselves."""
    import email
    import email.policy

    body = email.message_from_bytes(message, policy=email.policy.default).get_body((kind,))
    return str(body.get_content()).encode() if body else b""


def status(options: argparse.Namespace) -> int:
    """Show how things stand."""
    with opened(options) as context:
        document = standing.status(context)
    if options.json:
        say_json(document)
    else:
        for line in standing.as_text(document):
            say(line)
    return 0


def send_test(options: argparse.Namespace) -> int:
    """Send a small digest of the newest papers to an address, through the configured channel."""
    try:
        address = checked_address(options.email)
    except ValueError as error:
        raise UsageError(str(error), where=options.email) from error
    with opened(options) as context:
        renderer: Renderer = running.renderer_of(context)
        envelope = looking.preview_envelope(context, address)
        message = signs(context)(renderer.message(looking.newest(context), envelope), envelope.date)
        sender = envelope_sender(context.settings, context.store.secret(), 0)  # no delivery's
        parcel = Parcel(0, context.today(), address, sender, message, aside="test")
        outcome = channels.send_aside(channels.make(context.settings, context.state), parcel)
    if outcome:
        note(f"{outcome.state}: {outcome.reply}")
    return 0 if outcome and outcome.state == "sent" else 1


def serve(options: argparse.Namespace) -> int:
    """Run the scheduler and the web, or one of them, until stopped."""
    from digest.cli import serving

    with opened(options) as context:
        parts = serving.Parts(web=not options.no_web, schedule=not options.no_schedule)
        return serving.serve(context, options.host, options.port, parts)
