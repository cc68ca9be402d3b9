"""The calendar of what is due is one that office programs take in, whatever people wrote (RFC 5545)."""

from datetime import UTC, date, datetime

from inventory.ical import calendar
from inventory.types import Due, DueKind

MADE = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PLAN = Due(date(2027, 3, 31), DueKind.PLAN, "plan-1", ("d-1", "d-2"), "舊款，無更新; see\r\nnotes, \\x" * 5)


def test_an_event_is_one_whole_day_with_a_warning_a_week_before():
    lines = calendar([PLAN], MADE).split("\r\n")
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    for said in (
        "UID:plan-1@muster.invalid",
        "DTSTAMP:20261121T093000Z",
        "DTSTART;VALUE=DATE:20270331",
        "DTEND;VALUE=DATE:20270401",
        "TRIGGER:-P7D",
        "DESCRIPTION:plan-1 · d-1\\, d-2",
    ):
        assert lines.count(said) == 1, said


def test_what_people_wrote_is_folded_and_escaped_and_comes_back_whole():
    text = calendar([PLAN], MADE)
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    (summary,) = (line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith("SUMMARY:"))
    said = (
        summary.removeprefix("SUMMARY:plan: ").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\")
    )
    assert said == " ".join(PLAN.what.split())
