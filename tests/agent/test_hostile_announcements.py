"""Hostile announcements and tables: they end, and no MAC is known that nobody sent."""

import re

from hypothesis import given
from hypothesis import strategies as st
from test_listen import ALL, MAC, ethernet, udp

from agent.listen.frame import hear
from agent.probes.gear import tables_of

_A_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")


def announcement(*records: bytes) -> bytes:
    """An mDNS answer of these records."""
    head = bytes.fromhex("00008400") + bytes(2) + len(records).to_bytes(2, "big") + bytes(4)
    return udp("192.0.2.5", "224.0.0.251", 5353, head + b"".join(records))


def pointer(at: int) -> bytes:
    return (0xC000 | at).to_bytes(2, "big")


def record(name: bytes, data: bytes, kind: int = 12) -> bytes:
    return name + kind.to_bytes(2, "big") + b"\x80\x01" + bytes(4) + len(data).to_bytes(2, "big") + data


def test_names_that_point_at_themselves_or_at_each_other_say_nothing() -> None:
    assert hear(announcement(record(pointer(12), pointer(12)))) is None
    circle = record(b"\x01a" + pointer(12), b"\x01b" + pointer(12))
    assert hear(announcement(circle)) is None


def test_a_message_of_nothing_but_pointers_ends() -> None:
    # Each name points to the one before it: read anew each time, that would be work without bounds.
    chain = [record(b"\x01a\x00", b"\x00")]
    chain += [record(b"\x01a" + pointer(12 + 15 * number), b"") for number in range(500)]
    hear(announcement(*chain))


def test_counts_beyond_what_follows_are_no_fault() -> None:
    for counts in (b"\xff\xff" * 4, b"\x00\x00\xff\xff\x00\x00\x00\x00"):
        hear(udp("192.0.2.5", "224.0.0.251", 5353, b"\0\0\x84\0" + counts + b"\x01a\x00"))
        hear(udp("192.0.2.5", "192.0.2.255", 137, b"\0\0\x84\0" + counts + b"\x20" + b"C" * 40))


@given(
    st.binary(max_size=300), st.sampled_from((67, 137, 1900, 3702, 5353)), st.binary(min_size=6, max_size=6)
)
def test_whoever_is_heard_sent_that_mac_himself(data: bytes, port: int, receiver: bytes) -> None:
    frame = udp("192.0.2.5", "224.0.0.251", port, data, mac=receiver)
    heard = hear(frame)
    if heard is not None and heard.mac:
        assert bytes.fromhex(heard.mac.replace(":", "")) in frame
        assert not int(heard.mac[:2], 16) & 1


@given(st.binary(max_size=60))
def test_no_arp_frame_of_whatever_bytes_makes_a_mac(body: bytes) -> None:
    heard = hear(ethernet(0x0806, bytes.fromhex("0001080006040001") + body))
    if heard is not None:
        assert bytes.fromhex(heard.mac.replace(":", "")) == body[:6]
    assert hear(ALL + MAC + b"\x08\x06" + body[:10]) is None


_COLUMNS = (
    "1.3.6.1.2.1.4.22.1.2.", "1.3.6.1.2.1.4.35.1.4.", "1.3.6.1.2.1.17.4.3.1.2.",
    "1.3.6.1.2.1.17.7.1.2.2.1.2.", "1.0.8802.1.1.2.1.4.1.1.5.", "1.3.6.1.4.1.9.9.23.1.2.1.1.4.",
    "1.3.6.1.4.1.14179.2.1.4.1.7.", "1.3.6.1.4.1.9.9.273.1.2.1.1.2.",
)  # fmt: skip
_VALUES = st.sampled_from(
    (
        "02:00:00:00:00:07",
        "ff:ff:ff:ff:ff:ff",
        "00:00:00:00:00:00",
        "01:00:5e:00:00:01",
        "0a:00:00:09",
        "7",
        "",
    )
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(_COLUMNS),
            st.lists(st.integers(0, 300) | st.just(2), min_size=4, max_size=16),
            _VALUES,
        ),
        max_size=12,
    )
)
def test_tables_name_only_macs_that_a_row_named(rows: list[tuple[str, list[int], str]]) -> None:
    tables = tables_of([(column + ".".join(map(str, index)), value) for column, index, value in rows])
    told = {value for _column, _index, value in rows}
    for _column, index, _value in rows:
        if all(number < 256 for number in index[-6:]):
            told.add(bytes(index[-6:]).hex(":"))
    named = {*(tables.arp or {}).values(), *(tables.ports or {}), *tables.vlans, *tables.wireless}
    named |= {one.mac for one in tables.neighbours if one.mac}
    assert named <= told
    assert all(_A_MAC.fullmatch(mac) and not int(mac[:2], 16) & 1 and mac.strip("0:") for mac in named)
