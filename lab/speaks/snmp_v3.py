"""The part of SNMPv3 that anyone may see: the engine answers discovery with a Report.

RFC 3414 section 4: a request that names no (or another) engine id is answered with
usmStatsUnknownEngineIDs, a request by an unknown user with usmStatsUnknownUserNames; both
carry the engine's id. This engine has no users.
"""

from typing import NamedTuple

from lab.speaks import ber
from lab.speaks.malformed import Malformed

_REPORT = 0xA8
_REPORTABLE = 0x04
_USM = 3
_COUNTER32 = 0x41
_UNKNOWN_USER_NAMES = (1, 3, 6, 1, 6, 3, 15, 1, 1, 3, 0)
_UNKNOWN_ENGINE_IDS = (1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0)
_FORMAT_IS_MAC = 3


class _Asked(NamedTuple):
    message_id: int
    reportable: bool
    engine: bytes


class Engine(NamedTuple):
    """An SNMP engine by its id (RFC 3411 SnmpEngineID)."""

    id: bytes
    boots: int = 7
    time: int = 3_542_400

    @classmethod
    def of(cls, mac: str, enterprise: int, written: str = "") -> "Engine":
        """The engine id as written in hex, else made from enterprise number and MAC."""
        if written:
            return cls(bytes.fromhex(written))
        head = (enterprise | 0x80000000).to_bytes(4, "big")
        return cls(head + bytes((_FORMAT_IS_MAC,)) + bytes.fromhex(mac.replace(":", "")))

    def report(self, content: bytes) -> list[bytes]:
        """The Report that answers a v3 message (given without its outer SEQUENCE), if any."""
        asked = _read(content)
        if not asked.reportable:
            return []
        counter = _UNKNOWN_USER_NAMES if asked.engine == self.id else _UNKNOWN_ENGINE_IDS
        return [self._message(asked.message_id, counter)]

    def _message(self, message_id: int, counter: tuple[int, ...]) -> bytes:
        header = (
            ber.integer(message_id) + ber.integer(65_507) + ber.encode(ber.OCTETS, b"\0") + ber.integer(_USM)
        )
        nobody = ber.encode(ber.OCTETS, b"")
        security = (
            ber.encode(ber.OCTETS, self.id) + ber.integer(self.boots) + ber.integer(self.time) + nobody * 3
        )
        binding = ber.object_id(counter) + ber.integer(1, _COUNTER32)
        bindings = ber.encode(ber.SEQUENCE, ber.encode(ber.SEQUENCE, binding))
        pdu = ber.encode(_REPORT, ber.integer(0) + ber.integer(0) + ber.integer(0) + bindings)
        scoped = ber.encode(ber.OCTETS, self.id) + nobody + pdu
        return ber.encode(
            ber.SEQUENCE,
            ber.integer(3)
            + ber.encode(ber.SEQUENCE, header)
            + ber.encode(ber.OCTETS, ber.encode(ber.SEQUENCE, security))
            + ber.encode(ber.SEQUENCE, scoped),
        )


def _read(content: bytes) -> _Asked:
    _, at = ber.read_integer(content)
    header, at = ber.read_as(ber.SEQUENCE, content, at)
    security, _ = ber.read_as(ber.OCTETS, content, at)
    message_id, at = ber.read_integer(header)
    _, at = ber.read_integer(header, at)
    flags, at = ber.read_as(ber.OCTETS, header, at)
    model, _ = ber.read_integer(header, at)
    if model != _USM or len(flags) != 1:
        raise Malformed("not the user-based security model")
    parameters, _ = ber.read_as(ber.SEQUENCE, security)
    engine, _ = ber.read_as(ber.OCTETS, parameters)
    return _Asked(message_id, bool(flags[0] & _REPORTABLE), engine)
