"""Measured ways and wireless networks: the newest holds, and nothing measured is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inventory.register import Register
from inventory.types import Crossing, CrossingState, FixedClock, WirelessNetwork
from tests.inventory.heard import MONDAY, WEEK

WAY = Crossing("hq", "guest", "office", "tcp/9100", 4, CrossingState.OPEN, MONDAY, "laptop")
NETWORK = WirelessNetwork(
    "hq", "office", "02:00:00:00:00:01", "FIRM", "WPA2-PERSONAL", ("no-mfp",), "capture", MONDAY, MONDAY,
    akm=("PSK",), stations=("02:00:00:00:00:09",),
)  # fmt: skip


@pytest.fixture
def register():
    with Register.open(":memory:", FixedClock(MONDAY)) as opened:
        yield opened


def test_the_newest_measurement_of_a_way_holds_and_the_older_ones_stay(register):
    later = replace(WAY, state=CrossingState.BLOCKED, at=MONDAY + WEEK)
    other = replace(WAY, service="tcp/80")
    register.keep_crossings([WAY, other])
    register.keep_crossings([later])
    assert register.crossings() == (other, later)
    assert register.crossings(latest=False) == (WAY, other, later)


def test_an_older_measurement_that_comes_late_does_not_hold(register):
    register.keep_crossings([WAY])
    register.keep_crossings([replace(WAY, state=CrossingState.BLOCKED, at=MONDAY - WEEK)])
    assert register.crossings() == (WAY,)


def test_a_measurement_that_tested_nothing_takes_no_leak_back(register):
    untold = replace(WAY, state=CrossingState.NOT_TESTED, at=MONDAY + WEEK)
    register.keep_crossings([WAY])
    register.keep_crossings([untold])
    assert register.crossings() == (WAY,)
    assert register.crossings(latest=False) == (WAY, untold)
    closed = replace(WAY, state=CrossingState.BLOCKED, at=MONDAY + WEEK)
    register.keep_crossings([closed])
    assert register.crossings() == (closed,)


def test_the_same_measurement_twice_is_one(register):
    register.keep_crossings([WAY])
    register.keep_crossings([WAY])
    assert register.crossings(latest=False) == (WAY,)


def test_a_network_heard_again_is_renewed_and_keeps_its_first_day(register):
    again = replace(NETWORK, security="WPA3-PERSONAL", weak=(), first_at=MONDAY + WEEK, last_at=MONDAY + WEEK)
    register.keep_networks([NETWORK])
    register.keep_networks([again])
    assert register.networks() == (replace(again, first_at=MONDAY),)
    register.keep_networks([replace(NETWORK, last_at=MONDAY + timedelta(days=1))])
    assert register.networks()[0].security == "WPA3-PERSONAL"
