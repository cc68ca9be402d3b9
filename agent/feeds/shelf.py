"""Where imported feeds lie: a folder beside the register, an index with each one's digest and date.

What is kept is the plain form of formats.py, not the file. Its own digest is checked whenever it is read: one
changed by hand is noticed and not believed. Importing a feed of a kind and name replaces the older one; the
same file again leaves the day it was imported first, and an older one than is kept must be asked for.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agent.feeds.formats import Feed, Kind, read_feed
from inventory.exits import BadInput, StoreFault
from inventory.language import _

_INDEX = "index.json"


class Kept(BaseModel):
    """One feed on the shelf: `sha256` is the imported file's, `kept_sha256` that of the form kept of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    name: str
    dated: date | None
    imported: date
    entries: int
    sha256: str
    kept_sha256: str

    @property
    def day(self) -> date:
        """The day the feed is of, as far as it says; the day it was imported where it does not."""
        return self.dated or self.imported

    def age(self, on: date) -> int:
        """Days since the feed's day."""
        return (on - self.day).days

    def is_stale(self, on: date, after_days: int) -> bool:
        """Whether the feed is older than is believed without a word."""
        return timedelta(days=self.age(on)) > timedelta(days=after_days)


_KEPT = TypeAdapter(tuple[Kept, ...])


def shelf_beside(register_place: str) -> "Shelf":
    """A register's shelf: the folder `feeds` beside its file; for a URL, in the platform's data folder."""
    if "://" in register_place:
        return Shelf(Path(platformdirs.user_data_dir("muster", appauthor=False)) / "feeds")
    return Shelf(Path(register_place).absolute().parent / "feeds")


class Shelf:
    """The feeds in one folder; nothing is made before the first import."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def index(self) -> tuple[Kept, ...]:
        """What is on the shelf, by kind and name; BadInput for an index that cannot be read."""
        place = self.folder / _INDEX
        try:
            found = _KEPT.validate_json(place.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            message = _("{place}: the index of feeds cannot be read; import them again")
            raise BadInput(message.format(place=place)) from error
        return tuple(sorted(found, key=lambda kept: (kept.kind, kept.name)))

    def take(
        self, content: bytes, name: str, on: date, *, sha256: str = "", even_older: bool = False
    ) -> Kept:
        """Keeps a feed file's facts; BadInput where it is none, not that of the SHA-256, or too old."""
        digest = hashlib.sha256(content).hexdigest()
        if sha256 and sha256.lower() != digest:
            message = _("{name}: its SHA-256 is {digest}, not the one given; it was not imported")
            raise BadInput(message.format(name=name, digest=digest))
        feed, index = read_feed(content, name), self.index()
        same = next((one.imported for one in index if one.sha256 == digest), on)
        plain = json.dumps(dict(feed.entries), ensure_ascii=False, separators=(",", ":")).encode()
        kept = Kept(
            kind=feed.kind,
            name=name.rpartition("/")[2],
            dated=feed.dated,
            imported=same,
            entries=len(feed.entries),
            sha256=digest,
            kept_sha256=hashlib.sha256(plain).hexdigest(),
        )
        for one in index:
            if not even_older and _replaces(kept, one) and kept.day < one.day:
                message = _("{name}: is of {day}, the one kept of {kept}; it was not imported (--older does)")
                raise BadInput(message.format(name=name, day=kept.day, kept=one.day))
        others = [one for one in index if not _replaces(kept, one)]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(self._place(kept), plain)
            _write(self.folder / _INDEX, _KEPT.dump_json((*others, kept), indent=2))
            self._sweep((*others, kept))
        except OSError as error:
            raise StoreFault(f"{self.folder}: {error.strerror}") from error
        return kept

    def feeds(self) -> Iterator[Feed]:
        """Every feed, oldest first; BadInput for one that is gone or is no longer what was imported."""
        for kept in sorted(self.index(), key=lambda one: (one.day, one.name)):
            place = self._place(kept)
            try:
                plain = place.read_bytes()
            except OSError as error:
                raise BadInput(f"{place}: {error.strerror}") from error
            if hashlib.sha256(plain).hexdigest() != kept.kept_sha256:
                message = _("{place}: was changed since {name} was imported; import it again")
                raise BadInput(message.format(place=place, name=kept.name))
            yield Feed(kept.kind, kept.day, json.loads(plain), kept.sha256)

    def _place(self, kept: Kept) -> Path:
        return self.folder / f"{kept.kind.value}-{kept.kept_sha256[:16]}.json"

    def _sweep(self, kept: tuple[Kept, ...]) -> None:
        """Removes what no entry of the index names."""
        named = {self._place(one).name for one in kept} | {_INDEX}
        for place in self.folder.glob("*.json"):
            if place.name not in named:
                place.unlink(missing_ok=True)


def _replaces(new: Kept, old: Kept) -> bool:
    """There is one KEV catalogue; of the others there may be several files, by name."""
    same = new.name == old.name or new.sha256 == old.sha256
    return new.kind is old.kind and (new.kind is Kind.KEV or same)


def _write(place: Path, content: bytes) -> None:
    """Writes so that a reader sees the old file or the new one, never half of one."""
    half = place.with_suffix(".half")
    half.write_bytes(content)
    half.replace(place)
