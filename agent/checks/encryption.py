"""Encryption (TWSE CC-17010 c(d)): do encrypted services use protocols and ciphers without known weakness.

Judged from what a service agreed to with us (`tls.version`, `tls.cipher`) and what it takes besides when it
is offered nothing better (`tls.accepts`, `tls.broken_cipher`). An old version or a broken cipher fails at
once. A pass needs the oldest version each service takes (`tls.oldest`) and its refusal of broken ciphers, and
a sweep that asked every port.
"""

from typing import Final

from agent.checks.subject import RAW_PRINT, Subject, word_set
from inventory.facts import words_told
from inventory.language import _
from inventory.types import CheckOutcome, CheckResult, Observation

NAME: Final = "encryption"
# RFC 6176, 7568 and 8996 forbid these versions; RFC 7465, RFC 8429 and NIST SP 800-131A these ciphers.
_OLD_VERSIONS: Final = {"SSLv2": "sslv2", "SSLv3": "sslv3", "TLSv1": "tls1.0", "TLSv1.1": "tls1.1"}
_BROKEN_CIPHERS: Final = {"RC4": "rc4", "DES": "3des", "EXP": "export", "NULL": "null", "ADH": "anonymous",
                          "AECDH": "anonymous"}  # fmt: skip


def judge(subject: Subject) -> CheckResult:
    """Fail on an old version or a broken cipher, pass where every service is known to refuse both."""
    if subject.is_retired or subject.is_unconnected:
        reason = _("the device is not connected")
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, reason, facts={"weak": ""})
    taken = [*_told(subject, "tls.version"), *_told(subject, "tls.accepts")]
    ciphers = [*_told(subject, "tls.cipher"), *_told(subject, "tls.broken_cipher")]
    weak = {_OLD_VERSIONS[value] for _each, value in taken if value in _OLD_VERSIONS}
    weak |= {
        word for _each, value in ciphers for part, word in _BROKEN_CIPHERS.items() if part in _parts(value)
    }
    evidence = [each.digest for each, _value in taken]
    facts = {"versions": word_set({value for _each, value in taken})}
    if weak:
        reason = _("weak encryption: {words}").format(words=words_told(weak))
        return subject.result(
            NAME, CheckOutcome.FAIL, reason, facts={**facts, "weak": word_set(weak)}, evidence=evidence
        )
    if not taken:
        return subject.result(NAME, CheckOutcome.UNKNOWN, _("no encrypted service was heard"))
    services = {each.service for each, _value in taken}
    for settled in ("tls.oldest", "tls.broken_cipher"):
        if services - {each.service for each, _value in _told(subject, settled)}:
            reason = _("not tested whether older versions are accepted too")
            return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts, evidence=evidence)
    if subject.left_out is None or subject.left_out - RAW_PRINT:
        reason = _("not every port was asked: there may be further services")
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts, evidence=evidence)
    reason = _("every encrypted service refuses old versions")
    return subject.result(NAME, CheckOutcome.PASS, reason, facts={**facts, "weak": ""}, evidence=evidence)


def _told(subject: Subject, name: str) -> list[tuple[Observation, str]]:
    return [(each, value) for each, value in subject.facts(name) if value]


def _parts(cipher: str) -> set[str]:
    """The algorithms an OpenSSL cipher name is made of: `DES-CBC3-SHA` → DES, CBC3, SHA."""
    return set(cipher.upper().replace("_", "-").split("-"))
