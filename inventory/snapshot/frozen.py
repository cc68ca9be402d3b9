"""A snapshot's canonical file read again while its devices go by; only its frame is in memory.

RFC 8785 leaves one way to write a thing, so the octets tell where one device ends and the next begins: in a
text every quotation mark has a backslash before it.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from inventory.export.form import AT_ONCE, Batch
from inventory.language import _
from inventory.snapshot.canonical import from_bytes, from_plain, refused
from inventory.snapshot.faults import Unreadable
from inventory.types import CheckResult, Device, SharedVerdict

_DEVICES = TypeAdapter(tuple[Device, ...])
_RESULTS = TypeAdapter(tuple[CheckResult, ...])
_VERDICT = TypeAdapter(SharedVerdict)
_WINDOW = 1 << 20  # octets


class _Many(NamedTuple):
    """A long list: what stands before and behind it, how each in it begins, what names the device."""

    before: bytes
    behind: bytes
    each: bytes
    device: bytes = b""


# In the order of the file.
_LISTS = (
    _Many(b',"devices":[', b'],"exceptions":[', b'{"addresses":', b'"id":"'),
    _Many(b',"results":[', b'],"scopes":[', b'{"at":', b'"device":"'),
    _Many(b',"verdicts":[', b'],"versions":{', b'{"article":'),
)


class Frozen:
    """The file `snapshot.json` of a snapshot; Unreadable where it is none or not written by the RFC.

    `frame` is all of the snapshot but its devices and results.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            with file.open("rb") as handle:
                self._spans = tuple(_spans(handle))
        except OSError as error:
            raise self._gone(error) from error
        except EOFError as error:
            from_bytes(file.read_bytes(), str(file))  # which may know better what it is
            raise self._other_form() from error
        empty = b"".join(self._without(*self._spans))
        ids: dict[str, str] = {}  # each is named by many verdicts
        self.frame = replace(
            from_plain(self._parsed(empty), str(file)),
            verdicts=tuple(
                replace(said, devices=tuple(ids.setdefault(one, one) for one in said.devices))
                for said in (self._valid(_VERDICT, each) for each in self._each(2))
            ),
        )

    @property
    def frame_octets(self) -> bytes:
        """What the file holds beside devices and results."""
        return b"".join(self._without(*self._spans[:2]))

    def plain_devices(self) -> Iterator[dict[str, Any]]:
        """Every device as JSON has it."""
        devices = self._each(0)
        while some := list(islice(devices, AT_ONCE)):
            yield from self._parsed(b"[" + b",".join(some) + b"]")

    def batches(self) -> Iterator[bytes]:
        """A few hundred devices and, behind a line end, the results on them, as the file has them."""
        devices, results = self._each(0), self._each(1)
        ahead = next(results, None)
        before = b""
        while some := list(islice(devices, AT_ONCE)):
            last = _named(some[-1], _LISTS[0])
            its = []
            while ahead is not None and (of := _named(ahead, _LISTS[1])) <= last:
                if of <= before:
                    raise self._other_form()
                its.append(ahead)
                ahead = next(results, None)
            before = last
            yield b",".join(some) + b"\n" + b",".join(its)
        if ahead is not None:
            yield b"\n" + b",".join((ahead, *results))

    def batch(self, octets: bytes) -> Batch:
        """One of `batches` as values."""
        devices, _end, results = octets.partition(b"\n")
        return Batch(
            self._valid(_DEVICES, b"[" + devices + b"]"), self._valid(_RESULTS, b"[" + results + b"]")
        )

    def _each(self, place: int) -> Iterator[bytes]:
        """What stands in one of the lists, one by one."""
        begins = _LISTS[place].each
        rest, opening = b"", b""
        for piece in self._read(*self._spans[place]):
            *whole, rest = (rest + piece).split(b"}," + begins)
            for each in whole:
                yield opening + each + b"}"
                opening = begins
        if rest:
            yield opening + rest

    def _without(self, *left_out: tuple[int, int]) -> Iterator[bytes]:
        at = 0
        for begin, end in left_out:
            yield from self._read(at, begin)
            at = end
        yield from self._read(at, self._file.stat().st_size)

    def _read(self, begin: int, end: int) -> Iterator[bytes]:
        try:
            with self._file.open("rb") as handle:
                handle.seek(begin)
                while piece := handle.read(min(_WINDOW, end - begin)):
                    begin += len(piece)
                    yield piece
        except OSError as error:
            raise self._gone(error) from error

    def _parsed(self, octets: bytes) -> Any:  # noqa: ANN401 - any JSON value
        try:
            return orjson.loads(octets)
        except ValueError as error:
            reason = _("{place}: not JSON: {error}")
            raise Unreadable(reason.format(place=self._file, error=error)) from error

    def _valid(self, kind: TypeAdapter[Any], octets: bytes) -> Any:  # noqa: ANN401 - what the kind makes
        try:
            return kind.validate_json(octets)
        except ValidationError as error:
            raise refused(error, str(self._file)) from error

    def _other_form(self) -> Unreadable:
        return Unreadable(_("{place}: not in its canonical form").format(place=self._file))

    def _gone(self, error: OSError) -> Unreadable:
        reason = _("{place}: not a snapshot: {error}")
        return Unreadable(reason.format(place=self._file, error=error.strerror))


def _spans(handle: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where what stands in each list begins and ends."""
    at = 0
    for many in _LISTS:
        begin = _found(handle, many.before, at) + len(many.before)
        at = _found(handle, many.behind, begin)
        yield begin, at


def _found(handle: BinaryIO, mark: bytes, start: int) -> int:
    """Where the mark stands first from there on; EOFError where nowhere."""
    handle.seek(start)
    kept = b""
    for piece in iter(partial(handle.read, _WINDOW), b""):
        kept += piece
        place = kept.find(mark)
        if place >= 0:
            return start + place
        passed = max(len(kept) - len(mark) + 1, 0)
        start, kept = start + passed, kept[passed:]
    raise EOFError(mark)


def _named(octets: bytes, many: _Many) -> bytes:
    """The id of the device that it is, or is about."""
    return octets.partition(many.device)[2].partition(b'"')[0]
