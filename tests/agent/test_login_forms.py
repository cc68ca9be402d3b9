"""Forms described as data: which page they are for, what is sent, and what an answer means."""

import pytest

from agent.logins.forms import described
from agent.logins.protocol import Credential
from agent.logins.secrecy import Secret
from agent.probes.http import Page
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
