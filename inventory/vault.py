"""The vault: SNMP communities and v3 users, in the system's keyring or in a file sealed with a passphrase.

Nothing secret stands in muster.toml or in the register. The passphrase comes from MUSTER_VAULT_PASSPHRASE,
from the file that MUSTER_VAULT_PASSPHRASE_FILE names, or from a prompt. `inventory.sealing` makes the file's
text, `inventory.private_file` keeps it to its owner; whoever changes the vault does so alone.
"""

import importlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import platformdirs
from pydantic import Field

from inventory import private_file
from inventory.exits import BadInput
from inventory.language import _
from inventory.sealing import VaultSealed, sealed, unsealed
from inventory.secret import Secret
from inventory.settings import ScanSettings, Settings

KEYRING: Final = "keyring"
COMMUNITY: Final = "snmp-community"
V3_USER: Final = "snmp-v3"
AUTHENTICATION: Final = ("md5", "sha", "sha224", "sha256", "sha384", "sha512")  # RFC 3414, RFC 7860
PRIVACY: Final = ("des", "aes")  # RFC 3414, RFC 3826

_SERVICE: Final = "muster"

_NOTHING: Final = Secret("")

Ask = Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One credential. `secret` is the community, or a v3 user's authentication passphrase."""

    name: str
    kind: str
    secret: Secret
    user: str = ""
    authentication: str = ""
    privacy: str = ""
    privacy_secret: Secret = _NOTHING


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """A v3 user for scans: one of AUTHENTICATION, one of PRIVACY (empty: none), and the passphrases."""

    name: str
    authentication: str
    secret: str = field(repr=False)
    privacy: str = ""
    privacy_secret: str = field(default="", repr=False)


class ScanSecrets(ScanSettings):
    """The scan's settings with the communities and users of the vault; never read from a file."""

    snmp_users: tuple[SnmpUser, ...] = Field(default=(), repr=False)


class Vault:
    """The place credentials are kept in; `place` is `keyring` or a file's path."""

    def __init__(self, place: str, ask: Ask) -> None:
        self.place = place
        self._ask = ask
        self._given: Secret | None = None

    @classmethod
    def of(cls, settings: Settings, ask: Ask) -> "Vault":
        """The vault of the settings; without one named there the keyring, else a file of the user's."""
        default = _own_folder() / "vault.json"
        place = settings.vault or (KEYRING if not default.exists() and _keyring() else str(default))
        return cls(place, ask)

    def exists(self) -> bool:
        """Whether anything was ever put in."""
        if self.place == KEYRING:
            ring = _keyring()
            return bool(ring and ring.get_password(_SERVICE, "vault"))
        try:
            return self._path.exists()
        except OSError:  # there is something, and reading it says what is the matter
            return True

    def entries(self) -> Mapping[str, Entry]:
        """Every entry by its name; VaultSealed where it cannot be opened."""
        if not self.exists():
            return {}
        if self.place == KEYRING:
            ring = _keyring()
            return _read(ring.get_password(_SERVICE, "vault") if ring else "{}", self.place)
        return _read(unsealed(private_file.read(self._path), self.place, self._passphrase()), self.place)

    def put(self, entry: Entry) -> None:
        """Adds an entry, or replaces the one of its name."""
        with self._turn():
            self._write({**self.entries(), entry.name: entry})

    def remove(self, name: str) -> bool:
        """Takes an entry out; False where there is none of that name."""
        with self._turn():
            entries = dict(self.entries())
            if entries.pop(name, None) is None:
                return False
            self._write(entries)
            return True

    @property
    def _path(self) -> Path:
        return Path(os.path.realpath(Path(self.place).expanduser()))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """The time in which nobody else changes the vault; StoreFault where another does not end."""
        if self.place != KEYRING:
            self._passphrase()  # whoever is asked for it keeps nobody waiting
        with private_file.alone_in(_own_folder() if self.place == KEYRING else self._path.parent):
            yield

    def _write(self, entries: Mapping[str, Entry]) -> None:
        plain = _written(entries)
        if self.place == KEYRING:
            ring = _keyring()
            if ring is None:
                raise VaultSealed(_("no keyring can be reached; name a file instead (vault = …)"))
            ring.set_password(_SERVICE, "vault", plain)
            return
        private_file.write(self._path, sealed(plain, self._passphrase()))

    def _passphrase(self) -> Secret:
        if self._given is None:
            self._given = self._asked()
        return self._given

    def _asked(self) -> Secret:
        given = self._ask()
        if not given:
            reason = _(
                "the vault {place} is sealed: give its passphrase in MUSTER_VAULT_PASSPHRASE, or name a file"
                " that holds it in MUSTER_VAULT_PASSPHRASE_FILE"
            )
            raise VaultSealed(reason.format(place=self.place))
        return Secret(given)


