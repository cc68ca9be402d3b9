"""The vault's file: JSON of what scrypt (RFC 7914) needs to make a key of the passphrase, and a sealed box.

The box holds all entries, their names too, under AES-256-GCM (NIST SP 800-38D), which also covers the rest of
the file.

    VaultSealed (NotAllowed)   no passphrase, or a wrong one
    BadInput                   a file that is no vault, or was tampered with
"""

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from inventory.exits import BadInput, NotAllowed
from inventory.language import _
from inventory.secret import Secret

_COST, _BLOCK, _PARALLEL = 2**15, 8, 1
_LARGEST_COST: Final = 2**20


class VaultSealed(NotAllowed):
    """The vault cannot be opened: no passphrase was given, or a wrong one."""


def sealed(plain: str, passphrase: Secret) -> str:
    """The text of a file that only the passphrase opens."""
    head = {
        "vault": 1,
        "kdf": "scrypt",
        "n": _COST,
        "r": _BLOCK,
        "p": _PARALLEL,
        "salt": _text(secrets.token_bytes(16)),
        "nonce": _text(secrets.token_bytes(12)),
    }
    key = _key(passphrase, head)
    box = AESGCM(key).encrypt(_bytes(head["nonce"]), plain.encode(), _associated(head))
    return json.dumps({**head, "sealed": _text(box)}, indent=2) + "\n"


def unsealed(text: str, place: str, passphrase: Secret) -> str:
    """What was sealed; VaultSealed for a wrong passphrase, BadInput for a file (`place`) that is no vault."""
    try:
        head = json.loads(text)
        box = _bytes(head.pop("sealed"))
        if head["vault"] != 1 or head["kdf"] != "scrypt" or not 2**14 <= head["n"] <= _LARGEST_COST:
            raise ValueError("not a vault of this kind")
        key = _key(passphrase, head)
        return AESGCM(key).decrypt(_bytes(head["nonce"]), box, _associated(head)).decode()
    except InvalidTag:
        reason = _("the vault {place} does not open: a wrong passphrase, or somebody changed the file")
        raise VaultSealed(reason.format(place=place)) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadInput(_("{place}:1: is no vault").format(place=place)) from None


def _key(passphrase: Secret, head: Mapping[str, Any]) -> bytes:
    maker = Scrypt(salt=_bytes(head["salt"]), length=32, n=head["n"], r=head["r"], p=head["p"])
    return maker.derive(passphrase.reveal().encode())


def _associated(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: Any) -> bytes:  # noqa: ANN401 - straight from JSON
    return base64.b64decode(text, validate=True)
