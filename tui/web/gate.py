"""Who may open the screen in a browser: accounts, sessions and how often one may try. Pure but for its file.

Passwords are kept as argon2id hashes (RFC 9106) in a file of the operator's own. After a few wrong tries an
address and an account each wait, twice as long every time; an account nobody has is checked as long as one
somebody has, so that nothing tells them apart.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from inventory.exits import BadInput, StoreFault, UsageFault
from inventory.language import _
from inventory.types import Clock

SHORTEST_PASSWORD = 12
_FREE_TRIES = 5
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
_SESSION = timedelta(hours=12)
_MOST_TRACKED = 10_000

_HASHER = PasswordHasher()


class Accounts:
    """Names and password hashes in one file that only its owner may read."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._hashes: dict[str, str] = {}
        if place.exists():
            try:
                held = json.loads(place.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise BadInput(f"{place}: {error}") from error
            if not isinstance(held, dict) or not all(isinstance(each, str) for each in held.values()):
                raise BadInput(_("{place}: not a file of accounts").format(place=place))
            self._hashes = held
        self._nobody = _HASHER.hash(secrets.token_hex())

    def __len__(self) -> int:
        return len(self._hashes)

    def add(self, name: str, password: str) -> None:
        """Keeps an account, or a new password for one; UsageFault for a name or password that will not do."""
        if not name.isprintable() or not name.strip() or "=" in name:
            raise UsageFault(_("an account needs a name"))
        if len(password) < SHORTEST_PASSWORD:
            raise UsageFault(_("a password has {least} characters or more").format(least=SHORTEST_PASSWORD))
        self._hashes[name] = _HASHER.hash(password)
        try:
            self._place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = self._place.with_suffix(".new")
            beside.touch(mode=0o600)
            beside.write_text(json.dumps(self._hashes, indent=1), encoding="utf-8")
            beside.replace(self._place)
        except OSError as error:
            raise StoreFault(f"{self._place}: {error.strerror}") from error

    def is_right(self, name: str, password: str) -> bool:
        """Whether this is the account's password; as slow for an account nobody has."""
        held = self._hashes.get(name)
        try:
            return _HASHER.verify(held or self._nobody, password) and held is not None
        except (VerificationError, InvalidHashError):
            return False


@dataclass
class _Tries:
    wrong: int = 0
    wait_until: datetime | None = None


class Turnstile:
    """Counts wrong tries by whatever they are counted by: an address, an account."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tries: dict[str, _Tries] = {}

    def wait(self, *keys: str) -> timedelta:
        """How long these must still wait; zero where they need not."""
        now = self._clock.now()
        ends = [tries.wait_until for key in keys if (tries := self._tries.get(key)) and tries.wait_until]
        return max([end - now for end in ends if end > now], default=timedelta())

    def wrong(self, *keys: str) -> None:
        """Counts a wrong try."""
        for key in keys:
            if len(self._tries) >= _MOST_TRACKED and key not in self._tries:
                self._tries.pop(next(iter(self._tries)))
            tries = self._tries.setdefault(key, _Tries())
            tries.wrong += 1
            if tries.wrong >= _FREE_TRIES:
                wait = min(_FIRST_WAIT * 2 ** min(tries.wrong - _FREE_TRIES, 16), _LONGEST_WAIT)
                tries.wait_until = self._clock.now() + wait

    def right(self, *keys: str) -> None:
        """Forgets the wrong tries."""
        for key in keys:
            self._tries.pop(key, None)


@dataclass
class Sessions:
    """Who is inside: a secret in a cookie stands for a name, for half a day at most."""

    clock: Clock
    token: Callable[[], str] = secrets.token_urlsafe
    _held: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def begin(self, name: str) -> str:
        """A new session's secret."""
        now = self.clock.now()
        self._held = {secret: held for secret, held in self._held.items() if held[1] > now}
        secret = self.token()
        self._held[secret] = (name, now + _SESSION)
        return secret

    def who(self, secret: str) -> str | None:
        """The name behind the secret; None for one that never was or has ended."""
        for held, (name, until) in self._held.items():
            if secrets.compare_digest(held.encode(), secret.encode()):
                return name if until > self.clock.now() else None
        return None

    def end(self, secret: str) -> None:
        """Ends a session."""
        self._held.pop(secret, None)
