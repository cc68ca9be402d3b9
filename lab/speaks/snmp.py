"""An SNMP agent: v1 (RFC 1157), v2c (RFC 3416), and of v3 the engine's discovery (RFC 3414).

It reads only: GET, GETNEXT and GETBULK are answered, SET is refused. A wrong community gets
silence, as RFC 1157 section 4.1 asks.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydantic import Field, field_validator

from lab.speaks import ber, mib, snmp_tables, snmp_v3
from lab.speaks.ber import ObjectId
from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings, Settings, YesNo
from lab.speaks.snmp_tables import Bridge, Interface

_GET, _GETNEXT, _RESPONSE, _SET, _GETBULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
_NULL = ber.encode(ber.NULL, b"")
_NO_SUCH_OBJECT = ber.encode(0x80, b"")
_END_OF_MIB_VIEW = ber.encode(0x82, b"")
_NO_SUCH_NAME, _READ_ONLY, _NOT_WRITABLE = 2, 4, 17
_V1, _V2C, _V3 = 0, 1, 3
_VERSIONS = {"1": _V1, "2c": _V2C, "3": _V3}
_LARGEST_ANSWER = 1400
_TICKS_A_DAY = 24 * 3600 * 100


class System(Settings):
    """The system group (RFC 3418): what every agent says about itself."""

    descr: str
    object_id: str
    name: str = "{hostname}"
    location: str = ""
    contact: str = ""
    services: int = 72
    uptime_days: int = 41


class SnmpSettings(PortSettings):
    """An agent: who may read, what it says, which tables follow from the topology."""

    port: Port = 161
    communities: tuple[str, ...] = ("public",)
    versions: tuple[Literal["1", "2c", "3"], ...] = ("1", "2c")
    enterprise: int = 8072
    """IANA enterprise number from which the v3 engine id is made, unless one is written."""
    engine_id: str = ""
    system: System
    interfaces: tuple[Interface, ...] = (Interface(),)
    bridge: Bridge | None = None
    arp_table: YesNo = False
    oids: dict[str, str] = Field(default_factory=dict)
    """`sysDescr.0` or a number → value as Net-SNMP prints it, `STRING: …`."""

    @field_validator("oids")
    @classmethod
    def _oids_are_readable(cls, oids: dict[str, str]) -> dict[str, str]:
        for name, written in oids.items():
            mib.object_id(name)
            mib.value(written)
        return oids


class _Request(NamedTuple):
    version: int
    community: bytes
    kind: int
    id: bytes
    first: int
    """Error status, or with GETBULK the non-repeaters."""
    second: int
    """Error index, or with GETBULK the max-repetitions."""
    names: list[ObjectId]


async def serve(host: Host, settings: SnmpSettings) -> Speaking:
    """Answer as the agent of that device; OSError when the port is taken."""
    agent = Agent(host, settings)
    return await host.udp(settings.port, lambda data, _: agent.answer(data))


class Agent:
    """Everything the agent can say, sorted, and the way it says it."""

    def __init__(self, host: Host, settings: SnmpSettings) -> None:
        rows = dict(_rows(host, settings))
        self._names = sorted(rows)
        self._rows = rows
        self._communities = {each.encode() for each in settings.communities}
        self._versions = {_VERSIONS[each] for each in settings.versions}
        self._engine = snmp_v3.Engine.of(host.mac, settings.enterprise, settings.engine_id)

    def answer(self, data: bytes) -> list[bytes]:
        """The datagrams that answer one; none for silence. Malformed when it is not SNMP."""
        content, _ = ber.read_as(ber.SEQUENCE, data)
        version, _ = ber.read_integer(content)
        if version not in self._versions:
            return []
        if version == _V3:
            return self._engine.report(content)
        request = _read(content)
        if request.community not in self._communities:
            return []
        return [self._respond(request)]

    def _respond(self, request: _Request) -> bytes:
        if request.kind == _SET:
            return _response(request, [], _READ_ONLY if request.version == _V1 else _NOT_WRITABLE, 1)
        if request.kind == _GETBULK:
            return _response(request, list(self._bulk(request)))
        find = self._exactly if request.kind == _GET else self._next
        found = [find(name) for name in request.names]
        if request.version == _V1:
            for index, (_, value) in enumerate(found, start=1):
                if value in (_NO_SUCH_OBJECT, _END_OF_MIB_VIEW):
                    return _response(request, [], _NO_SUCH_NAME, index)
        return _response(request, found)

    def _exactly(self, name: ObjectId) -> tuple[ObjectId, bytes]:
        return name, self._rows.get(name, _NO_SUCH_OBJECT)

    def _next(self, name: ObjectId) -> tuple[ObjectId, bytes]:
        at = bisect_right(self._names, name)
        if at == len(self._names):
            return name, _END_OF_MIB_VIEW
        following = self._names[at]
        return following, self._rows[following]

    def _bulk(self, request: _Request) -> Iterator[tuple[ObjectId, bytes]]:
        single = max(0, request.first)
        size = 0
        for name in request.names[:single]:
            yield self._next(name)
        names = request.names[single:]
        for _ in range(max(0, request.second) if names else 0):
            found = [self._next(name) for name in names]
            size += sum(len(value) + 2 * len(name) for name, value in found)
            if size > _LARGEST_ANSWER:
                return
            yield from found
            if all(value == _END_OF_MIB_VIEW for _, value in found):
                return
            names = [name for name, _ in found]


def _rows(host: Host, settings: SnmpSettings) -> Iterator[tuple[ObjectId, bytes]]:
    system = settings.system
    name = host.hostname if system.name == "{hostname}" else system.name
    yield mib.object_id("sysDescr.0"), mib.octets(system.descr)
    yield mib.object_id("sysObjectID.0"), ber.object_id(mib.object_id(system.object_id))
    yield mib.object_id("sysUpTime.0"), ber.integer(system.uptime_days * _TICKS_A_DAY, 0x43)
    yield mib.object_id("sysContact.0"), mib.octets(system.contact)
    yield mib.object_id("sysName.0"), mib.octets(name)
    yield mib.object_id("sysLocation.0"), mib.octets(system.location)
    yield mib.object_id("sysServices.0"), ber.integer(system.services)
    yield from snmp_tables.interfaces(host, settings.interfaces)
    if settings.bridge is not None:
        yield from snmp_tables.bridge(host, settings.bridge)
    if settings.arp_table:
        yield from snmp_tables.arp(host)
    for written, value in settings.oids.items():
        yield mib.object_id(written), mib.value(value)


def _read(content: bytes) -> _Request:
    version, at = ber.read_integer(content)
    community, at = ber.read_as(ber.OCTETS, content, at)
    kind, pdu, _ = ber.read(content, at)
    if kind not in (_GET, _GETNEXT, _SET, _GETBULK) or (kind == _GETBULK and version == _V1):
        raise Malformed(f"no request: {kind:#x}")
    _, at = ber.read_integer(pdu)
    request_id = pdu[:at]
    first, at = ber.read_integer(pdu, at)
    second, at = ber.read_integer(pdu, at)
    bindings, _ = ber.read_as(ber.SEQUENCE, pdu, at)
    names: list[ObjectId] = []
    at = 0
    while at < len(bindings):
        binding, at = ber.read_as(ber.SEQUENCE, bindings, at)
        names.append(ber.read_object_id(binding)[0])
    return _Request(version, community, kind, request_id, first, second, names)


def _response(
    request: _Request, found: list[tuple[ObjectId, bytes]], status: int = 0, index: int = 0
) -> bytes:
    rows = found or [(name, _NULL) for name in request.names]
    bindings = b"".join(ber.encode(ber.SEQUENCE, ber.object_id(name) + value) for name, value in rows)
    pdu = request.id + ber.integer(status) + ber.integer(index) + ber.encode(ber.SEQUENCE, bindings)
    message = ber.integer(request.version) + ber.encode(ber.OCTETS, request.community)
    return ber.encode(ber.SEQUENCE, message + ber.encode(_RESPONSE, pdu))
