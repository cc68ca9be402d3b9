"""Names in the encodings of the office's devices are read; what is none of them is left as it came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.listen import neighbours, vendors
from agent.probes import (
    bacnet,
    bjnp,
    dahua,
    greeting,
    http_message,
    ipp,
    mdns,
    modbus,
    nbns,
    rtsp,
    sip,
    ssdp,
    telnet,
    ubiquiti,
    wsd,
)
from agent.probes import page as page_of
from agent.probes.charset import declared, decoded
from agent.probes.reply import text_of


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("三樓影印機 登入", "big5"),
        ("會議室印表機 Canon iR-ADV C3530", "big5"),
        ("三楼打印机 登录", "gb18030"),
        ("网络摄像机 用户名 密码", "gb2312"),
        ("プリンタの設定", "shift_jis"),
        ("ログイン画面です", "shift_jis"),
        ("三樓影印機", "utf-8"),
        ("25°C 30°C", "latin-1"),
        ("Gerät im Büro für Müller", "latin-1"),
        ("Café", "latin-1"),
        ("Café São Paulo ©2019", "latin-1"),
    ],
)
def test_an_undeclared_text_is_read_in_its_own_encoding(text: str, codec: str) -> None:
    assert text_of(text.encode(codec)) == text


def test_a_page_is_read_as_it_declares() -> None:
    title = "<title>印</title>".encode("big5")  # one character alone would not be guessed
    for page in (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=Big5\r\n\r\n" + title,
        b"HTTP/1.1 200 OK\r\n\r\n<meta charset=big5>" + title,
    ):
        read = http_message.parse(page)
        assert isinstance(read, http_message.Page)
        assert ("html_title", "印") in page_of.describe(read)


def test_a_character_cut_off_spoils_nothing_before_it() -> None:
    assert text_of("三樓印".encode()[:-1]) == "三樓"
    assert text_of("三樓影印機".encode("big5")[:-1]) == "三樓影印"


def test_only_encodings_that_are_texts_can_be_declared() -> None:
    assert declared("text/html; charset=BIG5") == "big5"
    assert declared("text/html; charset=rot13") == declared("charset=none-such") == declared("") == ""


def counted(raw: bytes, size: int = 1) -> bytes:
    return len(raw).to_bytes(size) + raw


# Each protocol with a name of the device's own in it, and the fact that tells the name.
NAMED = {
    "http": (
        lambda raw: b"HTTP/1.1 200 OK\r\n\r\n<title>" + raw + b"</title>",
        lambda data: page_of.describe(http_message.parse(data)),
        "html_title",
    ),
    "rtsp": (lambda raw: b"RTSP/1.0 200 OK\r\nServer: " + raw + b"\r\n\r\n", rtsp.parse, "rtsp_servers"),
    "sip": (lambda raw: b"SIP/2.0 200 OK\r\nUser-Agent: " + raw + b"\r\n\r\n", sip.parse, "sip_user_agents"),
    "ssdp": (lambda raw: b"HTTP/1.1 200 OK\r\nSERVER: " + raw + b"\r\n\r\n", ssdp.parse, "ssdp.server"),
    "ftp": (lambda raw: b"220 " + raw + b"\r\n", lambda data: [("banner", greeting.parse(data))], "banner"),
    "telnet": (lambda raw: raw + b"\r\n", lambda data: [("banner", telnet.parse(data)[0].strip())], "banner"),
    "ipp": (
        lambda raw: b"\x02\0\0\0\0\0\0\x01\x04\x41" + counted(b"printer-info", 2) + counted(raw, 2) + b"\x03",
        ipp.parse,
        "printer-info",
    ),
    "mdns": (
        lambda raw: (
            b"\0\0\x84\0\0\0\0\x01\0\0\0\0\x01a\0\0\x10\x80\x01\0\0\0\0" + counted(counted(b"ty=" + raw), 2)
        ),
        lambda data: mdns.describe(mdns.parse(data)),
        "mdns.txt.ty",
    ),
    "nbns": (
        lambda raw: (
            b"\0\0\x84\0\0\0\0\x01\0\0\0\0\0\0\x21\0\x01\0\0\0\0\0\x40\x01"
            + raw.ljust(15)
            + b"\0\x04\0"
            + bytes(46)
        ),
        nbns.parse,
        "nbns.name",
    ),
    "modbus": (
        lambda raw: b"\0\x01\0\0\0\x20\xff\x2b\x0e\x01\x01\0\0\x01\0" + counted(raw),
        modbus.parse,
        "modbus.vendor-name",
    ),
    "ubiquiti": (
        lambda raw: b"\x01\0" + counted(b"\x0b" + counted(raw, 2), 2),
        ubiquiti.parse,
        "ubiquiti.name",
    ),
    "dahua": (
        lambda raw: dahua.framed(b'{"params":{"deviceInfo":{"MachineName":"' + raw + b'"}}}'),
        dahua.parse,
        "dahua.machinename",
    ),
    "bjnp": (
        lambda raw: b"BJNP\x81\x30\0\0\0\0\0\0" + counted(b"\0\0" + raw, 4),
        bjnp.parse,
        "ieee1284",
    ),
    "wsd": (lambda raw: b"<ProbeMatch><Scopes>" + raw + b"</Scopes></ProbeMatch>", wsd.parse, "wsd.scopes"),
    "sadp": (
        lambda raw: b"<ProbeMatch><DeviceDescription>" + raw + b"</DeviceDescription></ProbeMatch>",
        vendors.sadp,
        "sadp.model",
    ),
    "mndp": (lambda raw: bytes(4) + b"\0\x05" + counted(raw, 2), vendors.mndp, "mndp.identity"),
    "lldp": (lambda raw: b"\x0a" + counted(raw), neighbours.lldp, "lldp.sysname"),
    "cdp": (
        lambda raw: b"\x02\xb4\0\0\0\x01" + (4 + len(raw)).to_bytes(2) + raw,
        neighbours.cdp,
        "cdp.device-id",
    ),
}


@pytest.mark.parametrize("protocol", NAMED)
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("三樓影印機", "utf-8"),
        ("三樓影印機", "big5"),
        ("网络打印机", "gb18030"),
        ("プリンタ", "shift_jis"),
        ("Büro", "latin-1"),
    ],
)
def test_every_protocol_reads_a_name_in_the_encodings_of_the_offices(
    protocol: str, name: str, codec: str
) -> None:
    message, read, fact = NAMED[protocol]
    assert (fact, name) in list(read(message(name.encode(codec))))


def test_a_document_and_a_response_are_read_as_they_declare() -> None:
    one = "印".encode("big5")  # one character alone would not be guessed
    probe = b'<?xml version="1.0" encoding="Big5"?><ProbeMatch><Scopes>' + one + b"</Scopes></ProbeMatch>"
    assert ("wsd.scopes", "印") in wsd.parse(probe)
    head = b"\x02\0\0\0\0\0\0\x01\x01\x47" + counted(b"attributes-charset", 2) + counted(b"big5", 2)
    body = b"\x04\x41" + counted(b"printer-info", 2) + counted(one, 2) + b"\x03"
    assert ("printer-info", "印") in ipp.parse(head + body)


@pytest.mark.parametrize(
    ("number", "raw"),
    [(0, "印機".encode()), (1, b"\x03\xb6" + "印機".encode("big5")), (4, "印機".encode("utf-16-be"))],
)
def test_bacnet_says_its_character_set_itself(number: int, raw: bytes) -> None:
    apdu = bytes.fromhex("30020c0c020004b019463e75") + counted(bytes((number,)) + raw) + b"\x3f"
    assert bacnet.parse_text(b"\x81\x0a" + (6 + len(apdu)).to_bytes(2) + b"\x01\0" + apdu) == (70, "印機")


@given(st.binary(max_size=200), st.sampled_from(("", "big5", "gb18030", "shift_jis", "utf-8")))
def test_any_bytes_are_some_text(data: bytes, encoding: str) -> None:
    assert isinstance(decoded(data, encoding), str)
