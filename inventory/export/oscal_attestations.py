"""What people signed, as OSCAL's attestations: a part for each answer, and in it one for each item."""

from collections.abc import Iterator

from inventory.export.oscal import Node, identity, plain, properties, prose
from inventory.export.wording import Term, article_name, recorded
from inventory.questions import ITEMS
from inventory.snapshot.value import Snapshot
from inventory.types import Attestation, Ticked


def attestations(snapshot: Snapshot, language: str) -> Iterator[Node]:
    """One node for each signed answer, by its id; its signer is a property, for the firm is the one party."""
    for record in sorted(snapshot.attestations, key=lambda record: record.id):
        yield {"parts": [_answer(record, language)]}


def _answer(record: Attestation, language: str) -> Node:
    items = [_item(record.id, tick, language) for tick in record.ticks]
    return {
        "uuid": identity("attestation", record.id),
        "name": "answer",
        "title": plain(article_name(record.article, language)),
        "props": properties(
            ("record", record.id),
            ("article", record.article),
            ("device", record.device),
            ("answer", "yes" if record.answer else "no"),
            ("signer", record.signer),
            ("signed", str(record.signed)),
            ("next-due", str(record.next_due or "")),
        ),
        "prose": prose(record.evidence),
        **({"parts": items} if items else {}),
    }


def _item(record: str, tick: Ticked, language: str) -> Node:
    item = ITEMS.get(tick.item)
    return {
        "uuid": identity("item", record, tick.item),
        "name": "item",
        "title": plain(Term(item.en, item.zh).within(language) if item else tick.item),
        "props": properties(("item", tick.item), ("answer", tick.answer.value)),
        "prose": prose(tick.note or recorded(tick.answer, language)),
    }
