"""A plan's end on screen: its devices go with it where that is said, and come back with one key."""

from dataclasses import replace

from inventory.types import DeviceStatus, FindingState


async def test_a_plan_comes_to_its_end_with_its_devices_and_back(begin) -> None:
    async with begin("small", (80, 24)) as walk:
        held = next(each for each in walk.register.plans() if each.id == "plan-2026-001")
        walk.register.change_plan(replace(held, state="installed"), "chen")

        def stands() -> tuple[str, set[DeviceStatus], bool]:
            state = next(each.state for each in walk.register.plans() if each.id == held.id)
            devices = {walk.register.device(each).status for each in held.devices}
            settled = [
                finding.state is FindingState.RESOLVED
                for each in held.devices
                for finding in walk.register.findings(device=each)
            ]
            return state, devices, all(settled)

        before = stands()
        assert before[2] is False
        await walk.press("7", "a", "enter")
        await walk.type("scrap note 7")
        assert "what becomes of its devices" in await walk.press("enter")
        assert stands() == before
        await walk.press("up")
        await walk.type("retire them")
        await walk.press("ctrl+s")
        assert stands() == ("retired", {DeviceStatus.RETIRED}, True)
        said = {comment.text for comment in walk.register.comments()}
        assert "plan-2026-001 · scrap note 7" in said
        await walk.press("u")
        assert stands() == before
