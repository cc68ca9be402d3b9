"""One device with every value's source, what disagrees and how to settle it; findings explained in words."""

from dataclasses import replace

from inventory.exits import StoreFault
from inventory.query import parse
from inventory.types import WORST_FIRST, Attribute, Claim, Fact, FindingState, Sighting, VerdictOutcome
from tests.tui import office

NOW = ["2026-11-20", "14:00"]


async def open_device(walk, query: str) -> None:
    """Opens the first device that the query finds."""
    await walk.press("2", "slash")
    await walk.type(query)
    await walk.press("enter", "enter")


async def test_every_value_stands_with_its_source_time_and_certainty(begin) -> None:
    async with begin("small", (120, 36)) as walk:
        await open_device(walk, "10.0.0.1")
        line = next(line for line in walk.lines if line.startswith(" Vendor"))
        assert line.split() == ["Vendor", "Hikvision", "snmp.vendor", "2026-11-20", "13:55", "95%"]
        owner = next(line for line in walk.lines if line.startswith(" Owner"))
        assert "✎ chen" in owner
        assert any(line.startswith(" Purpose") and "missing" in line for line in walk.lines)


async def test_what_disagrees_stands_beside_and_is_accepted_with_one_key(begin) -> None:
    async with begin("small") as walk:
        await open_device(walk, "firmware:1.00")
        device_id = walk.app.device_id
        while "Accept what was seen" not in walk.lines[-1]:
            before = walk.app.screen.query_one("#values").cursor
            await walk.press("down")
            assert walk.app.screen.query_one("#values").cursor != before
        seen = await walk.press("a")
        assert "Firmware accepted" in seen
        held = walk.register.device(device_id).attributes[Attribute.FIRMWARE]
        assert (held.value, held.locked) == ("1.06", False)


async def test_of_several_rivals_the_one_under_the_cursor_is_accepted(begin) -> None:
    async with begin("small") as walk:
        device = walk.register.devices(parse("firmware:1.00"))[0]
        said = office.sighting("run-3", office.NOW, 0)
        weaker = Claim(Attribute.FIRMWARE, "0.9-beta", 0.3, "http.title", "http", "tcp/80")
        walk.register.ingest([replace(said, claims=(*said.claims, weaker))])
        await open_device(walk, device.id)
        while not any("0.9-beta" in line and "≠" not in line for line in walk.lines[-6:]):
            before = walk.app.screen.query_one("#values").cursor
            await walk.press("down")
            assert walk.app.screen.query_one("#values").cursor != before
        await walk.press("a")
        held = walk.register.device(device.id).attributes[Attribute.FIRMWARE]
        assert (held.value, held.source) == ("0.9-beta", "person:lin")


async def test_accepting_is_not_offered_where_nothing_disagrees(begin) -> None:
    async with begin("small") as walk:
        await open_device(walk, "10.0.0.1")
        before = walk.register.device(walk.app.device_id)
        seen = await walk.press("a")
        assert "Accept" not in seen
        assert walk.register.device(walk.app.device_id) == before


async def test_the_card_turns_to_verdicts_records_ports_addresses_history_and_evidence(begin) -> None:
    async with begin("small", (120, 36)) as walk:
        (device,) = walk.register.devices(parse("firmware:1.00"))
        walk.register.edit([device.id], {Attribute.DECLARED_PORTS: "tcp/443"}, "chen")
        await open_device(walk, "firmware:1.00")
        assert "nobody has declared it" in await walk.press("right")
        records = await walk.press("right")
        assert "plan-2026-001" in records
        assert all(word in records for word in ("Finding", "Exception", "2026-12-31", "王小明"))
        ports = (await walk.press("right")).splitlines()
        declared = next(line.split() for line in ports if "tcp/443" in line)
        assert declared[:5] == ["▸tcp/443", "–", "not", "seen", "✎"]
        seen = next(line.split() for line in ports if "udp/161" in line)
        assert seen[:4] == ["udp/161", "✘", "not", "declared"]
        assert "00:26:73:00:00:00" in await walk.press("right")
        assert "wired" in await walk.press("right")
        history = await walk.press("right")
        assert "Firmware" in history
        assert "1.06" in history
        assert "snmp.community" in await walk.press("right")
        assert "[Values" in await walk.press("right")


async def test_a_device_shows_what_is_plugged_into_it_and_who_says_so(begin) -> None:
    def heard(number: int, claims: list[Claim], facts: list[Fact]) -> Sighting:
        said = office.sighting("run-3", office.NOW, number, hostname="sw1" if number == 2 else "")
        seen = replace(said.observations[0], source="lldp", facts=tuple(facts), service=None)
        return replace(said, claims=(*said.claims, *claims), observations=(*said.observations, seen))

    async with begin("small", (120, 36)) as walk:
        plugged = Claim(Attribute.SWITCH_PORT, "sw1 Gi1/0/7", 0.9, "fdb.edge", "fdb", "")
        told = [Fact("lldp.sysname", "sw1"), Fact("lldp.said_by", "core-1")]
        walk.register.ingest([heard(2, [], told), heard(3, [plugged], [])])
        await open_device(walk, "10.0.0.2")
        lines = (await walk.press("left", "left", "left")).splitlines()
        line = next(line.split() for line in lines if "Gi1/0/7" in line)
        assert line == ["Plugged", "in", "here", "sw1", "Gi1/0/7:", "Dahua", "NVR5216-16P", "fdb.edge", *NOW]
        line = next(line.split() for line in lines if "System name" in line)
        assert line == ["System", "name", "sw1", "lldp", "core-1", *NOW]


