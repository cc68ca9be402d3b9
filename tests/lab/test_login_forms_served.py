"""Login forms as a web server serves them, each with its way of telling right from wrong, and its book."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agent.logins import forms
from agent.logins.forms import Description
from agent.logins.protocol import Way
from inventory.types import TryOutcome
from tests.lab.pretend_device import Spoken, speaking
from tests.lab.test_logins_counted import RIGHT, WRONG, tried

ACCEPTED, REFUSED, UNCLEAR = TryOutcome.ACCEPTED, TryOutcome.REFUSED, TryOutcome.UNCLEAR
PAGE = {"/": {"title": "Acme Manager", "body": "{form}"}}
SCRIPTED = {"/": {"title": "Acme Manager", "body": "<script src=login.js></script>{form}"}}
LOGIN = {"kind": "form", "protects": ["/in"], "home": "/in/home", "accounts": {"admin": RIGHT}}
ROW = {"form": "acme", "page": "<title>Acme Manager", "source": "https://acme.example", "read": "2026-11-21"}
AS_DESCRIBED = {"action": "/login", "account_field": "username", "password_field": "password"}


@contextmanager
def described(monkeypatch: pytest.MonkeyPatch, **row: object) -> Iterator[None]:
    """Data that describes the one form of these tests so."""
    made = Description.model_validate({**ROW, **AS_DESCRIBED, **row})
    with monkeypatch.context() as patch:
        patch.setattr(forms, "_descriptions", lambda: (made,))
        yield


async def outcomes(device: Spoken) -> list[TryOutcome]:
    """What a right and a wrong password come to."""
    return [(await tried(Way("web", device.port), "admin", word)).outcome for word in (RIGHT, WRONG)]


def counted(device: Spoken) -> list[str]:
    return [outcome for _protocol, _account, outcome in device.logins]


FAILED = "<html><body>Login failed: wrong user name or password {form}</body></html>"


@pytest.mark.parametrize(
    ("login", "row"),
    [
        ({"refused_page": FAILED}, {"accepted": r"\A302\n.*location: /in/home", "refused": "Login failed"}),
        (
            {"takes": "json", "sends_on": "no", "refused_page": '{"code": -5}'},
            {"body": "json", "accepted": r"<title>Home", "refused": r'"code": -5'},
        ),
        (
            {"token_header": "X-Token", "takes": "json", "refused_page": '{"code": -5}'},
            {
                "body": "json",
                "headers": {"X-Requested-With": "XMLHttpRequest"},
                "token_headers": {"X-Token": 'name="token" content="([^"]+)"'},
                "accepted": r"\A302\n",
                "refused": r'"code": -5',
            },
        ),
        (
            {"token_field": "t", "refused": "SessionID=none", "refused_page": FAILED},
            {
                "tokens": {"t": 'name="t" value="([^"]+)"'},
                "accepted": r"\A302\n(?=.*set-cookie: SessionID=(?!none))",
                "refused": r"set-cookie: SessionID=none",
            },
        ),
        ({"cookie_beforehand": "yes", "refused_page": FAILED}, {"accepted": r"\A302\n", "refused": "failed"}),
    ],
    ids=["redirect", "json", "token in a header", "token, cookie in both", "cookie beforehand"],
)
async def test_a_described_form_tells_right_from_wrong_in_one_try_each(
    monkeypatch: pytest.MonkeyPatch, login: dict[str, object], row: dict[str, object]
) -> None:
    async with speaking("http", pages=SCRIPTED, logins=[{**LOGIN, **login}]) as device:
        with described(monkeypatch, **row):
            assert await outcomes(device) == [ACCEPTED, REFUSED]
    assert counted(device) == ["accepted", "refused"]


async def test_a_hidden_field_that_a_newer_page_bears_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the right password would be refused for want of it, and called changed."""
    login = {**LOGIN, "token_field": "nobody described it", "refused_page": FAILED}
    async with speaking("http", pages=SCRIPTED, logins=[login]) as device:
        with described(monkeypatch, accepted=r"\A302\n", refused="failed"):
            assert await outcomes(device) == [ACCEPTED, REFUSED]


async def test_a_described_lock_out_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    login = {**LOGIN, "lock_after": 1, "locked_page": '{"code": -9}', "refused_page": '{"code": -5}'}
    async with speaking("http", pages=SCRIPTED, logins=[login]) as device:
        with described(monkeypatch, accepted=r"\A302\n", refused='"code": -5', locked='"code": -9'):
            assert (await tried(Way("web", device.port), "admin", WRONG)).outcome is TryOutcome.LOCKED
        with described(monkeypatch, accepted=r"\A302\n", refused='"code": -5'):
            assert (await tried(Way("web", device.port), "admin", WRONG)).outcome is UNCLEAR


