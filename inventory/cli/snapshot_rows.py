"""The rows that `muster snapshot show` and `diff` print."""

from collections.abc import Iterator

from inventory.console import Row
from inventory.export.wording import Term, label
from inventory.facts import fact_called, fact_told
from inventory.language import N_, _, current
from inventory.record_names import article_name, value_called, what_called
from inventory.snapshot import Snapshot
from inventory.snapshot.causes import Cause, CauseKind
from inventory.snapshot.comparison import Comparison, VerdictChange
from inventory.snapshot.posture import posture
from inventory.types import WORST_FIRST, VerdictOutcome


def posture_rows(frozen: Snapshot) -> Iterator[Row]:
    """One row for each article: how many devices stand how with it."""
    for row in posture(frozen):
        yield {
            "pack": row.article.pack,
            "edition": row.article.edition,
            "article": article_name(row.article.number, current()),
            "title": Term(row.article.title_en, row.article.title_zh).within(current()),
            **{str(outcome): row.counts[outcome] for outcome in WORST_FIRST},
            "not-judged": row.not_judged,
        }


def difference_rows(found: Comparison, *, plain: bool = False) -> Iterator[Row]:
    """One row for each thing that differs: devices, values, and verdicts with their reasons.

    `plain` keeps the words of the files, for machines; else each is called as people call it.
    """
    for kind, devices in ((_("added"), found.added), (_("gone"), found.gone)):
        yield from ({"kind": kind, "device": device.id, "what": device.label} for device in devices)
    for change in found.changed:
        yield {
            "kind": _("changed"),
            "device": change.device,
            "what": change.what if plain else what_called(change.what),
            "before": change.before if plain else value_called(change.what, change.before),
            "after": change.after if plain else value_called(change.what, change.after),
        }
    for device in found.not_confirmed:
        yield {"kind": _("not confirmed"), "device": device.id, "what": device.label}
    yield from (_verdict_row(change, plain=plain) for change in found.verdicts)


def _verdict_row(change: VerdictChange, *, plain: bool) -> Row:
    before, after = change.editions
    edition = f" [{before} → {after}]" if before and after and before != after else ""
    named = f"{change.pack}/{change.article}"
    named = named.replace("/", " ") if plain else article_name(named, current())
    reason = Term(change.reason_en, change.reason_zh).within(current())
    return {
        "kind": _("verdict"),
        "device": change.device,
        "what": f"{named} {change.rule}{edition}",
        "before": _outcome(change.before),
        "after": _outcome(change.after),
        "why": "; ".join((reason, *map(_cause, change.causes))),
    }


def _cause(cause: Cause) -> str:
    """`evidence: support of the product supported → support ended`."""
    what, before, after = cause.what, cause.before, cause.after
    if cause.kind is CauseKind.EVIDENCE:
        fact = f"check.{what.replace(' ', '.')}"
        what, before, after = fact_called(fact), fact_told(fact, before), fact_told(fact, after)
    elif cause.kind is CauseKind.DEVICE:
        what, before, after = what_called(what), value_called(what, before), value_called(what, after)
    return f"{_(_CAUSES[cause.kind])}: {what} {before or '–'} → {after or '–'}"


def _outcome(outcome: VerdictOutcome | None) -> str:
    return label(outcome, current()) if outcome else _("not judged")


_CAUSES = {
    CauseKind.DEVICE: N_("the device"),
    CauseKind.EVIDENCE: N_("evidence"),
    CauseKind.RECORD: N_("a record"),
    CauseKind.EDITION: N_("the edition"),
    CauseKind.SOFTWARE: N_("the software"),
    CauseKind.TIME: N_("only time"),
}
