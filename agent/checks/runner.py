"""Runs checks over many devices, reasons in both languages; a crash becomes a result that says so."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic_core import to_json

from agent.checks import CHECKS, Check
from agent.checks.knowledge import Knowledge
from agent.checks.subject import Measures, Subject
from inventory.exits import UsageFault
from inventory.language import _, speaking
from inventory.types import CheckOutcome, CheckResult

# What is said in Chinese follows from what is said in English: many devices, few sentences.
_MOST_SENTENCES = 50_000


def run(subjects: Iterable[Subject], checks: Sequence[Check] = CHECKS) -> Iterator[CheckResult]:
    """One result for each subject and check, in that order."""
    return run_each((subject, checks) for subject in subjects)


def run_each(wanted: Iterable[tuple[Subject, Sequence[Check]]]) -> Iterator[CheckResult]:
    """One result for each subject and each of the checks that go with it, in that order."""
    for subject, checks in wanted:
        with speaking("en"):
            judged = [_in_words(subject, check) for check in checks]
        for check, result in zip(checks, judged, strict=True):
            yield result if result.reason_zh else _with_chinese(subject, check, result)


def versions(measures: Measures, knowledge: Knowledge) -> Mapping[str, str]:
    """For each check twelve hex digits that change with any fact or setting it uses besides the evidence."""
    return {
        check.name: hashlib.sha256(
            to_json((measures.evidence_days, check.rests_on(measures, knowledge)))
        ).hexdigest()[:12]
        for check in CHECKS
    }


def chosen(names: Sequence[str]) -> tuple[Check, ...]:
    """The checks of those names, all for no name; UsageFault, naming those there are, for an unknown one."""
    by_name = {check.name: check for check in CHECKS}
    for name in names:
        if name not in by_name:
            raise UsageFault(
                _("there is no check {name!r}; there are {known}").format(name=name, known=", ".join(by_name))
            )
    return tuple(by_name[name] for name in dict.fromkeys(names)) or CHECKS


def _with_chinese(subject: Subject, check: Check, told: CheckResult) -> CheckResult:
    """The result with its reason in Chinese too, which later results of that sentence have at once."""
    with speaking("zh_TW"):
        reason = _in_words(subject, check).reason
    if len(Subject.chinese) > _MOST_SENTENCES:
        Subject.chinese.clear()
    Subject.chinese[check.name, told.reason] = reason
    return replace(told, reason_zh=reason)


def _in_words(subject: Subject, check: Check) -> CheckResult:
    """The result in the language in force: a check is pure, so asking twice is asking once."""
    try:
        return check.judge(subject)
    except Exception as crash:  # noqa: BLE001 - whatever a check stumbles over is a result, not the end of the run
        reason = _("the check itself failed: {kind}: {words}").format(kind=type(crash).__name__, words=crash)
        return subject.result(check.name, CheckOutcome.ERROR, reason)
