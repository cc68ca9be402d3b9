"""NetBIOS node status (RFC 1002 section 4.2.17): names, workgroup and MAC of a device."""

import struct

from lab.speaks.host import Host, Speaking
from lab.speaks.malformed import Malformed
from lab.speaks.settings import Port, PortSettings, YesNo

_NBSTAT, _IN = 0x0021, 0x0001
_WORKSTATION, _SERVER = 0x00, 0x20
_UNIQUE, _GROUP = 0x0400, 0x8400


class NbnsSettings(PortSettings):
    """The names a node owns; the machine name is the host name in capitals unless given."""

    port: Port = 137
    name: str = ""
    workgroup: str = "WORKGROUP"
    file_server: YesNo = True


async def serve(host: Host, settings: NbnsSettings) -> Speaking:
    """Answer node status requests; OSError when the port is taken."""
    return await host.udp(settings.port, lambda data, _: _answer(host, settings, data))


def _answer(host: Host, settings: NbnsSettings, data: bytes) -> list[bytes]:
    if len(data) < 50 or data[12] != 32 or data[45] != 0:
        raise Malformed("not a name service request")
    identity, flags = struct.unpack_from(">HH", data)
    kind, group = struct.unpack_from(">HH", data, 46)
    if flags & 0x8000 or (kind, group) != (_NBSTAT, _IN):
        return []
    machine = (settings.name or host.hostname)[:15].upper()
    names = [(machine, _WORKSTATION, _UNIQUE), (settings.workgroup[:15].upper(), _WORKSTATION, _GROUP)]
    if settings.file_server:
        names.append((machine, _SERVER, _UNIQUE))
    body = bytes((len(names),))
    for text, suffix, owned in names:
        body += text.encode("ascii", "replace").ljust(15) + bytes((suffix,)) + struct.pack(">H", owned)
    body += bytes.fromhex(host.mac.replace(":", "")) + b"\0" * 40
    head = struct.pack(">HHHHHH", identity, 0x8400, 0, 1, 0, 0)
    record = data[12:46] + struct.pack(">HHIH", _NBSTAT, _IN, 0, len(body))
    return [head + record + body]
