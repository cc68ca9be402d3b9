"""Two people at once over TLS: each logs in, works as themselves, in a process of their own."""

import asyncio
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from inventory.register import Register
from inventory.types import Attribute, SystemClock
from tests.tui.browser import PATIENCE, browsing_chromium, free_port, log_in, visitor, working_as
from tui.web.gate import Accounts

PASSWORDS = {"chen": "correct horse battery", "audit": "staple wood ground hot"}


def certificate(folder: Path, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """A certificate for an address that nobody signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "muster")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    places = folder / "cert.pem", folder / "key.pem"
    places[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    places[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return places


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
async def test_two_people_log_in_over_tls_and_each_works_as_themselves(offices, tmp_path) -> None:
    place = shutil.copy(offices("small"), tmp_path / "register.sqlite")
    accounts = Accounts(tmp_path / "web-accounts.json")
    for name, password in PASSWORDS.items():
        accounts.add(name, password)
    (tmp_path / "muster.toml").write_text('[roles]\nchen = "admin"\naudit = "auditor"\n')
    cert, key = certificate(tmp_path)
    home = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1", "HOME": str(tmp_path)}
    muster = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "muster", "--lang", "en", "--config", str(tmp_path / "muster.toml"),
        "--register", str(place), "tui", "--web", "--port", str(free_port()),
        "--cert", str(cert), "--key", str(key), stdout=asyncio.subprocess.PIPE, env=home,
    )  # fmt: skip
    try:
        line = (await asyncio.wait_for(muster.stdout.readline(), PATIENCE)).decode()
        address = next(word for word in line.split() if word.startswith("https://127.0.0.1:"))
        async with (
            browsing_chromium(tmp_path) as profile,
            visitor(profile) as chen,
            visitor(profile) as audit,
        ):
            await log_in(audit, address, "audit", PASSWORDS["chen"])
            await audit.is_at("login")  # the other's password opens nothing
            await log_in(chen, address, "chen", PASSWORDS["chen"])
            await chen.sees("Register", "Judge now")
            await log_in(audit, address, "audit", PASSWORDS["audit"])
            await audit.sees("Register")
            assert working_as(muster.pid) == {"chen", "audit"}
            for page, role in ((chen, "chen, administrator"), (audit, "audit, auditor")):
                await page.click()
                await page.press("P")
                await page.sees(role)
                await page.press("2")
                await page.sees("24 devices")
            await audit.press("e")  # not an auditor's to do
            await chen.press("e")
            await chen.sees("Leave unsaved")
            await chen.press(*"Web", "ctrl+s")
            await chen.sees("1 change saved")
            await audit.press("r")
            await audit.sees("Web")
        with Register.open(str(place), SystemClock(), create=False) as register:
            owner = next(
                held for each in register.devices() if (held := each.attributes.get(Attribute.OWNER))
                and held.value.endswith("Web")
            )  # fmt: skip
            assert owner.source == "person:chen"
    finally:
        if muster.returncode is None:
            muster.terminate()
        await asyncio.wait_for(muster.communicate(), PATIENCE)
