"""The shape of one `serves` entry of a persona, protocol by protocol."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Port = Annotated[int, Field(ge=1, le=65_535)]


def _yes_or_no(value: object) -> object:
    if isinstance(value, str) and value not in ("yes", "no"):
        raise ValueError("say yes or no")
    return value == "yes" if isinstance(value, str) else value


YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
"""A flag that a persona writes as `yes` or `no`."""


class Settings(BaseModel):
    """Settings of one protocol: frozen, and an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PortSettings(Settings):
    """Settings of a protocol that listens on one port."""

    port: Port
