"""100,000 devices judged by all packs on one core; and a register judged again after one device was edited.

The peers: of the many, one bare verdict value made for each rule of each article and device; of the one, the
target of 20 ms from the edit's end to the new verdicts, findings and counts being kept.
"""

import tempfile
import time
from pathlib import Path

from agent.checks import CHECKS
from agent.checks.knowledge import NOTHING
from agent.checks.runner import run_each
from agent.checks.subject import Measures, Subject
from agent.service.assess import assess
from inventory.query import EVERYTHING
from inventory.register import Register
from inventory.types import Attribute, Dossier, FixedClock, Severity, Verdict, VerdictOutcome
from policies.judge import Judge
from policies.pack import Pack, packs
from tests.bench.judged_register import NOW as FROZEN_AT
from tests.bench.judged_register import make
from tests.bench.offline_checks import DEVICES, NOW, _office

Row = tuple[str, float, float, float, str]
_REGISTER, _EDITS, _TARGET_MS = 10_000, 60, 20.0


def bench() -> list[Row]:
    """Seconds of processor time for all verdicts, and for as many bare ones; milliseconds after one edit."""
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
    again = _after_an_edit(judged)
    return [
        (f"{count:,} verdicts of {len(judged)} packs over {DEVICES:,} devices", ours, peer, ours / peer, "s"),
        (
            f"`assess` after one edit in a register of {_REGISTER:,} (peer: the target)",
            *(again, _TARGET_MS, again / _TARGET_MS, "ms"),
        ),
    ]


def _dossiers() -> list[Dossier]:
    made = []
    for device, heard in _office(DEVICES):
        subject = Subject(device, heard, NOW, Measures(), NOTHING)
        made.append(Dossier(device=device, results=tuple(run_each([(subject, CHECKS)]))))
    return made


def _after_an_edit(judged: tuple[Pack, ...]) -> float:
    """The least milliseconds of several edits: what one device takes from the register and back into it."""
    spent = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "register.sqlite"
        make(place, _REGISTER)
        with Register.open(str(place), FixedClock(FROZEN_AT), create=False) as register:
            assess(register, judged, FROZEN_AT.date())
            for device in register.page(EVERYTHING, 0, _EDITS).rows:
                register.edit([device.id], {Attribute.PURPOSE: f"for {device.id}"}, "bench")
                started = time.perf_counter()
                assess(register, judged, FROZEN_AT.date())
                spent.append((time.perf_counter() - started) * 1000)
    return min(spent)


def _bare(_number: int) -> Verdict:
    return Verdict(
        *("d-1", "pack", NOW.date(), "1", "rule"),
        VerdictOutcome.UNDETERMINED,
        Severity.LOW,
        *("", "", NOW.date()),
    )
