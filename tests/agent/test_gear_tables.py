"""Tables of routers, switches and wireless controllers: MACs, VLANs, SSIDs and neighbours, none invented."""

from hypothesis import given
from hypothesis import strategies as st

from agent.probes.gear import Neighbour, tables_of
from agent.service.wiring import Neighbourhood
from inventory.types import ConnectionMethod

MAC9, MAC8 = "02:00:00:00:00:09", "02:00:00:00:00:08"
NINE, EIGHT = "2.0.0.0.0.9", "2.0.0.0.0.8"


def test_the_newer_address_table_is_read_beside_the_older_with_ipv6() -> None:
    v6 = ".".join(str(byte) for byte in bytes.fromhex("fe800000000000000000000000000009"))
    tables = tables_of(
        [
            ("1.3.6.1.2.1.4.22.1.2.3.10.0.0.8", MAC8),
            ("1.3.6.1.2.1.4.35.1.4.3.1.4.10.0.0.9", MAC9),
            (f"1.3.6.1.2.1.4.35.1.4.3.2.16.{v6}", MAC9),
            ("1.3.6.1.2.1.4.35.1.4.3.1.4.10.0.0.300", MAC9),
            ("1.3.6.1.2.1.4.35.1.4.3.1.4.10.0.0.7", "01:00:5e:00:00:01"),
        ]
    )
    assert tables.arp == {"10.0.0.8": MAC8, "10.0.0.9": MAC9, "fe80::9": MAC9}


def test_a_vlan_is_known_by_the_filtering_database_else_by_the_ports_own() -> None:
    tables = tables_of(
        [
            (f"1.3.6.1.2.1.17.7.1.2.2.1.2.4.{NINE}", "7"),
            ("1.3.6.1.2.1.17.7.1.4.2.1.3.0.20", "4"),
            (f"1.3.6.1.2.1.17.4.3.1.2.{EIGHT}", "8"),
            ("1.3.6.1.2.1.17.7.1.4.5.1.1.8", "30"),
        ]
    )
    assert tables.vlans == {MAC9: "20", MAC8: "30"}


def test_a_database_that_no_vlan_is_named_for_gives_none() -> None:
    assert not tables_of([(f"1.3.6.1.2.1.17.7.1.2.2.1.2.4.{NINE}", "7")]).vlans


def test_a_cdp_neighbour_has_its_mac_only_where_an_address_table_has_it() -> None:
    tables = tables_of(
        [
            ("1.3.6.1.4.1.9.9.23.1.2.1.1.4.107.1", "0a:00:00:09"),
            ("1.3.6.1.4.1.9.9.23.1.2.1.1.6.107.1", "SEP0009"),
            ("1.3.6.1.4.1.9.9.23.1.2.1.1.8.107.1", "Cisco IP Phone 8841"),
            ("1.3.6.1.4.1.9.9.23.1.2.1.1.4.108.2", "0a:00:00:07"),
            ("1.3.6.1.2.1.31.1.1.1.1.107", "Gi1/0/7"),
            ("1.3.6.1.2.1.4.22.1.2.3.10.0.0.9", MAC9),
        ]
    )
    assert tables.neighbours == (
        Neighbour("Gi1/0/7", MAC9, "SEP0009", "Cisco IP Phone 8841"),
        Neighbour("108", "", "", ""),
    )


def test_an_associated_station_is_wireless_and_has_its_ssid() -> None:
    ssid = "5.108.111.98.98.121"  # length, then "lobby"
    tables = tables_of(
        [
            (f"1.3.6.1.4.1.14179.2.1.4.1.7.{NINE}", "office"),
            (f"1.3.6.1.4.1.9.9.273.1.2.1.1.2.1.{ssid}.{EIGHT}", "02:00:00:00:00:01"),
        ]
    )
    assert tables.wireless == {MAC9: "office", MAC8: "lobby"}
    around = Neighbourhood([("wlc-1", tables)])
    plug = around.plug_of(MAC9, {})
    assert plug is not None
    assert (plug.switch, plug.port, plug.method) == ("wlc-1", "", ConnectionMethod.WIRELESS)
    assert around.ssid_of(MAC9) == "office"
    assert around.plug_of("02:00:00:00:00:07", {}) is None


_COLUMNS = (
    "1.3.6.1.2.1.4.35.1.4.", "1.3.6.1.2.1.17.7.1.4.2.1.3.", "1.3.6.1.4.1.9.9.23.1.2.1.1.4.",
    "1.3.6.1.4.1.14179.2.1.4.1.7.", "1.3.6.1.4.1.9.9.273.1.2.1.1.2.",
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(_COLUMNS),
            st.lists(st.integers(0, 400), max_size=24),
            st.sampled_from((MAC9, "0a:00:00:09", "x", "")),
        )
    )
)
def test_any_index_is_read_without_a_fault(rows: list[tuple[str, list[int], str]]) -> None:
    tables_of([(column + ".".join(map(str, index)), value) for column, index, value in rows])
