"""The addresses an operator means by targets, as sorted spans of IPv4 numbers."""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.faults import BadTarget
from inventory import networks
from inventory.exits import BadInput, UsageFault
from inventory.language import _

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Addresses:
    """A set of IPv4 addresses as sorted spans (first, last) that neither touch nor overlap."""

    spans: tuple[Span, ...]

    @property
    def count(self) -> int:
        """How many addresses there are."""
        return sum(last - first + 1 for first, last in self.spans)

    def __contains__(self, ip: object) -> bool:
        number = int(ipaddress.IPv4Address(str(ip)))
        return any(first <= number <= last for first, last in self.spans)


def written(targets: Iterable[str]) -> tuple[str, ...]:
    """The targets with each `@FILE` replaced by the lines of the file; BadInput names file and line.

    A line holds what a target may be; what follows `#` is a remark.
    """
    found: list[str] = []
    for target in targets:
        found += _lines_of(Path(target[1:])) if target.startswith("@") else [target]
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
    return Addresses(_joined([span for target in targets for span in spans(target)]))


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


def _lines_of(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("is not text")
        raise BadInput(f"{path}: {reason}") from error
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if text:
            try:
                six_and_four([text])
                if ":" not in text:
                    spans(text)
            except UsageFault as fault:
                raise BadInput(f"{path}:{number}: {fault}") from fault
            yield text


def _is_unspecified(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return network.network_address.is_unspecified


def _joined(found: list[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for first, last in sorted(found):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)