async def test_verdicts_stand_gravest_first(begin) -> None:
    async with begin("small") as walk:
        await open_device(walk, "10.0.0.1")
        await walk.press("right")
        held = walk.app.screen.query_one("#verdicts")._rows
        outcomes = [held.row(index).verdict.outcome for index in range(held.total)]
        assert outcomes == sorted(outcomes, key=WORST_FIRST.index)
        assert outcomes[0] is VerdictOutcome.BREACH


async def test_the_device_is_edited_from_its_card(begin) -> None:
    async with begin("small") as walk:
        await open_device(walk, "10.0.0.2")
        await walk.press("e")
        await walk.type("Wu")
        await walk.press("ctrl+s")
        assert walk.register.device(walk.app.device_id).text(Attribute.OWNER) == "Wu"
        assert any(line.startswith(" Owner") and "Wu" in line and "✎ lin" in line for line in walk.lines)


async def test_home_counts_devices_by_article_and_leads_to_the_findings(begin) -> None:
    async with begin("small") as walk:
        breaches = {v.device for v in walk.register.verdicts() if v.article == "22" and v.outcome == "breach"}
        line = next(line for line in walk.lines if line.startswith(" 22 "))
        assert f"✘ {len(breaches)}" in line
        await walk.press("down", "enter")
        assert "[4 Findings]" in walk.lines[0]
        assert "[22 " in walk.lines[2]


async def test_home_says_what_the_last_scan_changed_and_covered(begin) -> None:
    async with begin("small", (120, 36)) as walk:
        unseen = walk.register.page(parse("status:unseen"), 0, 1).total
        assert f"24 devices · 2 new in the last scan · {unseen} not seen" in walk.seen
        assert "1,019 addresses in 1 segment: 23 found, 992 silent, 4 not allowed (do not probe)" in walk.seen


async def test_findings_are_listed_by_article_and_explained(begin) -> None:
    async with begin("small") as walk:
        await walk.press("4", "right", "right")
        wanted = [
            finding
            for state in (FindingState.OPEN, FindingState.CONTINUING)
            for finding in walk.register.findings(state=state, article="22")
        ]
        assert f"[22 {len(wanted)}]" in walk.seen
        assert walk.app.screen.query_one("#lines").total == len(wanted)
        assert "What to do: Close the port on the device" in walk.seen
        assert "2026-11-10 (overdue)" in walk.seen


async def test_what_could_not_be_judged_is_shown_beside_what_is_wrong(begin) -> None:
    async with begin("small") as walk:
        await walk.press("4")
        seen = await walk.press("f")
        undetermined = [v for v in walk.register.verdicts() if v.outcome is VerdictOutcome.UNDETERMINED]
        assert "[Undetermined]" in seen
        assert walk.app.screen.query_one("#lines").total == len(undetermined)
        assert "? undetermined" in seen


async def test_a_finding_leads_to_its_device_and_back(begin) -> None:
    async with begin("small") as walk:
        await walk.press("4", "down", "down")
        finding = walk.app.screen.query_one("#lines").current
        await walk.press("enter")
        assert walk.app.device_id == finding.device
        assert finding.device in walk.seen
        await walk.press("escape")
        assert walk.app.screen.query_one("#lines").current == finding


async def test_home_judges_what_is_in_the_register(begin) -> None:
    async with begin("small") as walk:
        walk.register.enter({Attribute.DEVICE_CLASS: "environmental-sensor"}, "lin", site="hq")
        seen = await walk.press("a")
        assert "Every device is judged." in seen
        assessment = walk.register.last_assessment()
        judged = {device for verdict in assessment.verdicts for device in verdict.devices}
        assert judged == {device.id for device in walk.register.devices()}
        assert [article.number for article in assessment.articles][:2] == ["21", "22"]
        assert "judged 2026-11-20" in seen


async def test_a_judgement_that_fails_is_said_and_the_last_one_stays(begin, monkeypatch) -> None:
    def full(*arguments: object) -> None:
        raise StoreFault("register.sqlite: the disk is full")

    async with begin("small") as walk:
        before = walk.register.last_assessment()
        monkeypatch.setattr(walk.register, "save_assessment", full)
        seen = await walk.press("a")
        assert "✘ register.sqlite: the disk is full" in seen
        assert walk.register.last_assessment() == before
        assert "Judge now" in walk.lines[-1]
