"""The lab's wireless captures, read back with a parser nobody here wrote."""

import json
from pathlib import Path

import pytest
from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11EltMicrosoftWPA, Dot11EltRSN
from scapy.utils import rdpcap

from lab.wireless import NETWORKS, STRONG, WEAK, Network, capture, write_capture

_SCAPY_AKM = {1: "802.1X", 2: "PSK", 5: "802.1X-SHA256", 6: "PSK-SHA256", 8: "SAE", 18: "OWE"}


def test_the_same_capture_is_the_same_bytes() -> None:
    assert capture(NETWORKS["all"]) == capture(NETWORKS["all"])


def test_a_foreign_parser_reads_what_the_truth_says(tmp_path: Path) -> None:
    pcap, truth = write_capture(tmp_path / "air.pcap")
    networks = {one["bssid"]: one for one in json.loads(truth.read_text())["networks"]}
    heard = {}
    for packet in rdpcap(str(pcap)):
        if Dot11Beacon in packet:
            heard[packet[Dot11].addr3] = packet
    assert set(heard) == set(networks)
    for bssid, packet in heard.items():
        told = networks[bssid]
        stats = packet[Dot11Beacon].network_stats()
        assert stats["channel"] == told["channel"]
        assert stats["ssid"] == ("" if told["hidden"] else told["ssid"])
        assert ("privacy" in str(packet[Dot11Beacon].cap)) is told["privacy"]
        assert (Dot11EltRSN in packet) is (told["rsn"] is not None)
        assert (Dot11EltMicrosoftWPA in packet) is (told["wpa"] is not None)
        if told["rsn"]:
            rsn = packet[Dot11EltRSN]
            assert [_SCAPY_AKM[suite.suite] for suite in rsn.akm_suites] == told["rsn"]["akm"]
            assert bool(rsn.mfp_required) is (told["pmf"] == "required")
            assert bool(rsn.mfp_capable) is (told["pmf"] != "off")


def test_a_hidden_name_is_told_in_a_probe_response_only() -> None:
    hidden = [one for one in NETWORKS["all"] if one.hidden]
    assert hidden
    for network in hidden:
        assert capture([network], rounds=3).count(network.ssid.encode()) == 1


@pytest.mark.parametrize(("networks", "expected"), [(WEAK, True), (STRONG, False)])
def test_the_weak_have_a_reason_and_the_strong_have_no_grave_one(
    networks: tuple[Network, ...], expected: bool
) -> None:
    for network in networks:
        grave = set(network.weak) - {"mfp-optional"}
        assert bool(grave) is expected
