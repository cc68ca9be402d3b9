"""What a persona may say of each real daemon: one settings model per daemon of lab/daemons.py."""

from typing import Literal

from pydantic import Field

from lab.speaks.settings import PortSettings, YesNo


class SnmpdSettings(PortSettings):
    """net-snmp's agent; `community` is read-only."""

    community: str = "public"
    sys_name: str = "{hostname}"
    sys_descr: str = ""
    location: str = ""
    contact: str = ""


class DropbearSettings(PortSettings):
    """Dropbear SSH; `accounts` (name to password) really log in, to a command that does nothing."""

    accounts: dict[str, str] = Field(default_factory=dict)


class IppEvePrinterSettings(PortSettings):
    """CUPS' IPP Everywhere printer."""

    name: str
    manufacturer: str
    model: str
    location: str = ""


class P910ndSettings(PortSettings):
    """p910nd, whose printer is the device's paper."""

    port: int = Field(ge=9100, le=9109)


class MinidlnaSettings(PortSettings):
    """ReadyMedia's UPnP media server; its description is on `port`, its SSDP on 1900/udp."""

    name: str
    model: str = ""
    serial: str = ""


class VsftpdSettings(PortSettings):
    """vsftpd; `anonymous: yes` lets everybody read an empty folder."""

    anonymous: YesNo = False
    banner: str = ""


class TelnetdSettings(PortSettings):
    """inetutils' telnetd, whose login asks for a name and a password and lets nobody in."""

    banner: str = ""


class MosquittoSettings(PortSettings):
    """Eclipse Mosquitto; `anonymous: yes` lets everybody connect."""

    anonymous: YesNo = True


class LldpdSettings(PortSettings):
    """lldpd, announcing the device to its neighbours (IEEE 802.1AB)."""

    port: Literal[0] = 0
    description: str = ""
    platform: str = ""
