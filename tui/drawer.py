"""The drawer of one person's desk: saved views, chosen columns, unfinished forms, the last look.

A small JSON file of its own per register and operator, written whole and put in place at once, so that a
connection that drops in the middle of a form loses nothing. It holds nothing the register would miss: a file
that cannot be read or written is no reason to stop anybody from working.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import platformdirs

_OLDEST_DRAFTS = 20


class Drawer:
    """What a person left; `place` None keeps it for as long as the app runs."""

    def __init__(self, place: Path | None = None) -> None:
        self._place = place
        self._held: dict[str, Any] = {}
        if place is not None:
            with suppress(OSError, ValueError):
                held = json.loads(place.read_text(encoding="utf-8"))
                self._held = held if isinstance(held, dict) else {}

    @property
    def views(self) -> Mapping[str, str]:
        """Filters by the name a person gave them."""
        return self._texts("views")

    def keep_view(self, name: str, filter_text: str) -> None:
        """Keeps a filter under a name; an empty filter takes the name away."""
        views = {**self.views, name: filter_text}
        self._put("views", {each: text for each, text in views.items() if text})

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the register in their order; empty where nothing was chosen."""
        held = self._held.get("columns")
        return tuple(key for key in held if isinstance(key, str)) if isinstance(held, list) else ()

    def keep_columns(self, keys: tuple[str, ...]) -> None:
        """Keeps the choice of columns."""
        self._put("columns", list(keys))

    def draft(self, name: str) -> Mapping[str, str]:
        """What was typed into the form of that name and never saved."""
        held = self._held.get("drafts")
        draft = held.get(name) if isinstance(held, dict) else None
        return {str(k): str(v) for k, v in draft.items()} if isinstance(draft, dict) else {}

    def keep_draft(self, name: str, typed: Mapping[str, str]) -> None:
        """Keeps what is typed into a form so far; nothing typed forgets it."""
        drafts = self._held.get("drafts")
        others = {k: v for k, v in drafts.items() if k != name} if isinstance(drafts, dict) else {}
        if typed:
            others = dict(list(others.items())[-_OLDEST_DRAFTS:]) | {name: dict(typed)}
        elif not self.draft(name):
            return
        self._put("drafts", others)

    @property
    def looked(self) -> datetime | None:
        """When this person last left the screen."""
        with suppress(TypeError, ValueError):
            return datetime.fromisoformat(self._held["looked"]) if "looked" in self._held else None
        return None

    def keep_look(self, at: datetime) -> None:
        """Keeps when this person looked."""
        self._put("looked", at.isoformat())

    def choice(self, name: str, otherwise: str) -> str:
        """A choice of that name: the theme, the years of dates."""
        return self._texts("choices").get(name, otherwise)

    def keep_choice(self, name: str, chosen: str) -> None:
        """Keeps a choice."""
        self._put("choices", {**self._texts("choices"), name: chosen})

    def _texts(self, name: str) -> dict[str, str]:
        held = self._held.get(name)
        return {str(k): str(v) for k, v in held.items()} if isinstance(held, dict) else {}

    def _put(self, name: str, value: object) -> None:
        self._held[name] = value
        if self._place is None:
            return
        with suppress(OSError):
            self._place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = self._place.with_suffix(f".{os.getpid()}")
            beside.touch(mode=0o600)
            beside.write_text(json.dumps(self._held, ensure_ascii=False), encoding="utf-8")
            beside.replace(self._place)


def drawer_of(register_place: str, operator: str) -> Drawer:
    """The drawer of this operator for this register, in the platform's folder for such things."""
    place = register_place if "://" in register_place else str(Path(register_place).resolve())
    name = hashlib.sha256(f"{place}\n{operator}".encode()).hexdigest()[:16]
    return Drawer(Path(platformdirs.user_state_dir("muster", appauthor=False)) / f"desk-{name}.json")