@pytest.mark.parametrize(
    ("accepted", "refused"),
    [(r"\A302\n", "no such words"), ("no such words", "no such words"), ("html", "html")],
    ids=["no clear failure", "neither", "both"],
)
async def test_what_a_description_does_not_tell_apart_is_never_a_refusal(
    monkeypatch: pytest.MonkeyPatch, accepted: str, refused: str
) -> None:
    async with speaking("http", pages=SCRIPTED, logins=[{**LOGIN, "refused_page": FAILED}]) as device:
        with described(monkeypatch, accepted=accepted, refused=refused):
            assert (await tried(Way("web", device.port), "admin", WRONG)).outcome is UNCLEAR


@pytest.mark.parametrize(
    ("login", "wrong"),
    [
        ({"refused_page": FAILED}, REFUSED),
        ({}, REFUSED),
        ({"cookie_beforehand": "yes", "refused_page": FAILED}, REFUSED),
        ({"token_field": "csrf", "refused_page": FAILED}, REFUSED),
        ({"refused_page": "<html><body>Login failed</body></html>"}, UNCLEAR),
        ({"refused_page": "<html><body>Another user is logged in {form}</body></html>"}, UNCLEAR),
        ({"refused_page": "<html><script>alert('Too many tries')</script>{form}</html>"}, TryOutcome.LOCKED),
    ],
    ids=[
        "form again",
        "401",
        "cookie beforehand",
        "token",
        "words alone",
        "busy",
        "lock-out in a message box",
    ],
)
async def test_a_form_nobody_described_is_filled_in_as_it_stands(
    login: dict[str, object], wrong: TryOutcome
) -> None:
    async with speaking("http", pages=PAGE, logins=[{**LOGIN, **login}]) as device:
        assert await outcomes(device) == [ACCEPTED, wrong]
    assert counted(device) == ["accepted", "refused"]


async def test_a_page_after_the_login_that_wants_a_new_password_is_no_refusal() -> None:
    """The commonest answer of today's devices to their initial password."""
    new = '<form method="post"><input type="password" name="new"><input type="password" name="again"></form>'
    pages = {**PAGE, "/in/home": {"title": "First login", "body": f"Change your password {new}"}}
    async with speaking("http", pages=pages, logins=[LOGIN]) as device:
        assert (await tried(Way("web", device.port), "admin", RIGHT)).outcome is ACCEPTED
    twice = {**LOGIN, "sends_on": "no", "accounts": {}, "refused_page": f"<html>New password {new}</html>"}
    async with speaking("http", pages=PAGE, logins=[twice]) as device:
        assert (await tried(Way("web", device.port), "admin", WRONG)).outcome is UNCLEAR


@pytest.mark.parametrize(
    "form",
    [
        '<form method="post" action="/login" enctype="multipart/form-data"><input name="username">',
        '<form method="post" action="https://elsewhere.example/"><input name="username">',
        '<form method="post" action="javascript:send()"><input name="username">',
        '<form method="post" action="/login"><input name="username"><input name="captcha">',
        '<form method="get" action="/login"><input name="username">',
    ],
    ids=["multipart", "sent elsewhere", "script", "two texts", "get"],
)
async def test_a_form_that_only_a_browser_could_send_gets_no_try(form: str) -> None:
    pages = {"/": {"title": "x", "body": f'{form}<input type="password" name="password"></form>'}}
    async with speaking("http", pages=pages, logins=[LOGIN]) as device:
        assert await outcomes(device) == [UNCLEAR, UNCLEAR]
    assert device.logins == []


async def test_an_account_that_the_form_does_not_ask_for_cannot_be_refused() -> None:
    form = '<form method="post" action="/login"><input type="password" name="password"></form>'
    pages = {"/": {"title": "x", "body": form}}
    async with speaking("http", pages=pages, logins=[{**LOGIN, "accounts": {"": RIGHT}}]) as device:
        assert (await tried(Way("web", device.port), "admin", WRONG)).outcome is UNCLEAR
        assert (await tried(Way("web", device.port), "", WRONG)).outcome is REFUSED


async def test_choices_and_the_button_go_along_as_a_browser_sends_them() -> None:
    form = (
        '<form method="post" action="/login"><input name="shown" value="x" disabled>'
        '<select name="username"><option value="guest">G<option value="admin" selected>A</select>'
        '<input type="checkbox" name="remember"><input type="password" name="password">'
        '<input type="submit" name="cancel" value="Cancel"><button name="go" value="Login">In</button></form>'
    )
    found = forms.on_page(form)
    assert found is not None
    assert (found.account_field, found.fields) == ("", (("username", "admin"), ("go", "Login")))
