"""Replies as devices send them, one or more per parser, written out from the RFCs."""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from agent.probes import (
    bacnet,
    bjnp,
    dahua,
    greeting,
    http_message,
    ipp,
    mdns,
    modbus,
    mqtt,
    nbns,
    rtsp,
    sip,
    smb,
    ssdp,
    ssh,
    telnet,
    tls,
    tls_offer,
    ubiquiti,
    wsd,
)
from agent.snmp_codec import parse as parse_snmp
from agent.snmp_codec import parse_report


@dataclass(frozen=True)
class Capture:
    name: str
    parse: Callable[[bytes], object]
    data: bytes


HTTP_PAGE = (
    b'HTTP/1.1 401 Unauthorized\r\nServer: Rapid Logic/1.1\r\nWWW-Authenticate: Basic realm="printer"\r\n'
    b"Set-Cookie: session=abc; path=/\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"1d\r\n<title>Web &amp; Image</title\r\n1\r\n>\r\n0\r\n\r\n"
)
RTSP_ANSWER = (
    b"RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nServer: Rtsp Server/3.0\r\n"
    b'WWW-Authenticate: Digest realm="Login to 4F0A", nonce="0a87"\r\n\r\n'
)
SIP_ANSWER = (
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nUser-Agent: Yealink SIP-T46U 108.86.0.20\r\n"
    b"Allow: INVITE, OPTIONS\r\nContent-Length: 0\r\n\r\n"
)
SSDP_ANSWER = (
    b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nLOCATION: http://10.0.0.9:49152/d.xml\r\n"
    b"SERVER: Linux/4.9 UPnP/1.0 Thing/2\r\nST: upnp:rootdevice\r\nUSN: uuid:1::upnp:rootdevice\r\n\r\n"
)
DESCRIPTION = (
    b"<?xml version='1.0'?><root xmlns='urn:schemas-upnp-org:device-1-0'><device>"
    b"<deviceType>urn:schemas-upnp-org:device:Basic:1</deviceType><manufacturer>A &amp; B</manufacturer>"
    b"<modelName>One</modelName><serialNumber>S1</serialNumber><UDN>uuid:1</UDN></device></root>"
)
INFORMATION = (
    b"<e:Envelope><e:Body><tds:GetDeviceInformationResponse><tds:Manufacturer>AXIS</tds:Manufacturer>"
    b"<tds:Model>P3245-LV</tds:Model><tds:FirmwareVersion>9.80.3</tds:FirmwareVersion>"
    b"<tds:SerialNumber>B8A44F000001</tds:SerialNumber></tds:GetDeviceInformationResponse></e:Body></e:Envelope>"
)
PROBE_MATCH = (
    b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:d="urn:d"><e:Body><d:ProbeMatches>'
    b"<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>"
    b"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/Axis</d:Scopes>"
    b"<d:XAddrs>http://10.0.0.9/onvif/device_service</d:XAddrs></d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>"
)
TELNET_GREETING = bytes((255, 253, 24, 255, 251, 1, 255, 250, 31, 0, 80, 255, 240)) + b"\r\nswitch login: "
FTP_GREETING = b"220-Welcome\r\n220 AXIS P3245 9.80 ready.\r\n"

# Device 1200 of vendor 8; its model name "DSC-1212E"; both as ASHRAE 135, Annex F, writes such messages.
I_AM = bytes.fromhex("810a0014010010 00c4020004b0 2205c4 9103 2108".replace(" ", ""))
MODEL_NAME = (
    bytes.fromhex("810a001e0100 30020c 0c020004b0 1946 3e 750a00".replace(" ", "")) + b"DSC-1212E\x3f"
)
MODBUS_ANSWER = (
    struct.pack(">HHHB", 1, 0, 33, 255)
    + bytes((0x2B, 0x0E, 1, 1, 0, 0, 3))
    + (b"\x00\x09Moxa Inc.\x01\x05E1212\x02\x04V3.2")
)

UBIQUITI_ANSWER = bytes.fromhex("0100003c") + b"".join(
    bytes((kind, 0, len(value))) + value
    for kind, value in (
        (1, bytes.fromhex("f09fc2000001")),
        (3, b"BZ.ar7240.v4.0.80.10875.180131.2119"),
        (0x0C, b"UAP"),
        (0x0B, b"lift"),
    )
)
DAHUA_ANSWER = dahua.framed(
    b'{"mac":"6c:1c:71:00:00:01","method":"client.notifyDevInfo","params":{"deviceInfo":{"DeviceClass":"NVR",'
    b'"DeviceType":"DHI-NVR4216-4KS2","SerialNo":"4F0A1B2PAZ00001","Version":"4.001.0000003.1"}}}\n\0'
)
_DEVICE_ID = b"MFG:Canon;CMD:BJL;CLS:PRINTER;MDL:MX870 series;"
BJNP_ANSWER = (
    struct.pack(">4sBBHHHI", b"BJNP", 0x81, 0x30, 0, 7, 0, len(_DEVICE_ID) + 2)
    + struct.pack(">H", len(_DEVICE_ID) + 2)
    + _DEVICE_ID
)


