"""Who is who: each case an administrator has met, written out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.register import Register
from inventory.traits import differences, is_burnt_in, is_own_mac, traits_of
from inventory.types import (
    AddressState,
    DeviceStatus,
    IngestReport,
    ScanRun,
    SegmentCoverage,
    Sighting,
    Unsettled,
)
from inventory.weighing import weigh
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, RANDOM_MAC_1, RANDOM_MAC_2, WEEK, heard

NEXT = {"run": "run-2", "at": MONDAY + WEEK}


def taken(register: Register, *sightings: Sighting) -> list[str]:
    """The device each sighting was given to, one batch after another."""
    return [register.ingest([one]).by_sighting[0][1] for one in sightings]


def whole_run(register: Register, run: str, *sightings: Sighting, silent_known: bool = True) -> IngestReport:
    """A finished scan of 10.0.0.0/24; what it does not hear is silent, or left unsettled."""
    at = sightings[0].at if sightings else MONDAY + WEEK
    everyone = [f"10.0.0.{n}" for n in range(1, 255)]
    heard_at = {one.target.ip for one in sightings}
    unsettled = tuple(
        Unsettled(ip, AddressState.NOT_REACHED, "stopped")
        for ip in everyone
        if not silent_known and ip not in heard_at
    )
    coverage = SegmentCoverage("hq", "office", "10.0.0.0/24", 254, {}, "arp", unsettled)
    register.begin_scan(ScanRun(run, "admin", at))
    report = register.ingest(sightings)
    register.finish_scan(ScanRun(run, "admin", at, at + WEEK / 100, coverage=(coverage,)))
    return report


class TestOneDevice:
    def test_a_serial_follows_a_device_to_another_address(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", vendor="Ricoh", serial="E174M1"),
            heard("10.0.0.9", vendor="Ricoh", serial="E174M1", **NEXT),
        )
        assert first == second

    def test_a_burnt_in_mac_follows_a_device_through_dhcp(self, register):
        first, second = taken(register, heard("10.0.0.5", MAC_1), heard("10.0.0.9", MAC_1, **NEXT))
        assert first == second

    def test_two_network_cards_are_one_device_once_the_serial_says_so(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", MAC_1, vendor="Synology", serial="17A0PDN1"),
            heard("10.0.0.6", MAC_2, vendor="Synology", serial="17A0PDN1"),
        )
        assert first == second
        assert [address.ip for address in register.device(first).addresses] == ["10.0.0.5", "10.0.0.6"]

    def test_a_router_met_in_every_segment_is_one_device(self, register):
        engine = "80000009030026730000a1"
        first, second, third = taken(
            register,
            heard("10.0.0.1", MAC_1, engine_id=engine, hostname="gw"),
            heard("10.0.1.1", engine_id=engine, hostname="gw", segment="iot"),
            heard("10.0.2.1", engine_id=engine, hostname="gw", segment="guest"),
        )
        assert first == second == third

    def test_evidence_that_links_two_records_makes_them_one(self, register):
        serial, mac = taken(
            register,
            heard("10.0.0.5", vendor="Ricoh", serial="E174M1"),
            heard("10.0.1.5", MAC_1, segment="iot"),
        )
        assert serial != mac
        (both,) = taken(register, heard("10.0.0.5", MAC_1, vendor="Ricoh", serial="E174M1", **NEXT))
        assert len(register.devices()) == 1
        assert register.device(serial).id == register.device(mac).id == both

    def test_two_cards_met_apart_are_one_device_once_one_sighting_shows_both(self, register):
        taken(
            register,
            heard("10.0.0.5", MAC_1, vendor="Synology", serial="17A0PDN1", hostname="nas"),
            heard("10.0.0.6", MAC_2, hostname="nas-lan2"),
            heard("10.0.0.6", MAC_2, vendor="Synology", serial="17A0PDN1", **NEXT),
        )
        assert len(register.devices()) == 1

    def test_a_factory_reset_keeps_its_mac_and_stays_the_same_device(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", MAC_1, hostname="3f-printer", tls_key="aa"),
            heard("10.0.0.5", MAC_1, hostname="RNP002673", tls_key="bb", **NEXT),
        )
        assert first == second

    def test_a_routed_device_that_says_nothing_is_not_doubled_by_every_scan(self, register):
        first, second = taken(register, heard("10.9.0.5"), heard("10.9.0.5", **NEXT))
        assert first == second

    def test_a_probe_that_went_unanswered_today_does_not_double_the_device(self, register):
        first, second = taken(
            register, heard("10.9.0.5", vendor="Ricoh", serial="E174M1"), heard("10.9.0.5", **NEXT)
        )
        assert first == second

    def test_a_renewed_certificate_makes_no_new_device(self, register):
        camera = {"vendor": "Axis", "model": "M3045", "device_class": "camera"}
        first, second = taken(
            register,
            heard("10.9.0.5", tls_key="aa", **camera),
            heard("10.9.0.5", tls_key="bb", **camera, **NEXT),
        )
        assert first == second

    def test_what_one_run_hears_of_one_address_is_one_device(self, register):
        """A router's ARP table tells the MAC of a device that told its serial minutes before."""
        first, second = taken(
            register,
            heard("10.9.0.5", vendor="Ricoh", serial="E174M1"),
            heard("10.9.0.5", MAC_1, source="snmp"),
        )
        assert first == second

    def test_a_phone_with_a_new_random_mac_is_known_by_its_name_once_the_old_one_is_gone(self, register):
        whole_run(register, "run-1", heard("10.0.0.5", RANDOM_MAC_1, hostname="wang-phone"))
        whole_run(register, "run-2", heard("10.0.0.8", RANDOM_MAC_2, hostname="wang-phone", **NEXT))
        (device,) = register.devices()
        assert [address.ip for address in device.addresses] == ["10.0.0.8"]
        assert device.first_seen == MONDAY

    def test_a_random_mac_that_stays_is_followed_within_its_segment(self, register):
        first, second = taken(
            register, heard("10.0.0.5", RANDOM_MAC_1), heard("10.0.0.9", RANDOM_MAC_1, **NEXT)
        )
        assert first == second

    def test_a_vendor_by_another_name_and_a_kindred_class_are_no_other_device(self, register):
        first, second = taken(
            register,
            heard("10.9.0.5", vendor="HP", model="LaserJet M404", device_class="printer"),
            heard(
                "10.9.0.5",
                vendor="Hewlett-Packard",
                model="HP LaserJet M404dn",
                device_class="scanner",
                **NEXT,
            ),
        )
        assert first == second


