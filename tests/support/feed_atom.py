"""What holds of an Atom document as a whole: which elements and attributes, how often, in what order (RFC 4287)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from feed_constructs import faults_of_construct
from feed_entries import faults_of_entries
from feed_links import faults_of_links
from feed_tree import XML, Node, NotXMLError, Tree, read

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
LIMIT = 5_000_000  # bytes that the validator reads of a document
# Prefixes that the validator expects, by their namespace; another one for them, or one of them for another, is told.
_PREFIXES = {ATOM: "", HISTORY: "fh"}

# Sections 4.1.1 and 4.1.2: how often each element may stand in its parent, and which attributes it may have.
_ANY = (0, 10**9)
_FEED = {
    "author": _ANY,
    "category": _ANY,
    "contributor": _ANY,
    "entry": _ANY,
    "generator": (0, 1),
    "icon": (0, 1),
    "id": (1, 1),
    "link": _ANY,
    "logo": (0, 1),
    "rights": (0, 1),
    "subtitle": (0, 1),
    "title": (1, 1),
    "updated": (1, 1),
}
_ENTRY = {
    "author": _ANY,
    "category": _ANY,
    "content": (0, 1),
    "contributor": _ANY,
    "id": (1, 1),
    "link": _ANY,
    "published": (0, 1),
    "rights": (0, 1),
    "source": (0, 1),
    "summary": (0, 1),
    "title": (1, 1),
    "updated": (1, 1),
}
_PERSON = {"name": (1, 1), "uri": (0, 1), "email": (0, 1)}
_SOURCE = {name: times for name, times in _FEED.items() if name != "entry"}
_CHILDREN = {
    "feed": _FEED,
    "entry": _ENTRY,
    "source": _SOURCE,
    "author": _PERSON,
    "contributor": _PERSON,
}
_ATTRIBUTES = {
    "category": {"term", "scheme", "label"},
    "content": {"type", "src"},
    "generator": {"uri", "version"},
    "link": {"href", "rel", "type", "hreflang", "title", "length"},
    "rights": {"type"},
    "subtitle": {"type"},
    "summary": {"type"},
    "title": {"type"},
}
_STANDARD = {f"{XML} {name}" for name in ("base", "lang", "id", "space")}


def faults_of_atom(data: bytes, address: str | None = None, now: datetime | None = None) -> list[str]:
    """Tell all that is wrong with a feed by RFC 4287 and 5005 and by the W3C feed validator, warnings included.

    ``address`` is where it was got from (None: its own link is believed), ``now`` the time (None: the clock's).
    """
    try:
        tree = read(data)
    except NotXMLError as error:
        return [f"document: {error} [RFC 4287, 2: well-formed XML; SAXError]"]
    if (tree.root.space, tree.root.name) != (ATOM, "feed"):
        return [f"document: its root is {tree.root.name} of {tree.root.space!r} [RFC 4287, 4.1.1; InvalidNamespace]"]
    faults = [*_faults_of_document(data, tree), *_faults_of_structure(tree.root)]
    if not faults:  # only what has its elements in place can be asked for more
        faults += _faults_of_meaning(tree.root, address, now or datetime.now(UTC))
    return faults


def entry_ids(data: bytes) -> list[str]:
    """Return the identifiers of the entries in their order; raises NotXMLError."""
    return [name.text for entry in read(data).root.named("entry") for name in entry.named("id")]


def _faults_of_document(data: bytes, tree: Tree) -> list[str]:
    faults = []
    if len(data) > LIMIT:
        faults.append(f"document: {len(data)} bytes [ValidatorLimit]")
    for prefix, space in tree.declared:
        if space not in _PREFIXES:
            faults.append(f"document: the namespace {space!r} [UnknownNamespace]")
        elif prefix != _PREFIXES[space]:
            faults.append(f"document: {prefix!r} stands for {space} [NonstdPrefix, AvoidNamespacePrefix]")
    return faults


def _faults_of_structure(root: Node) -> list[str]:
    faults = []
    for where, node in _placed(root):
        faults += [f"{where}: {fault}" for fault in _faults_of_element(node)]
    return faults + _faults_of_order(root)


def _placed(root: Node) -> Iterator[tuple[str, Node]]:
    """Yield all elements with where they stand ("entry 3, title"), what is within their content excepted."""
    stack = [("feed", root)]
    while stack:
        where, node = stack.pop()
        yield where, node
        if node.name in _CHILDREN and node.space == ATOM:
            number = Counter[str]()
            for child in node.children:
                number[child.name] += 1
                stack.append((f"{where}, {child.name} {number[child.name]}", child))


def _faults_of_element(node: Node) -> list[str]:
    if node.space == HISTORY:
        empty = node.name in ("archive", "complete") and not (node.attributes or node.children or node.text.strip())
        return [] if empty else [f"fh:{node.name} that is unknown or not empty [RFC 5005, 2 and 4; UndefinedElement]"]
    if node.space != ATOM:
        return [f"{node.name} of {node.space!r} [UndefinedElement]"]
    allowed = _STANDARD | _ATTRIBUTES.get(node.name, set())
    faults = [f"the attribute {name} [UnexpectedAttribute]" for name in node.attributes if name not in allowed]
    return faults + (_faults_of_children(node) if node.name in _CHILDREN else [])


def _faults_of_children(node: Node) -> list[str]:
    expected = _CHILDREN[node.name]
    there = Counter(child.name for child in node.children if child.space == ATOM)
    faults = [f"{name} in {node.name} [RFC 4287, 4; UndefinedElement]" for name in there if name not in expected]
    for name, (least, most) in expected.items():
        if there[name] < least:
            faults.append(f"no {name} [RFC 4287, 4; MissingElement]")
        if there[name] > most:
            faults.append(f"{name} more than once [RFC 4287, 4; DuplicateElement]")
    if node.name != "feed" and any(child.space == HISTORY for child in node.children):
        faults.append("a mark of RFC 5005 that is the feed's alone [UndefinedElement]")
    if node.text.strip():
        faults.append("text between its elements [UnexpectedText]")
    return faults


def _faults_of_order(root: Node) -> list[str]:
    names = [child.name for child in root.children]
    first = names.index("entry") if "entry" in names else len(names)
    return [f"feed: {name} after an entry [MisplacedMetadata]" for name in names[first:] if name != "entry"]


def _faults_of_meaning(root: Node, address: str | None, now: datetime) -> list[str]:
    faults = []
    for where, node in _placed(root):
        faults += [f"{where}: {fault}" for fault in faults_of_construct(node, now)]
    return faults + faults_of_links(root, address) + faults_of_entries(root)
