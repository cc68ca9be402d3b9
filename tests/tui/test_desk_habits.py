"""What makes daily work bearable: views, columns, drafts that outlive a lost line, undo, pickers, roles."""

import re
import shutil
from pathlib import Path

import pytest

from inventory.exits import NotAllowed, StoreFault
from inventory.query import EVERYTHING, parse
from inventory.register import Register
from inventory.roles import Role, guarded, role_of
from inventory.settings import Settings
from inventory.types import Attribute, DeviceStatus, FixedClock
from tests.tui import office
from tests.tui.conftest import TAIPEI, Walk
from tui.app import MusterApp
from tui.drawer import Drawer, drawer_of


@pytest.fixture
def register(offices, tmp_path):
    place = shutil.copy(offices("small"), tmp_path / "register.sqlite")
    with Register.open(str(place), FixedClock(office.NOW), create=False) as opened:
        yield opened


def app_for(register: Register, drawer: Drawer, role: Role = Role.ADMIN) -> MusterApp:
    return MusterApp(
        register, operator="lin", clock=FixedClock(office.NOW), zone=TAIPEI, drawer=drawer, role=role
    )


async def test_what_was_typed_when_the_line_dropped_stands_in_the_form_again(register, tmp_path) -> None:
    place = tmp_path / "desk.json"
    app = app_for(register, Drawer(place))
    async with app.run_test(size=(80, 24)) as pilot:
        walk = Walk(app, pilot, register)
        await walk.settle()
        await walk.press("2", "e")
        await walk.type("Wu")
    app = app_for(register, Drawer(place))
    async with app.run_test(size=(80, 24)) as pilot:
        walk = Walk(app, pilot, register)
        await walk.settle()
        seen = await walk.press("2", "e")
        assert "stands here again" in seen
        assert "1 change saved" in await walk.press("ctrl+s")
        await walk.press("e")
        assert "stands here again" not in walk.seen
        (device,) = register.devices(parse("owner:wu"))
        assert device.text(Attribute.OWNER).endswith("Wu")


async def test_views_and_columns_are_kept_for_the_next_time(register, tmp_path) -> None:
    place = tmp_path / "desk.json"
    app = app_for(register, Drawer(place))
    async with app.run_test(size=(80, 24)) as pilot:
        walk = Walk(app, pilot, register)
        await walk.settle()
        await walk.press("2", "slash")
        await walk.type("class:camera")
        await walk.press("enter", "v")
        await walk.type("cameras")
        await walk.press("enter", "escape", "o")
        await walk.type("ip price")
        assert "there is no column 'price'" in walk.seen
        await walk.press(*["backspace"] * 5)
        await walk.type("owner")
        await walk.press("enter")
        assert walk.lines[3].split() == ["Address▲", "Owner"]
    app = app_for(register, Drawer(place))
    async with app.run_test(size=(80, 24)) as pilot:
        walk = Walk(app, pilot, register)
        await walk.settle()
        await walk.press("2")
        assert walk.lines[3].split() == ["Address▲", "Owner"]
        assert "cameras  class:camera" in await walk.press("v")
        seen = await walk.press("pagedown", "enter")
        assert "class:camera" in walk.lines[1]
        assert "3 devices" in seen


def signed_for(register: Register, device: str):
    return [each for each in register.attestations() if each.device == device]


async def test_u_takes_back_an_edit_of_many_and_a_confirmation(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "space", "space", "space", "e")
        before = {
            device.id: device.text(Attribute.OWNER) for device in walk.register.page(EVERYTHING, 0, 3).rows
        }
        await walk.type("Wu")
        await walk.press("ctrl+s", "c")
        first = walk.app.device_id
        assert [(each.device, each.article) for each in signed_for(walk.register, first)] == [(first, "22")]
        assert "Undone: 2 entries." in await walk.press("u")
        assert not signed_for(walk.register, first)
        assert walk.register.device(first).status is DeviceStatus.DISCOVERED
        assert "Undone: 3 entries." in await walk.press("u")
        assert {name: walk.register.device(name).text(Attribute.OWNER) for name in before} == before


async def test_a_person_is_picked_from_the_register_or_is_new(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "end", "e", *["backspace"] * 20)
        seen = await walk.type("王")
        assert "new: 王" in seen
        assert "王小明" in await walk.press("pagedown")
        seen = await walk.press("ctrl+s")
        device = walk.register.device(walk.app.device_id)
        assert device.text(Attribute.OWNER) == "王小明"


async def test_ports_are_declared_for_many_and_checked_while_typed(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "space", "space", "e", "up")
        assert "is not a port" in await walk.type("tcp/80 99999")
        assert "3 devices" not in await walk.press("ctrl+s")
        await walk.press(*["backspace"] * 5)
        await walk.type("443")
        assert "2 changes saved" in await walk.press("ctrl+s")
        first = walk.register.page(EVERYTHING, 0, 1).rows[0]
        assert first.text(Attribute.DECLARED_PORTS) == "tcp/80,tcp/443"


