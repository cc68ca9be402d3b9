"""How a snapshot's devices stand, in one line: what trends and lists are made of."""

from inventory.export.statement import figures
from inventory.snapshot.posture import devices_with
from inventory.snapshot.sketches import present_ids
from inventory.snapshot.value import Snapshot, Standing, once
from inventory.types import WORST_FIRST, VerdictOutcome


@once
def standing(snapshot: Snapshot) -> Standing:
    """How many devices stand how, each by the worst of all its verdicts; retired ones do not count."""
    present = present_ids(snapshot)
    with_outcome = devices_with(snapshot)
    counts, judged = {}, frozenset[str]()
    for outcome in WORST_FIRST:
        here = (with_outcome[outcome] & present) - judged
        counts[outcome] = len(here)
        judged |= here
    counted = figures(snapshot)
    return Standing(
        label=snapshot.label,
        on=snapshot.on,
        devices=len(present),
        by_worst={outcome: counts[outcome] for outcome in VerdictOutcome},
        not_judged=len(present) - len(judged),
        live=counted.live,
        overdue=counted.overdue,
    )
