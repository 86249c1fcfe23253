"""Names the files that the demo wrote and that are worth opening: one email as a page, the feeds, the archive."""

from __future__ import annotations

import email
import email.policy
import sys
from pathlib import Path


def main(state: Path) -> int:
    """Write each email's HTML part beside it, as a page that a browser opens, and print what to open."""
    for path in sorted(state.glob("outbox/*/*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("html",))
        if body is not None:
            path.with_suffix(".html").write_text(str(body.get_content()), "utf-8")
    pages = sorted(state.glob("outbox/*/*.html"))
    feeds = sorted(state.glob("public/feeds/**/*.atom"))
    wanted = [("a digest, in a browser", pages[:1]), ("the same, in a mail program", [pages[0].with_suffix(".eml")])]
    wanted += [("the week's other digests", pages[1:]), ("the feeds, in a feed reader", feeds)]
    wanted += [("the archive, in a browser", [state / "public" / "index.html"])]
    sys.stdout.write("\nOpen:\n")
    for what, paths in wanted:
        sys.stdout.write(f"  {what}:\n" + "".join(f"    {path}\n" for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
