"""What a push is sealed and signed with (RFC 8291, RFC 8292).

The room's key is made once and kept in its database: another key would silence every phone that
has signed up with the first. It stands in no log and no answer but its public half.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ..ground.errors import DispatchError
from ..outward.guard import Target
from ..store.accounts import Accounts

KEPT_AS = "push key"
# RFC 8292 allows a day at most.
SIGNED_FOR = timedelta(hours=12)
POINT_B, AUTH_B = 65, 16


@dataclass(frozen=True, slots=True)
class PushKey:
    """The key of a room.

    Attributes
    ----------
    public : its public half, as a browser wants it: an uncompressed point in base64url.
    """

    _pem: bytes = field(repr=False)
    public: str

    @classmethod
    def kept(cls, accounts: Accounts) -> PushKey:
        """The room's own, made the first time.

        Raises
        ------
        DispatchError
            `pywebpush` is not installed.
        """
        if find_spec("pywebpush") is None:
            raise DispatchError("--push-host needs pywebpush: pip install 'gridcrew[push]'")
        fresh = ec.generate_private_key(ec.SECP256R1())
        pem = fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        kept = accounts.keepsake(KEPT_AS, pem).encode()
        return cls(kept, _public(kept))

    def signed(self, target: Target, contact: str, now: datetime) -> str:
        """What tells a push service who sends: good for that service alone, for half a day."""
        port = "" if target.port == (443 if target.tls else 80) else f":{target.port}"
        claims = {
            "aud": f"{'https' if target.tls else 'http'}://{target.host}{port}",
            "exp": int((now + SIGNED_FOR).timestamp()),
            "sub": contact,
        }
        head: str = _vapid(self._pem).sign(claims)["Authorization"]
        return head


def _public(pem: bytes) -> str:
    point = _vapid(pem).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def _vapid(pem: bytes) -> Any:
    # Only where a utility rings phones: it is an extra.
    return import_module("py_vapid").Vapid02.from_pem(pem)


def sealed(message: bytes, keys: dict[str, Any]) -> bytes:
    """A message that only one phone can read; the push service cannot.

    Parameters
    ----------
    keys : of the phone: `p256dh` and `auth`.
    """
    pywebpush: Any = import_module("pywebpush")
    body: bytes = pywebpush.WebPusher({"endpoint": "", "keys": dict(keys)}).encode(message, "aes128gcm")[
        "body"
    ]
    return body


def are_keys(p256dh: str, auth: str) -> bool:
    """Whether a phone's keys are a point of the curve and a secret of 16 bytes."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _raw(p256dh, POINT_B))
        _raw(auth, AUTH_B)
    except ValueError:
        return False
    return True


def _raw(text: str, length: int) -> bytes:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != length:
        raise ValueError(f"{len(raw)} bytes")
    return raw
