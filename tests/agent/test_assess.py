"""Checks and judgement over a real register, and the two commands that show them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.checks import CHECKS
from agent.cli.assess import assess as assess_command
from agent.cli.check import check as check_command
from agent.service.assess import assess, check, rules_named
from inventory.console import Session
from inventory.exits import NotAllowed, StoreFault, UsageFault
from inventory.register import Register
from inventory.settings import Settings
from inventory.snapshot.canonical import to_bytes
from inventory.snapshot.freezing import build
from inventory.types import (
    Assessment,
    Attestation,
    Attribute,
    CheckOutcome,
    Claim,
    DeviceStatus,
    ExceptionRecord,
    Fact,
    FindingState,
    FixedClock,
    Observation,
    ReplacementPlan,
    ScanRun,
    Sighting,
    Target,
    VerdictOutcome,
)
from policies.pack import chosen_packs

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
DAY = NOW.date()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def register(tmp_path: Path, clock: FixedClock) -> Iterator[Register]:
    with Register.open(str(tmp_path / "register.sqlite"), clock) as opened:
        yield opened


def roll_call(register: Register, at: datetime, *, community: str = "public") -> None:
    """One scan that sees a printer with a well-known SNMP community, and a PC."""
    run = ScanRun(f"run-{at:%m%d%H%M}", "here", at)
    register.begin_scan(run)
    sightings = []
    for ip, mac, kind, vendor, model in (
        ("192.168.10.5", "00:26:73:00:00:05", "printer", "Ricoh", "IM C3000"),
        ("192.168.10.6", "18:66:DA:00:00:06", "workstation", "Dell", "OptiPlex"),
    ):
        target = Target(ip, mac, "hq", "office")
        observations = [
            Observation(run.id, "here", target, "tcp-syn", at, (Fact("port.state", "open"),), "tcp/443"),
            Observation(run.id, "here", target, "tcp-syn", at, (Fact("ports.left_out", "none"),)),
        ]
        if kind == "printer":
            facts = (Fact("snmp.community", community), Fact("snmp_sysdescr", model))
            observations.append(
                Observation(run.id, "here", target, "snmp", at, facts, "udp/161", "sha256:aa")
            )
        claims = tuple(
            Claim(attribute, value, 0.9, "test", "snmp")
            for attribute, value in (
                (Attribute.DEVICE_CLASS, kind),
                (Attribute.VENDOR, vendor),
                (Attribute.MODEL, model),
                (Attribute.MAC, mac),
            )
        )
        sightings.append(Sighting(run.id, target, at, tuple(observations), claims))
    register.ingest(sightings)
    register.finish_scan(ScanRun(run.id, "here", at, at))


def judged(register: Register, clock: FixedClock, on: date = DAY) -> dict[tuple[str, str], VerdictOutcome]:
    """Article outcomes of the printer, after checks and judgement."""
    check(register, Settings(), clock)
    assess(register, chosen_packs(), on)
    printer = next(each for each in register.devices() if each.text(Attribute.VENDOR) == "Ricoh")
    return {
        (verdict.article, verdict.rule): verdict.outcome
        for verdict in register.verdicts(printer.id)
        if verdict.pack == "guideline-2024"
    }


def test_from_observation_to_finding_and_back(register: Register, clock: FixedClock) -> None:
    roll_call(register, NOW)
    outcomes = judged(register, clock)
    assert outcomes["24", "login-required"] is VerdictOutcome.BREACH
    assert outcomes["22", "registration-fields"] is VerdictOutcome.BREACH
    assert outcomes["26", "purchase-evaluated"] is VerdictOutcome.UNDETERMINED
    found = {finding.rule: finding for finding in register.findings()}
    assert found["login-required"].state is FindingState.OPEN
    assert found["login-required"].due == DAY + timedelta(days=30)

    clock.advance(timedelta(days=10))
    roll_call(register, clock.now(), community="***")
    later = judged(register, clock, DAY + timedelta(days=10))
    assert (
        later["24", "login-required"] is VerdictOutcome.UNDETERMINED
    )  # closed or merely changed: not tested
    found = {finding.rule: finding for finding in register.findings(article="24")}
    assert found["login-required"].state is FindingState.CONTINUING


def test_filling_the_register_keeps_article_22(register: Register, clock: FixedClock) -> None:
    roll_call(register, NOW)
    judged(register, clock)
    everything = {
        Attribute.OWNER: "王小明",
        Attribute.LOCATION: "12F",
        Attribute.PURPOSE: "列印",
        Attribute.CONNECTION_METHOD: "wired",
        Attribute.DECLARED_PORTS: "tcp/443, udp/161",
    }
    register.edit([each.id for each in register.devices()], everything, "amy")
    outcomes = judged(register, clock)
    assert outcomes["22", "registration-fields"] is VerdictOutcome.COMPLIANT
    assert outcomes["22", "registration-yearly"] is VerdictOutcome.COMPLIANT
    assert outcomes["22", "registration-ports"] is VerdictOutcome.COMPLIANT
    resolved = [each for each in register.findings() if each.rule == "registration-fields"]
    assert {each.state for each in resolved} == {FindingState.RESOLVED}


def test_an_exception_on_record_is_used_until_it_lapses(register: Register, clock: FixedClock) -> None:
    roll_call(register, NOW)
    printer = next(each for each in register.devices() if each.text(Attribute.VENDOR) == "Ricoh")
    record = ExceptionRecord(
        "e-1", printer.id, ("24",), "fixed", "VLAN", "李經理", DAY, DAY + timedelta(days=5), "p-1"
    )
    plan = ReplacementPlan("p-1", (printer.id,), "old", "new", DAY + timedelta(days=5), "amy", "approved")
    register.add_plan(plan, "amy")
    register.add_exception(record, "amy")
    register.change_plan(replace(plan, devices=()), "amy")
    assert judged(register, clock)["24", "login-required"] is VerdictOutcome.BREACH, "no plan ends it"
    register.change_plan(plan, "amy")
    assert judged(register, clock)["24", "login-required"] is VerdictOutcome.EXCEPTED
    assert judged(register, clock, DAY + timedelta(days=6))["24", "login-required"] is VerdictOutcome.BREACH


def test_judging_twice_on_one_day_changes_nothing(register: Register, clock: FixedClock) -> None:
    roll_call(register, NOW)
    judged(register, clock)
    first = register.last_assessment()
    judged(register, clock)
    assert register.last_assessment() == first


def test_after_an_edit_that_device_alone_is_judged_again(register: Register, clock: FixedClock) -> None:
    roll_call(register, NOW)
    judged(register, clock)
    rules = rules_named(chosen_packs())
    assert register.to_judge(DAY, rules).devices == ()
    printer, other = sorted(register.devices(), key=lambda one: one.text(Attribute.VENDOR) != "Ricoh")
    for write in (
        lambda: register.edit([printer.id], {Attribute.OWNER: "Lin", Attribute.PURPOSE: "print"}, "amy"),
        lambda: register.save_results(
            [replace(register.results()[printer.id][0], outcome=CheckOutcome.UNKNOWN, facts={})]
        ),
        lambda: register.add_plan(
            ReplacementPlan("p-1", (printer.id,), "old", "new", DAY + timedelta(days=60), "Lin", "draft"),
            "amy",
        ),
        lambda: register.add_exception(
            ExceptionRecord(
                "e-1", printer.id, ("24",), "fixed", "VLAN", "Lee", DAY, DAY + timedelta(9), "p-1"
            ),
            "amy",
        ),
        lambda: register.add_attestation(
            Attestation("a-1", "26", printer.id, True, "Lee", DAY, "x.pdf"), "amy"
        ),
        lambda: register.undo("amy"),
        lambda: register.set_status([printer.id], DeviceStatus.RETIRED, "amy"),
    ):
        write()
        assert register.to_judge(DAY, rules).devices == (printer.id,)
        assert_as_if_all_were_judged(register)
    register.add_attestation(Attestation("a-2", "28", "", True, "Lee", DAY, "x.pdf"), "amy")
    assert register.to_judge(DAY, rules).devices is None, "what the firm signs is of every device"
    assert_as_if_all_were_judged(register)
    assert register.to_judge(DAY + timedelta(days=1), rules).devices is None, "a day later all may differ"
    assert register.to_judge(DAY, rules_named(chosen_packs(["twse"]))).devices is None
    register.join([printer.id, other.id], "amy")
    assert_as_if_all_were_judged(register)


def assert_as_if_all_were_judged(register: Register) -> None:
    amended = assess(register, chosen_packs(), DAY), register.last_assessment()
    register.save_assessment(Assessment(DAY))  # by no rules: the next one judges every device
    counted = assess(register, chosen_packs(), DAY)
    assert register.last_assessment() == amended[1]
    assert set(counted.counts) == set(amended[0].counts)


def test_old_evidence_ends_as_undetermined(register: Register, clock: FixedClock) -> None:
    roll_call(register, NOW)
    check(register, Settings(), clock)
    late = DAY + timedelta(days=46)
    assess(register, chosen_packs(["guideline-2024"]), late)
    login = {verdict.outcome for verdict in register.verdicts() if verdict.rule == "login-required"}
    assert login == {VerdictOutcome.UNDETERMINED, VerdictOutcome.NOT_APPLICABLE}  # the PC stays out of scope


def test_every_article_has_its_line_even_in_an_empty_register(register: Register) -> None:
    assert assess(register, chosen_packs(), DAY).counts == ()
    numbers = [article.number for article in register.articles() if article.pack == "guideline-2024"]
    assert numbers == [str(number) for number in range(21, 31)]


@pytest.fixture
def session(register: Register, tmp_path: Path) -> Session:
    roll_call(register, datetime.now(UTC))
    return Session(register_url=str(tmp_path / "register.sqlite"))


def call(command, session: Session, *words: str) -> Result:
    return CliRunner().invoke(command, words, obj=session, catch_exceptions=False)


def test_check_command_prints_results_and_sums(session: Session) -> None:
    rows = json.loads(call(check_command, session, "run", "default_login", "--format", "json").stdout)
    assert {row["check"] for row in rows} == {"default_login"}
    printer = next(row for row in rows if row["label"] == "Ricoh IM C3000")
    assert printer["outcome"] == "fail"
    assert printer["facts"]["open"] == "snmp-public"
    assert printer["evidence"] == ["sha256:aa"]
    summed = call(check_command, session).stdout
    assert [line.split()[0] for line in summed.splitlines()[1:]] == [each.name for each in CHECKS]
    assert "Ricoh" not in summed
    assert "Ricoh" in call(check_command, session, "--each").stdout
    assert "default_login" in call(check_command, session, "list").stdout


def test_assess_command_prints_the_posture_and_explains(session: Session) -> None:
    call(check_command, session)
    rows = json.loads(call(assess_command, session, "--format", "json").stdout)
    line = next(row for row in rows if row["article"] == "24" and row["pack"] == "guideline-2024")
    assert (line["breach"], line["not-applicable"]) == (1, 1)
    assert "2 devices judged as of" in call(assess_command, session).stdout
    printer = next(
        row["device"]
        for row in json.loads(call(check_command, session, "--format", "json").stdout)
        if row["label"] == "Ricoh IM C3000"
    )
    told = call(assess_command, session, "--explain", printer, "24").stdout
    assert "guideline-2024, edition 2024-12-27, article 24 · login-required: breach" in told
    assert "SNMP community “public” answers" in told
    assert "What to do:" in told
    assert told.splitlines()[0].startswith(f"{printer} (Ricoh IM C3000), judged as of 20")
    today = datetime.now(UTC).date()
    assert f"[result of the login check, {today}]" in told, "an auditor sees how old the evidence is"


def test_another_day_is_looked_at_and_changes_no_finding(session: Session) -> None:
    call(check_command, session)
    call(assess_command, session)
    with Register.open(session.register_place, FixedClock(NOW)) as register:
        before = register.last_assessment(), register.findings()
    for day in ("2020-01-01", "2040-01-01"):
        said = call(assess_command, session, "--on", day).stdout
        assert f"2 devices judged as of {day}" in said
        assert "looked at only" in said
    with Register.open(session.register_place, FixedClock(NOW)) as register:
        assert (register.last_assessment(), register.findings()) == before


def test_a_named_pack_is_judged_beside_the_firms_own_and_shown_alone(session: Session) -> None:
    call(check_command, session)
    call(assess_command, session)
    for name, kept in (("twse", set()), ("tsa-2022", {"tsa-2022"})):
        said = call(assess_command, session, "--pack", name, "--format", "json").stdout
        assert {row["pack"] for row in json.loads(said)} == {name}
        with Register.open(session.register_place, FixedClock(NOW)) as register:
            whole = register.last_assessment()
            assert whole is not None
            frozen = build(register, label="now", on=whole.on, version="test")
        assert {one.pack for one in frozen.articles} == {"guideline-2024", "twse", *kept}
        assert {one.pack for one in frozen.verdicts} == {"guideline-2024", "twse", *kept}
    always = replace(session, _settings=Settings(packs=("tsa-2022",)))
    said = call(assess_command, always, "--format", "json").stdout
    assert {row["pack"] for row in json.loads(said)} == {"guideline-2024", "twse", "tsa-2022"}


def test_a_snapshot_is_judged_anew_and_the_register_stays_as_it_is(session: Session, tmp_path: Path) -> None:
    call(check_command, session)
    call(assess_command, session)
    with Register.open(session.register_place, FixedClock(NOW)) as register:
        judged = register.last_assessment()
        assert judged is not None
        frozen = build(register, label="now", on=judged.on, version="test")
    (tmp_path / "now").mkdir()
    (tmp_path / "now" / "snapshot.json").write_bytes(to_bytes(frozen))
    words = ("--snapshot", str(tmp_path / "now"))
    said = call(assess_command, session, *words).stdout
    assert "now judged anew: 0 verdicts come out otherwise" in said
    other = call(assess_command, session, *words, "--pack", "tsa-2022", "--format", "json").stdout
    assert {row["pack"] for row in json.loads(other)} == {"tsa-2022"}
    device = next(one.id for one in frozen.devices if one.device_class == "printer")
    assert "login-required: breach" in call(assess_command, session, *words, "--explain", device, "24").stdout
    with pytest.raises(UsageFault, match="0 devices of this snapshot"):
        call(assess_command, session, *words, "--explain", "d-nothing", "24")
    with Register.open(session.register_place, FixedClock(NOW)) as register:
        assert register.last_assessment() == judged


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--pack", "guideline-1999"], "there is no pack 'guideline-1999'; there are guideline-2024"),
        (["--explain", "d-nothing", "24"], "d-nothing"),
    ],
)
def test_wrong_words_are_refused_in_one_line(session: Session, words: list[str], said: str) -> None:
    with pytest.raises(UsageFault, match=said) as refused:
        call(assess_command, session, *words)
    assert "\n" not in str(refused.value)


def test_unknown_checks_articles_and_a_missing_register_are_told(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="there is no check 'colour'"):
        call(check_command, session, "colour")
    device = json.loads(call(check_command, session, "--format", "json").stdout)[0]["device"]
    with pytest.raises(UsageFault, match="has no article 99"):
        call(assess_command, session, "--explain", device, "99")
    nowhere = Session(register_url=str(tmp_path / "no" / "register.sqlite"))
    with pytest.raises((StoreFault, NotAllowed)):
        call(assess_command, nowhere)
