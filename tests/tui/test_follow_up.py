"""What people say of records that stand already: who sees to a finding, how far a plan is, when it ends."""

from dataclasses import replace
from datetime import date

import pytest

from inventory import language
from inventory.language import _
from inventory.types import ReplacementPlan
from tests.tui import office
from tests.tui.conftest import Walk
from tui.dialogs.form import Form
from tui.plan_board import timeline


async def again(walk: Walk, text: str) -> str:
    """Types a text in the place of the one that stands in the field."""
    assert isinstance(walk.app.screen, Form)
    await walk.press("home", "ctrl+k")
    return await walk.type(text)


@pytest.mark.parametrize(("size", "lang"), [((80, 24), "en"), ((120, 36), "zh_TW")])
async def test_a_finding_is_given_to_somebody_until_a_day_and_taken_back(begin, size, lang: str) -> None:
    language.choose(lang)
    async with begin("small", size) as walk:
        await walk.press("4")
        before = walk.app.screen.query_one("#lines").current
        await walk.press("e")
        await walk.type("Wu")
        await walk.press("enter")
        await again(walk, "2027-13-01")
        assert "✘" in walk.seen
        await again(walk, "116/01/31")
        await walk.press("enter")
        await walk.type("waits for the vendor")
        await walk.press("enter")
        found = next(each for each in walk.register.findings() if each.id == before.finding)
        assert (found.assignee, found.due) == ("Wu", date(2027, 1, 31))
        (remark,) = walk.register.comments(before.finding)
        assert (remark.by, remark.text) == ("lin", "waits for the vendor")
        while walk.app.screen.query_one("#lines").current.finding != before.finding:
            await walk.press("down")
        assert "waits for the vendor" in walk.seen
        assert "Wu" in walk.seen
        await walk.press("u")
        taken_back = next(each for each in walk.register.findings() if each.id == before.finding)
        assert (taken_back.assignee, taken_back.due) == ("", before.due)
        assert walk.register.comments(before.finding) == (remark,)
        assert _("Assign, due day, comment") in walk.lines[-1]
        await walk.press("f")
        assert _("Assign, due day, comment") not in walk.lines[-1]


@pytest.mark.parametrize(("size", "lang"), [((80, 24), "en"), ((120, 36), "zh_TW")])
async def test_a_plan_goes_on_slips_and_is_summed_by_quarter(begin, size, lang: str) -> None:
    language.choose(lang)
    async with begin("small", size) as walk:

        def plan(name: str = "plan-2026-001") -> ReplacementPlan:
            return walk.register.plan(name)

        at_first = plan()
        walk.register.change_plan(replace(at_first, budget=120_000), "chen")
        walk.register.change_plan(replace(plan("plan-2026-002"), state="draft"), "chen")
        seen = await walk.press("7")
        assert "2026Q3: 120,000 · 2027Q1: –" in seen
        await walk.press("a")
        assert plan().state == "installed"
        await walk.press("u")
        assert plan().state == "ordered"
        await walk.press("e")
        await again(walk, "sold")
        assert "✘" in walk.seen
        await again(walk, _("ordered"))
        await walk.press("enter")
        await again(walk, "116/02/01")
        seen = await walk.press("enter")
        assert (plan().state, plan().due) == ("ordered", date(2027, 2, 1))
        assert "2027Q1: 120,000" in seen
        assert "(" in seen.split("2027Q1: 120,000")[1].splitlines()[0]
        walk.register.change_plan(replace(plan(), state="approved"), "chen")
        assert "✘" in await walk.press("a")
        assert plan().state == "approved"
        await walk.press("escape", "m")
        draft, approved, every = (line.split()[1:4] for line in walk.lines[4:7])
        assert (draft, approved, every) == (["2", "·", "–"], ["2", "·", "120,000"], ["2", "·", "120,000"])
        assert "plan-2026-001" in await walk.press("down")
        assert plan().state == "approved"
        seen = await walk.press("m", "up")
        ordered, slipped, _approved = timeline(plan(), walk.app.screen.moment)
        assert ordered in seen
        assert "lin" in slipped
        assert "124" in slipped


@pytest.mark.parametrize(("size", "lang"), [((80, 24), "en"), ((120, 36), "zh_TW")])
async def test_an_exception_is_ended_before_its_time_and_never_lengthened(begin, size, lang: str) -> None:
    language.choose(lang)
    async with begin("small", size) as walk:

        def expiry() -> date:
            return walk.register.exceptions()[0].expiry

        before = expiry()
        await walk.press("8", "x")
        await walk.type("2027-01-31")
        assert "✘" in await walk.press("enter")
        assert expiry() == before
        await again(walk, "")
        await walk.press("pagedown")
        assert "2026-11-20" in await walk.press("enter")
        assert expiry() == office.TODAY
        await walk.press("u")
        assert expiry() == before
