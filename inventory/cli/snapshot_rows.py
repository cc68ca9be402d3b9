"""The rows that `muster snapshot show` and `diff` print."""

from collections.abc import Iterator

from inventory.console import Row
from inventory.export.wording import Term, article_name, label
from inventory.language import N_, _, current
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


def difference_rows(found: Comparison) -> Iterator[Row]:
    """One row for each thing that differs: devices, values, and verdicts with their reasons."""
    for kind, devices in ((_("added"), found.added), (_("gone"), found.gone)):
        yield from ({"kind": kind, "device": device.id, "what": device.label} for device in devices)
    for change in found.changed:
        yield {
            "kind": _("changed"),
            "device": change.device,
            "what": change.what,
            "before": change.before,
            "after": change.after,
        }
    for device in found.not_confirmed:
        yield {"kind": _("not confirmed"), "device": device.id, "what": device.label}
    yield from (_verdict_row(change) for change in found.verdicts)


def _verdict_row(change: VerdictChange) -> Row:
    before, after = change.editions
    edition = f" [{before} → {after}]" if before and after and before != after else ""
    reason = Term(change.reason_en, change.reason_zh).within(current())
    return {
        "kind": _("verdict"),
        "device": change.device,
        "what": f"{change.pack} {article_name(change.article, current())} {change.rule}{edition}",
        "before": _outcome(change.before),
        "after": _outcome(change.after),
        "why": "; ".join((reason, *map(_cause, change.causes))),
    }


def _cause(cause: Cause) -> str:
    """`evidence: firmware state supported → ended`."""
    kind = _(_CAUSES[cause.kind])
    return f"{kind}: {cause.what} {cause.before or '–'} → {cause.after or '–'}"


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
