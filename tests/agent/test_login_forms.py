"""Forms described as data: which page they are for, what is sent, and what an answer means."""

import pytest

from agent.logins.forms import Description, described
from agent.logins.protocol import Credential
from agent.logins.secrecy import Secret
from agent.probes.http_message import Page
from inventory.types import TryOutcome

NETGEAR = '<title>NETGEAR GS108E</title><script>var loginTData=1</script><input type="password" name="x">'
ATEN = '<!-- ATEN International --><form action="/cgi/login.cgi" method="post">'
XEROX = 'XEROX WORKCENTRE 7835 if (SuppliesType != "InkStick") {}'


@pytest.mark.parametrize(
    ("page", "sent", "right", "wrong"),
    [
        (NETGEAR, b"password=%C3%B6", Page(200, {"set-cookie": ("GS108SID=abc; path=/",)}, b"ok"),
         Page(200, {}, NETGEAR.encode())),
        (ATEN, b"name=ADMIN&pwd=%C3%B6", Page(200, {}, b"../cgi/url_redirect.cgi?url_name=mainmenu"),
         Page(200, {}, ATEN.encode())),
        (XEROX, b"webUsername=ADMIN&webPassword=%C3%B6", Page(302, {"location": ("/properties/x.php",)}, b""),
         Page(302, {"location": ("/login.php?invalid=t",)}, b"")),
    ],
    ids=["netgear", "supermicro", "xerox"],
)  # fmt: skip
def test_a_described_form_knows_its_page_and_both_answers(
    page: str, sent: bytes, right: Page, wrong: Page
) -> None:
    form = described("/", page)
    assert form is not None
    assert sent in form.filled_in(Credential("ADMIN", Secret("ö")))
    told = [form.says(each) for each in (right, wrong)]
    assert [one and one.outcome for one in told] == [TryOutcome.ACCEPTED, TryOutcome.REFUSED]
    assert form.says(Page(500, {}, b"")) is None


def test_no_description_fits_a_page_of_another() -> None:
    assert described("/", "<title>Netgear</title>") is None
    assert described("/", "/cgi/login.cgi") is None
    assert described("/", NETGEAR + '<input type="hidden" id="rand" value="1234">') is None


def test_tokens_are_described_with_the_page_that_gives_them_or_not_at_all() -> None:
    row = {"form": "x", "page": "p", "accepted": "a", "refused": "r", "source": "s", "read": "2026-11-21"}
    named = {"password_field": "p", "tokens": {"t": 'value="([^"]+)"'}}
    assert Description.model_validate({**row, "password_field": "p", "body": "json"})
    assert Description.model_validate({**row, **named, "page_first": "form.cgi"}).tokens
    for wrong in (
        {"page_first": "form.cgi"},
        {"tokens": {"t": "(x)"}},
        {"token_headers": {"t": "(x)"}},
        {"body": "json"},
        {**named, "tokens": {"t": "no group"}},
        {**named, "tokens": {f"t{number}": "(x)" for number in range(9)}},
    ):
        with pytest.raises(ValueError, match=r"token|page|dictionary"):
            Description.model_validate({**row, **wrong})


def test_a_token_is_taken_as_the_page_writes_it_and_never_half() -> None:
    form = described("/web/guest/en/websys/webArch/mainFrame.cgi", "<title>Web Image Monitor</title>")
    assert form is not None
    ready = form.with_tokens('<input type="hidden" name="wimToken" value="4&amp;2">')
    assert ready is not None
    assert b"wimToken=4%262&" in ready.filled_in(Credential("admin", Secret("")))
    assert form.with_tokens('<input name="wimToken" value="">') is None
    assert form.with_tokens(f'<input name="wimToken" value="{"9" * 2000}">') is None
