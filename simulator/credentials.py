"""What a client needs to log in: made once, kept in a file, so that a local stack can be wired."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

DEFAULT_USERNAME = "integration@example.com"
KEY_BITS = 2048


@dataclass(kw_only=True)
class Credentials:
    """A connected app, its user and the keys to both."""

    consumer_key: str
    consumer_secret: str
    username: str
    public_key: str
    private_key: str | None = None
    refresh_token: str

    @classmethod
    def make(cls, username: str = DEFAULT_USERNAME) -> "Credentials":
        """Return fresh credentials with a key pair of their own."""
        private, public = make_key_pair()
        return cls(
            consumer_key=f"3MVG9{secrets.token_urlsafe(48)}",
            consumer_secret=secrets.token_hex(32).upper(),
            username=username,
            public_key=public,
            private_key=private,
            refresh_token=f"5Aep861{secrets.token_urlsafe(48)}",
        )

    @classmethod
    def read_or_make(cls, path: Path) -> "Credentials":
        """Return the credentials in a file, which is written if there is none."""
        if path.exists():
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        made = cls.make()
        path.parent.mkdir(parents=True, exist_ok=True)
        made.write(path)
        return made

    def write(self, path: Path) -> None:
        """Store the credentials where only their owner can read them."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def make_key_pair() -> tuple[str, str]:
    """Return a private and a public RSA key in PEM."""
    # Loaded only where keys are made, since it is slow to load.
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()
