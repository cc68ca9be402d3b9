"""Encryption (TWSE CC-17010 c(d)): do encrypted services use protocols and ciphers without known weakness.

Judged from what a service agreed to with us (`tls.version`, `tls.cipher`). An old version or a broken cipher
fails at once. That a service agreed to a good one does not show that it refuses a bad one: a pass needs the
oldest version it accepts (`tls.oldest`), which only a probe that offers old ones can learn.
"""

from typing import Final

from agent.checks.subject import Subject, word_set
from inventory.language import _
from inventory.types import CheckOutcome, CheckResult

NAME: Final = "encryption"
# RFC 6176, 7568 and 8996 forbid these versions; RFC 7465, RFC 8429 and NIST SP 800-131A these ciphers.
_OLD_VERSIONS: Final = {"SSLv2": "sslv2", "SSLv3": "sslv3", "TLSv1": "tls1.0", "TLSv1.1": "tls1.1"}
_BROKEN_CIPHERS: Final = {"RC4": "rc4", "DES": "3des", "EXP": "export", "NULL": "null", "ADH": "anonymous"}


def judge(subject: Subject) -> CheckResult:
    """Fail on an old version or a broken cipher, pass where every service is known to refuse old versions."""
    if subject.is_retired or subject.is_unconnected:
        reason = _("the device is not connected")
        return subject.result(NAME, CheckOutcome.NOT_APPLICABLE, reason, facts={"weak": ""})
    agreed = [(each, value) for each, value in subject.facts("tls.version") if value]
    oldest = [(each, value) for each, value in subject.facts("tls.oldest") if value]
    ciphers = [(each, value) for each, value in subject.facts("tls.cipher") if value]
    weak = {_OLD_VERSIONS[value] for _each, value in (*agreed, *oldest) if value in _OLD_VERSIONS}
    weak |= {
        word for _each, value in ciphers for part, word in _BROKEN_CIPHERS.items() if part in _parts(value)
    }
    evidence = [each.digest for each, _value in (*agreed, *oldest)]
    facts = {"versions": word_set({value for _each, value in (*agreed, *oldest)})}
    if weak:
        reason = _("weak encryption: {words}").format(words=", ".join(sorted(weak)))
        return subject.result(
            NAME, CheckOutcome.FAIL, reason, facts={**facts, "weak": word_set(weak)}, evidence=evidence
        )
    if not agreed:
        return subject.result(NAME, CheckOutcome.UNKNOWN, _("no encrypted service was heard"))
    if {each.service for each, _value in agreed} - {each.service for each, _value in oldest}:
        reason = _("not tested whether older versions are accepted too")
        return subject.result(NAME, CheckOutcome.UNKNOWN, reason, facts=facts, evidence=evidence)
    reason = _("every encrypted service refuses old versions")
    return subject.result(NAME, CheckOutcome.PASS, reason, facts={**facts, "weak": ""}, evidence=evidence)


def _parts(cipher: str) -> set[str]:
    """The algorithms an OpenSSL cipher name is made of: `DES-CBC3-SHA` → DES, CBC3, SHA."""
    return set(cipher.upper().replace("_", "-").split("-"))
