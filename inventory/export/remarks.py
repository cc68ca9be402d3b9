"""What was said of findings, as documents show it."""

from collections import defaultdict

from inventory.export.columns import SEPARATOR
from inventory.snapshot.value import Snapshot, once
from inventory.types import Comment


@once
def comments_on(snapshot: Snapshot) -> dict[str, tuple[Comment, ...]]:
    """What was said of each finding, in order."""
    said: dict[str, list[Comment]] = defaultdict(list)
    for comment in snapshot.comments:
        said[comment.finding].append(comment)
    return {finding: tuple(comments) for finding, comments in said.items()}


def remarks(snapshot: Snapshot, finding: str) -> str:
    """What was said of a finding, in one cell: `2026-11-20 Lin: waiting for the vendor`."""
    said = comments_on(snapshot).get(finding, ())
    return SEPARATOR.join(f"{comment.at.date()} {comment.by}: {comment.text}" for comment in said)
