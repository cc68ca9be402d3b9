"""Printers' own status pages: every row of the data reads its example, and a scan asks only where it must."""

from dataclasses import replace

import pytest
from test_interview import Script, SilentDoor, host, interviewer
from test_probe_conversations import door, facts, permit

from agent.fingerprints import Fingerprinter
from agent.probes import status_page
from agent.probes.reply import Context, Garbled
from agent.probes.status_page import StatusPage, pages_of, status_pages
from inventory.types import Attribute, ProbeOutcome
from tests.lab.pretend_device import speaking

of_each = pytest.mark.parametrize("page", status_pages(), ids=lambda page: f"{page.vendor} {page.path}")
MAKERS = {"HP", "Ricoh", "Canon", "Kyocera", "Brother", "Epson", "Lexmark", "Konica Minolta"}


def test_the_makers_of_office_printers_are_all_there() -> None:
    assert {page.vendor for page in status_pages()} == MAKERS
    for vendor in MAKERS:
        assert len(pages_of(vendor)) == len([page for page in status_pages() if page.vendor == vendor])


@of_each
def test_a_page_states_what_its_example_says(page: StatusPage) -> None:
    assert status_page.parse(page.example, page) == tuple(
        (f"label.{field}", page.gives[field])
        for field in ("model", "serial", "firmware", "hostname")
        if field in page.gives
    )
    assert isinstance(status_page.parse("<title>Log in</title><form>", page), Garbled)


@of_each
async def test_a_printer_that_serves_it_is_named_by_it(page: StatusPage) -> None:
    path, _mark, _query = page.path.partition("?")
    kind = {"xml": "text/xml", "table": "text/html", "script": "text/javascript"}[page.written]
    async with speaking("http", pages={path: {"type": kind, "body": page.example}}) as device:
        replies = await status_page.ask(door(), permit(), device.port, _about(page.vendor))
    assert (
        facts(replies[-1:]).items() >= {f"label.{name}": value for name, value in page.gives.items()}.items()
    )
    assert len(replies) <= status_page.MOST_PAGES
    fingerprinter = Fingerprinter.load()
    concluded = fingerprinter.conclude(fingerprinter.claims(replies[-1].facts, source="status-page"))
    if "serial" in page.gives:
        assert concluded[Attribute.SERIAL].value == page.gives["serial"]


async def test_a_page_behind_a_login_says_nothing_and_no_login_is_tried() -> None:
    login = {"kind": "form", "protects": ["/"], "accounts": {"admin": "x"}, "action": "/login"}
    async with speaking("http", pages={"/": {"body": "{form}"}}, logins=[login]) as device:
        replies = await status_page.ask(door(), permit(), device.port, _about("Brother"))
    assert [reply.outcome for reply in replies] == [ProbeOutcome.GARBLED]
    assert device.logins == []


@pytest.mark.parametrize(
    ("known", "is_asked"),
    [
        ((), True),
        (
            (("label.model", "MFC-L5700DN"), ("label.serial", "E75600A0N000001"), ("label.firmware", "1.1")),
            False,
        ),
    ],
)
async def test_it_is_asked_for_only_where_something_is_still_to_be_learned(
    known: tuple[tuple[str, str], ...], *, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def ask(_door: object, _permit: object, port: int, context: Context) -> tuple[()]:
        asked.append(port)
        assert context.vendor == "Brother"
        return ()

    script = Script(monkeypatch)
    monkeypatch.setattr("agent.service.interviewer.STATUS_PAGE", replace(status_page.STATUS_PAGE, ask=ask))
    script.says = {"snmp": (("snmp_sysdescr", "Brother NC-8500h, Firmware Ver.ZV"), *known)}
    await interviewer(SilentDoor(), []).interview(host(80, 443))
    assert asked == ([443] if is_asked else [])


def _about(vendor: str) -> Context:
    return Context((), 1.0, lambda _oid: (), vendor=vendor)
