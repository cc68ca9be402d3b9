"""Which devices a CPE name means: neither another product nor one product less than it says."""

import pytest
from feed_files import cpe, match, nvd, weakness

from agent.checks.knowledge import Knowledge, gather
from agent.feeds.formats import read_feed


def knowing(*matches: dict[str, object], on: tuple[str, ...] = ()) -> Knowledge:
    return gather([read_feed(nvd(weakness("CVE-1-1", 9.8, *matches, on=on)), "nvd.json")])


@pytest.mark.parametrize(
    ("name", "end", "device", "is_weak"),
    [
        ("o:ui:u6-pro_firmware", "6.5.62", ("Ubiquiti", "U6-Pro", "6.5.28"), True),
        ("o:dahuasecurity:ipc-hfw5442e-ze_firmware", "3.0", ("Dahua", "IPC-HFW5442E-ZE", "2.8"), True),
        ("o:dlink:dir-859_firmware", "1.07", ("D-Link", "D-Link DIR-859", "1.06"), True),
        ("o:hikvision:ds-2cd2_firmware", "5.6", ("Hikvision", "DS-2CD2143G0-I", "V5.5.82"), False),
        ("o:hikvision:ds-2cd2143g0-i_firmware", "5.6", ("Hikvision", "DS-2CD21", "V5.5.82"), False),
        ("o:hikvision:ds-2cd2143g0-i_firmware", "5.6", ("Hikvision", "DS-2CD2143G0-I", "V5.5.82"), True),
        ("a:f5:big-ip_access_policy_manager", "16.1.4", ("F5", "BIG-IP VE", "16.1.3"), True),
        ("a:acme:x9", "2.0", ("Acme", "X9", "1.0"), False),
        ("o:cisco:nx-os", "10.4(4)", ("Cisco", "N9K-C93180YC-EX", "10.4(3)M"), True),
        ("o:cisco:ios", "15.2(7)e4", ("Cisco", "WS-C2960X-24TS-L", "15.2(7)E3"), True),
        ("o:cisco:ios", "15.2(7)e4", ("Cisco", "WS-C2960X-24TS-L", "12.2(55)SE12"), False),
        ("o:fortinet:fortios", "7.2.7", ("Fortinet", "FGT_60F", "v7.2.5,build1517"), True),
        ("o:fortinet:fortios", "7.2.7", ("Fortinet", "FortiSwitch-124E", "v7.2.5"), False),
        ("o:qnap:qts", "5.1.5.2645", ("QNAP", "TS-453D", "5.1.3"), True),
        ("o:qnap:qts", "5.1.5.2645", ("QNAP", "TS-h886", "h5.1.3"), False),
        ("o:qnap:quts_hero", "h5.1.5.2647", ("QNAP", "TS-h886", "h5.1.3"), True),
        ("o:qnap:qts", "5.1.5.2645", ("QNAP", "QSW-M408", "1.0.6"), False),
        ("o:sonicwall:sonicos", "6.5.4.15", ("SonicWall", "TZ 400", "6.5.4.4-44n"), True),
        ("o:mikrotik:routeros", "6.49.7", ("MikroTik", "CSS326-24G-2S+", "2.13"), False),
        ("o:zyxel:usg_flex_200_firmware", "5.38", ("Zyxel", "USG FLEX 200", "V5.36(ABUI.0)"), True),
        ("o:synology:diskstation_manager", "7.1.1-42962-2", ("Synology", "DS918+", "DSM 7.1-42661"), True),
    ],
)
def test_a_range_of_a_product_means_that_product_only(
    name: str, end: str, device: tuple[str, str, str], is_weak: bool
) -> None:
    known = knowing(match(cpe(*name.split(":")), versionEndExcluding=end))
    assert bool(known.weaknesses(*device)) is is_weak


@pytest.mark.parametrize(
    ("exact", "version", "is_weak"),
    [
        (("7.1-42661", "update_4"), "DSM 7.1-42661 Update 4", True),
        (("7.1-42661", "update_4"), "DSM 7.1-42661", False),
        (("7.1-42661", "*"), "DSM 7.1-42661", True),
        (("-", "*"), "DSM 7.1-42661", False),
        (("*", "*"), "DSM 7.1-42661", True),
    ],
)
def test_an_exact_version_means_its_update_too(exact: tuple[str, str], version: str, is_weak: bool) -> None:
    known = knowing(match(cpe("o", "synology", "diskstation_manager", *exact)))
    assert bool(known.weaknesses("Synology", "DS918+", version)) is is_weak
