"""Web logins: digest, basic and forms, and what the answers to a try mean."""

import hashlib
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest
from logins import NOW, WINDOW, Book, asked, device, door, http, permit, server

from agent.logins.families import Pair
from agent.logins.plan import LoginPlan, Step
from agent.logins.protocol import Way
from agent.logins.secrecy import Secret
from agent.logins.trial import LoginOutcome, Trial
from inventory.types import FixedClock, TryOutcome


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("password", "outcome"), [("right", TryOutcome.ACCEPTED), ("wrong", TryOutcome.REFUSED)]
)
async def test_digest(password: str, outcome: TryOutcome) -> None:
    def answer(head: str, _body: str) -> str:
        if "Authorization: Digest" in head:
            given = head.split("Authorization: Digest ")[1].split("\r\n", maxsplit=1)[0]
            fields = dict(part.strip().replace('"', "").split("=", 1) for part in given.split(","))
            middle = f"{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:auth"
            wanted = md5(f"{md5('admin:R:right')}:{middle}:{md5('GET:/')}")
            if fields["response"] == wanted:
                return "200 OK\n\nhello"
        return '401 No\nWWW-Authenticate: Digest realm="R", nonce="n1", qop="auth"\n\n'

    assert (await asked("web", http(answer), "admin", password)).outcome is outcome


@pytest.mark.parametrize(
    "challenge",
    ['Digest realm="R", nonce="n", qop="auth-int"', 'Digest realm="R", nonce="n", algorithm=MD5-sess',
     'Digest realm="R\\"S", nonce="n"', "NTLM", "Bearer"],
)  # fmt: skip
async def test_a_challenge_that_would_be_answered_wrongly_gets_no_answer(challenge: str) -> None:
    heads: list[str] = []

    def answer(head: str, _body: str) -> str:
        heads.append(head)
        return f"401 No\nWWW-Authenticate: {challenge}\n\n"

    assert (await asked("web", http(answer), "admin", "x")).outcome is TryOutcome.UNCLEAR
    assert not [head for head in heads if "Authorization" in head]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("401 No\n\n", TryOutcome.REFUSED), ("200 OK\n\nWelcome", TryOutcome.ACCEPTED),
     ("200 OK\n\nAccess denied", TryOutcome.UNCLEAR), ("429 Slow down\n\n", TryOutcome.LOCKED),
     ("423 Locked\n\n", TryOutcome.LOCKED),
     ("503 Busy\nRetry-After: 60\n\n", TryOutcome.LOCKED), ("500 Oops\n\n", TryOutcome.UNCLEAR),
     ("401 No\n\nAccount locked", TryOutcome.LOCKED), ("401 No\n\n1 attempt left", TryOutcome.WARNED),
     ("302 Found\nLocation: /login\n\n", TryOutcome.UNCLEAR)],
)  # fmt: skip
async def test_basic_and_what_its_refusals_mean(reply: str, outcome: TryOutcome) -> None:
    def answer(head: str, _body: str) -> str:
        return reply if "Authorization" in head else '401 No\nWWW-Authenticate: Basic realm="R"\n\n'

    assert (await asked("web", http(answer), "admin", "x")).outcome is outcome


FORM = '<form method="post" action="/go"><input name="u"><input type="password" name="p"></form>'


def form_site(*, script: str = "") -> Callable[[str, str], str]:
    def answer(head: str, body: str) -> str:
        if head.startswith("POST /go"):
            if "u=admin" in body and "p=right" in body:
                return "302 Found\nLocation: /home\nSet-Cookie: sid=7; path=/\n\n"
            return f"200 OK\n\n<html>{FORM}</html>"
        if head.startswith("GET /home") and "Cookie: sid=7" in head:
            return "200 OK\n\n<html>Welcome</html>"
        return f"200 OK\n\n<html>{script}{FORM}</html>"

    return answer


async def test_a_form_is_filled_in_as_it_stands_on_the_page() -> None:
    assert (await asked("web", http(form_site()), "admin", "right")).outcome is TryOutcome.ACCEPTED
    assert (await asked("web", http(form_site()), "admin", "wrong")).outcome is TryOutcome.REFUSED


async def test_a_refusal_proves_nothing_where_a_script_may_write_the_password() -> None:
    site = http(form_site(script="<script>encode()</script>"))
    assert (await asked("web", site, "admin", "wrong")).outcome is TryOutcome.UNCLEAR


