"""Runs checks over many devices, reasons in both languages; a crash becomes a result that says so."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from agent.checks import CHECKS, Check
from agent.checks.subject import Subject
from inventory.exits import UsageFault
from inventory.language import _, speaking
from inventory.types import CheckOutcome, CheckResult


def run(subjects: Iterable[Subject], checks: Sequence[Check] = CHECKS) -> Iterator[CheckResult]:
    """One result for each subject and check, in that order."""
    for subject in subjects:
        for check in checks:
            yield _judged(subject, check)


def chosen(names: Sequence[str]) -> tuple[Check, ...]:
    """The checks of those names, all for no name; UsageFault, naming those there are, for an unknown one."""
    by_name = {check.name: check for check in CHECKS}
    for name in names:
        if name not in by_name:
            raise UsageFault(
                _("there is no check {name!r}; there are {known}").format(name=name, known=", ".join(by_name))
            )
    return tuple(by_name[name] for name in dict.fromkeys(names)) or CHECKS


def _judged(subject: Subject, check: Check) -> CheckResult:
    with speaking("en"):
        result = _in_words(subject, check)
    with speaking("zh_TW"):
        return replace(result, reason_zh=_in_words(subject, check).reason)


def _in_words(subject: Subject, check: Check) -> CheckResult:
    """The result in the language in force: a check is pure, so asking twice is asking once."""
    try:
        return check.judge(subject)
    except Exception as crash:  # noqa: BLE001 - whatever a check stumbles over is a result, not the end of the run
        reason = _("the check itself failed: {kind}: {words}").format(kind=type(crash).__name__, words=crash)
        return subject.result(check.name, CheckOutcome.ERROR, reason)
