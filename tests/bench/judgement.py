"""100,000 devices judged by all packs on one core, and one device of them judged again.

The peer is the least any judge must do with the same dossiers in the same run: make one verdict value for
each rule of each article.
"""

import time

from agent.checks import CHECKS
from agent.checks.knowledge import NOTHING
from agent.checks.runner import run_each
from agent.checks.subject import Measures, Subject
from inventory.types import Dossier, Severity, Verdict, VerdictOutcome
from policies.judge import Judge
from policies.pack import Pack, packs
from tests.bench.offline_checks import DEVICES, NOW, _office

Row = tuple[str, float, float, float, str]
_AGAIN = 200


def bench() -> list[Row]:
    """Seconds of processor time for all verdicts, and for as many bare ones; milliseconds for one device."""
    judged = packs()
    dossiers = [*_dossiers()]
    on = NOW.date()
    started = time.process_time()
    judge = Judge(judged, on)
    count = sum(len(said.devices) for said in judge.shared(dossiers))
    ours = time.process_time() - started
    started = time.process_time()
    bare = sum(1 for _ in map(_bare, range(count)))
    peer = time.process_time() - started
    assert bare == count
    once = [_one(judged, dossier) for dossier in dossiers[:_AGAIN]]
    least = peer / count * sum(len(article.ruled_by) for pack in judged for article in pack.articles)
    return [
        (f"{count:,} verdicts of {len(judged)} packs over {DEVICES:,} devices", ours, peer, ours / peer, "s"),
        ("one changed device judged anew", min(once), least * 1000, min(once) / (least * 1000), "ms"),
    ]


def _dossiers() -> list[Dossier]:
    made = []
    for device, heard in _office(DEVICES):
        subject = Subject(device, heard, NOW, Measures(), NOTHING)
        made.append(Dossier(device=device, results=tuple(run_each([(subject, CHECKS)]))))
    return made


def _one(judged: tuple[Pack, ...], dossier: Dossier) -> float:
    """Milliseconds for one device, with nothing remembered of any other."""
    started = time.perf_counter()
    Judge(judged, NOW.date()).verdicts(dossier)
    return (time.perf_counter() - started) * 1000


def _bare(_number: int) -> Verdict:
    return Verdict(
        *("d-1", "pack", NOW.date(), "1", "rule"),
        VerdictOutcome.UNDETERMINED,
        Severity.LOW,
        *("", "", NOW.date()),
    )
