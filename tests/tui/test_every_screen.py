"""Every screen of the registry opens by its key, in both sizes and languages, whatever the register holds."""

import itertools
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.color import ColorSystem
from textual.color import Color
from textual.filter import Monochrome

import tui.screens
from inventory import language
from tui.dialogs.help import Help
from tui.screens import SCREENS
from tui.widgets.key_line import active_bindings

SIZES = [(80, 24), (120, 36)]


def test_the_registry_and_the_folder_are_the_same_list() -> None:
    folder = Path(tui.screens.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {row.place.removeprefix("tui.screens.").partition(":")[0] for row in SCREENS}


def test_every_screen_has_its_own_key_and_name() -> None:
    assert len({row.key for row in SCREENS}) == len({row.name for row in SCREENS}) == len(SCREENS)


@pytest.mark.parametrize("row", SCREENS, ids=lambda row: row.name)
def test_every_screen_goes_by_the_name_in_its_row(row: tui.screens.ScreenRow) -> None:
    assert row.name == row.load().NAME


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["empty", "small", "full"])
async def test_every_screen_opens_and_lines_up(begin, kind: str, size: tuple[int, int]) -> None:
    async with begin(kind, size) as walk:
        for row in SCREENS:
            await walk.press(row.key)
            for _language in language.LANGUAGES:
                seen = await walk.press("L")
                assert f"[{row.key} {language._(row.title)}]" in walk.lines[0]
                assert [cell_len(line) for line in walk.lines] == [size[0]] * size[1]
                assert language._("Help") in walk.lines[-1]
                assert language._("Reading the register...") not in seen


async def test_help_names_every_key_of_every_screen(begin) -> None:
    async with begin("small", (120, 56)) as walk:
        for row in SCREENS:
            await walk.press(row.key)
            described = {
                active.binding.description
                for active in walk.app.screen.active_bindings.values()
                if active.enabled and active.binding.description
            }
            helps = Help(active_bindings(walk.app.screen))._text().plain
            assert {text for text in described if text not in helps} == set(), row.name
        seen = await walk.press("question_mark")
        assert all(text in seen for text in described)
        assert f"[{row.key} {row.title}]" in await walk.press("escape")


async def test_a_large_screen_shows_every_title_and_more_columns(begin) -> None:
    async with begin("small", (200, 60)) as walk:
        for row in SCREENS:
            await walk.press(row.key)
            assert all(other.title in walk.lines[0] for other in SCREENS)
            assert [cell_len(line) for line in walk.lines] == [200] * 60
        await walk.press("2")
        assert "Serial number" in walk.lines[3]


async def test_sixteen_colours_leave_every_text_legible(begin) -> None:
    async with begin("small") as walk:
        for row in SCREENS:
            await walk.press(row.key)
            for _theme in ("light", "dark"):
                await walk.press("ctrl+t")
                strips = walk.app.screen._compositor.render_strips()
                for text, style, _control in itertools.chain.from_iterable(strips):
                    if text.strip() and style and style.color and style.bgcolor:
                        shown, ground = (
                            colour.downgrade(ColorSystem.STANDARD) for colour in (style.color, style.bgcolor)
                        )
                        assert shown != ground, f"{row.name} {walk.app.theme}: {text}"


async def test_without_colour_nothing_is_told_by_colour(begin, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with begin("small") as walk:
        assert "✘ 5" in walk.seen
        for row in SCREENS:
            await walk.press(row.key)
            for strip in walk.app.screen._compositor.render_strips():
                for segment in strip.apply_filter(Monochrome(), Color(0, 0, 0)):
                    colour = segment.style and segment.style.color and segment.style.color.triplet
                    assert not colour or len(set(colour)) == 1


async def test_an_empty_register_says_what_to_type(begin) -> None:
    async with begin("empty") as walk:
        assert "5 scans it" in walk.seen
        assert "a judges" in walk.seen
        for key in "23":
            seen = await walk.press(key)
            assert "P puts a network in scope, 5 scans it" in seen
            assert "e Edit" not in walk.lines[-1]
        assert "a judges again" in await walk.press("4")
        for key in "7890WNAP":
            await walk.press(key)
            assert "↵" not in walk.lines[-1], key


async def test_the_language_changes_on_the_spot_and_nothing_is_lost(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "slash")
        await walk.type("class:camera")
        await walk.press("enter", "down", "space")
        before = [walk.lines[2], *(line[:7] for line in walk.lines[4:])]  # how many, the cursor, the marks
        await walk.press("L")
        assert language.current() == "zh_TW"
        assert "L English" in walk.lines[0]
        assert "class:camera" in walk.lines[1]
        await walk.press("L")
        assert [walk.lines[2], *(line[:7] for line in walk.lines[4:])] == before


async def test_articles_are_shown_in_the_language_in_force(begin) -> None:
    async with begin("small") as walk:
        assert any(line.split()[:2] == ["22", "Inventory"] for line in walk.lines)
        seen = await walk.press("L")
        assert "設備盤點評估" in seen
        assert "tcp/80 未申報即開放" in await walk.press("4")


async def test_light_and_dark(begin) -> None:
    async with begin("small") as walk:
        assert walk.app.current_theme.dark
        await walk.press("ctrl+t")
        assert not walk.app.current_theme.dark


async def test_an_ascii_terminal_gets_no_sign_of_our_own_outside_ascii(begin) -> None:
    from tui import words

    words.use_ascii(True)
    async with begin("small") as walk:
        for row in SCREENS:
            seen = await walk.press(row.key)
            assert not set("✔✘⊘–…·▲▼●≠✎↵→←") & set(seen)


async def test_every_command_is_found_by_name(begin) -> None:
    async with begin("small") as walk:
        await walk.press("ctrl+p")
        await walk.type("find")
        await walk.press("enter")
        assert "[4 Findings]" in walk.lines[0]


async def test_esc_goes_back_the_way_one_came(begin) -> None:
    async with begin("small") as walk:
        await walk.press("2", "enter")
        assert "[3 Device]" in walk.lines[0]
        await walk.press("escape")
        assert "[2 Register]" in walk.lines[0]
        await walk.press("escape")
        assert "[1 Home]" in walk.lines[0]
