"""Networks as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory import networks
from inventory.exits import UsageFault


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("192.168.10.0/24", "192.168.10.0/24"),
        (" 10.0.0.7 ", "10.0.0.7/32"),
        ("10.0.0.0/255.255.255.0", "10.0.0.0/24"),
        ("172.16.0.0/12", "172.16.0.0/12"),
        ("2001:db8::/64", "2001:db8::/64"),
    ],
)
def test_a_scope_network_has_one_spelling(text, canonical):
    assert networks.scope_network(text) == canonical


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("192.168.10.5/24", "did you mean 192.168.10.0/24, or the single address 192.168.10.5"),
        ("10.0.0.0/8", "too large"),
        ("0.0.0.0/0", "too large"),
        ("2001:db8::/32", "too large"),
        ("224.0.0.0/24", "multicast"),
        ("ff02::/64", "multicast"),
        ("240.0.0.0/24", "reserved"),
        ("127.0.0.0/24", "--allow-loopback"),
        ("::1", "--allow-loopback"),
        ("0.0.0.0/24", "nobody's network"),
        ("10.0.0.0/33", "not an address or a network"),
        ("office", "not an address or a network"),
        ("", "not an address or a network"),
    ],
)
def test_where_nobody_should_look_is_refused_with_the_reason(text, says):
    with pytest.raises(UsageFault, match=says):
        networks.scope_network(text)


def test_loopback_is_allowed_with_a_word():
    assert networks.scope_network("127.0.0.0/24", allow_loopback=True) == "127.0.0.0/24"


@pytest.mark.parametrize(
    ("text", "cidrs"),
    [
        ("10.0.0.5", ("10.0.0.5/32",)),
        ("10.0.0.4-7", ("10.0.0.4/30",)),
        ("10.0.0.4 - 10.0.0.8", ("10.0.0.4/30", "10.0.0.8/32")),
        ("10.0.0.0/25, 10.0.0.128/25", ("10.0.0.0/24",)),
        ("2001:db8::1-2001:db8::2", ("2001:db8::1/128", "2001:db8::2/128")),
    ],
)
def test_targets_become_the_fewest_networks(text, cidrs):
    assert networks.target_networks(text) == cidrs


@pytest.mark.parametrize("text", ["10.0.0.9-5", "10.0.0.5-999", ",", "10.0.0.5-x"])
def test_a_target_that_makes_no_sense_is_refused(text):
    with pytest.raises(UsageFault):
        networks.target_networks(text)


@pytest.mark.parametrize("text", ["0011.2233.4455", "00-11-22-33-44-55", "001122334455", "00:11:22:33:44:55"])
def test_a_mac_has_one_spelling(text):
    assert networks.mac_address(text) == "00:11:22:33:44:55"


def test_overlaps_are_named():
    others = ["10.0.0.0/24", "2001:db8::/64"]
    assert networks.first_overlap("10.0.0.128/25", others) == "10.0.0.0/24"
    assert networks.first_overlap("10.0.1.0/24", others) is None


@given(st.ip_addresses(), st.ip_addresses())
def test_sort_keys_sort_as_addresses_do(one, other):
    expected = (one.version, int(one)) < (other.version, int(other))
    assert (networks.sort_key(str(one)) < networks.sort_key(str(other))) is expected


@given(st.ip_addresses(v=4), st.integers(12, 32))
def test_a_network_contains_its_own_and_nothing_beside(ip, length):
    import ipaddress

    network = ipaddress.ip_network((ip, length), strict=False)
    assert networks.contains(str(network), str(ip))
    if int(network.broadcast_address) < 2**32 - 1:
        assert not networks.contains(str(network), str(network.broadcast_address + 1))