def dns_name(text: str) -> bytes:
    return b"".join(bytes((len(label),)) + label.encode() for label in text.split(".")) + b"\0"


def mdns_answer() -> bytes:
    def record(name: bytes, kind: int, data: bytes) -> bytes:
        return name + struct.pack(">HHIH", kind, 0x8001, 120, len(data)) + data

    service = dns_name("_ipp._tcp.local")
    pointer_to_service = struct.pack(">H", 0xC000 | 12)
    instance = bytes((6,)) + b"Office" + pointer_to_service
    txt = b"".join(bytes((len(pair),)) + pair for pair in (b"ty=Brother HL", b"UUID=1"))
    answers = record(service, 12, instance)
    answers += record(bytes((6,)) + b"Office" + pointer_to_service, 16, txt)
    answers += record(
        bytes((6,)) + b"Office" + pointer_to_service,
        33,
        struct.pack(">HHH", 0, 0, 631) + dns_name("BRN1.local"),
    )
    answers += record(dns_name("BRN1.local"), 1, bytes((10, 0, 0, 9)))
    return struct.pack(">6H", 0, 0x8400, 0, 4, 0, 0) + answers


def ipp_answer() -> bytes:
    def attribute(tag: int, name: bytes, value: bytes) -> bytes:
        return bytes((tag,)) + struct.pack(">H", len(name)) + name + struct.pack(">H", len(value)) + value

    return (
        struct.pack(">BBHI", 2, 0, 0, 1)
        + b"\x01"
        + attribute(0x47, b"attributes-charset", b"utf-8")
        + b"\x04"
        + attribute(0x41, b"printer-make-and-model", b"HP LaserJet M404")
        + attribute(0x35, b"printer-info", struct.pack(">H", 2) + b"en" + struct.pack(">H", 3) + b"3rd")
        + attribute(0x44, b"ipp-versions-supported", b"1.1")
        + attribute(0x44, b"", b"2.0")
        + b"\x03"
    )


def node_status() -> bytes:
    def entry(name: bytes, kind: int, flags: int) -> bytes:
        return name.ljust(15) + bytes((kind,)) + struct.pack(">H", flags)

    names = entry(b"PC-1", 0, 0x0400) + entry(b"FIRM", 0, 0x8400) + entry(b"PC-1", 0x20, 0x0400)
    data = bytes((3,)) + names + bytes.fromhex("644ed739a0d1") + bytes(40)
    owner = b"\x20" + b"CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" + b"\0"
    return (
        struct.pack(">6H", 7, 0x8400, 0, 1, 0, 0) + owner + struct.pack(">HHIH", 0x21, 1, 0, len(data)) + data
    )


def kexinit() -> bytes:
    lists = ("curve25519-sha256", "ssh-ed25519", "aes128-ctr", "aes128-ctr", "hmac-sha2-256", "hmac-sha2-256")
    fields = b"".join(struct.pack(">I", len(one)) + one.encode() for one in (*lists, "none", "none", "", ""))
    return bytes((20,)) + bytes(16) + fields + bytes(5)


def ssh_packet(payload: bytes) -> bytes:
    return struct.pack(">IB", len(payload) + 5, 4) + payload + bytes(4)


def host_key_reply() -> bytes:
    blob = struct.pack(">I", 11) + b"ssh-ed25519" + struct.pack(">I", 32) + bytes(32)
    return bytes((31,)) + struct.pack(">I", len(blob)) + blob


def certificate() -> bytes:
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    key = derive_private_key(7, SECP256R1())
    parts = (
        (NameOID.COUNTRY_NAME, "TW"),
        (NameOID.ORGANIZATION_NAME, "Vivotek, Inc."),
        (NameOID.COMMON_NAME, "cam"),
    )
    name = x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])
    built = x509.CertificateBuilder(name, name, key.public_key(), 7)
    built = built.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
    return (
        built.not_valid_after(datetime(2030, 1, 1, tzinfo=UTC)).sign(key, SHA256()).public_bytes(Encoding.DER)
    )


def smb_answers() -> tuple[bytes, bytes, bytes]:
    """SMB2 NEGOTIATE and the challenge in SESSION_SETUP's answer (MS-SMB2, MS-NLMP); SMB 1 NEGOTIATE."""
    negotiated = (
        b"\xfeSMB\x40" + bytes(59) + struct.pack("<HHHH16sIIII", 65, 3, 0x0311, 0, b"g" * 16, 0, 1, 1, 1)
    )
    texts = ((2, "FIRM"), (1, "FS7"), (3, "fs7.firm.example"))
    pairs = b"".join(
        struct.pack("<HH", kind, 2 * len(text)) + text.encode("utf-16-le") for kind, text in texts
    )
    info = struct.pack("<HHI", len(pairs) + 4, len(pairs) + 4, 56)
    challenge = b"NTLMSSP\0\x02" + bytes(11) + struct.pack("<I", 0xE2898215) + b"8 octets" + bytes(8) + info
    challenge += struct.pack("<BBHxxxB", 10, 0, 17763, 15) + pairs + bytes(4)
    setup = b"\xfeSMB\x40" + bytes(7) + b"\x01" + bytes(51) + b"\x09\0\0\0\x48\0" + challenge
    first = b"\xffSMB\x72" + bytes(27) + b"\x11\0\0\x03" + bytes(32)
    return negotiated, setup, first


