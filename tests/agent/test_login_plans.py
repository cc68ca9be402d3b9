"""Which login is tried where: published families, one try per account and window, and what ends a window."""

from dataclasses import replace
from datetime import timedelta

import pytest
from logins import NOW, device, family, planned, tried

from agent.logins.families import all_families, families_of, pairs_of
from inventory.types import TryOutcome


def test_a_hundred_and_fifty_families_each_with_its_source() -> None:
    rows = all_families()
    assert len(rows) >= 150
    assert len({row.vendor for row in rows}) >= 50
    assert all(row.source.startswith(("http://", "https://")) and row.read.year >= 2026 for row in rows)


def test_a_family_speaks_of_its_models_only() -> None:
    rows = [family(("admin", "x"))]
    assert families_of(device(model="copier-200"), rows)
    assert families_of(device(model="Copier 210 PRO"), rows)
    assert families_of(device(vendor="Acme", model="ACME Copier 210"), rows)
    assert not families_of(device(model="Copier 300"), rows)
    assert not families_of(device(vendor="Other"), rows)
    assert not families_of(device(model=""), rows)


def test_a_password_made_of_the_serial_is_filled_in_or_left_out() -> None:
    rows = [family(("admin", "{serial}"), ("root", "{mac}"), ("user", "{nothing}"))]
    pairs = {pair.account: pair.password.reveal() for pair in pairs_of(device(), rows)}
    assert pairs == {"admin": "S123", "root": "002673AABBCC"}


def test_one_account_gets_one_try_though_two_passwords_are_published() -> None:
    plan = planned([family(("admin", "a"), ("Admin", "b"), ("user", "c"))])
    assert [step.pair.account for step in plan.steps] == ["admin", "user"]
    assert plan.waiting == ("acme-200/2",)


def test_an_account_tried_in_the_window_waits_and_after_it_the_next_password_has_its_turn() -> None:
    rows = [family(("admin", "a"), ("admin", "b"))]
    early = planned(rows, tried("acme-200/1", "admin", TryOutcome.REFUSED, timedelta(hours=1)))
    assert early.steps == ()
    assert early.waiting == ("acme-200/2",)
    later = planned(rows, tried("acme-200/1", "admin", TryOutcome.REFUSED, timedelta(hours=25)))
    assert [step.pair.name for step in later.steps] == ["acme-200/2"]
    assert later.refused == ("acme-200/1",)


@pytest.mark.parametrize("outcome", [TryOutcome.ACCEPTED, TryOutcome.LOCKED, TryOutcome.WARNED])
def test_after_a_hit_or_a_sign_of_a_lockout_the_window_is_over_for_every_account(outcome: TryOutcome) -> None:
    rows = [family(("admin", "a"), ("user", "b"))]
    assert planned(rows, tried("acme-200/1", "admin", outcome, timedelta(hours=1))).skip
    assert not planned(rows, tried("acme-200/1", "admin", outcome, timedelta(hours=30))).skip


def test_nothing_is_guessed_where_the_model_is_not_identified() -> None:
    plan = planned([family(("admin", "a"))], of=device(("http", 80), model=""))
    assert plan.steps == ()
    assert plan.skip


def test_a_raw_print_port_is_no_way_in_whatever_its_name() -> None:
    plan = planned([family(("admin", "a"))], of=device(("http", 9100), ("http", 80)))
    assert {way.port for step in plan.steps for way in step.ways} == {80}


A_DAY_AGO = timedelta(hours=25)
BOTH = device(("http", 80), ("ssh", 22))


def test_what_one_protocol_refused_has_its_turn_on_the_next_in_another_window() -> None:
    rows = [family(("admin", "a"), on=("web", "ssh"))]
    on_web = tried("acme-200/1", "admin", TryOutcome.REFUSED, A_DAY_AGO)
    plan = planned(rows, on_web, of=BOTH)
    assert [way.protocol for step in plan.steps for way in step.ways] == ["ssh"]
    assert plan.refused == ()
    on_ssh = replace(on_web, protocol="ssh", service="tcp/22", at=on_web.at - A_DAY_AGO)
    done = planned(rows, on_web, on_ssh, of=BOTH)
    assert (done.steps, done.refused, done.since) == ((), ("acme-200/1",), on_ssh.at)


@pytest.mark.parametrize(
    "of_another",
    [{"device": "d-other"}, {"device": "d-other", "mac": "00:26:73:00:00:01"}, {"mac": "00:26:73:00:00:01"},
     {"ip": "127.0.0.9"}],
    ids=["record", "box", "box under this record", "address given up by a split"],
)  # fmt: skip
def test_what_another_box_refused_waits_out_its_window_and_proves_nothing(of_another: dict[str, str]) -> None:
    rows = [family(("admin", "a"))]
    by_another = tried("acme-200/1", "admin", TryOutcome.REFUSED, A_DAY_AGO, **of_another)
    plan = planned(rows, by_another)
    assert [step.pair.name for step in plan.steps] == ["acme-200/1"]
    assert plan.refused == ()
    just_now = replace(by_another, at=NOW - timedelta(hours=1))
    assert planned(rows, just_now).waiting == ("acme-200/1",)


def test_a_refusal_under_another_record_of_the_same_box_counts() -> None:
    same = tried("acme-200/1", "admin", TryOutcome.REFUSED, A_DAY_AGO, device="d-x", mac="00:26:73:aa:bb:cc")
    assert planned([family(("admin", "a"))], same).refused == ("acme-200/1",)


def test_what_was_refused_before_its_row_was_read_may_have_been_another_password() -> None:
    before = tried("acme-200/1", "admin", TryOutcome.REFUSED, A_DAY_AGO)
    assert planned([family(("admin", "a"), read="2026-11-20")], before).refused == ("acme-200/1",)
    assert planned([family(("admin", "a"), read="2026-11-21")], before).refused == ()


def test_where_units_may_have_a_password_of_their_own_the_published_one_is_tried_and_settles_nothing() -> (
    None
):
    plan = planned([family(("admin", "a"), unique=True)])
    assert [step.pair.name for step in plan.steps] == ["acme-200/1"]
    assert len(plan.untried) == 1
