"""Probes: one module per protocol, each with a pure parser and a docstring that says why it is harmless.

A probe asks one port of one host through the door and gives Replies. Fact names are fingerprint sources
(`snmp_sysdescr`, `html_title`, `x509_subjects` …); for SNMP they are numeric OIDs. Evidence for later checks:

| fact | values |
|---|---|
| `snmp.community` | the well-known name that was answered, `***` for any other |
| `snmp.version` | `1`, `2c`, `3` |
| `http.login` | `basic`, `digest`, `form`, `none`; absent where the page does not settle it |
| `telnet.prompt` | `login`, `password`, `shell` |
| `rtsp.login` | `none` where a stream is described without asking |
| `tls.version`, `tls.not_after`, `tls.self_signed` | as the handshake showed |
| `tls.accepts`, `tls.oldest` | each version a server takes; the oldest, where it refused all older ones |
| `tls.broken_cipher` | a cipher of each broken kind it takes; `none` where it refused them all |
| `smb.dialect`, `smb.signing`, `smb.v1` | the newest agreed to; `required`, `offered`; `accepted` |
| `smb.name`, `smb.domain`, `smb.dns-name`, `smb.build` | as told before any login |
| `mqtt.login` | `none` where a client without an account is taken, else `asked` |
| `favicons`, `http.favicon_mmh3` | a web icon's MD5, and the MurmurHash3 of its Base64 |
"""

from collections.abc import Mapping

from agent.probes.bacnet import BACNET
from agent.probes.bjnp import BJNP
from agent.probes.dahua import DAHUA
from agent.probes.greeting import FTP, GREETING, SMTP
from agent.probes.http import HTTP, HTTPS
from agent.probes.ipp import IPP
from agent.probes.mdns import MDNS
from agent.probes.modbus import MODBUS
from agent.probes.mqtt import MQTT
from agent.probes.nbns import NBNS
from agent.probes.reply import Probe
from agent.probes.rtsp import RTSP
from agent.probes.sip import SIP
from agent.probes.smb import SMB
from agent.probes.snmp import SNMP
from agent.probes.ssdp import SSDP
from agent.probes.ssh import SSH
from agent.probes.status_page import STATUS_PAGE
from agent.probes.telnet import TELNET
from agent.probes.tls import TLS
from agent.probes.ubiquiti import UBIQUITI
from agent.probes.wsd import WSD

# Gentlest first: datagrams that need no connection, then greetings, then pages.
PROBES: tuple[Probe, ...] = (
    SNMP, MDNS, SSDP, WSD, NBNS, SIP, BACNET, UBIQUITI, DAHUA, BJNP,
    FTP, SMTP, SSH, TELNET, MODBUS, SMB, IPP, RTSP, HTTP, HTTPS, TLS, MQTT, STATUS_PAGE, GREETING,
)  # fmt: skip

# Asked of every device before anything is known of it.
FIRST_QUESTIONS: tuple[Probe, ...] = (SNMP, MDNS, SSDP, WSD, NBNS)

# A vendor's own discovery, asked of its devices alone.
VENDORS_OWN: Mapping[str, Probe] = {"Ubiquiti": UBIQUITI, "Dahua": DAHUA, "Canon": BJNP}

# Asked only of a device whose kind is known by then; the names of probes.
OF_KNOWN_KINDS: frozenset[str] = frozenset({MQTT.name})


def probe_for(port: int) -> Probe:
    """The TCP probe whose usual port this is; any other port is only listened to."""
    return next((probe for probe in PROBES if probe.transport == "tcp" and port in probe.ports), GREETING)
