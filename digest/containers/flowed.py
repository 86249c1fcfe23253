"""Text of mails whose sender tells that its line ends are of two kinds (format=flowed, RFC 3676): paragraphs again."""

from __future__ import annotations


def unflowed(text: str, *, delete_space: bool) -> str:
    """Return the text with a line for each paragraph, quoted ones with their marks at the beginning.

    A line that ends in a space goes on in the next of the same quote depth (section 4.2); ``delete_space`` tells that
    this space is not part of the text (DelSp, section 4.1).
    """
    paragraphs: list[list[str]] = []
    going_on = -1  # the quote depth of a paragraph that is not at its end
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        depth = len(line) - len(line.lstrip(">"))
        line = line[depth:].removeprefix(" ")  # stuffed, section 4.4
        soft = line.endswith(" ") and line != "-- "  # section 4.3: a signature's mark is none
        told = line[:-1] if soft and delete_space else line
        if depth == going_on:
            paragraphs[-1].append(told)
        else:
            paragraphs.append([f"{'>' * depth} {told}" if depth else told])
        going_on = depth if soft else -1
    return "\n".join(map("".join, paragraphs))
