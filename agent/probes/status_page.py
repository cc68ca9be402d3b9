"""Printers' status pages: what a maker's printers state of themselves on a page of their own.

Harmless because GET is safe by definition (RFC 9110, section 9.2.1): at most `MOST_PAGES` pages of the
printer's maker (`data/status_pages.yaml`) are read, without a login, and only where something is still to be
learned.
"""

import re
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from agent.permit import Permit
from agent.probes import http
from agent.probes.http_message import parse as parse_http
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.probes.xml_text import first_text
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory import strict_yaml
from inventory.types import Touch

MOST_PAGES: Final = 2

_FIELDS: Final = ("model", "serial", "firmware", "hostname")
_BETWEEN_TAGS: Final = re.compile(r">([^<>]{1,500})<")
_LONGEST: Final = 100
_AROUND_LABEL: Final = " \t\r\n:*=\u00a0\uff1a"

Names = Annotated[tuple[str, ...], Field(default=())]


class StatusPage(BaseModel):
    """One page of one maker: how it is asked for, and under which names it states what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vendor: str
    path: Annotated[str, Field(pattern=r"^/[!-~]+$")]
    referer: str = ""
    cookie: str = ""
    written: Literal["xml", "table", "script"]
    model: Names
    serial: Names
    firmware: Names
    hostname: Names
    cite: str
    example: str
    gives: dict[str, str]


@cache
def status_pages() -> tuple[StatusPage, ...]:
    """Every page, as the data file has them."""
    place = files("agent.probes") / "data" / "status_pages.yaml"
    return strict_yaml.read(place, TypeAdapter(tuple[StatusPage, ...]))


def pages_of(vendor: str) -> tuple[StatusPage, ...]:
    """The pages worth asking a printer of that maker for; none where its maker has none."""
    return tuple(page for page in status_pages() if page.vendor == vendor)[:MOST_PAGES]


def parse(document: str, page: StatusPage) -> tuple[tuple[str, str], ...] | Garbled:
    """The facts a page states (`label.model`, `label.serial`, `label.firmware`, `label.hostname`).

    A value counts only where what ends it was heard too.
    """
    cells = (
        [unescape(text).strip() for text in _BETWEEN_TAGS.findall(document)]
        if page.written == "table"
        else []
    )
    found = []
    for field in _FIELDS:
        names: tuple[str, ...] = getattr(page, field)
        values = (_value(document, cells, page.written, name) for name in names)
        value = next(filter(None, values), "")
        if value and len(value) <= _LONGEST:
            found.append((f"label.{field}", value))
    return tuple(found) or Garbled("nothing is stated there")


async def ask(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:
    """The pages of the maker that `context` names, one after the other until one states something."""
    service = f"tcp/{port}"
    replies: list[Reply] = []
    for page in pages_of(context.vendor):
        extra = {"Referer": page.referer and f"http://{permit.literal}{page.referer}", "Cookie": page.cookie}
        got = await http.get(door, permit, port, page.path, encrypted=port in http.TLS_PORTS, extra=extra)
        if isinstance(got, Failed):
            return (*replies, failed("status-page", service, got))
        heard = parse_http(got[0])
        read = heard if isinstance(heard, Garbled) else parse(heard.text, page)
        if isinstance(heard, Garbled) or heard.status != 200 or isinstance(read, Garbled):
            reason = read if isinstance(read, Garbled) else Garbled("no such page without a login")
            replies.append(failed("status-page", service, reason, got[0]))
            continue
        return (*replies, answered("status-page", service, [*read, ("http.path", page.path)], got[0]))
    return tuple(replies)


def _value(document: str, cells: list[str], written: str, name: str) -> str:
    if written == "xml":
        return first_text(document, name)
    if written == "script":
        found = re.search(
            rf"{re.escape(name)}\s{{0,9}}=\s{{0,9}}(['\"])([^'\"\r\n]{{1,{_LONGEST}}})\1", document
        )
        return unescape(found[2]).strip() if found else ""
    return _beside(cells, name)


def _beside(cells: list[str], label: str) -> str:
    """The first text behind a label that is more than the colon between them."""
    for at, cell in enumerate(cells):
        if cell.strip(_AROUND_LABEL).casefold() == label.casefold():
            rest = (text.strip(_AROUND_LABEL) for text in cells[at + 1 : at + 6])
            return next(filter(None, rest), "")
    return ""


STATUS_PAGE: Final = Probe("status-page", Touch.QUERY, "tcp", (), ask)
