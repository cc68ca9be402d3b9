"""Runs checks over many devices, reasons in both languages; a crash becomes a result that says so."""

from collections.abc import Iterable, Iterator, Sequence

from agent.checks import CHECKS, Check
from agent.checks.subject import Subject
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
    chinese: dict[tuple[str, str], str] = {}
    for subject, checks in wanted:
        with speaking("en"):
            judged = [(check, _in_words(subject, check)) for check in checks]
        if len(chinese) > _MOST_SENTENCES:
            chinese.clear()
        for check, result in judged:
            sentence = check.name, result.reason
            if sentence not in chinese:
                with speaking("zh_TW"):
                    chinese[sentence] = _in_words(subject, check).reason
            yield _with_chinese(result, chinese[sentence])


def chosen(names: Sequence[str]) -> tuple[Check, ...]:
    """The checks of those names, all for no name; UsageFault, naming those there are, for an unknown one."""
    by_name = {check.name: check for check in CHECKS}
    for name in names:
        if name not in by_name:
            raise UsageFault(
                _("there is no check {name!r}; there are {known}").format(name=name, known=", ".join(by_name))
            )
    return tuple(by_name[name] for name in dict.fromkeys(names)) or CHECKS


def _with_chinese(told: CheckResult, reason_zh: str) -> CheckResult:
    """`replace` would take longer than most checks do."""
    return CheckResult(
        device=told.device,
        check=told.check,
        outcome=told.outcome,
        reason=told.reason,
        at=told.at,
        expires=told.expires,
        evidence=told.evidence,
        facts=told.facts,
        reason_zh=reason_zh,
    )


def _in_words(subject: Subject, check: Check) -> CheckResult:
    """The result in the language in force: a check is pure, so asking twice is asking once."""
    try:
        return check.judge(subject)
    except Exception as crash:  # noqa: BLE001 - whatever a check stumbles over is a result, not the end of the run
        reason = _("the check itself failed: {kind}: {words}").format(kind=type(crash).__name__, words=crash)
        return subject.result(check.name, CheckOutcome.ERROR, reason)
