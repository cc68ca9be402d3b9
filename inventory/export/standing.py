"""How a snapshot's devices stand, in one line: what trends and lists are made of."""

from collections import Counter

from inventory.export.statement import figures
from inventory.snapshot.posture import outcome_of_each
from inventory.snapshot.value import Snapshot, Standing
from inventory.types import WORST_FIRST, DeviceStatus, VerdictOutcome


def standing(snapshot: Snapshot) -> Standing:
    """How many devices stand how, each by the worst of all its verdicts; retired ones do not count."""
    present = {device.id for device in snapshot.devices if device.status is not DeviceStatus.RETIRED}
    worst: dict[str, int] = {}
    for outcomes in outcome_of_each(snapshot.verdicts).values():
        for device, outcome in outcomes.items():
            if device in present:
                worst[device] = min(worst.get(device, len(WORST_FIRST)), WORST_FIRST.index(outcome))
    counts = Counter(WORST_FIRST[rank] for rank in worst.values())
    counted = figures(snapshot)
    return Standing(
        label=snapshot.label,
        on=snapshot.on,
        devices=len(present),
        by_worst={outcome: counts[outcome] for outcome in VerdictOutcome},
        not_judged=len(present) - len(worst),
        live=counted.live,
        overdue=counted.overdue,
    )
