"""HTTP and HTTPS (RFC 9110, 9112): the front page as a browser without a password sees it.

Harmless because GET is safe by definition (RFC 9110, section 9.2.1); nothing is posted, no credential sent,
and at most three pages of the same host and one icon are read, as a browser's first view would.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from agent.permit import Permit
from agent.probes import tls
from agent.probes.favicon import icon_facts
from agent.probes.http_message import parse, read_response
from agent.probes.page import describe, icon_path, next_page
from agent.probes.reply import Context, Garbled, Probe, Reply, answered, failed
from agent.transport.door import Door
from agent.transport.talk import Encryption, Failed, Link
from inventory.types import Touch

PLAIN_PORTS: Final = (
    80,
    1400,
    3000,
    5000,
    5357,
    7000,
    8000,
    8001,
    8008,
    8080,
    8081,
    8088,
    8200,
    8888,
    9000,
    49152,
)
TLS_PORTS: Final = (443, 4343, 5001, 8089, 8443, 9443)

_MOST_PAGES: Final = 3
_USUAL_ICON: Final = "/favicon.ico"  # what a browser asks for where the page names none


async def ask_plain(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """The front page over plain HTTP and, if it sends us on within the host, the page it means."""
    return await _browse(door, permit, port, encrypted=False)


async def ask_encrypted(door: Door, permit: Permit, port: int, context: Context) -> tuple[Reply, ...]:  # noqa: ARG001
    """The certificate, the front page behind it, and what else the handshake might have come to."""
    return await tls.with_offer(door, permit, port, await _browse(door, permit, port, encrypted=True))


async def _browse(door: Door, permit: Permit, port: int, *, encrypted: bool) -> tuple[Reply, ...]:
    replies: list[Reply] = []
    path, seen = "/", set[str]()
    service = f"tcp/{port}"
    icon, has_a_face = "", False
    while len(seen) < _MOST_PAGES and path and path not in seen:
        seen.add(path)
        got = await get(door, permit, port, path, encrypted=encrypted)
        if isinstance(got, Failed):
            return tuple(replies) or (failed("https" if encrypted else "http", service, got),)
        data, encryption = got
        if encryption and not any(reply.source == "tls" for reply in replies):
            replies.append(tls.reply(service, encryption))
        page = parse(data)
        source = "https" if encrypted else "http"
        if isinstance(page, Garbled):
            if not data and not encrypted:
                page = Garbled("closed without a word")
            replies.append(failed(source, service, page, data))
            break
        facts = [*describe(page), ("http.path", path)] if len(seen) > 1 else describe(page)
        going = _target(permit.literal, port, encrypted=encrypted, path=path, link=next_page(page))
        if page.status >= 300 and page.header("location"):
            facts.append(("http.location", page.header("location")))
        replies.append(answered(source, service, facts, data))
        icon = icon or icon_path(page)
        has_a_face = has_a_face or (page.status == 200 and bool(page.body))
        path = going
    if icon or has_a_face:
        replies += await _icon(door, permit, port, icon or _USUAL_ICON, encrypted=encrypted)
    return tuple(replies)


async def _icon(door: Door, permit: Permit, port: int, path: str, *, encrypted: bool) -> list[Reply]:
    got = await get(door, permit, port, path, encrypted=encrypted)
    page = Garbled("no icon") if isinstance(got, Failed) else parse(got[0])
    if isinstance(page, Garbled) or page.status != 200 or not page.body:
        return []
    facts = icon_facts(page.body) if page.is_whole or "content-length" not in page.headers else []
    return [answered("http", f"tcp/{port}", facts, page.body)] if facts else []


async def get(
    door: Door,
    permit: Permit,
    port: int,
    path: str,
    *,
    encrypted: bool,
    extra: Mapping[str, str] | None = None,
) -> tuple[bytes, Encryption | None] | Failed:
    """One GET on a connection of its own; `extra` are further headers, empty ones left out."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in (extra or {}).items() if value)

    async def talk(link: Link) -> tuple[bytes, Encryption | None]:
        await link.write(
            f"GET {path} HTTP/1.1\r\nHost: {permit.literal}\r\nUser-Agent: Muster (device inventory)\r\n"
            f"Accept: */*\r\n{headers}Connection: close\r\n\r\n".encode("latin-1", "replace")
        )
        return await read_response(link), link.encryption

    return await door.converse(permit, port, talk, tls=encrypted)


def _target(ip: str, port: int, *, encrypted: bool, path: str, link: str) -> str:
    """The path `link` leads to on the same port, empty where it leads elsewhere."""
    if not link:
        return ""
    scheme = "https" if encrypted else "http"
    here = f"{scheme}://{ip}:{port}{path}"
    try:
        there = urlsplit(urljoin(here, link.strip()))
        there_port = there.port or (443 if there.scheme == "https" else 80)
    except ValueError:
        return ""
    if there.scheme != scheme or there_port != port:
        return ""
    query = f"?{there.query}" if there.query else ""
    wanted = f"{there.path or '/'}{query}"
    return wanted if wanted.isascii() and wanted.isprintable() and " " not in wanted else ""


HTTP: Final = Probe("http", Touch.QUERY, "tcp", PLAIN_PORTS, ask_plain)
HTTPS: Final = Probe("https", Touch.QUERY, "tcp", TLS_PORTS, ask_encrypted)
