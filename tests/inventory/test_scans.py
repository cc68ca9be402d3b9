"""Networks in scope, scans and what they heard, as the register keeps them."""

import pytest

from inventory.store.faults import Conflict, NotFound
from inventory.types import (
    AddressState,
    DeviceStatus,
    ScanRun,
    Scope,
    Touch,
    Unsettled,
)
from tests.inventory.heard import MAC_1, MONDAY, WEEK, finished, heard, one_device

OFFICE = Scope("10.0.0.0/24", "hq", "office", do_not_probe=("10.0.0.9/32",), added_by="chen", reason="test")
NEXT = {"run": "run-2", "at": MONDAY + WEEK}


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
