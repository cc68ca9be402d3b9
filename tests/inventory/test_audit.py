"""The log of who did what: tampering shows, and a clock that was set back puts nothing out of order."""

from datetime import timedelta

import pytest

from inventory.store import audit
from inventory.store.faults import Conflict
from inventory.types import Attribute, DeviceStatus, Duty, Kind
from tests.inventory.heard import one_device


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


@pytest.mark.parametrize(
    "change",
    [
        lambda register, device: register.edit([device], {Attribute.OWNER: "b"}, "chen"),
        lambda register, device: register.set_status([device], DeviceStatus.RETIRED, "chen"),
        lambda register, _device: register.note(Kind.OWNER, "a", {"contact": "1"}, "chen"),
        lambda register, device: register.confirm([device], Duty.YEARLY, "lin", "chen"),
        lambda register, _device: register.undo("chen"),
    ],
)
def test_nothing_is_changed_by_a_clock_that_was_set_back(register, clock, change):
    device = one_device(register)
    clock.advance(timedelta(days=5))
    register.edit([device], {Attribute.OWNER: "a"}, "chen")
    clock.advance(timedelta(days=-3))
    with pytest.raises(Conflict, match="entry 1 of the log was made at 2026-01-10 09:00: set"):
        change(register, device)
    assert register.device(device).text(Attribute.OWNER) == "a"
    assert len(register.audit()) == 1
    register.accept_clock("chen")  # it was the other one that was wrong
    change(register, device)
    assert register.audit_break() is None


def test_a_clock_put_right_by_a_little_is_no_matter(register, clock):
    device = one_device(register)
    register.edit([device], {Attribute.OWNER: "a"}, "chen")
    clock.advance(timedelta(minutes=-2))
    register.edit([device], {Attribute.OWNER: "b"}, "chen")
    assert register.device(device).text(Attribute.OWNER) == "b"