class TestTwoDevices:
    def test_another_mac_at_the_same_address_is_replaced_hardware(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", MAC_1, vendor="Ricoh", device_class="printer"),
            heard("10.0.0.5", MAC_2, vendor="Ricoh", device_class="printer", **NEXT),
        )
        assert first != second
        assert register.device(first).addresses == ()
        assert register.device(first).status is DeviceStatus.UNSEEN
        assert register.device(second).addresses[0].ip == "10.0.0.5"

    def test_another_serial_at_the_same_address_is_another_device(self, register):
        first, second = taken(
            register,
            heard("10.9.0.5", vendor="Ricoh", serial="E174M1"),
            heard("10.9.0.5", vendor="Ricoh", serial="E174M2", **NEXT),
        )
        assert first != second

    def test_the_same_serial_under_two_vendors_is_two_devices(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", vendor="Ricoh", serial="10023456"),
            heard("10.0.0.6", vendor="Axis", serial="10023456"),
        )
        assert first != second

    def test_a_cloned_serial_waits_for_a_person(self, register):
        register.ingest([heard("10.0.0.5", MAC_1, vendor="NoName", serial="10023456", hostname="cam-1")])
        report = register.ingest(
            [heard("10.0.0.6", MAC_2, vendor="NoName", serial="10023456", hostname="cam-2")]
        )
        assert len(report.ambiguous) == 1
        (question,) = register.review()
        assert "serial 10023456" in question.agrees
        assert set(question.differs) == {"hostname", "mac"}

    def test_a_default_certificate_joins_nobody(self, register):
        cameras = [
            heard(f"10.0.0.{n}", tls_key="c0ffee", vendor="Hikvision", device_class="camera")
            for n in range(5, 25)
        ]
        whole_run(register, "run-1", *cameras)
        whole_run(register, "run-2", *[_again(one) for one in cameras])
        assert len(register.devices()) == 20

    def test_a_default_engine_id_joins_nobody_whose_mac_differs(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", MAC_1, engine_id="8000000001020304"),
            heard("10.0.0.6", MAC_2, engine_id="8000000001020304"),
        )
        assert first != second

    def test_an_identifier_of_nothing_but_zeros_is_none(self, register):
        nil = "00000000-0000-0000-0000-000000000000"
        first, second = taken(
            register,
            heard("10.0.0.5", MAC_1, uuid=nil, serial="0000000"),
            heard("10.0.0.6", MAC_2, uuid=nil, serial="0000000"),
        )
        assert first != second

    def test_a_vrrp_mac_belongs_to_nobody(self, register):
        first, second = taken(
            register,
            heard("10.0.0.1", "00:00:5e:00:01:0a", hostname="gw-a", ssh_key="aa"),
            heard("10.0.0.2", "00:00:5e:00:01:0a", hostname="gw-b", ssh_key="bb"),
        )
        assert first != second

    def test_a_virtual_machine_copied_with_its_mac_is_another_one(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", "00:50:56:00:00:01", hostname="nvr-1", device_class="recorder"),
            heard("10.0.0.6", "00:50:56:00:00:01", hostname="nvr-2", device_class="recorder"),
        )
        assert first != second
        (question,) = register.review()
        assert {question.device, question.other} == {first, second}

    def test_proxy_arp_does_not_swallow_the_devices_behind_the_router(self, register):
        devices = [
            heard(f"10.0.0.{n}", MAC_1, vendor="Axis", device_class="camera", model="M3045")
            for n in range(5, 9)
        ]
        whole_run(register, "run-1", *devices)
        assert len(register.devices()) == 4

    def test_a_docking_station_does_not_make_one_laptop_of_two(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", MAC_1, vendor="Dell", serial="LAPTOP1"),
            heard("10.0.0.5", MAC_1, vendor="Dell", serial="LAPTOP2", **NEXT),
        )
        assert first != second

    def test_the_same_private_address_at_another_site_is_another_device(self, register):
        first, second = taken(
            register,
            heard("10.0.0.5", vendor="Ricoh", device_class="printer"),
            heard("10.0.0.5", vendor="Ricoh", device_class="printer", site="taichung"),
        )
        assert first != second

    def test_a_name_alone_joins_nobody_while_both_are_there(self, register):
        whole_run(register, "run-1", heard("10.0.0.5", hostname="ipcam"))
        whole_run(
            register,
            "run-2",
            heard("10.0.0.5", hostname="ipcam", **NEXT),
            heard("10.0.0.6", hostname="ipcam", **NEXT),
        )
        assert len(register.devices()) == 2
        assert register.review() == ()

    def test_a_mover_is_not_believed_where_the_old_address_was_not_settled(self, register):
        whole_run(register, "run-1", heard("10.0.0.5", hostname="wang-phone"))
        whole_run(register, "run-2", heard("10.0.0.8", hostname="wang-phone", **NEXT), silent_known=False)
        assert len(register.devices()) == 2

    def test_a_thin_device_whose_class_changed_is_another(self, register):
        first, second = taken(
            register,
            heard("10.9.0.5", device_class="camera"),
            heard("10.9.0.5", device_class="printer", **NEXT),
        )
        assert first != second


