"""How claims become values: pure, whatever order they come in."""

from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from inventory.changes import changes_between
from inventory.merge import Kept, Record, join, merge, newest, settle
from inventory.types import Attribute, Claim, Held, Identifier, IdentifierKind
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, WEEK, heard


def merged(*sightings):
    record = None
    for sighting in sightings:
        record = merge(record, sighting, (), device_id="d-1")
    return record


def claim(value, *, attribute=Attribute.FIRMWARE, certainty=0.9, source="snmp", service=None):
    return Claim(attribute, value, certainty, f"{source}.{value}", source, service)


class TestValues:
    def test_a_source_that_says_something_new_takes_its_old_word_back(self):
        kept = newest([Kept(claim("1.0"), MONDAY), Kept(claim("1.1"), MONDAY + WEEK)])
        assert [one.claim.value for one in kept] == ["1.1"]

    def test_two_sources_stand_beside_each_other(self):
        settled = settle(
            {}, [Kept(claim("1.0"), MONDAY), Kept(claim("1.1", source="http", certainty=0.6), MONDAY)]
        )
        held = settled[Attribute.FIRMWARE]
        assert (held.value, held.source, [each.value for each in held.disagreeing]) == (
            "1.0",
            "snmp.1.0",
            ["1.1"],
        )

    def test_an_old_word_loses_weight_but_never_more_than_half(self):
        old = Kept(claim("1.0", certainty=0.95), MONDAY)
        fresh = Kept(claim("1.1", source="http", certainty=0.6), MONDAY + 52 * WEEK)
        hint = Kept(claim("9", source="arp", certainty=0.3), MONDAY + 52 * WEEK)
        assert settle({}, [old, fresh])[Attribute.FIRMWARE].value == "1.1"
        assert settle({}, [old, hint])[Attribute.FIRMWARE].value == "1.0"

    def test_a_value_is_as_fresh_as_the_last_who_said_it(self):
        settled = settle({}, [Kept(claim("1.0"), MONDAY), Kept(claim("1.0", source="http"), MONDAY + WEEK)])
        assert settled[Attribute.FIRMWARE].at == MONDAY + WEEK

    def test_a_locked_value_stays_and_shows_who_disagrees(self):
        mine = Held("2.0", "person:chen", MONDAY, locked=True)
        held = settle({Attribute.FIRMWARE: mine}, [Kept(claim("1.0"), MONDAY + WEEK)])[Attribute.FIRMWARE]
        assert (held.value, [each.value for each in held.disagreeing]) == ("2.0", ["1.0"])

    def test_a_locked_value_that_a_scan_confirms_has_no_rival(self):
        mine = Held("1.0", "person:chen", MONDAY, locked=True)
        assert (
            settle({Attribute.FIRMWARE: mine}, [Kept(claim("1.0"), MONDAY)])[Attribute.FIRMWARE].disagreeing
            == ()
        )

    def test_what_only_machines_read_is_no_value(self):
        kept = Kept(claim("aa", attribute=Attribute.TLS_KEY), MONDAY)
        assert settle({}, [kept]) == {}

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["1.0", "1.1", "2.0"]),
                st.sampled_from(["snmp", "http", "arp"]),
                st.sampled_from([0.3, 0.6, 0.9]),
                st.integers(0, 60),
            ),
            max_size=6,
        ),
        st.randoms(use_true_random=False),
    )
    def test_the_order_of_claims_does_not_matter(self, said, shuffle):
        kept = [
            Kept(claim(value, source=source, certainty=certainty), MONDAY + timedelta(days=days))
            for value, source, certainty, days in said
        ]
        in_order = settle({}, newest(kept))
        shuffle.shuffle(kept)
        one_by_one = frozenset()
        for each in kept:
            one_by_one = newest([*one_by_one, each])
        assert settle({}, one_by_one) == in_order


class TestDevice:
    def test_a_service_is_named_by_what_is_claimed_of_its_port(self):
        sighting = heard("10.0.0.5", ports=("tcp/22", "tcp/80"))
        claims = (
            claim("ssh", attribute=Attribute.SERVICE_NAME, service="tcp/22"),
            claim("dropbear", attribute=Attribute.SERVICE_PRODUCT, service="tcp/22"),
            claim("2020.81", attribute=Attribute.SERVICE_VERSION, service="tcp/22"),
        )
        device = merged(
            type(sighting)(sighting.run, sighting.target, sighting.at, sighting.observations, claims)
        ).device
        assert [(each.key, each.name, each.product, each.version) for each in device.services] == [
            ("tcp/22", "ssh", "dropbear", "2020.81"),
            ("tcp/80", "", "", ""),
        ]

    def test_sightings_in_any_order_make_the_same_device(self):
        told = [
            heard("10.0.0.5", MAC_1, vendor="Ricoh", firmware="1.0"),
            heard("10.0.0.5", vendor="Ricoh", firmware="1.1", at=MONDAY + WEEK),
            heard("10.0.0.6", MAC_2, hostname="copier", at=MONDAY + 2 * WEEK, ports=("tcp/9100",)),
        ]
        devices = [merged(*order).device for order in permutations(told)]
        assert all(device == devices[0] for device in devices)
        assert [(each.ip, each.mac) for each in devices[0].addresses] == [
            ("10.0.0.5", MAC_1),
            ("10.0.0.6", MAC_2),
        ]

    def test_a_serial_learned_with_its_vendor_is_listed_once(self):
        serial = Identifier(IdentifierKind.SERIAL, "e174m1")
        scoped = Identifier(IdentifierKind.SERIAL, "e174m1", "ricoh")
        record = merge(None, heard("10.0.0.5"), (serial,), device_id="d-1")
        assert merge(record, heard("10.0.0.5"), (scoped,), device_id="d-1").device.identifiers == (scoped,)

    def test_joining_keeps_a_persons_word_on_either_side(self):
        ours = merged(heard("10.0.0.5", MAC_1, model="A"))
        theirs = merged(heard("10.0.0.6", MAC_2, model="B", at=MONDAY + WEEK, source="snmp"))
        mine = {Attribute.OWNER: Held("chen", "person:chen", MONDAY, locked=True)}
        spoken = Record(_with(theirs.device, mine), theirs.claims)
        device = join(ours, spoken).device
        assert device.text(Attribute.OWNER) == "chen"
        assert {each.ip for each in device.addresses} == {"10.0.0.5", "10.0.0.6"}
        assert (device.first_seen, device.last_seen) == (MONDAY, MONDAY + WEEK)

    def test_a_new_device_is_one_change_and_no_change_is_none(self):
        device = merged(heard("10.0.0.5", vendor="Ricoh")).device
        (born,) = changes_between(None, device, at=MONDAY, source="scan:run-1")
        assert (born.what, born.after) == ("device", "discovered")
        assert changes_between(device, device, at=MONDAY, source="scan:run-1") == ()


def _with(device, attributes):
    from dataclasses import replace

    return replace(device, attributes={**device.attributes, **attributes})
