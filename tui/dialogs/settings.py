"""The forms over muster.toml: when each duty runs by itself, and which segments a class is meant for."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from rich.text import Text

from agent.service.timetable import check_times
from inventory.exits import UsageFault
from inventory.language import N_, _
from inventory.settings import Settings
from inventory.settings_file import Value
from inventory.types import DeviceClass
from tui import words
from tui.dialogs.form import Field, Form

Keep = Callable[[str, Mapping[str, Value]], Awaitable[Settings]]
"""Keeps keys of a table of muster.toml; gives the settings as they then are."""

_DUTIES = {
    "scan": N_("Scan"),
    "check": N_("Check"),
    "assess": N_("Assess"),
    "snapshot": N_("Snapshot"),
    "timezone": N_("Time zone"),
}


def schedule_form(file: Path, settings: Settings, now: datetime, keep: Keep) -> Form[Settings]:
    """A form over the timetable; it gives the settings as they then are."""
    held = settings.schedule
    fields = [
        Field(duty, partial(_, label), str(getattr(held, duty)), check=partial(check_times, duty, now=now))
        for duty, label in _DUTIES.items()
    ]

    async def save(said: Mapping[str, str]) -> Settings:
        return await keep("schedule", dict(said))

    def title() -> Text:
        text = Text(_("What runs by itself, and when") + "\n", "bold")
        said = _("Minute hour day month weekday: 0 2 * * mon is Mondays at two; empty is never.")
        text.append(said + "\n", "not bold")
        return text.append(_restart(file), "not bold")

    return Form(title, fields, save, draft="schedule")


def segments_form(file: Path, settings: Settings, known: Sequence[str], keep: Keep) -> Form[Settings]:
    """A form that says which segments one class of device is meant for; no segment takes the word back."""
    held = settings.check.segments
    kinds = sorted(
        (kind for kind in DeviceClass if kind is not DeviceClass.UNKNOWN),
        key=lambda kind: words.name(kind).casefold(),
    )
    named = {kind.value: words.name(kind) for kind in kinds}

    async def save(said: Mapping[str, str]) -> Settings:
        if not said.get("class"):
            raise UsageFault(_("say which class of device"))
        kind = words.word_typed(named, said["class"])
        segments = tuple(said.get("segments", "").replace(",", " ").split())
        return await keep("check.segments", {kind: segments})

    def title() -> Text:
        text = Text(_("Segments a class of device is meant for") + "\n", "bold")
        for kind, segments in held.items():
            text.append(f"{words.name(kind)}: {', '.join(segments)}\n", "not bold")
        return text.append(_restart(file), "not bold")

    fields = [
        Field(
            "class",
            partial(_, N_("Class")),
            "",
            tuple(named.values()),
            check=partial(words.word_typed, named),
        ),
        Field("segments", partial(_, N_("Segments")), "", tuple(known), open_list=True),
    ]
    return Form(title, fields, save, draft="segments")


def _restart(file: Path) -> str:
    return _("Kept in {file}; `muster agent run` reads it when it starts.").format(file=file)
