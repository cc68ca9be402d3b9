"""What was frozen judged anew: under other packs, on another day, or the same again; no register is asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from agent.service.assess import catalogue, joined
from inventory.exits import UsageFault
from inventory.language import _
from inventory.snapshot.value import Snapshot
from inventory.types import (
    ArticleCount,
    Assessment,
    CheckResult,
    Device,
    Dossier,
    FindingState,
    Posture,
    VerdictOutcome,
    count_devices,
)
from policies.explain import Explanation, explain
from policies.findings import find
from policies.judge import Judge
from policies.pack import Pack


def rejudge(snapshot: Snapshot, packs: Sequence[Pack], on: date) -> Assessment:
    """The snapshot's devices judged by the packs as of `on`; its findings are followed from there."""
    verdicts = Judge(packs, on).shared(dossiers_in(snapshot))
    return Assessment(on, catalogue(packs), verdicts, find(snapshot.findings, verdicts, on))


def dossiers_in(snapshot: Snapshot, devices: Iterable[Device] = ()) -> Iterable[Dossier]:
    """One dossier for each device of the snapshot (of those named), as it was frozen."""
    results: dict[str, tuple[CheckResult, ...]] = {}
    for result in snapshot.results:
        results[result.device] = (*results.get(result.device, ()), result)
    return joined(
        ((device, results.get(device.id, ())) for device in tuple(devices) or snapshot.devices),
        snapshot.attestations,
        snapshot.exceptions,
        snapshot.plans,
    )


def explained_in(
    snapshot: Snapshot, packs: Sequence[Pack], device: str, number: str, on: date
) -> tuple[Explanation, ...]:
    """One article's verdicts on one frozen device, taken apart; the device by its id or its beginning."""
    found = [one for one in snapshot.devices if one.id.startswith(device)]
    if len(found) != 1:
        reason = _("{label}: {count} devices of this snapshot have an id like {device}")
        raise UsageFault(reason.format(label=snapshot.label, count=len(found), device=device))
    holding = next((pack for pack in packs if any(each.number == number for each in pack.articles)), packs[0])
    (dossier,) = dossiers_in(snapshot, found)
    return explain(dossier, holding, number, on)


def differing(snapshot: Snapshot, anew: Assessment) -> int:
    """How many verdicts come out otherwise than they were frozen, where both speak of a rule."""
    frozen: dict[tuple[str, date, str, str], dict[str, VerdictOutcome]] = defaultdict(dict)
    for one in snapshot.verdicts:
        frozen[one.pack, one.edition, one.article, one.rule] |= dict.fromkeys(one.devices, one.outcome)
    return sum(
        frozen[one.pack, one.edition, one.article, one.rule].get(device, one.outcome) is not one.outcome
        for one in anew.verdicts
        for device in one.devices
    )


def posture_of(anew: Assessment) -> Posture:
    """An assessment in counts, as the register gives them of its last one."""
    counted = count_devices(anew.verdicts)
    due = Counter((one.state, one.due) for one in anew.findings if one.state in _ALIVE)
    return Posture(anew.on, tuple(ArticleCount(*key, number) for key, number in counted.items()), due)


_ALIVE = (FindingState.OPEN, FindingState.CONTINUING)
