"""HTTP and HTTPS (RFC 9110, 9112): the front page as a browser without a password sees it.

Harmless because GET is safe by definition (RFC 9110, section 9.2.1); nothing is posted, no credential sent,
and at most three pages of the same host and one icon are read, as a browser's first view would.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import urljoin, urlsplit

from agent.permit import Permit
from agent.probes import tls
from agent.probes.charset import document
from agent.probes.favicon import icon_facts
from agent.probes.reply import (
    Context,
    Garbled,
    Probe,
    Reply,
    answered,
    failed,
    steady_challenge,
    steady_cookie,
    text_of,
)
from agent.probes.unfinished import finished_lines, finished_words
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
_HEAD_END: Final = b"\r\n\r\n"
_TITLE: Final = re.compile(r"<title[^>]{0,200}>(.{0,500}?)</title", re.IGNORECASE | re.DOTALL)
_PASSWORD_FIELD: Final = re.compile(r"type\s*=\s*[\"']?password\b", re.IGNORECASE)
_ASKS_LOGIN: Final = re.compile(
    r"log\s?-?[io]n\b|sign\s?in|passw|user\s?name|登入|密碼|登录|密码", re.IGNORECASE
)
_REFRESH: Final = re.compile(
    r"http-equiv\s*=\s*[\"']?refresh[^>]{0,100}?url\s*=\s*[\"']?([^\"'>\s]{1,300})", re.IGNORECASE
)
_SCRIPTED_MOVE: Final = re.compile(
    r"(?:window\.|self\.|top\.|document\.)?location(?:\.href|\.replace)?\s*(?:=|\()\s*[\"']([^\"']{1,300})[\"']"
)
_ICON: Final = re.compile(
    r"<link[^>]{0,200}rel\s*=\s*[\"']?(?:shortcut )?icon[\"']?[^>]{0,300}>", re.IGNORECASE
)
_HREF: Final = re.compile(r"href\s*=\s*[\"']?([^\"'>\s]{1,300})", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<(script|style|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^>]{0,2000}>")
_MOST_TEXT: Final = 800
_FEW_WORDS: Final = 20
_TINY: Final = 2048
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Page:
    """One response: its status, its headers (lower-case names, repeated ones as written) and its text."""

    status: int
    headers: Mapping[str, tuple[str, ...]]
    body: bytes

    @property
    def is_whole(self) -> bool:
        """Whether the body is known to be all there is, by its declared length (RFC 9112, section 6.3)."""
        length = self.header("content-length")
        return length.isdecimal() and len(length) < 9 and len(self.body) >= int(length)

    @property
    def text(self) -> str:
        """The body in the encoding that its header or itself declares, else in the likeliest."""
        return document(self.body, self.header("content-type"))

    def header(self, name: str) -> str:
        """The first header of that name, empty where there is none."""
        return self.headers.get(name, ("",))[0]


def parse(data: bytes) -> Page | Garbled:
    """A response as far as it was heard; a chunked body (RFC 9112, section 7.1) is put together."""
    head, _end, body = data.partition(_HEAD_END)
    if not _end:
        head, _end, body = data.partition(b"\n\n")
    heard = text_of(head) if _end else finished_lines(text_of(head))
    lines = heard.replace("\r\n", "\n").split("\n")
    match = re.match(r"(?:HTTP/\d(?:\.\d)?|RTSP/1\.0) (\d{3})\b", lines[0])
    if not match:
        return Garbled("no HTTP status line")
    headers: dict[str, tuple[str, ...]] = {}
    for line in lines[1:200]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            headers[key] = (*headers.get(key, ()), value.strip())
    if "chunked" in headers.get("transfer-encoding", ("",))[0].lower():
        body = _unchunked(body)
    return Page(int(match[1]), headers, body)


def describe(page: Page) -> list[tuple[str, str]]:
    """The facts of one page: status, server, challenge, cookies, title, and how it asks for a login."""
    body = page.text
    title = _TITLE.search(body)
    facts = [("http.status", str(page.status))]
    facts += [("http_servers", value) for value in page.headers.get("server", ())]
    facts += [("http_wwwauth", steady_challenge(value)) for value in page.headers.get("www-authenticate", ())]
    facts += [("http_cookies", steady_cookie(value)) for value in page.headers.get("set-cookie", ())]
    if title:
        facts.append(("html_title", _SPACES.sub(" ", unescape(title[1]))))
    text = visible_text(body if page.is_whole else finished_words(body))
    if text:
        facts.append(("http.text", text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT].rpartition(" ")[0]))
    login = login_of(page)
    return [*facts, ("http.login", login)] if login else facts


def visible_text(body: str) -> str:
    """What a person would read on the page, without markup, scripts and styles; spaces squeezed."""
    without = _UNSEEN.sub(" ", body)
    return _SPACES.sub(" ", unescape(_TAG.sub(" ", without))).strip()


def login_of(page: Page) -> str:
    """`basic`, `digest`, `form` or `none`; empty where the page does not settle it.

    `none` is said only of a page with a title and content and without any word about logging in: a page
    drawn by a script may ask for a password later.
    """
    schemes = [value.split(" ")[0].lower() for value in page.headers.get("www-authenticate", ())]
    for scheme in ("digest", "basic"):
        if scheme in schemes:
            return scheme
    body = page.text
    if _PASSWORD_FIELD.search(body):
        return "form"
    if page.status != 200 or not _TITLE.search(body) or next_page(page) or "<frame" in body.lower():
        return ""
    is_scripted = "<script" in body.lower() and len(visible_text(body).split()) < _FEW_WORDS
    return "" if is_scripted or _ASKS_LOGIN.search(body) else "none"


def next_page(page: Page) -> str:
    """Where the page sends a browser on to: Location, refresh, or a script on an otherwise tiny page."""
    if 300 <= page.status < 400 and page.header("location"):
        return page.header("location")
    body = page.text
    refresh = _REFRESH.search(body)
    if refresh:
        return unescape(refresh[1])
    moved = _SCRIPTED_MOVE.search(body) if len(page.body) < _TINY else None
    return moved[1] if moved and not _PASSWORD_FIELD.search(body) else ""


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
        icon = icon or _icon_path(page)
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


async def read_response(link: Link) -> bytes:
    """Head and body up to where Content-Length or the last chunk ends; no device is waited for in vain."""
    data = await link.read_until(_HEAD_END)
    page = parse(data)
    if isinstance(page, Garbled) or not data.endswith(_HEAD_END):
        return bytes(link.heard)
    length = page.header("content-length")
    if length.isdecimal() and len(length) < 9:
        return await link.read_at_least(len(data) + int(length))
    if "chunked" in page.header("transfer-encoding").lower():
        await link.read_until(b"\r\n0\r\n\r\n")
        return bytes(link.heard)
    return await link.read_to_end()


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


def _icon_path(page: Page) -> str:
    tag = _ICON.search(page.text)
    href = _HREF.search(tag[0]) if tag else None
    path = urlsplit(urljoin("http://host/", unescape(href[1]))).path if href and "//" not in href[1] else ""
    return path if path.isascii() and path.isprintable() and " " not in path else ""


def _unchunked(body: bytes) -> bytes:
    whole, rest = b"", body
    while True:
        size_line, end, rest = rest.partition(b"\r\n")
        size_text = size_line.split(b";")[0].strip()
        if not end or not re.fullmatch(rb"[0-9A-Fa-f]{1,7}", size_text):
            return whole
        size = int(size_text, 16)
        if size == 0:
            return whole
        whole += rest[:size]
        rest = rest[size + 2 :]


HTTP: Final = Probe("http", Touch.QUERY, "tcp", PLAIN_PORTS, ask_plain)
HTTPS: Final = Probe("https", Touch.QUERY, "tcp", TLS_PORTS, ask_encrypted)
