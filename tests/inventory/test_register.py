"""What the register keeps, refuses and remembers."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from inventory.exits import UsageFault
from inventory.query import parse
from inventory.register import Register
from inventory.store import audit
from inventory.store.faults import Conflict, NotFound
from inventory.types import (
    AddressState,
    Article,
    Assessment,
    Attestation,
    Attribute,
    CheckOutcome,
    CheckResult,
    DeviceStatus,
    ExceptionRecord,
    Finding,
    FindingState,
    FixedClock,
    ObligationLevel,
    PlanStep,
    ReplacementPlan,
    ScanRun,
    Scope,
    SegmentCoverage,
    Severity,
    Tick,
    Ticked,
    Touch,
    Unsettled,
    Verdict,
    VerdictOutcome,
    each_alone,
    share,
)
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, WEEK, heard

OFFICE = Scope("10.0.0.0/24", "hq", "office", do_not_probe=("10.0.0.9/32",), added_by="chen", reason="test")
NEXT = {"run": "run-2", "at": MONDAY + WEEK}


@pytest.fixture
def clock():
    return FixedClock(MONDAY)


@pytest.fixture
def register(any_place, clock):
    with Register.open(any_place, clock) as opened:
        yield opened


def one_device(register, **claims):
    return register.ingest([heard("10.0.0.5", MAC_1, **claims)]).new[0]


def finished(run, at, *unsettled, stopped=False, addresses=254):
    coverage = SegmentCoverage(
        "hq", "office", "10.0.0.0/24", addresses, {AddressState.FOUND: 1}, "arp", unsettled
    )
    return ScanRun(run, "admin", at, at, stopped=stopped, coverage=(coverage,), packets={"arp": 508})


class TestScopes:
    def test_a_scope_comes_back_as_it_was_put_in(self, register):
        register.add_scope(OFFICE, "chen")
        assert register.scopes() == (OFFICE,)

    def test_networks_of_one_site_may_not_overlap(self, register):
        register.add_scope(OFFICE, "chen")
        with pytest.raises(Conflict, match=r"10\.0\.0\.128/25 shares addresses with 10\.0\.0\.0/24"):
            register.add_scope(Scope("10.0.0.128/25", "hq", "iot", Touch.QUERY), "chen")

    def test_removing_what_is_not_in_scope_says_what_is(self, register):
        register.add_scope(OFFICE, "chen")
        with pytest.raises(NotFound, match=r"in scope: 10\.0\.0\.0/24"):
            register.remove_scope("10.9.0.0/24", "chen")

    def test_who_changed_the_scope_stays_in_the_log(self, register):
        register.add_scope(OFFICE, "chen")
        register.remove_scope(OFFICE.network, "lin")
        assert register.scopes() == ()
        assert [(entry.by, entry.action) for entry in register.audit()] == [
            ("chen", "scope add"),
            ("lin", "scope remove"),
        ]


class TestScans:
    def test_a_run_keeps_its_coverage(self, register):
        run = finished("run-1", MONDAY, Unsettled("10.0.0.7", AddressState.REFUSED, "do not probe"))
        register.begin_scan(ScanRun("run-1", "admin", MONDAY))
        register.finish_scan(run)
        assert register.last_run() == run

    def test_a_run_that_was_killed_shows_as_unfinished(self, register):
        register.begin_scan(ScanRun("run-1", "admin", MONDAY))
        assert register.last_run().finished is None

    def test_a_clock_set_back_is_noticed_before_it_does_harm(self, register):
        register.begin_scan(ScanRun("run-1", "admin", MONDAY))
        with pytest.raises(Conflict, match="set the clock right"):
            register.begin_scan(ScanRun("run-2", "admin", MONDAY - WEEK))
        register.begin_scan(ScanRun("run-3", "taichung", MONDAY - WEEK))

    def test_whoever_is_silent_where_everything_was_settled_is_unseen(self, register):
        device = one_device(register)
        register.finish_scan(finished("run-2", MONDAY + WEEK))
        assert register.device(device).status is DeviceStatus.UNSEEN
        register.ingest([heard("10.0.0.5", MAC_1, run="run-3", at=MONDAY + 2 * WEEK)])
        assert register.device(device).status is DeviceStatus.DISCOVERED

    @pytest.mark.parametrize(
        "run",
        [
            finished("run-2", MONDAY + WEEK, stopped=True),
            finished("run-2", MONDAY + WEEK, Unsettled("10.0.0.5", AddressState.NOT_REACHED, "no time")),
            finished(
                "run-2", MONDAY + WEEK, Unsettled("10.0.0.0/24", AddressState.REFUSED, "listening only")
            ),
            finished("run-2", MONDAY + WEEK, addresses=1),
            ScanRun("run-2", "admin", MONDAY + WEEK, MONDAY + WEEK),
        ],
        ids=["stopped", "unsettled", "network unsettled", "not asked whole", "not covered"],
    )
    def test_nobody_is_called_unseen_without_proof(self, register, run):
        device = one_device(register)
        register.finish_scan(run)
        assert register.device(device).status is DeviceStatus.DISCOVERED

    def test_the_run_that_met_a_device_does_not_call_it_unseen(self, register):
        register.begin_scan(ScanRun("run-1", "admin", MONDAY))
        device = one_device(register)
        register.finish_scan(finished("run-1", MONDAY))
        assert register.device(device).status is DeviceStatus.DISCOVERED

    def test_an_address_left_behind_is_let_go_once_it_is_silent(self, register):
        device = one_device(register)
        register.ingest([heard("10.0.0.6", MAC_1, **NEXT)])
        register.finish_scan(finished("run-2", MONDAY + WEEK))
        assert [each.ip for each in register.device(device).addresses] == ["10.0.0.6"]
        assert ("address", "10.0.0.5", "") in [
            (change.what, change.before, change.after) for change in register.history(device)
        ]

    def test_a_retired_device_that_answers_is_discovered_again(self, register):
        device = one_device(register)
        register.set_status([device], DeviceStatus.RETIRED, "chen")
        register.ingest([heard("10.0.0.5", MAC_1, **NEXT)])
        assert register.device(device).status is DeviceStatus.DISCOVERED

    def test_a_closed_port_is_no_longer_listed_and_its_closing_is_in_the_log(self, register):
        device = one_device(register)
        closed = heard("10.0.0.5", MAC_1, facts=(("port.state", "closed"),), source="tcp-syn", **NEXT)
        register.ingest([closed])
        assert register.device(device).services == ()
        assert register.history(device)[-1].before == "tcp/80"


class TestObservations:
    def test_the_same_words_widen_and_new_words_are_added(self, register):
        device = one_device(register)
        register.ingest([heard("10.0.0.5", MAC_1, **NEXT)])
        register.ingest(
            [heard("10.0.0.5", MAC_1, run="run-3", at=MONDAY + 2 * WEEK, facts=(("http_servers", "new"),))]
        )
        every = register.observations(device, latest=False)
        assert [(one.at - MONDAY, one.facts[0].value) for one in every] == [
            (WEEK, "embedded"),
            (2 * WEEK, "new"),
        ]
        assert [one.facts[0].value for one in register.observations(device)] == ["new"]
        assert register.all_observations()[device] == register.observations(device)

    def test_words_that_came_late_find_their_place(self, register):
        device = one_device(register)
        later = heard("10.0.0.5", MAC_1, run="run-3", at=MONDAY + 2 * WEEK)
        between = heard("10.0.0.5", MAC_1, facts=(("http_servers", "other"),), **NEXT)
        register.ingest([later])
        register.ingest([heard("10.0.0.5", MAC_1, at=MONDAY - WEEK, facts=(("http_servers", "old"),))])
        register.ingest([between])
        assert [one.facts[0].value for one in register.observations(device)] == ["embedded"]
        register.ingest([between])
        assert [one.facts[0].value for one in register.observations(device, latest=False)] == [
            "old",
            "other",
            "embedded",
        ]

    def test_one_source_may_say_two_things_of_one_port(self, register):
        twice = heard("10.0.0.5", MAC_1, ports=("tcp/80", "tcp/80"))
        device = register.ingest([twice]).new[0]
        register.ingest([twice])
        assert len(register.observations(device, latest=False)) == 2


class TestValues:
    def test_every_value_says_where_it_came_from(self, register):
        held = register.device(one_device(register, vendor="Ricoh")).attributes[Attribute.VENDOR]
        assert (held.value, held.source, held.at, held.locked) == ("Ricoh", "test.vendor", MONDAY, False)

    def test_a_newer_firmware_replaces_the_older(self, register):
        device = one_device(register, firmware="1.0")
        register.ingest([heard("10.0.0.5", MAC_1, firmware="1.1", **NEXT)])
        assert register.device(device).text(Attribute.FIRMWARE) == "1.1"
        assert [(c.before, c.after) for c in register.history(device) if c.what == "firmware"] == [
            ("1.0", "1.1")
        ]

    def test_a_silent_probe_takes_nothing_away(self, register):
        device = one_device(register, vendor="Ricoh", model="IM C3000")
        register.ingest([heard("10.0.0.5", MAC_1, **NEXT)])
        assert register.device(device).text(Attribute.MODEL) == "IM C3000"

    def test_a_hint_does_not_outweigh_an_old_certainty(self, register):
        device = one_device(register, vendor="Ricoh")
        hint = heard(
            "10.0.0.5", MAC_1, vendor="Foxconn", certainty=0.3, source="arp", run="r", at=MONDAY + 30 * WEEK
        )
        register.ingest([hint])
        held = register.device(device).attributes[Attribute.VENDOR]
        assert (held.value, [other.value for other in held.disagreeing]) == ("Ricoh", ["Foxconn"])

    def test_no_scan_overwrites_a_person(self, register):
        device = one_device(register, vendor="Ricoh", model="IM C3000")
        register.edit([device], {Attribute.MODEL: "IM C3000 (leased)"}, "chen")
        register.ingest([heard("10.0.0.5", MAC_1, vendor="Ricoh", model="IM C3010", **NEXT)])
        held = register.device(device).attributes[Attribute.MODEL]
        assert (held.value, held.source, held.locked) == ("IM C3000 (leased)", "person:chen", True)
        assert [other.value for other in held.disagreeing] == ["IM C3010"]

    def test_clearing_gives_the_scan_its_word_back(self, register):
        device = one_device(register, model="IM C3000")
        register.edit([device], {Attribute.MODEL: "mine", Attribute.OWNER: "王小明"}, "chen")
        register.edit([device], {Attribute.MODEL: "", Attribute.OWNER: " "}, "chen")
        after = register.device(device)
        assert (after.text(Attribute.MODEL), after.text(Attribute.OWNER)) == ("IM C3000", "")

    def test_accepting_takes_what_disagrees(self, register):
        device = one_device(register, model="IM C3000")
        register.edit([device], {Attribute.MODEL: "mine"}, "chen")
        register.accept(device, Attribute.MODEL, "chen")
        assert register.device(device).attributes[Attribute.MODEL].source == "test.model"
        with pytest.raises(Conflict, match="nothing disagrees"):
            register.accept(device, Attribute.MODEL, "chen")

    def test_an_edit_of_many_is_all_or_nothing(self, register):
        device = one_device(register)
        with pytest.raises(NotFound):
            register.edit([device, "d-nosuchone"], {Attribute.OWNER: "chen"}, "chen")
        assert register.device(device).text(Attribute.OWNER) == ""

    @pytest.mark.parametrize(
        ("attribute", "text", "says"),
        [
            (Attribute.DEVICE_CLASS, "toaster", "device_class cannot be 'toaster'; one of: access-control"),
            (Attribute.MAC, "00:11:22:33:44:55", "mac is for scans to say"),
            (Attribute.OWNER, "a\x1b[31mb", "control characters"),
            (Attribute.OWNER, "x" * 2001, "longer than 2000"),
            (Attribute.DECLARED_PORTS, "tcp/80 web", "'web' is not a port"),
        ],
    )
    def test_what_makes_no_sense_is_refused_in_one_line(self, register, attribute, text, says):
        device = one_device(register)
        with pytest.raises(UsageFault, match=says):
            register.edit([device], {attribute: text}, "chen")

    def test_declared_ports_have_one_spelling(self, register):
        device = one_device(register)
        register.edit([device], {Attribute.DECLARED_PORTS: "443 tcp/80, UDP/161"}, "chen")
        assert register.device(device).text(Attribute.DECLARED_PORTS) == "tcp/80,tcp/443,udp/161"

    def test_every_edit_is_in_the_log_with_its_author(self, register):
        device = one_device(register)
        register.edit([device], {Attribute.OWNER: "王小明"}, "chen")
        (entry,) = register.audit(device)
        assert (entry.by, entry.action, entry.detail) == ("chen", "edit", {"owner": " → 王小明"})
        assert register.history(device)[-1].source == "person:chen"


class TestByHand:
    def test_what_no_probe_can_see_lives_in_the_same_register(self, register):
        sensor = register.enter(
            {Attribute.DEVICE_CLASS: "environmental-sensor", Attribute.LOCATION: "server room"},
            "chen",
            site="hq",
        )
        register.finish_scan(finished("run-2", MONDAY + WEEK))
        assert register.device(sensor.id) == sensor
        assert sensor.status is DeviceStatus.CONFIRMED

    def test_a_device_entered_with_its_address_is_the_one_that_answers_there(self, register):
        entered = register.enter(
            {Attribute.OWNER: "chen"}, "chen", site="hq", segment="office", ip="10.0.0.5"
        )
        report = register.ingest([heard("10.0.0.5", MAC_1, vendor="Ricoh", **NEXT)])
        assert report.matched == (entered.id,)
        assert register.device(entered.id).text(Attribute.OWNER) == "chen"

    def test_an_address_that_is_taken_is_refused(self, register):
        device = one_device(register)
        with pytest.raises(Conflict, match=device):
            register.enter({Attribute.OWNER: "chen"}, "chen", site="hq", ip="10.0.0.5")


class TestFinding:
    def test_the_beginning_of_an_id_is_enough(self, register):
        device = one_device(register)
        assert register.device(device[:6]).id == register.device(device[2:8]).id == device

    def test_a_wrong_id_names_the_nearest(self, register):
        device = one_device(register)
        wrong = device[:-1] + ("0" if device[-1] != "0" else "1")
        with pytest.raises(NotFound, match=f"did you mean {device}"):
            register.device(wrong)

    def test_an_id_that_may_be_several_is_asked_back(self, register):
        register.ingest([heard("10.0.0.5", MAC_1), heard("10.0.0.6", MAC_2)])
        with pytest.raises(UsageFault, match=r"no device d-"):
            register.device("d-")

    def test_a_page_knows_how_long_the_list_is(self, register):
        register.ingest([heard(f"10.0.0.{n}", vendor="Ricoh") for n in range(1, 8)])
        page = register.page(parse("vendor:ricoh sort:-ip"), 2, 3)
        assert ([device.addresses[0].ip for device in page.rows], page.total) == (
            ["10.0.0.5", "10.0.0.4", "10.0.0.3"],
            7,
        )
        assert len(list(register.iter_devices(at_once=3))) == 7
        assert register.by_id([*(one.id for one in page.rows), "d-nobody"]) == {
            one.id: one for one in page.rows
        }

    def test_both_ids_of_a_joined_record_lead_to_it_with_both_histories(self, register):
        register.ingest([heard("10.0.0.5", MAC_1), heard("10.0.0.6", MAC_2, **NEXT)])
        first, second = (device.id for device in register.devices())
        register.edit([second], {Attribute.OWNER: "王小明"}, "chen")
        joined = register.join([first, second], "chen")
        assert register.device(first) == register.device(second) == joined
        assert joined.text(Attribute.OWNER) == "王小明"
        assert {change.device for change in register.history(first)} == {first, second}
        assert len(register.observations(joined.id)) == 2


def verdict(device, outcome, on):
    return Verdict(
        device=device,
        pack="guideline",
        edition=date(2024, 12, 27),
        article="22",
        rule="22-owner",
        outcome=outcome,
        severity=Severity.HIGH,
        reason_en="The owner is missing",
        reason_zh="未填管理人員",
        judged_on=on,
        because=("device.owner",),
        due_days=30,
    )


def finding(device, state, on):
    return Finding(
        id="f-1",
        device=device,
        pack="guideline",
        article="22",
        rule="22-owner",
        state=state,
        severity=Severity.HIGH,
        opened=date(2026, 1, 5),
        last_judged=on,
        due=date(2026, 2, 4),
        reason_en="The owner is missing",
        reason_zh="未填管理人員",
    )


ARTICLE = Article(
    "guideline",
    "Guideline on emerging technologies",
    "新興科技資通安全管控指引",
    date(2024, 12, 27),
    "22",
    "Inventory",
    "設備盤點評估",
    "…",
    "…",
    ObligationLevel.MUST,
    "yearly",
)


class TestJudgement:
    def test_the_latest_result_of_each_check(self, register):
        device = one_device(register)
        first = CheckResult(
            device, "registration", CheckOutcome.FAIL, "no owner", MONDAY, facts={"owner": ""}
        )
        later = CheckResult(device, "registration", CheckOutcome.PASS, "complete", MONDAY + WEEK)
        register.save_results([first])
        assert register.results() == {device: (first,)}
        register.save_results([later])
        assert register.results([device]) == {device: (later,)}

    def test_an_assessment_comes_back_whole(self, register):
        device = one_device(register)
        day = date(2026, 1, 5)
        given = Assessment(
            day,
            (ARTICLE,),
            share([verdict(device, VerdictOutcome.BREACH, day)]),
            (finding(device, FindingState.OPEN, day),),
        )
        register.save_assessment(given)
        assert register.last_assessment() == given
        assert register.verdicts(device) == each_alone(given.verdicts)

    def test_judging_again_keeps_one_verdict_and_one_finding_for_each_rule(self, register):
        device = one_device(register)
        for week, (outcome, state) in enumerate(
            [
                (VerdictOutcome.BREACH, FindingState.OPEN),
                (VerdictOutcome.BREACH, FindingState.CONTINUING),
                (VerdictOutcome.COMPLIANT, FindingState.RESOLVED),
            ]
        ):
            day = date(2026, 1, 5) + timedelta(weeks=week)
            register.save_assessment(
                Assessment(
                    day, (ARTICLE,), share([verdict(device, outcome, day)]), (finding(device, state, day),)
                )
            )
        (now,) = register.verdicts()
        assert (now.outcome, now.judged_on) == (VerdictOutcome.COMPLIANT, date(2026, 1, 19))
        (kept,) = register.findings()
        assert (kept.state, kept.opened) == (FindingState.RESOLVED, date(2026, 1, 5))
        moves = [(c.before, c.after) for c in register.history(device) if c.what.startswith("finding")]
        assert moves == [("", "open"), ("open", "continuing"), ("continuing", "resolved")]

    def test_findings_are_asked_for_by_state_and_article(self, register):
        device = one_device(register)
        day = date(2026, 1, 5)
        register.save_assessment(Assessment(day, findings=(finding(device, FindingState.OPEN, day),)))
        assert len(register.findings(state=FindingState.OPEN, article="22", device=device)) == 1
        assert register.findings(state=FindingState.RESOLVED) == register.findings(article="24") == ()

    def test_signed_records_come_back_and_ids_are_not_reused(self, register):
        device = one_device(register)
        day = date(2026, 1, 5)
        ticks = (Ticked("users-trained", Tick.YES), Ticked("managers-trained", Tick.NOT_APPLICABLE, "none"))
        attestation = Attestation("a-1", "28", "", True, "chen", day, "training.pdf", date(2027, 1, 5), ticks)
        exception = ExceptionRecord(
            "e-1", device, ("23",), "no update", "own segment", "lin", day, day, "p-1"
        )
        plan = ReplacementPlan("p-1", (device,), "end of support", "IM C3010", day, "chen", "planned")
        register.add_attestation(attestation, "chen")
        register.add_plan(plan, "chen")
        register.add_exception(exception, "chen")
        step = PlanStep(MONDAY, "chen", "planned", day)
        assert (register.attestations(), register.exceptions(), register.plans()) == (
            (attestation,),
            (exception,),
            (replace(plan, steps=(step,)),),
        )
        with pytest.raises(Conflict):
            register.add_plan(plan, "chen")


def test_the_log_shows_where_it_was_tampered_with(register):
    device = one_device(register)
    for owner in ("a", "b", "c"):
        register.edit([device], {Attribute.OWNER: owner}, "chen")
    log = register.audit()
    assert audit.first_break(log) is None
    assert audit.first_break((log[0], log[2])) == 2
    altered = log[1].__class__(
        log[1].number, log[1].at, "mallory", "edit", device, log[1].detail, log[1].digest
    )
    assert audit.first_break((log[0], altered, log[2])) == 2
