"""Any order, any number of times: the same sightings give the same register (generated offices)."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.register import Register
from inventory.types import Device, FixedClock, Sighting
from tests.inventory.heard import MONDAY, heard

VENDORS = (("Ricoh", "printer"), ("Axis", "camera"), ("Synology", "nas"))


@dataclass(frozen=True)
class Truth:
    """A device as it really is; every sighting shows part of it.

    A local one is heard with its MAC, a routed one never; whoever is routed or has two cards tells a serial.
    """

    number: int
    routed: bool
    cards: int

    def seen(self, chance: Random, run: int, card: int, ip: str, day: int) -> Sighting:
        """One sighting: at least one thing that is this device's alone, the rest as chance will have it."""
        vendor, device_class = VENDORS[self.number % len(VENDORS)]
        claims = {"vendor": vendor, "device_class": device_class}
        if self.routed or self.cards > 1 or chance.random() < 0.5:
            claims["serial"] = f"SN{self.number:05d}"
        if chance.random() < 0.5:
            claims["hostname"] = f"device-{self.number}"
        if chance.random() < 0.5:
            claims["tls_key"] = f"default-key-of-{vendor}"
        return heard(
            ip,
            None if self.routed else f"00:26:73:00:{self.number:02x}:{card:02x}",
            run=f"run-{run}",
            at=MONDAY + timedelta(days=day, seconds=2 * self.number + card),
            segment="iot" if self.routed else "office",
            facts=(("http_servers", f"fw {chance.randrange(3)}"),),
            firmware=f"1.{run // 2}",
            **claims,
        )


OFFICES = st.lists(st.tuples(st.booleans(), st.integers(1, 2)), min_size=1, max_size=6).map(
    lambda kinds: [Truth(number, routed, cards) for number, (routed, cards) in enumerate(kinds)]
)


def histories(office: list[Truth], seed: int, runs: int, days: int = 7) -> list[tuple[int, Sighting]]:
    """Runs so many days apart; in each, DHCP deals the addresses anew and now and then somebody is away."""
    chance = Random(seed)
    told = []
    for run in range(runs):
        leases = list(range(5, 5 + sum(device.cards for device in office) + 2))
        chance.shuffle(leases)
        for device in office:
            for card in range(device.cards):
                ip = f"10.0.{int(device.routed)}.{leases.pop()}"
                if chance.random() < 0.9:
                    told.append((device.number, device.seen(chance, run, card, ip, days * run)))
    return told


def opened() -> Register:
    return Register.open(":memory:", FixedClock(MONDAY))


def portrait(device: Device) -> object:
    """Everything about a device but its id, and since when it has held an address.

    Whoever comes back to an address that was another's in between has held it since then; told out of order,
    nobody can know of the pause.
    """
    return (
        device.status,
        device.first_seen,
        device.last_seen,
        device.attributes,
        [(each.ip, each.mac, each.site, each.segment, each.last_seen) for each in device.addresses],
        device.services,
        device.identifiers,
    )


def portraits(register: Register) -> list[str]:
    return sorted(repr(portrait(device)) for device in register.devices())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OFFICES, st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_the_order_of_observations_does_not_change_the_devices(office, seed, shuffle):
    told = histories(office, seed, runs=3)
    shuffled = told.copy()
    shuffle.shuffle(shuffled)
    with opened() as in_order, opened() as anyhow:
        in_order.ingest([sighting for _number, sighting in told])
        for _number, sighting in shuffled:
            anyhow.ingest([sighting])
        assert portraits(anyhow) == portraits(in_order)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OFFICES, st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_every_device_is_one_record_and_every_record_one_device(office, seed, shuffle):
    told = histories(office, seed, runs=3)
    shuffle.shuffle(told)
    with opened() as register:
        for _number, sighting in told:
            register.ingest([sighting])
        again = [(number, register.ingest([sighting]).by_sighting[0][1]) for number, sighting in told]
        assert len(register.devices()) == len({number for number, _device in again}) == len(set(again))
        assert register.review() == ()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(OFFICES, st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_taking_the_same_in_again_changes_nothing(office, seed, shuffle):
    told = [sighting for _number, sighting in histories(office, seed, runs=3)]
    with opened() as register:
        register.ingest(told)
        before = register.devices()
        heard_before = {one.id: register.observations(one.id, latest=False) for one in before}
        changes_before = {one.id: register.history(one.id) for one in before}
        shuffle.shuffle(told)
        for sighting in told:
            report = register.ingest([sighting])
            assert report.new == report.ambiguous == report.changed == ()
        assert register.devices() == before
        assert {one.id: register.observations(one.id, latest=False) for one in before} == heard_before
        assert {one.id: register.history(one.id) for one in before} == changes_before


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_five_years_taken_in_again_in_any_order_change_nothing(seed, shuffle):
    office = [
        Truth(0, routed=False, cards=2),
        Truth(1, routed=True, cards=1),
        Truth(2, routed=False, cards=1),
    ]
    told = [sighting for _number, sighting in histories(office, seed, runs=21, days=91)]
    with opened() as register:
        register.ingest(told)
        before = register.devices()
        kept = [(register.observations(one.id, latest=False), register.history(one.id)) for one in before]
        assert len(before) == len(office)
        shuffle.shuffle(told)
        for first in range(0, len(told), 10):
            report = register.ingest(told[first : first + 10])
            assert report.new == report.ambiguous == report.changed == ()
        assert register.devices() == before
        assert kept == [
            (register.observations(one.id, latest=False), register.history(one.id)) for one in before
        ]
