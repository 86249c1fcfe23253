"""The configuration that ``digest init`` writes: every key with its default, commented, read in a minute."""

from __future__ import annotations

from pathlib import Path

from digest.errors import UsageError

# A line "#key = value" is a key to enable by taking its "#" away; a line "# Text" is prose.
COMMENTED = """\
# Configuration of Digest. Everything has a default: take the "#" from a line to change it.
# Secrets may stand in the environment instead: DIGEST_SMTP__PASSWORD is the password of [smtp].

# ---- Who reads what ----------------------------------------------------------------------------

# A topic is a public set of rules with a feed of its own. In a rule, words standing side by side must all occur;
# OR, NOT, "exact phrases", prefix*, title:, author:"Ada Lovelace" and cat:cs.LG do what they say.
#[[topics]]
#slug = "alignment"
#title = "Alignment and preference learning"
#rules = ['"reward model*" OR RLHF', { name = "Safety", query = "title:(alignment OR safety)", weight = 2 }]
#exclude = ["title:survey"]

# One block for each subscriber: an address with rules of its own, topics, or both.
#[[subscribers]]
#email = "you@example.org"
#name = "Your Name"
# false: editions are in the private feed alone, whose address "digest feeds list EMAIL" tells.
#mail = true
# "weekly" comes on its weekday.
#frequency = "daily"
#weekday = "monday"
# When "digest serve" sends it; time zone and max_items are the site's where they are left out.
#send_at = "07:00"
#timezone = "Europe/Berlin"
#max_items = 30
#topics = ["alignment"]
#rules = ['"reinforcement learning" NOT survey', { name = "Crowds", query = 'author:"Ada Lovelace"' }]
#exclude = ["title:survey"]

# One block for each way in besides the inbox; docs/sources.md tells more. An address is asked for what is new.
#[[sources]]
#name = "arxiv-cs-lg"
#kind = "url"
#url = "https://rss.arxiv.org/rss/cs.LG"
# In the site's zone, a little later by chance; or every = "6 h".
#cron = "30 6 * * mon-fri"
#jitter = "30 s"
# The layout, where dumps should not be recognised by what they hold.
#layout = "feed"
# Secrets are taken from the environment: { Authorization = "Bearer ${FEED_TOKEN}" }.
#headers = {}
#timeout = "60 s"
#max_size = "20 MB"
#retries = 2
# true: it may be in your own network.
#allow_private = false
# Files of a folder, which stay where they are; or a pattern.
#[[sources]]
#name = "downloads"
#kind = "folder"
#path = "downloads/*.html"
#every = "30 min"
# What a program prints.
#[[sources]]
#name = "search"
#kind = "command"
#command = ["./search.sh", "--today"]

# ---- The site ----------------------------------------------------------------------------------

[site]
#title = "Paper digest"
# Where "digest serve" is reached from outside; without it, mails have no browser view and no one-click unsubscribe.
#base_url = ""
# The zone that tells which day it is.
#timezone = "UTC"
#sender = "Paper digest <digest@localhost>"
# Who looks after the site.
#operator = "you@example.org"
# Where the title of a paper without an address leads.
#title_search = "https://arxiv.org/search/?searchtype=title&query={title}"
# A folder with templates of your own; those it lacks are the built-in ones.
#templates = ""

[paths]
# All that a run writes; relative to this file.
#state = "state"

[store]
# Relative to the state folder.
#url = "sqlite:///digest.db"

# ---- Sending -----------------------------------------------------------------------------------

[delivery]
# "outbox" writes messages as files into the state folder; "smtp" sends them.
#channel = "outbox"
# Where bounces come to, like bounces@example.org; each message then has one of its own, bounces+17.CODE@example.org.
#return_path = ""
# After hard failures on so many days with nothing that arrived between them, an address is written to no more.
#suppress_after = 3
# After a crash a message may have gone out or not: send it again "once", or "never".
#resend_unknown = "once"
# What the server puts off is tried again: after the first pause, then after the other one, doubled each time up to 4 h.
#first_pause = "5 min"
#pause = "30 min"
#give_up = "5 d"

[smtp]
#host = "localhost"
#port = 25
# "starttls", "tls" or "none"; left out: STARTTLS where the server offers it.
#tls = "starttls"
#username = ""
#password = ""
#timeout = "60 s"
# How many at once, and messages on each before it is opened anew.
#connections = 4
#per_connection = 100
# Messages a second; 0: as fast as the server takes them.
#rate = 0

# ---- What an edition holds ---------------------------------------------------------------------

[editions]
# How far back news still counts, in days: after a pause, and for whoever joins.
#lookback_days = 7
# Papers published longer ago than this, in days, come as title lines at the end.
#recent_days = 90
# At most so many papers; what does not fit waits for the next edition. The first full_items come with an abstract.
#max_items = 30
#full_items = 10
#send_empty = false
# To whom nothing matched for so many days one short message says that Digest is still here; 0: never.
#still_here_days = 7

[feed]
# Papers in a feed: so many, or the last seven days where that is more.
#max_entries = 200
# A WebSub hub, which is told when a public feed changed; empty: nobody is.
#hub = ""

[dkim]
# Who signs: the domain of site.sender, unless another is named here.
#domain = ""
# With which keys, like [{ selector = "digest", key = "digest.pem" }]; digest dkim new makes one.
#keys = []

# ---- digest serve ------------------------------------------------------------------------------

[schedule]
# How often waiting dumps are taken in, and how late an edition may still be made up for.
#ingest_every = "5 min"
#catch_up = "20 h"
# When topics are published, in the site's zone.
#topics_at = "07:00"

[web]
#host = "127.0.0.1"
#port = 8000

[log]
# "digest serve" tells each event in a line on standard error; true: "digest run" too, as with --log.
#events = false
# Addresses in the log, and the words of mail servers, which may name somebody.
#addresses = false

[work]
# Processes that share the work for thousands of subscribers; 0: one for each processor.
#processes = 0
"""


def write_commented(folder: Path) -> Path:
    """Write ``config.toml`` into the folder, which is made if need be, and return its path.

    Raises UsageError where one is there already, and where it cannot be written.
    """
    path = folder / "config.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(COMMENTED)
    except FileExistsError as error:
        if path.exists():
            what, where, mend = "is there already and is left as it is", path, "name another folder: digest init DIR"
        else:
            what, where, mend = "cannot be made: a file has that name", folder, "name another folder"
        raise UsageError(what, where=str(where), mend=mend) from error
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return path
