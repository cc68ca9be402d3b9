"""Scope and Touch → Permit, or Refused with its reason. No Permit, no packet.

Every function of `agent.transport` that sends takes a `Permit` (one address) or an `Area` (many). Only a
`Gate` can make either. A refusal is not an error: it goes into the coverage with its reason.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from agent.areas import SEAL, Area, Refused, SixArea, only_from_a_gate
from agent.bars import Bars, Network, Subject
from agent.ranges import Addresses
from inventory.networks import is_countable
from inventory.types import DeviceClass, Scope, Target, Touch, Why

_REACH: Final = {Touch.PASSIVE: 0, Touch.QUERY: 1, Touch.LOGIN: 2}


class Spot(Protocol):
    """An address of a device at a site."""

    @property
    def site(self) -> str: ...  # noqa: D102 - the name says it
    @property
    def ip(self) -> str: ...  # noqa: D102
    @property
    def mac(self) -> str | None: ...  # noqa: D102


class Located(Protocol):
    """As much of a device as a gate asks for: what it is and where it answers."""

    @property
    def device_class(self) -> DeviceClass: ...  # noqa: D102
    @property
    def addresses(self) -> Sequence[Spot]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to ask one address, up to `touch`. Made by `Gate.admit` only.

    `device_class` is what the address is known to be; ports that print only on printers go by it.
    """

    target: Target
    touch: Touch
    device_class: DeviceClass
    caps_lifted: bool
    seal: object

    def __post_init__(self) -> None:
        only_from_a_gate(self.seal)

    @property
    def ip(self) -> str:
        """The address in its usual notation."""
        return self.target.ip

    @property
    def literal(self) -> str:
        """The address as it stands in a URL and in a Host header (RFC 3986, 3.2.2): IPv6 in brackets."""
        return f"[{self.target.ip}]" if ":" in self.target.ip else self.target.ip

    @property
    def host(self) -> str:
        """Whose rate and connections count: the MAC heard on the wire, under all its addresses; else the
        address."""
        return self.target.mac or self.target.ip


