"""A check's reason is kept in both languages, whatever the operator's screen speaks."""

from dataclasses import replace
from datetime import UTC, datetime

from agent.checks import Check, registration
from agent.checks.runner import run
from agent.checks.subject import Subject
from inventory.language import _, choose, current, speaking
from inventory.types import CheckOutcome, CheckResult, Device, DeviceStatus

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DEVICE = Device("d-1", DeviceStatus.CONFIRMED, "hq", "iot", NOW, NOW)
SAID = "Findings"  # a message every catalogue has


def judge(subject: Subject) -> CheckResult:
    return subject.result("talks", CheckOutcome.PASS, f"{current()} {_(SAID)}")


def reasons(language: str) -> tuple[str, str]:
    choose(language)
    try:
        (result,) = run([Subject(DEVICE, (), NOW)], [Check("talks", "Talks", judge)])
        return result.reason, result.reason_zh
    finally:
        choose("en")


def test_the_reason_is_the_same_whoever_runs_the_check() -> None:
    english, chinese = reasons("en")
    assert reasons("zh_TW") == (english, chinese)
    assert english == f"en {SAID}"
    assert chinese.startswith("zh_TW ")
    assert chinese != f"zh_TW {SAID}"


def test_a_check_that_crashes_says_so_in_both_languages() -> None:
    def crash(_subject: Subject) -> CheckResult:
        raise RuntimeError("disk on fire")

    (result,) = run([Subject(DEVICE, (), NOW)], [Check("talks", "Talks", crash)])
    assert result.outcome is CheckOutcome.ERROR
    assert "disk on fire" in result.reason
    assert "disk on fire" in result.reason_zh


def test_the_words_in_a_reason_are_of_its_language_too() -> None:
    (result,) = run([Subject(DEVICE, (), NOW)], [Check("registration", "Entry", registration.judge)])
    assert "storage location, manager, ports in use, purpose" in result.reason
    assert "存放位置、管理人員、使用之通訊埠、設備用途" in result.reason_zh
    assert "owner" in result.facts["missing"]


def test_another_language_is_spoken_only_within() -> None:
    choose("en")
    with speaking("zh_TW"):
        assert current() == "zh_TW"
        with speaking("en"):
            assert _(SAID) == SAID
        assert _(SAID) != SAID
    assert (current(), _(SAID)) == ("en", SAID)


def test_documents_show_the_reason_in_their_own_language() -> None:
    result = CheckResult("d-1", "talks", CheckOutcome.PASS, "said", NOW, reason_zh="已說明")
    assert (result.told(chinese=False), result.told(chinese=True)) == ("said", "已說明")
    assert replace(result, reason_zh="").told(chinese=True) == "said"