async def test_a_barcode_reader_types_the_asset_tag_and_ends_with_enter(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "e", "down", "down", "down")
        await walk.pilot.press(*"ASSET00042", "enter")
        await walk.press("ctrl+s")
        assert walk.register.device(walk.app.device_id).text(Attribute.ASSET_TAG) == "ASSET00042"


@pytest.mark.parametrize(
    ("role", "offered", "withheld"),
    [
        (Role.AUDITOR, "", "Edit Confirm New"),
        (Role.FACILITIES, "Edit Confirm", "judge"),
    ],
)
async def test_what_a_role_may_not_do_is_not_offered(register, role, offered, withheld) -> None:
    app = app_for(register, Drawer(), role)
    async with app.run_test(size=(120, 36)) as pilot:
        walk = Walk(app, pilot, register)
        await walk.settle()
        assert "Judge now" not in walk.lines[-1]
        await walk.press("2")
        assert all(word in walk.lines[-1] for word in offered.split())
        assert not any(f" {word} " in walk.lines[-1] for word in withheld.split())
        seen = await walk.press("e")
        assert ("Asset tag" in seen) == (role is Role.FACILITIES)
        assert "Declared ports" not in seen


def test_what_a_role_may_not_do_is_refused_below_the_screen_too(register) -> None:
    name = register.devices()[0].id
    auditor, facilities = guarded(register, Role.AUDITOR), guarded(register, Role.FACILITIES)
    assert auditor.device(name) == register.device(name)
    for change in (
        lambda: auditor.edit([name], {Attribute.OWNER: "Wu"}, "lin"),
        lambda: auditor.set_status([name], DeviceStatus.CONFIRMED, "lin"),
        lambda: facilities.edit([name], {Attribute.DECLARED_PORTS: "443"}, "lin"),
        lambda: facilities.set_status([name], DeviceStatus.RETIRED, "lin"),
        lambda: facilities.remove_scope("10.0.0.0/22", "lin"),
        lambda: facilities.ingest([]),
    ):
        with pytest.raises(NotAllowed):
            change()
    facilities.edit([name], {Attribute.OWNER: "Wu"}, "lin")
    assert register.device(name).text(Attribute.OWNER) == "Wu"


def test_where_anybody_has_a_role_the_unnamed_only_read() -> None:
    roles = Settings(roles={"chen": "facilities"}).roles
    assert role_of("chen", roles) is Role.FACILITIES
    assert role_of("stranger", roles) is Role.AUDITOR
    assert role_of("stranger", {}) is Role.ADMIN


def test_a_drawer_that_cannot_be_kept_stops_nobody(tmp_path) -> None:
    (tmp_path / "desk.json").write_text("{broken")
    drawer = Drawer(tmp_path / "desk.json")
    assert not drawer.views
    drawer.keep_view("mine", "class:camera")
    assert Drawer(tmp_path / "desk.json").views == {"mine": "class:camera"}
    Drawer(Path("/proc/nowhere/desk.json")).keep_view("mine", "class:camera")


def test_each_person_has_a_drawer_for_each_register(tmp_path) -> None:
    places = {drawer_of(str(tmp_path / place), who)._place for place in ("a", "b") for who in ("chen", "lin")}
    assert len(places) == 4


@pytest.mark.parametrize("screen", [("2",), ("2", "enter")])
async def test_what_somebody_else_saved_meanwhile_is_shown_and_not_lost(begin, screen) -> None:
    async with begin("small") as walk:
        await walk.press(*screen, "e")
        device = walk.app.device_id or walk.register.page(EVERYTHING, 0, 1).rows[0].id
        walk.register.edit([device], {Attribute.OWNER: "Ho"}, "lin")
        await walk.type("Wu")
        assert "lin set the Owner of" in " ".join((await walk.press("ctrl+s")).split())
        assert walk.register.device(device).text(Attribute.OWNER) == "Ho"
        await walk.press("ctrl+s")  # now in the knowledge of it
        assert walk.register.device(device).text(Attribute.OWNER).endswith("Wu")


async def test_a_register_that_is_lost_is_not_called_empty_nor_its_devices_sound(begin, monkeypatch) -> None:
    async def gone(_question, *, long=False):
        raise StoreFault("the disk is gone")

    async with begin("small") as walk:
        before = re.findall(r"✘ \d", await walk.press("2"))
        monkeypatch.setattr(walk.app.desk, "ask", gone)
        seen = await walk.press("r")
        assert "the disk is gone" in seen
        still = re.findall(r"✘ \d", seen)
        assert still == before[: len(still)] != []
        seen = await walk.press("3")
        assert "the disk is gone" in seen
        assert "empty" not in seen
