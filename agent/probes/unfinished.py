"""Text that may have been cut off in the middle: what of it may be believed."""

import re
from typing import Final

_PROMPT: Final = re.compile(r"[:>#$%?][ \t\0]*\Z")
_OPEN_TAG: Final = re.compile(r"<[^<>]*\Z")


def finished_lines(text: str) -> str:
    """`text` without a last line that lacks its line break, for the rest of it may be missing."""
    return text[: max(text.rfind("\n"), text.rfind("\r")) + 1]


def finished_or_prompt(text: str) -> str:
    """`finished_lines`, but a last line that ends as prompts do stands, for a prompt has no line break."""
    return text if _PROMPT.search(text) else finished_lines(text)


def finished_words(body: str) -> str:
    """A page heard in part, without an open tag at its end or else the word that may go on."""
    if body.rstrip().endswith(">"):
        return body
    if "<" in body and _OPEN_TAG.search(body[body.rfind("<") :]):
        return body[: body.rfind("<")]
    return body[: max(body.rfind(mark) for mark in (" ", "\n", ">")) + 1]
