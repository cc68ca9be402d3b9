"""The ways to speak with an SNMP agent: by a community (v1, v2c), or as a user of SNMPv3."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from agent.probes.reply import Garbled
from agent.snmp_codec import Ask, Response, Version, parse, parse_sealed, request, sealed_request
from agent.snmp_usm import SALT_BYTES, Engine, keys_of
from inventory.vault import SnmpUser


@dataclass(frozen=True)
class ByCommunity:
    """SNMPv1 and v2c (RFC 3584)."""

    version: Version
    community: str = field(repr=False)

    def question(
        self, ask: Ask, oids: tuple[str, ...], number: int, repetitions: int = 0, once: int = 0
    ) -> bytes:
        """The bytes that ask."""
        return request(
            self.version, self.community, ask, oids, request_id=number, repetitions=repetitions, once=once
        )

    def read(self, data: bytes) -> Response | Garbled:
        """The answer in `data`."""
        return parse(data)


class ByUser:
    """SNMPv3 as one user of one engine (RFC 3414); `seconds` is a clock that never goes back."""

    version = Version.V3

    def __init__(
        self, user: SnmpUser, engine: Engine, randomness: random.Random, seconds: Callable[[], float]
    ) -> None:
        self.user = user
        self._keys = keys_of(user, engine.id)
        self._seconds = seconds
        self._salt = randomness.getrandbits(8 * SALT_BYTES)
        self._set(engine)

    def question(
        self, ask: Ask, oids: tuple[str, ...], number: int, repetitions: int = 0, once: int = 0
    ) -> bytes:
        """The bytes that ask, at the engine's own time."""
        self._salt = (self._salt + 1) % (1 << (8 * SALT_BYTES))
        now = replace(self._engine, time=self._engine.time + int(self._seconds() - self._heard))
        salt = self._salt.to_bytes(SALT_BYTES, "big")
        return sealed_request(
            self._keys, now, ask, oids, request_id=number, salt=salt, repetitions=repetitions, once=once
        )

    def read(self, data: bytes) -> Response | Engine | Garbled:
        """The answer in `data`; an Engine where the question must be put again, its clock being known now."""
        said = parse_sealed(data, self._keys, self._engine)
        if isinstance(said, Engine):
            self._set(said)
        return said

    def _set(self, engine: Engine) -> None:
        self._engine, self._heard = engine, self._seconds()


Way = ByCommunity | ByUser
