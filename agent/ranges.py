"""The addresses an operator means by targets, as sorted spans of IPv4 numbers."""

import bisect
import ipaddress
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.faults import BadTarget
from agent.transport import names
from inventory import networks
from inventory.exits import BadInput, UsageFault
from inventory.language import _

Span = tuple[int, int]

NUMBERS: Final = 1 << 32


class Addresses:
    """A set of IPv4 addresses as sorted spans (first, last) that neither touch nor overlap.

    Each has a rank, 0 for the lowest; a /12 takes no more memory than a /24.
    """

    __slots__ = ("_before", "_firsts", "spans")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.spans: tuple[Span, ...] = tuple(spans)
        sizes = [last - first + 1 for first, last in self.spans]
        self._firsts = np.array([first for first, _last in self.spans], np.int64)
        self._before = np.array([0, *itertools.accumulate(sizes)], np.int64)

    @classmethod
    def of(cls, numbers: Iterable[int]) -> "Addresses":
        """These addresses, in any order."""
        return cls(joined([(number, number) for number in numbers]))

    @classmethod
    def ascending(cls, numbers: npt.NDArray[np.uint32]) -> "Addresses":
        """These addresses, which are sorted and differ."""
        whole = numbers.astype(np.int64)
        firsts = whole[np.diff(whole, prepend=-2) > 1]
        lasts = whole[np.diff(whole, append=2 * NUMBERS) > 1]
        return cls(zip(firsts.tolist(), lasts.tolist(), strict=True))

    @classmethod
    def together(cls, parts: "Iterable[Addresses]") -> "Addresses":
        """What is in any of the parts."""
        return cls(joined([span for part in parts for span in part.spans]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Addresses) and self.spans == other.spans

    def __hash__(self) -> int:
        return hash(self.spans)

    def __repr__(self) -> str:
        return f"Addresses({self.spans})"

    def __len__(self) -> int:
        return int(self._before[-1])

    def __contains__(self, ip: object) -> bool:
        number = int(ipaddress.IPv4Address(str(ip)))
        at = bisect.bisect_right(self.spans, (number, NUMBERS)) - 1
        return at >= 0 and number <= self.spans[at][1]

    def __iter__(self) -> Iterator[int]:
        return itertools.chain.from_iterable(range(first, last + 1) for first, last in self.spans)

    def text(self, rank: int) -> str:
        """The address that has this rank, in its usual notation."""
        return str(ipaddress.IPv4Address(int(self.at(np.array([rank]))[0])))

    def texts(self) -> Iterator[str]:
        """The addresses in their usual notation."""
        return (str(ipaddress.IPv4Address(number)) for number in self)

    def at(self, ranks: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
        """The addresses that have these ranks."""
        span = np.searchsorted(self._before, ranks, "right") - 1
        return (self._firsts[span] + (ranks - self._before[span])).astype(np.uint32)

    def ranks(self, numbers: npt.NDArray[np.uint32]) -> npt.NDArray[np.int64]:
        """The ranks of these numbers; of one that is not among the addresses, that of some other address."""
        span = np.maximum(np.searchsorted(self._firsts, numbers, "right") - 1, 0)
        ranks = self._before[span] + np.maximum(numbers - self._firsts[span], 0)
        return np.asarray(np.minimum(ranks, self._before[span + 1] - 1))

    def blocks(self, size: int) -> Iterator["Addresses"]:
        """The same in parts of `size` (the last may have fewer), in order."""
        for first in range(0, len(self), size):
            low, high = self.at(np.array([first, min(first + size, len(self)) - 1]))
            yield self.within(int(low), int(high))

    def within(self, first: int, last: int) -> "Addresses":
        """Those from `first` to `last`."""
        parts = ((max(first, low), min(last, high)) for low, high in self.spans)
        return Addresses((low, high) for low, high in parts if low <= high)

    def without(self, others: "Addresses") -> "Addresses":
        """Those that are not among the others."""
        left: list[Span] = []
        holes = iter((*others.spans, (NUMBERS, NUMBERS)))
        hole = next(holes)
        for low, high in self.spans:
            begin = low
            while hole[1] < begin:
                hole = next(holes)
            while hole[0] <= high:
                if begin < hole[0]:
                    left.append((begin, hole[0] - 1))
                begin = hole[1] + 1
                if begin > high:
                    break
                hole = next(holes)
            if begin <= high:
                left.append((begin, high))
        return Addresses(left)


def joined(found: Iterable[Span]) -> tuple[Span, ...]:
    """The spans sorted, those that touch or overlap as one."""
    whole: list[Span] = []
    for first, last in sorted(found):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(whole[-1][1], last))
        else:
            whole.append((first, last))
    return tuple(whole)


def written(
    targets: Iterable[str],
    in_scope: Callable[[str], bool] = lambda _ip: True,
    look_up: Callable[[str], Sequence[str]] = names.addresses_of,
) -> tuple[str, ...]:
    """The targets with the lines of its file for each `@FILE`, and its addresses for each name.

    A line holds what a target may be; what follows `#` is a remark. Of a name's addresses those count that
    are in scope, where any is. BadInput names file and line; BadTarget a name that nobody knows.
    """
    found: list[str] = []
    for target in targets:
        lines = _lines_of(Path(target[1:])) if target.startswith("@") else [("", target)]
        for where, text in lines:
            try:
                found.append(_named(text, in_scope, look_up))
                if where:
                    addresses(six_and_four([found[-1]])[1])
            except UsageFault as fault:
                if where:
                    raise BadInput(f"{where}: {fault}") from fault
                raise
    return tuple(found)


def six_and_four(targets: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fewest IPv6 networks (CIDR) that cover those of the targets; and the other targets as given."""
    texts = [part.strip() for text in targets for part in text.split(",")]
    six = ",".join(text for text in texts if ":" in text)
    newer = networks.target_networks(six) if six else ()
    for network in map(ipaddress.IPv6Network, newer):
        if network.is_multicast or network.network_address == ipaddress.IPv6Address(0):
            raise BadTarget(_("{text} is nobody's address").format(text=network))
        if network.is_link_local:
            raise BadTarget(_("{text} is link-local: that names no wire").format(text=network))
    return newer, tuple(text for text in texts if ":" not in text)


def addresses(targets: Iterable[str]) -> Addresses:
    """The union of `targets` (as inventory.networks reads them); UsageFault names the bad one."""
    return Addresses(joined([span for target in targets for span in spans(target)]))


def spans(text: str) -> list[Span]:
    """The spans one text stands for; UsageFault with the reason when they are nobody's addresses."""
    found: list[Span] = []
    for network in map(ipaddress.ip_network, networks.target_networks(text)):
        if network.version != 4:
            raise BadTarget(_("{text} is not an IPv4 address").format(text=text))
        if network.is_multicast or int(network.broadcast_address) == 0xFFFFFFFF or _is_unspecified(network):
            raise BadTarget(_("{text} is nobody's address").format(text=text))
        found.append((int(network.network_address), int(network.broadcast_address)))
    return found


def _named(text: str, in_scope: Callable[[str], bool], look_up: Callable[[str], Sequence[str]]) -> str:
    parts: list[str] = []
    for part in map(str.strip, text.split(",")):
        if names.is_name(part):
            known = look_up(part)
            parts += [ip for ip in known if in_scope(ip)] or known
        else:
            parts.append(part)
    return ",".join(parts)


def _lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """The lines that say something, each with its place."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("is not text")
        raise BadInput(f"{path}: {reason}") from error
    for number, line in enumerate(lines, start=1):
        if text := line.partition("#")[0].strip():
            yield f"{path}:{number}", text


def _is_unspecified(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return network.network_address.is_unspecified