class TestWaiting:
    def test_two_records_of_which_one_sighting_speaks_but_which_differ_too_much(self, register):
        register.ingest(
            [
                heard("10.0.0.5", engine_id="80000009aa01", vendor="Cisco", device_class="switch"),
                heard("10.0.0.6", uuid="4509a320-00a0-008f", vendor="Axis", device_class="camera"),
            ]
        )
        both = heard("10.0.0.7", engine_id="80000009aa01", uuid="4509a320-00a0-008f", **NEXT)
        register.ingest([both])
        register.ingest([both])
        assert len(register.devices()) == 2
        (question,) = register.review()
        assert set(question.differs) == {"class", "vendor"}

    def test_another_key_where_not_even_the_model_is_known(self, register):
        register.ingest([heard("10.9.0.5", tls_key="aa", device_class="camera")])
        report = register.ingest([heard("10.9.0.5", tls_key="bb", device_class="camera", **NEXT)])
        assert report.ambiguous
        assert register.review()[0].differs == ("tls_key",)

    def test_a_serial_then_and_a_mac_now_may_be_two_devices(self, register):
        register.ingest([heard("10.9.0.5", vendor="Ricoh", serial="E174M1")])
        assert register.ingest([heard("10.9.0.5", MAC_1, vendor="Ricoh", **NEXT)]).ambiguous

    def test_evidence_that_cannot_be_compared_is_not_guessed_at(self, register):
        register.ingest([heard("10.9.0.5", hostname="cam-1")])
        report = register.ingest([heard("10.9.0.5", tls_key="aa", **NEXT)])
        assert len(report.ambiguous) == 1
        assert register.review()[0].agrees == ("ip",)

    def test_a_person_joins_what_waits(self, register):
        (first,) = taken(register, heard("10.9.0.5", hostname="cam-1"))
        (second,) = taken(register, heard("10.9.0.5", tls_key="aa", **NEXT))
        register.join([first, second], "chen")
        assert register.review() == ()
        assert len(register.devices()) == 1
        assert register.device(second).id == first

    def test_a_person_keeps_apart_what_waits(self, register):
        register.ingest([heard("10.9.0.5", hostname="cam-1")])
        register.ingest([heard("10.9.0.5", tls_key="aa", **NEXT)])
        register.keep_apart(register.review()[0].id, "chen")
        assert register.review() == ()
        assert len(register.devices()) == 2


