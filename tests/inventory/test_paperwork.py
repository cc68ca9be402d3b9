"""What people record, as the register keeps it: ids in turn, an exception on a plan for its own device."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from inventory.exits import UsageFault
from inventory.store.faults import Conflict, NotFound
from inventory.types import (
    Attestation,
    DeviceStatus,
    ExceptionRecord,
    PlanStep,
    ReplacementPlan,
    Tick,
    Ticked,
)
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, heard, one_device

DAY = MONDAY.date()


@pytest.fixture
def two(register):
    return register.ingest([heard("10.0.0.5", MAC_1), heard("10.0.0.6", MAC_2)]).new


def plan(*devices):
    return ReplacementPlan("", devices, "old", "new", DAY + timedelta(days=9), "Wang", "draft")


def exception(device, plan_id):
    return ExceptionRecord("", device, ("24",), "fixed", "VLAN", "Lee", DAY, DAY + timedelta(days=9), plan_id)


def test_an_exception_rests_on_a_plan_for_its_device(register, two):
    first = two[0]
    own, others = (register.add_plan(plan(each), "chen").id for each in two)
    with pytest.raises(UsageFault, match=f"{others} does not replace {first}"):
        register.add_exception(exception(first, others), "chen")
    with pytest.raises(NotFound, match="plan-2026-009"):
        register.add_exception(exception(first, "plan-2026-009"), "chen")
    kept = register.add_exception(exception(first, own), "chen")
    with pytest.raises(UsageFault, match=f"{others} does not replace {first}"):
        register.change_exception(replace(kept, plan=others), "chen")
    assert register.exceptions() == (kept,)
    assert [entry.action for entry in register.audit()] == ["plan", "plan", "except"]
    with pytest.raises(UsageFault, match="2026-01-14: an exception does not outlast the plan"):
        register.add_exception(replace(kept, id="", expiry=DAY + timedelta(days=10)), "chen")


def test_a_plan_that_has_come_to_its_end_goes_no_way_back_but_by_undoing(register, two):
    kept = register.add_plan(plan(*two), "chen")
    for state in ("approved", "draft", "installed", "retired"):
        register.change_plan(replace(kept, state=state), "chen")
    done = replace(kept, state="retired")
    for changed in (kept, done, replace(done, due=DAY), replace(done, devices=())):
        with pytest.raises(UsageFault, match="come to its end"):
            register.change_plan(changed, "chen")
    with pytest.raises(UsageFault, match="come to its end"):
        register.retire_plan(kept.id, "chen")
    assert register.plan(kept.id).state == "retired"
    assert [register.device(one).status for one in two] == [DeviceStatus.DISCOVERED] * 2
    register.undo("chen")
    assert register.plan(kept.id).state == "installed"


def test_records_of_one_device_are_found_without_the_others(register, two):
    first, second = two
    both, own = register.add_plan(plan(first, second), "chen"), register.add_plan(plan(first), "chen")
    excepted = [register.add_exception(exception(each, both.id), "chen") for each in two]
    assert register.plans([second]) == (both,)
    assert set(register.plans([first])) == {both, own}
    assert (register.plans([]), register.exceptions([])) == ((), ())
    assert register.exceptions([second]) == (excepted[1],)
    many = [second, *(f"d-{number:010}" for number in range(500))]
    assert (register.plans(many), register.exceptions(many)) == ((both,), (excepted[1],))


def test_two_who_record_at_once_each_get_an_id(register, two):
    answer = Attestation("", "24", "", True, "Lin", DAY, "minutes")
    names = [register.add_attestation(answer, by).id for by in ("chen", "lin")]
    assert names == ["attest-2026-001", "attest-2026-002"]
    assert register.add_attestation(replace(answer, id="a-1"), "lin").id == "a-1"
    assert [entry.subject for entry in register.audit()] == [*names, "a-1"]


def test_signed_records_come_back_and_ids_are_not_reused(register):
    device = one_device(register)
    day = date(2026, 1, 5)
    ticks = (Ticked("users-trained", Tick.YES), Ticked("managers-trained", Tick.NOT_APPLICABLE, "none"))
    attestation = Attestation("a-1", "28", "", True, "chen", day, "training.pdf", date(2027, 1, 5), ticks)
    exception = ExceptionRecord("e-1", device, ("23",), "no update", "own segment", "lin", day, day, "p-1")
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
