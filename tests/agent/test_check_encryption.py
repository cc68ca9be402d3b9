"""Encryption: a pass needs the refusal of everything old, service by service."""

import pytest
from checked import SWEPT, device, heard, subject

from agent.checks import encryption
from inventory.types import CheckOutcome

FAIL, UNKNOWN = CheckOutcome.FAIL, CheckOutcome.UNKNOWN
SOUND_TLS = heard("tls", "tcp/443", tls__version="TLSv1.3", tls__oldest="TLSv1.2", tls__broken_cipher="none")


@pytest.mark.parametrize(
    ("cipher", "weak"),
    [
        ("TLS_AES_256_GCM_SHA384", ""),
        ("ECDHE-RSA-AES128-GCM-SHA256", ""),
        ("RC4-SHA", "rc4"),
        ("DES-CBC3-SHA", "3des"),
        ("TLS_RSA_WITH_NULL_SHA", "null"),
    ],
)
def test_broken_ciphers_are_known_by_their_names(cipher: str, weak: str) -> None:
    told = heard("tls", "tcp/443", tls__version="TLSv1.2", tls__cipher=cipher)
    result = encryption.judge(subject(device(), told))
    assert (result.outcome, result.facts.get("weak", "")) == (FAIL if weak else UNKNOWN, weak)


def test_one_service_that_was_not_tested_leaves_encryption_unknown() -> None:
    for untested in (
        heard("tls", "tcp/8443", tls__version="TLSv1.3"),
        heard("tls", "tcp/8443", tls__version="TLSv1.3", tls__oldest="TLSv1.2"),
        heard("tls", "tcp/8443", tls__version="TLSv1.3", tls__broken_cipher="none"),
    ):
        assert encryption.judge(subject(device(), SOUND_TLS, untested)).outcome is UNKNOWN


def test_a_port_that_was_left_out_may_be_an_encrypted_service() -> None:
    assert encryption.judge(subject(device(), SOUND_TLS, SWEPT)).outcome is CheckOutcome.PASS
    assert encryption.judge(subject(device(), SOUND_TLS)).outcome is UNKNOWN
    partly = heard("ports", ports__left_out="tcp/8443")
    assert encryption.judge(subject(device(), SOUND_TLS, partly)).outcome is UNKNOWN


def test_what_a_service_takes_besides_the_best_counts_against_it() -> None:
    for also, weak in (
        (heard("tls", "tcp/443", tls__version="TLSv1.3", tls__accepts="SSLv3"), "sslv3"),
        (heard("tls", "tcp/443", tls__version="TLSv1.3", tls__broken_cipher="AECDH-AES256-SHA"), "anonymous"),
    ):
        result = encryption.judge(subject(device(), SOUND_TLS, also))
        assert (result.outcome, result.facts["weak"]) == (FAIL, weak)