class Gate:
    """Decides for every address whether it may be asked.

    `devices` is what the register knows: a device barred by MAC or class is not even swept at its known
    addresses. `on` is the day, by which exemptions end; without it those with an end do not hold.
    """

    def __init__(
        self, scopes: Iterable[Scope], devices: Iterable[Located] = (), on: date | None = None
    ) -> None:
        self._scopes = sorted(
            ((ipaddress.ip_network(scope.network, strict=False), scope) for scope in scopes),
            key=lambda pair: pair[0].prefixlen,
            reverse=True,
        )
        every = [scope for _network, scope in self._scopes]
        self._bars = {site: Bars.of(site, every, on) for site in {scope.site for scope in every}}
        self._known: Mapping[tuple[str, str], Located] = {
            (address.site, address.ip): device for device in devices for address in device.addresses
        }

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Every scope, the most specific network first."""
        return tuple(scope for _network, scope in self._scopes)

    def scope_of(self, ip: str) -> Scope | None:
        """The most specific scope that covers the address."""
        address = ipaddress.ip_address(ip)
        return next((scope for network, scope in self._scopes if address in network), None)

    def admit(
        self,
        ip: str,
        touch: Touch,
        *,
        mac: str | None = None,
        device_class: DeviceClass = DeviceClass.UNKNOWN,
    ) -> Permit | Refused:
        """A permit to ask one address up to `touch`, or why not."""
        scope = self.scope_of(ip)
        if scope is None:
            return Refused(ip, Why.NO_SCOPE)
        if _REACH[touch] > _REACH[scope.touch]:
            return Refused(ip, Why.TOUCH, touch)
        known = self._known.get((scope.site, ip))
        if known is not None and device_class is DeviceClass.UNKNOWN:
            device_class = known.device_class
        macs = {mac} if mac else _macs_at(known, ip)
        barred = self._bars[scope.site].refusal(Subject(ip, frozenset(macs), scope.segment, device_class))
        if barred:
            return Refused(ip, *barred)
        target = Target(ip=ip, mac=mac, site=scope.site, segment=scope.segment)
        return Permit(target, touch, device_class, scope.caps_lifted, SEAL)

    def area(self, wanted: Addresses, scope: Scope, touch: Touch = Touch.QUERY) -> Area:
        """The addresses of `wanted` that belong to `scope` and may be swept; the rest with their reason."""
        own = ipaddress.ip_network(scope.network, strict=False)
        first, last = int(own.network_address), int(own.broadcast_address)
        if own.prefixlen < 31:  # RFC 3021: /31 and /32 have no network and broadcast address
            first, last = first + 1, last - 1
        mine = wanted.within(first, last).without(self._held_by_narrower(own))
        barred = self._barred_among(mine, scope, touch)
        asked = mine.without(Addresses.of(barred))
        return Area(scope, _networks(wanted, own), asked, tuple(barred.values()), len(mine), SEAL)

    def six_area(self, network: str, scope: Scope, names: Iterable[str] = ()) -> SixArea:
        """The part of an IPv6 scope that `network` names; asked are `names` and what the register knows."""
        own = ipaddress.IPv6Network(network)
        known = {ip for site, ip in self._known if site == scope.site and ":" in ip}
        every = [str(ip) for ip in own] if is_countable(network) else [*known, *names]
        inside = {ipaddress.IPv6Address(ip) for ip in every if ipaddress.IPv6Address(ip) in own}
        mine = [str(ip) for ip in sorted(inside) if self.scope_of(str(ip)) == scope]
        answers = [self.admit(ip, Touch.QUERY) for ip in mine]
        elsewhere = [
            net for net, other in self._scopes if (other.site, other.segment) != (scope.site, scope.segment)
        ]
        barred = scope.touch is Touch.PASSIVE or self._bars[scope.site].may_be_among(scope.segment, elsewhere)
        return SixArea(
            scope,
            network,
            tuple(answer.ip for answer in answers if isinstance(answer, Permit)),
            tuple(answer for answer in answers if isinstance(answer, Refused)),
            not is_countable(network) and not barred,
            () if is_countable(network) else self._macs_in(scope),
            SEAL,
        )

    def _macs_in(self, scope: Scope) -> tuple[str, ...]:
        """The MACs known at addresses of the scope's segment, ascending."""
        found: set[str] = set()
        for (site, ip), device in self._known.items():
            here = self.scope_of(ip) if site == scope.site else None
            if here and here.segment == scope.segment and isinstance(self.admit(ip, Touch.QUERY), Permit):
                found |= {spot.mac for spot in device.addresses if spot.mac and spot.ip == ip}
        return tuple(sorted(found))

    def _held_by_narrower(self, own: Network) -> Addresses:
        return Addresses.together(
            Addresses([(int(network.network_address), int(network.broadcast_address))])
            for network, _scope in self._scopes
            if network.version == 4 and network.prefixlen > own.prefixlen
        )

    def _barred_among(self, mine: Addresses, scope: Scope, touch: Touch) -> dict[int, Refused]:
        """Number → refusal for those that may not be asked; looks only where something can bar."""
        bars = self._bars[scope.site]
        suspects: set[int]
        if bars.may_bar_all_of(scope.segment) or _REACH[touch] > _REACH[scope.touch]:
            suspects = set(mine)
        else:
            suspects = {number for low, high in bars.spans for number in mine.within(low, high)}
            here = [ip for site, ip in self._known if site == scope.site and ":" not in ip]
            suspects |= {int(ipaddress.IPv4Address(ip)) for ip in here if ip in mine}
        barred: dict[int, Refused] = {}
        for number in sorted(suspects):
            answer = self.admit(str(ipaddress.IPv4Address(number)), touch)
            if isinstance(answer, Refused):
                barred[number] = answer
        return barred


def _networks(wanted: Addresses, own: Network) -> tuple[str, ...]:
    part = wanted.within(int(own.network_address), int(own.broadcast_address))
    return tuple(
        str(network)
        for low, high in part.spans
        for network in ipaddress.summarize_address_range(
            ipaddress.IPv4Address(low), ipaddress.IPv4Address(high)
        )
    )


def _macs_at(device: Located | None, ip: str) -> set[str]:
    return {address.mac for address in device.addresses if address.mac} if device and ip else set()
