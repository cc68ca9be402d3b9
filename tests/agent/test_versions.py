"""Each vendor's versions are compared by that vendor's own scheme, and never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.checks.lifecycle import vendor_files
from agent.checks.versions import SCHEMES, same

CASES = [
    ("dotted", "7.4.1", "7.4.8", True),
    ("dotted", "v7.4.8 build 2795", "7.4.8", False),
    ("dotted", "unknown", "7.4.8", None),
    ("dotted", "AOS v3.5.7 / App v3.5.5", "6.9.6", True),
    ("dotted", "Rev.15.02.14 (Mon)", "15.02.17", True),
    ("underscored", "3.0.0.4.386_51668", "3.0.0.4.388_24609", True),
    ("underscored", "384.17_0", "3.0.0.4.388_24609", False),
    ("build", "V5.5.3 build 171025", "V5.5.800 build 210628", True),
    ("build", "V3.2.30_build221222", "V3.2.30_build221223", True),
    ("build", "V3.2.30_build221223", "V3.2.30_build221223", False),
    ("build", "V3.2.30", "V3.2.30_build221223", None),
    ("build", "2.800.0.29.R, Build Date: 2021-05-10", "Build Date: 2021-06-01", True),
    ("build", "3.212.0000.1", "Build Date: 2021-06-01", None),
    ("build", "1.3.2 Build 20240101 Rel.1", "1.3.3", True),
    ("build", "1.3.3 Build 20251013 Rel.51", "1.3.3", False),
    ("routeros", "7.12rc1", "7.12", True),
    ("routeros", "6.49.10 (long-term)", "6.49.7", False),
    ("cisco-ios", "17.09.04a", "17.9.5", True),
    ("cisco-ios", "9.3(8)", "9.3(10)", True),
    ("cisco-ios", "15.2(7)E3", "15.2(7)E11", True),
    ("cisco-ios", "12.2(55)SE7", "15.2(7)E11", None),
    ("cisco-ios", "12.2(55)SE", "12.2(55)SE7", True),
    ("cisco-ios", "15.2(7)E3", "15.2(7)e4", True),
    ("cisco-ios", "15.1(4)M", "15.1(4)M12", True),
    ("cisco-ios", "10.4(3)M", "10.4(4)", True),
    ("cisco-ios", "10.4(12)F", "10.4(4)", False),
    ("cisco-ios", "7.0(3)I7(9)", "7.0(3)I7(10)", True),
    ("cisco-ios", "7.0(3)I7(9)", "7.0(3)F3(1)", None),
    ("cisco-ios", "03.06.05E", "3.6.6e", True),
    ("cisco-ios", "03.06.05E", "3.16.5s", None),
    ("cisco-ios", "03.06.05E", "16.12.4", True),
    ("cisco-ios", "16.12.4", "3.6.6E", False),
    ("junos", "21.2R3-S6.11", "21.2R3-S7", True),
    ("junos", "21.2R3-S7.2", "21.2R3-S7", False),
    ("junos", "12.3R11.2", "20.4R3-S9", True),
    ("panos", "10.1.14-h6", "10.1.14-h9", True),
    ("panos", "10.1.14-h9", "10.1.14-h9", False),
    ("panos", "10.1.14", "10.1.14-h9", True),
    ("sonicwall", "SonicOS 7.0.1-R1456", "7.0.1-5035", None),
    ("sonicwall", "SonicOS Enhanced 6.5.4.7-83n", "6.5.4.14-109n", True),
    ("sonicwall", "6.5.4.15-117n", "6.5.4.14-109n", False),
    ("sophos", "18.0.1 MR-1-Build396", "18.5.3", True),
    ("sophos", "SFOS 18.5.4 MR-4-Build418", "18.5.3", False),
    ("sophos", "18.5 MR3", "18.5.3", False),
    ("zyxel", "V5.38(ABFW.0)C0", "5.38(ABFW.1)", True),
    ("zyxel", "V2.40(AAHN.0)", "5.38(ABFW.1)", None),
    ("zyxel", "V5.36(ABUI.0)", "5.38", True),
    ("zyxel", "V5.38(ABUI.0)", "5.38", None),
    ("zyxel", "V5.38(ABUI.0)", "5.38(abui.1)", True),
    ("embedded", "BZ.qca956x.v6.5.28.14491.2201", "6.5.62", True),
    ("embedded", "U7PG2.6.6.55.15189", "6.5.62", None),
    ("embedded", "6.5.59", "6.5.59", False),
    ("lettered", "CXTLS.081.233", "CXTLS.240.206", True),
    ("lettered", "CXTLS.081.233", "cxtls.240.206", True),
    ("lettered", "MXTLS.081.233", "CXTLS.240.206", None),
    ("lettered", "2.28f130731", "2.305b240719", None),
    ("lettered", "2.305b230101", "2.305b240719", True),
    ("lettered", "10.6r4 build-dcfd27b", "10.6r2", False),
    ("lettered", "8.1r2a build-178408", "10.6r2", None),
    ("sharp", "0202Q100", "202", False),
    ("sharp", "0120P000", "202", True),
    ("sharp", "01.05.R5.00", "202", None),
    ("lettered", "2S5_2000.002.504", "2S5_2000.002.505", True),
    ("lettered", "M2309191404", "M2309191505", True),
    ("lettered", "DIPC-B1213.6.4.230101", "DIPC-B1213.6.5.230215", True),
    ("brother", "1.70", "1.74(ZE)", True),
    ("brother", "ZE", "ZK", True),
    ("brother", "U1307022128VER.J", "M", True),
    ("brother", "ZA1811191217", "ZK", True),
    ("brother", "Q", "ZK", True),
    ("hp", "MAVEDWPP1N001.1706A.00", "1708D", True),
    ("hp", "MAVEDWPP1N001.2010A.00", "1708D", False),
    ("hp", "20201023", "1708D", None),
    ("hp", "20120914", "20130211", True),
    ("hp", "20201023", "20130211", False),
    ("ale", "86x8_NOE-R300.1.40.12.4000", "R300.1.40.12.4180", True),
    ("synology", "DSM 6.2-25426", "6.2.4-25556-8", True),
    ("synology", "7.1-42661 Update 3", "7.1-42661-update_4", True),
    ("synology", "7.1-42661 Update 4", "7.1-42661-update_4", False),
    ("synology", "7.2.1", "7.2.1-69057-6", None),
]


@pytest.mark.parametrize(("scheme", "version", "latest", "behind"), CASES)
def test_versions_are_compared_as_the_vendor_orders_them(
    scheme: str, version: str, latest: str, behind: bool | None
) -> None:
    assert SCHEMES[scheme](version, latest) is behind


def test_every_scheme_is_shown_and_used() -> None:
    assert {case[0] for case in CASES} == set(SCHEMES) - {"none"}
    assert {file.versions for file in vendor_files().values()} == set(SCHEMES)


@pytest.mark.parametrize("vendor", sorted(vendor_files()))
def test_every_version_in_a_vendors_file_is_read_by_that_vendors_scheme(vendor: str) -> None:
    file = vendor_files()[vendor]
    named = {
        version
        for row in file.rows
        for version in (row.fixed_in, row.weak_through, row.latest and row.latest.version)
        if version
    }
    unread = [version for version in named if not same(version, version, SCHEMES[file.versions])]
    assert not unread


@given(st.sampled_from(sorted(SCHEMES)), st.text(max_size=60), st.text(max_size=60))
def test_no_version_text_breaks_a_comparison(scheme: str, one: str, other: str) -> None:
    assert SCHEMES[scheme](one, other) in (True, False, None)


@given(
    st.sampled_from(sorted(SCHEMES)),
    st.lists(st.integers(0, 40), min_size=3, max_size=3),
    st.lists(st.integers(0, 40), min_size=3, max_size=3),
)
def test_of_two_versions_at_most_one_is_older(scheme: str, one: list[int], other: list[int]) -> None:
    first, second = (".".join(map(str, numbers)) for numbers in (one, other))
    assert not (SCHEMES[scheme](first, second) and SCHEMES[scheme](second, first))
