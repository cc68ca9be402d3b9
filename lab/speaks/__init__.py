"""What pretend devices speak: one module per protocol, one line per protocol here.

A persona's `serves` entry `{protocol: x, port: n, …}` is read by that protocol's settings
model (pydantic, unknown keys refused, ValidationError tells which) and served with

    spoken = speaks("http")
    settings = spoken.settings.model_validate({"port": "80", …})   # without `protocol`
    server = await spoken.serve(host, settings)
    …
    await server.close()
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from lab.speaks import (
    bacnet,
    bjnp,
    dahua,
    ftp,
    http,
    ipp,
    mdns,
    modbus,
    nbns,
    pjl,
    quiet,
    rtsp,
    sip,
    smb,
    smtp,
    snmp,
    ssdp,
    ssh,
    telnet,
    ubiquiti,
    vnc,
    wsd,
)
from lab.speaks.host import ArpEntry, Attached, Host, Speaking
from lab.speaks.settings import PortSettings

__all__ = ["SPEAKS", "ArpEntry", "Attached", "Host", "Speaking", "Spoken", "speaks"]


@dataclass(frozen=True)
class Spoken:
    """One protocol: its name in a persona, its transport, its settings and its server."""

    protocol: str
    transport: Literal["tcp", "udp"]
    settings: type[PortSettings]
    serve: Callable[[Host, Any], Awaitable[Speaking]]


SPEAKS: tuple[Spoken, ...] = (
    Spoken("bacnet", "udp", bacnet.BacnetSettings, bacnet.serve),
    Spoken("bjnp", "udp", bjnp.BjnpSettings, bjnp.serve),
    Spoken("dahua", "udp", dahua.DahuaSettings, dahua.serve),
    Spoken("ftp", "tcp", ftp.FtpSettings, ftp.serve),
    Spoken("http", "tcp", http.HttpSettings, http.serve),
    Spoken("https", "tcp", http.HttpsSettings, http.serve_https),
    Spoken("ipp", "tcp", ipp.IppSettings, ipp.serve),
    Spoken("mdns", "udp", mdns.MdnsSettings, mdns.serve),
    Spoken("modbus", "tcp", modbus.ModbusSettings, modbus.serve),
    Spoken("nbns", "udp", nbns.NbnsSettings, nbns.serve),
    Spoken("pjl", "tcp", pjl.PjlSettings, pjl.serve),
    Spoken("quiet", "tcp", quiet.QuietSettings, quiet.serve),
    Spoken("rtsp", "tcp", rtsp.RtspSettings, rtsp.serve),
    Spoken("sip", "udp", sip.SipSettings, sip.serve),
    Spoken("smb", "tcp", smb.SmbSettings, smb.serve),
    Spoken("smtp", "tcp", smtp.SmtpSettings, smtp.serve),
    Spoken("snmp", "udp", snmp.SnmpSettings, snmp.serve),
    Spoken("ssdp", "udp", ssdp.SsdpSettings, ssdp.serve),
    Spoken("ssh", "tcp", ssh.SshSettings, ssh.serve),
    Spoken("telnet", "tcp", telnet.TelnetSettings, telnet.serve),
    Spoken("ubiquiti", "udp", ubiquiti.UbiquitiSettings, ubiquiti.serve),
    Spoken("vnc", "tcp", vnc.VncSettings, vnc.serve),
    Spoken("wsd", "udp", wsd.WsdSettings, wsd.serve),
)


def speaks(protocol: str) -> Spoken:
    """The server of that protocol name; KeyError when no device here can speak it."""
    return _BY_PROTOCOL[protocol]


_BY_PROTOCOL = {one.protocol: one for one in SPEAKS}