@pytest.mark.parametrize(
    ("mac", "burnt_in", "own"),
    [
        ("00:26:73:00:00:01", True, True),
        ("06:aa:bb:cc:dd:01", False, True),
        ("01:00:5e:00:00:fb", False, False),
        ("ff:ff:ff:ff:ff:ff", False, False),
        ("00:00:00:00:00:00", True, False),
        ("00:00:0c:07:ac:01", True, False),
        ("00:00:5e:00:02:01", True, False),
    ],
)
def test_kinds_of_mac(mac, burnt_in, own):
    assert is_burnt_in(mac) is burnt_in
    assert is_own_mac(mac) is own


IDENTIFYING = st.fixed_dictionaries(
    {},
    optional={
        "serial": st.sampled_from(["S1000", "S2000"]),
        "hostname": st.sampled_from(["a", "b"]),
        "tls_key": st.sampled_from(["k1", "k2"]),
        "vendor": st.sampled_from(["Ricoh", "Axis"]),
        "device_class": st.sampled_from(["camera", "printer", "unknown"]),
    },
)


@given(IDENTIFYING, IDENTIFYING)
def test_a_difference_is_mutual_and_nothing_differs_from_itself(one, other):
    mine, theirs = (
        traits_of(sighting, weigh(sighting.claims))
        for sighting in (heard("10.0.0.1", **one), heard("10.0.0.2", **other))
    )
    assert differences(mine, theirs) == differences(theirs, mine)
    assert differences(mine, mine) == frozenset()


def _again(one: Sighting) -> Sighting:
    claims = {claim.attribute.value: claim.value for claim in one.claims}
    return heard(one.target.ip, one.target.mac, **NEXT, **claims)