async def test_an_answer_that_nobody_understands_is_neither() -> None:
    def answer(head: str, _body: str) -> str:
        return '200 OK\n\n{"result": 7}' if head.startswith("POST") else f"200 OK\n\n<html>{FORM}</html>"

    assert (await asked("web", http(answer), "admin", "x")).outcome is TryOutcome.UNCLEAR


RICOH = "/web/guest/en/websys/webArch/"


class Tokens:
    """A Ricoh: a frame, a page with a form and a new token each time, and a door that wants the token."""

    def __init__(self, *, gives_token: bool = True) -> None:
        self.gives_token = gives_token
        self.given = 0
        self.posted: list[dict[str, str]] = []
        self.shown: list[str] = []

    def answer(self, head: str, body: str) -> str:
        path = head.split(" ")[1]
        self.shown.append(path)
        if path == "/":
            return f"302 Found\nLocation: {RICOH}mainFrame.cgi\n\n"
        if path == f"{RICOH}mainFrame.cgi":
            return "200 OK\nSet-Cookie: cookieOnOffChecker=on; path=/\n\n<title>Web Image Monitor</title>"
        if path == f"{RICOH}authForm.cgi" and self.gives_token:
            self.given += 1
            return (
                f'200 OK\n\n<input type="hidden" name="wimToken" value="{self.given}"><input type="password">'
            )
        if head.startswith(f"POST {RICOH}login.cgi"):
            fields = dict(parse_qsl(body, keep_blank_values=True))
            self.posted.append(fields)
            right = fields.get("wimToken") == str(self.given) and fields["userid"] == "YWRtaW4="
            if right and fields["password"] == "" and "cookieOnOffChecker=on" in head:
                return f"302 Found\nSet-Cookie: wimsesid=77; path=/\nLocation: {RICOH}mainFrame.cgi\n\n"
            return "200 OK\nSet-Cookie: wimsesid=--; path=/\n\n<html>Authentication has failed.</html>"
        return "404 No\n\n"


async def test_a_token_is_taken_from_its_page_before_the_form_is_filled_in() -> None:
    site = Tokens()
    assert (await asked("web", http(site.answer), "admin", "")).outcome is TryOutcome.ACCEPTED
    assert [each["wimToken"] for each in site.posted] == ["1"]
    assert (await asked("web", http(site.answer), "admin", "x")).outcome is TryOutcome.REFUSED
    assert len(site.posted) == 2


async def test_without_its_token_no_account_is_tried() -> None:
    site = Tokens(gives_token=False)
    assert (await asked("web", http(site.answer), "admin", "")).outcome is TryOutcome.UNCLEAR
    assert site.posted == []
    assert site.shown.count(f"{RICOH}authForm.cgi") == 1


async def test_each_account_of_a_device_has_one_try_and_a_token_of_its_own() -> None:
    site, book = Tokens(), Book()
    async with server(http(site.answer)) as port:
        way = Way("web", port)
        steps = tuple(
            Step(Pair(f"f/{account}", "f", account, Secret("x"), ("web",), "", ""), (way,))
            for account in ("admin", "supervisor")
        )
        trial = Trial(door(), permit(), book, FixedClock(NOW), WINDOW)
        result = await trial.run(LoginPlan(device(("http", port)), steps, families=("f",)))
    assert (result.outcome, result.tried) == (LoginOutcome.CHANGED, 2)
    assert [(each["userid"], each["wimToken"]) for each in site.posted] == [
        ("YWRtaW4=", "1"),
        ("c3VwZXJ2aXNvcg==", "2"),
    ]
    assert book.outcomes == [TryOutcome.REFUSED, TryOutcome.REFUSED]


async def test_a_nonce_that_has_grown_stale_says_nothing_of_the_password() -> None:
    def answer(head: str, _body: str) -> str:
        stale = ", stale=true" if "Authorization" in head else ""
        return f'401 No\nWWW-Authenticate: Digest realm="R", nonce="n1", qop="auth"{stale}\n\n'

    assert (await asked("web", http(answer), "admin", "x")).outcome is TryOutcome.UNCLEAR


async def test_an_answer_that_a_description_does_not_know_is_no_refusal() -> None:
    page = '<title>Vigor Login Page</title><input name="aa"><input name="ab" type="password">'

    def answer(head: str, _body: str) -> str:
        return f"200 OK\n\n{page if head.startswith('GET') else 'please wait <input type=password>'}"

    assert (await asked("web", http(answer), "admin", "admin")).outcome is TryOutcome.UNCLEAR
