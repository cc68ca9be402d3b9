"""Web logins: basic and digest as the server challenges, forms as the page or data/forms.yaml describes them.

Looking is one GET per page, also of the page that gives a form its tokens. A try is one request with an
account, then, after a form that set a session, two GETs to see whether the door is open now.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from agent.logins import forms
from agent.logins.forms import Form
from agent.logins.protocol import Answer, Credential, Login, Seen, Way, unanswered, understood, unseen
from agent.logins.web_wire import Challenge, authorization, challenge_of, fetch
from agent.permit import Permit
from agent.probes.http import PLAIN_PORTS, TLS_PORTS
from agent.probes.http_message import Page
from agent.probes.page import next_page, visible_text
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import TryOutcome

_MOST_PAGES: Final = 4
_PASSWORD_FIELD: Final = re.compile(r"type\s*=\s*[\"']?password\b", re.IGNORECASE)
_LOCKING: Final = frozenset({423, 429})  # RFC 4918, section 11.3; RFC 6585, section 4
_REFUSING: Final = frozenset({401, 403})


async def look(door: Door, permit: Permit, way: Way) -> Seen:
    """Which login the page asks for, following it within the host; unclear where it asks for none."""
    return await _Site(door, permit, way).look()


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:
    """One request with the account and the password."""
    site = _Site(door, permit, way)
    match seen.handle:
        case (str() as path, Challenge() as challenge):
            return await site.answer(path, challenge, who)
        case (str() as path, Form() as form, str() as cookies):
            return await site.fill_in(path, form, cookies, who)
    return Answer(TryOutcome.UNCLEAR, "nothing to fill in")


@dataclass(frozen=True, slots=True)
class _Site:
    """One web server of one device."""

    door: Door
    permit: Permit
    way: Way

    async def look(self) -> Seen:
        path, seen = self.way.path or "/", set[str]()
        while path and path not in seen and len(seen) < _MOST_PAGES:
            seen.add(path)
            page = await fetch(self.door, self.permit, self.way, path)
            if isinstance(page, Failed):
                return unseen(page)
            if _locks(page):
                return _shut(page)
            challenge = challenge_of(page.headers.get("www-authenticate", ()))
            if page.status == 401 and challenge is not None:
                return Seen(handle=(path, challenge), kind=challenge.scheme, once=True)
            body = page.text
            form = forms.described(path, body) or forms.on_page(path, body)
            if form is not None:
                return await self._ready(path, form, page)
            path = self._within(path, next_page(page))
        return Seen(Answer(TryOutcome.UNCLEAR, "the page shows no login that can be filled in"))

    async def _ready(self, path: str, form: Form, page: Page) -> Seen:
        """The form with its tokens, from this page or the one it names: good for one try."""
        cookies = forms.cookies_of(page)
        if form.page_first:
            path = self._within(path, form.page_first)
            headers = {"Cookie": cookies} if cookies else {}
            first = await fetch(self.door, self.permit, self.way, path, headers=headers) if path else None
            if first is None or isinstance(first, Failed):
                return Seen(Answer(TryOutcome.UNCLEAR, "the page before the form does not come", "form"))
            if _locks(first):
                return _shut(first)
            page, cookies = first, forms.joined(cookies, forms.cookies_of(first))
        ready = form.with_tokens(page.text)
        if ready is None:
            return Seen(Answer(TryOutcome.UNCLEAR, "the page does not give the form its token", "form"))
        return Seen(handle=(path, ready, cookies), kind="form", once=True)

    async def answer(self, path: str, challenge: Challenge, who: Credential) -> Answer:
        """The page once more, with the challenge answered."""
        kind = challenge.scheme
        headers = {"Authorization": authorization(challenge, "GET", path, who, secrets.token_hex(8))}
        page = await fetch(self.door, self.permit, self.way, path, headers=headers)
        if isinstance(page, Failed):
            return unanswered(page)
        if _locks(page):
            return Answer(TryOutcome.LOCKED, f"status {page.status}", kind)
        if 200 <= page.status < 300:
            return Answer(TryOutcome.ACCEPTED, f"status {page.status}", kind)
        again = challenge_of(page.headers.get("www-authenticate", ()))
        if again is not None and again.fields.get("stale", "").lower() == "true":  # RFC 7616, section 3.3
            return Answer(TryOutcome.UNCLEAR, "the challenge had grown stale", kind)
        outcome = TryOutcome.REFUSED if page.status == 401 else TryOutcome.UNCLEAR
        return understood(visible_text(page.text), Answer(outcome, f"status {page.status}", kind))

    async def fill_in(self, path: str, form: Form, cookies: str, who: Credential) -> Answer:
        """The form, once; then, where it led somewhere, a look at what is behind."""
        target = self._within(path, form.action) or path
        headers = {"Content-Type": form.content_type, "Referer": self._url(path)}
        headers |= {"Cookie": cookies} if cookies else {}
        body = form.filled_in(who)
        page = await fetch(
            self.door, self.permit, self.way, target, method="POST", headers=headers, body=body
        )
        if isinstance(page, Failed):
            return unanswered(page)
        if _locks(page):
            return Answer(TryOutcome.LOCKED, f"status {page.status}", "form")
        text = visible_text(page.text)
        said = form.says(page)
        if said is not None:
            return said if said.outcome is TryOutcome.ACCEPTED else understood(text, said)
        if form.is_described:
            return understood(text, Answer(TryOutcome.UNCLEAR, "an answer nobody described", "form"))
        if _turns_away(page) and not 300 <= page.status < 400:
            return understood(text, form.refusal("the login is asked for again"))
        told = understood(text, Answer(TryOutcome.UNCLEAR, f"status {page.status}", "form"))
        if told.outcome is TryOutcome.LOCKED:
            return told
        return await self._look_behind(target, page, form, forms.joined(cookies, forms.cookies_of(page)))

    async def _look_behind(self, target: str, page: Page, form: Form, cookies: str) -> Answer:
        """Is it open with the session, and shut without? Only both together tell an accepted login."""
        unclear = Answer(TryOutcome.UNCLEAR, "the answer to the form does not settle it", "form")
        behind = self._within(target, next_page(page))
        if not behind or not cookies:
            return unclear
        inside = await fetch(self.door, self.permit, self.way, behind, headers={"Cookie": cookies})
        outside = await fetch(self.door, self.permit, self.way, behind)
        if isinstance(inside, Failed) or isinstance(outside, Failed):
            return unclear
        if _turns_away(inside):  # a session just set may be good for other pages than this one
            again = form.refusal("the page behind the login still asks for one")
            return unclear if "set-cookie" in page.headers else again
        if _turns_away(outside):
            return Answer(TryOutcome.ACCEPTED, "the page behind the login opens with the session", "form")
        return unclear

    def _url(self, path: str) -> str:
        scheme = "https" if self.way.tls else "http"
        return f"{scheme}://{self.permit.literal}:{self.way.port}{path}"

    def _within(self, path: str, link: str) -> str:
        """The path `link` leads to on the same host and port, empty where it leads elsewhere or nowhere."""
        if not link:
            return ""
        try:
            there = urlsplit(urljoin(self._url(path), link.strip()))
            port = there.port or (443 if there.scheme == "https" else 80)
        except ValueError:
            return ""
        is_here = there.hostname == self.permit.ip and port == self.way.port
        if not is_here or (there.scheme == "https") is not self.way.tls:
            return ""
        wanted = (there.path or "/") + (f"?{there.query}" if there.query else "")
        return wanted if wanted.isascii() and wanted.isprintable() and " " not in wanted else ""


def _locks(page: Page) -> bool:
    return page.status in _LOCKING or (page.status >= 400 and "retry-after" in page.headers)


def _shut(page: Page) -> Seen:
    return Seen(Answer(TryOutcome.LOCKED, f"the page answers with status {page.status}"))


def _turns_away(page: Page) -> bool:
    """Whether a page turns a stranger away: a challenge, a refusal, a form, or a way back."""
    return page.status in _REFUSING or 300 <= page.status < 400 or bool(_PASSWORD_FIELD.search(page.text))


WEB: Final = Login("web", "tcp", (*PLAIN_PORTS, *TLS_PORTS, 631), look, attempt)