# TLS 1.0 with RC4, as a server answers a hello that goes no further.
SERVER_HELLO = bytes.fromhex("160301002a 02000026 0301") + bytes(32) + bytes.fromhex("00 0005 00")


def tlv(tag: int, content: bytes) -> bytes:
    size = bytes((len(content),)) if len(content) < 128 else bytes((0x81, len(content)))
    return bytes((tag,)) + size + content


def snmp_response() -> bytes:
    """v2c, request 5: two lines, an OID, six octets that look like text, an absent object, ticks."""

    def bind(oid: str, value: bytes) -> bytes:
        return tlv(0x30, tlv(6, bytes.fromhex(oid)) + value)

    binds = bind("2b06010201010100", tlv(4, b"Printer\r\nModel 7"))
    binds += bind("2b06010201010200", tlv(6, bytes.fromhex("2b060104010b02030901")))
    binds += bind("2b060102010202010601", tlv(4, b"ABCDEF"))
    binds += bind("2b06010201010500", tlv(0x80, b""))
    binds += bind("2b06010201010300", tlv(0x43, b"\x01\x00"))
    head = tlv(2, b"\x05") + tlv(2, b"\x00") + tlv(2, b"\x00")
    return tlv(0x30, tlv(2, b"\x01") + tlv(4, b"public") + tlv(0xA2, head + tlv(0x30, binds)))


def snmp_report() -> bytes:
    engine = bytes.fromhex("8000000903e80ab948d137")
    security = tlv(0x30, tlv(4, engine) + tlv(2, b"\x01") + tlv(2, b"\x07") + tlv(4, b"") * 3)
    head = tlv(0x30, tlv(2, b"\x07") + tlv(2, b"\x05\xdc") + tlv(4, b"\x00") + tlv(2, b"\x03"))
    pdu = tlv(0xA8, tlv(2, b"\x07") + tlv(2, b"\x00") + tlv(2, b"\x00") + tlv(0x30, b""))
    scoped = tlv(0x30, tlv(4, engine) + tlv(4, b"") + pdu)
    return tlv(0x30, tlv(2, b"\x03") + head + tlv(4, security) + scoped)


CAPTURES = (
    Capture("http", http_message.parse, HTTP_PAGE),
    Capture("rtsp", rtsp.parse, RTSP_ANSWER),
    Capture("sip", sip.parse, SIP_ANSWER),
    Capture("ssdp", ssdp.parse, SSDP_ANSWER),
    Capture("upnp", lambda data: ssdp.parse_description(data.decode("latin-1")), DESCRIPTION),
    Capture("wsd", wsd.parse, PROBE_MATCH),
    Capture("telnet", telnet.parse, TELNET_GREETING),
    Capture("ftp", greeting.parse, FTP_GREETING),
    Capture("greeting", greeting.parse_any, b"Hi, my name is\r\n"),
    Capture("mdns", mdns.parse, mdns_answer()),
    Capture("ipp", ipp.parse, ipp_answer()),
    Capture("nbns", nbns.parse, node_status()),
    Capture("ssh-banner", ssh.parse_banner, b"Authorized only\r\nSSH-2.0-dropbear_2022.83\r\n"),
    Capture("ssh-offer", ssh.parse_offer, kexinit()),
    Capture("ssh-hostkey", ssh.parse_host_key, host_key_reply()),
    Capture("tls", tls.parse, certificate()),
    Capture("bacnet-i-am", bacnet.parse_i_am, I_AM),
    Capture("bacnet-text", bacnet.parse_text, MODEL_NAME),
    Capture("modbus", modbus.parse, MODBUS_ANSWER),
    Capture("ubiquiti", ubiquiti.parse, UBIQUITI_ANSWER),
    Capture("dahua", dahua.parse, DAHUA_ANSWER),
    Capture("bjnp", bjnp.parse, BJNP_ANSWER),
    *(
        Capture(name, parse, data)
        for (name, parse), data in zip(
            (("smb", smb.parse), ("smb-challenge", smb.parse_challenge), ("smb-first", smb.parse_first)),
            smb_answers(),
            strict=True,
        )
    ),
    Capture("mqtt", mqtt.parse, b"\x20\x02\x00\x05"),
    Capture("tls-offer", tls_offer.parse, SERVER_HELLO),
    Capture("snmp", parse_snmp, snmp_response()),
    Capture("snmp-report", parse_report, snmp_report()),
)
