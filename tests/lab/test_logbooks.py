"""What the lab writes down: logins without passwords, paper, the packets of the hardest second."""

from datetime import UTC, datetime
from pathlib import Path

from lab.journal import Journal, Login
from lab.traffic import Meter, Passed, passed


def test_logins_are_kept_in_order_and_hold_no_password(tmp_path: Path) -> None:
    journal = Journal(tmp_path, now=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    journal.prepare()
    journal.log_login("mfp-1", "http", "admin", "refused")
    journal.log_login("mfp-1", "http", "adm\nin", "accepted")
    at = "2026-01-02T03:04:05.000+00:00"
    assert journal.logins() == (
        Login(at, "mfp-1", "http", "admin", "refused"),
        Login(at, "mfp-1", "http", "adm\nin", "accepted"),
    )


def test_paper_is_counted_by_device_and_clean_trays_are_not_mentioned(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.prepare()
    journal.paper_of("mfp-2").touch()
    journal.log_paper("mfp-1", b"\x1b%-12345X")
    journal.log_paper("mfp-1", b"@PJL")
    assert journal.paper_used() == {"mfp-1": 13}


def test_multicast_is_not_counted_against_a_sender() -> None:
    text = (
        "Inter-| Receive | Transmit\n"
        " face |bytes packets errs drop fifo frame compressed multicast|bytes packets …\n"
        "   d7:  436  9  0  0  0  0  0  4  698  9  0  0  0  0  0  0\n"
    )
    assert passed(text) == {"d7": Passed(5, 9)}


def test_the_hardest_second_is_remembered() -> None:
    meter = Meter()
    readings = [(0.0, 0), (0.5, 30), (1.0, 60), (1.5, 90), (2.0, 90), (3.0, 90), (4.0, 90)]
    within = [meter.take(at, total) for at, total in readings]
    assert within == [0, 30, 60, 60, 30, 0, 0]
    assert meter.most == 60
    assert meter.total == 90
