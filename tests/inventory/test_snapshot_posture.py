"""How the devices stand with each article: no good verdict hides a bad one, nothing unjudged is left out."""

from dataclasses import replace

from inventory.snapshot import Snapshot
from inventory.snapshot.posture import posture
from inventory.types import Verdict, VerdictOutcome, share
from tests.inventory.frozen_office import ARTICLES, ON, PRINTER, verdict


def judged(verdicts: tuple[Verdict, ...], *devices: str) -> Snapshot:
    """One article, these devices, and what was said of them."""
    listed = tuple(replace(PRINTER, id=device) for device in devices)
    return Snapshot("", ON, devices=listed, articles=ARTICLES[:1], verdicts=share(verdicts))


def test_a_device_has_the_worst_of_its_verdicts_under_an_article() -> None:
    verdicts = (
        verdict("d-1", "22", VerdictOutcome.COMPLIANT, "one"),
        verdict("d-1", "22", VerdictOutcome.UNDETERMINED, "two"),
        verdict("d-2", "22", VerdictOutcome.UNDETERMINED, "one"),
        verdict("d-2", "22", VerdictOutcome.BREACH, "two"),
        verdict("d-3", "22", VerdictOutcome.EXCEPTED, "one"),
        verdict("d-3", "22", VerdictOutcome.COMPLIANT, "two"),
        verdict("unlisted", "22", VerdictOutcome.COMPLIANT),
    )
    (row,) = posture(judged(verdicts, "d-1", "d-2", "d-3", "d-4"))
    assert row.counts[VerdictOutcome.UNDETERMINED] == 1
    assert row.counts[VerdictOutcome.BREACH] == 1
    assert row.counts[VerdictOutcome.EXCEPTED] == 1
    assert row.counts[VerdictOutcome.COMPLIANT] == 0
    assert row.not_judged == 1


def test_an_article_for_the_firm_counts_the_firm_once() -> None:
    (row,) = posture(judged((verdict("", "22", VerdictOutcome.BREACH),), "d-1", "d-2"))
    assert (row.counts[VerdictOutcome.BREACH], row.not_judged) == (1, 0)


def test_nothing_judged_is_said_to_be_so() -> None:
    (row,) = posture(judged((), "d-1"))
    assert (row.judged, row.not_judged) == (0, 1)
    assert Snapshot("", ON).assessed_on is None
