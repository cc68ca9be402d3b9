"""What the register keeps of devices: their values, what is entered by hand, how they are found."""

import pytest

from inventory.exits import UsageFault
from inventory.query import parse
from inventory.store.faults import Conflict, NotFound
from inventory.types import (
    Attribute,
    DeviceStatus,
)
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, WEEK, finished, heard, one_device

NEXT = {"run": "run-2", "at": MONDAY + WEEK}


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
