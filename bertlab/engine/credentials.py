"""Who belongs to an engine: its scheduler, its worker and its nanny know each other by a key.

A Dask scheduler executes what anybody who reaches it sends, and so do workers and nannies. On a
machine that many use, loopback is open to all of them. So each start of the engine makes a key
and a certificate of its own, and whoever cannot show them is refused before a word is read. They
are handed from the engine to its worker through a pipe and are stored nowhere: they end with it.
"""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from distributed.security import Security

# It ends with the engine, and a clock that is set back or far ahead must not end it before: a
# worker that starts then would be refused by its own scheduler. (Dask's own temporary
# certificate begins at the moment it is made.)
FIRST_DAY, LAST_DAY = datetime(2000, 1, 1), datetime(2100, 1, 1)


def fresh_credentials() -> Security:
    """Make a key and a certificate that is its own authority, for every part of one engine.

    Scheduler(security=fresh_credentials(), protocol="tls") refuses whoever has others, or none.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bertlab-engine")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FIRST_DAY)
        .not_valid_after(LAST_DAY)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    shown = certificate.public_bytes(serialization.Encoding.PEM).decode()
    parts = ("client", "scheduler", "worker")
    return Security(
        require_encryption=True,
        tls_ca_file=shown,
        **{f"tls_{part}_cert": shown for part in parts},
        **{f"tls_{part}_key": secret for part in parts},
    )
