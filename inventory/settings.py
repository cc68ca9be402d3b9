"""Settings from muster.toml, environment (MUSTER_…) and defaults; the one home of pydantic-settings.

Secrets have no place here: credentials live in the vault.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from inventory.exits import BadInput
from inventory.language import _
from inventory.refused import told
from inventory.roles import Role
from inventory.settings_places import usual_places
from inventory.types import DeviceClass

# Communities that vendors ship and examples use (RFC 3584): known to everybody, so no secrets.
WELL_KNOWN_COMMUNITIES = frozenset(
    {"public", "private", "community", "snmp", "admin", "default", "cisco", "read"}
)


class ScanSettings(BaseModel):
    """How gently a scan goes: packets per second in all and per host, seconds waited for an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: int = Field(default=1000, ge=1)
    per_host_rate: int = Field(default=40, ge=1, le=40)
    per_host_connections: int = Field(default=2, ge=1, le=2)
    timeout: float = Field(default=2.0, gt=0, le=30)
    retries: int = Field(default=1, ge=0, le=5)
    snmp_communities: tuple[str, ...] = Field(default=("public",), repr=False)
    use_nmap: bool = False

    @field_validator("snmp_communities")
    @classmethod
    def _no_secrets(cls, communities: tuple[str, ...]) -> tuple[str, ...]:
        if any(community.lower() not in WELL_KNOWN_COMMUNITIES for community in communities):
            known = ", ".join(sorted(WELL_KNOWN_COMMUNITIES))
            raise ValueError(
                _(
                    "only the well-known communities may stand here ({known});"
                    " put your own into the vault: muster vault set NAME"
                ).format(known=known)
            )
        return communities


class CheckSettings(BaseModel):
    """What checks measure by: months ahead an end of support is told, and the segments meant for a class.

    A feed is shown as stale after `feed_days` days. `watched` are the vendors the firm avoids (CC-14000 (5)).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    ending_months: int = Field(default=12, ge=0, le=120)
    login_window_hours: int = Field(default=24, ge=1, le=24 * 90)
    feed_days: int = Field(default=30, ge=1, le=3660)
    segments: dict[DeviceClass, tuple[str, ...]] = {}
    watched: tuple[str, ...] = ()


class IsolationSettings(BaseModel):
    """The YAML file with the expected matrix (docs/isolation.md), and the days a measurement counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expected: str = ""
    days: int = Field(default=92, ge=1, le=366)


class WirelessSettings(BaseModel):
    """The YAML file with the firm's own wireless networks and its MAC list (docs/wireless.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expected: str = ""
    days: int = Field(default=92, ge=1, le=366)


class ScheduleSettings(BaseModel):
    """When each duty runs by itself, as crontab lines; empty means never."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: str = "Asia/Taipei"
    scan: str = ""
    check: str = ""
    assess: str = ""
    snapshot: str = ""


class Settings(BaseSettings):
    """Everything the operator may set; unknown keys are refused."""

    model_config = SettingsConfigDict(
        env_prefix="MUSTER_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    register_place: str = Field(default="", validation_alias=AliasChoices("register", "MUSTER_REGISTER"))
    language: Literal["", "en", "zh_TW"] = ""
    vault: str = ""
    operator: str = ""
    evidence_days: int = Field(default=45, ge=1)
    custom_fields: tuple[Annotated[str, Field(pattern=r"^\w[\w .-]{0,39}$")], ...] = ()
    scan: ScanSettings = ScanSettings()
    check: CheckSettings = CheckSettings()
    isolation: IsolationSettings = IsolationSettings()
    wireless: WirelessSettings = WirelessSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    roles: dict[str, Role] = {}
    packs: tuple[str, ...] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the interface
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the interface
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load(path: Path | None) -> Settings:
    """Settings from `path`, else from the first muster.toml of the usual places; BadInput if wrong."""
    if path is not None and not path.is_file():
        raise BadInput(_("{place}: no such configuration file").format(place=path))
    source = path or next((place for place in usual_places() if place.is_file()), None)

    class Located(Settings):
        model_config = SettingsConfigDict(**{**Settings.model_config, "toml_file": source})

    try:
        return Located()
    except tomllib.TOMLDecodeError as error:
        reason = _("{place}: is no TOML: {reason}")
        raise BadInput(reason.format(place=source, reason=error)) from error
    except ValidationError as error:
        problems = error.errors(include_url=False)
        place = source or _("environment")
        lines = [f"{place}: {'.'.join(map(str, p['loc']))}: {told(p)}" for p in problems]
        raise BadInput("\n".join(lines)) from error


def default_register() -> str:
    """Where the register lies unless told otherwise: a file under the platform's data folder."""
    return str(Path(platformdirs.user_data_dir("muster", appauthor=False)) / "register.sqlite")