def passphrase_of_environment() -> str | None:
    """The passphrase the environment gives, or the file it names; None where it says nothing."""
    if given := os.environ.get("MUSTER_VAULT_PASSPHRASE"):
        return given
    named = os.environ.get("MUSTER_VAULT_PASSPHRASE_FILE")
    if not named:
        return None
    try:
        return Path(named).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(_("{place}: the passphrase cannot be read").format(place=named)) from error


def scan_settings(settings: Settings, ask: Ask = passphrase_of_environment) -> ScanSecrets:
    """The scan's settings with the vault's communities behind those of the settings, and its v3 users.

    Without a vault nothing is asked; VaultSealed where there is one that cannot be opened.
    """
    vault = Vault.of(settings, ask)
    kept = tuple(vault.entries().values()) if vault.exists() else ()
    communities = [entry.secret.reveal() for entry in kept if entry.kind == COMMUNITY]
    return with_secrets(
        settings.scan,
        tuple(dict.fromkeys((*settings.scan.snmp_communities, *communities))),
        tuple(_user(entry) for entry in kept if entry.kind == V3_USER),
    )


def with_secrets(
    settings: ScanSettings, communities: tuple[str, ...], users: tuple[SnmpUser, ...]
) -> ScanSecrets:
    """The settings with these communities and users, which no file may hold."""
    plain = ScanSecrets(**without_secrets(settings).model_dump())
    return plain.model_copy(update={"snmp_communities": communities, "snmp_users": users})


def without_secrets(settings: ScanSettings) -> ScanSettings:
    """The settings with neither communities nor users."""
    names = set(ScanSettings.model_fields) - {"snmp_communities"}
    return ScanSettings(snmp_communities=(), **settings.model_dump(include=names))


def _own_folder() -> Path:
    return Path(platformdirs.user_data_dir("muster", appauthor=False))


def _user(entry: Entry) -> SnmpUser:
    return SnmpUser(
        entry.user,
        entry.authentication,
        entry.secret.reveal(),
        entry.privacy,
        entry.privacy_secret.reveal(),
    )


def _keyring() -> Any:  # noqa: ANN401 - an optional library without types
    """The keyring library, if it is installed and has a backend its authors recommend; else None.

    Their priority is 1 and above; below stand those that write a plain file, or keep nothing.
    """
    try:
        ring = importlib.import_module("keyring")
    except ImportError:
        return None
    return ring if getattr(ring.get_keyring(), "priority", 0) >= 1 else None


def _written(entries: Mapping[str, Entry]) -> str:
    return json.dumps(
        {
            entry.name: {
                "kind": entry.kind,
                "secret": entry.secret.reveal(),
                "user": entry.user,
                "authentication": entry.authentication,
                "privacy": entry.privacy,
                "privacy_secret": entry.privacy_secret.reveal(),
            }
            for entry in entries.values()
        }
    )


def _read(plain: str, place: str) -> dict[str, Entry]:
    try:
        return {
            name: Entry(
                name,
                row["kind"],
                Secret(row["secret"]),
                row["user"],
                row["authentication"],
                row["privacy"],
                Secret(row["privacy_secret"]),
            )
            for name, row in json.loads(plain or "{}").items()
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(_("{place}:1: is no vault").format(place=place)) from None
