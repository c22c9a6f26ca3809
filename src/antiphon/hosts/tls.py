"""A certificate of our own, for machines on which one develops: browsers and clients have to be told to trust it."""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from antiphon.core.errors import SetupError

LASTS = timedelta(days=90)
RENEWED_BEFORE = timedelta(days=7)
ALWAYS = ("localhost", "127.0.0.1", "::1")
"What one may call this machine."


def certificate(folder: Path, host: str, now: datetime | None = None) -> tuple[Path, Path]:
    """The files of a certificate for `host` and of its key, which its owner alone can read.

    They are made when there are none, when they end soon, or when they are for other names. Raises SetupError.
    """
    now = now or datetime.now(UTC)
    names = _names(host)
    file, key = folder / "certificate.pem", folder / "key.pem"
    try:
        if not key.exists() or not _serves(file, names, now):
            folder.mkdir(parents=True, exist_ok=True)
            _make(file, key, names, now)
    except (OSError, ValueError) as error:
        raise SetupError(f"a certificate cannot be kept in {folder}: {error}; remove the folder") from error
    return file, key


def _names(host: str) -> tuple[str, ...]:
    others = {host, socket.gethostname()} - {"", "0.0.0.0", "::", *ALWAYS}
    return (*ALWAYS, *sorted(others))


def _serves(file: Path, names: tuple[str, ...], now: datetime) -> bool:
    if not file.exists():
        return False
    found = x509.load_pem_x509_certificate(file.read_bytes())
    told = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return found.not_valid_after_utc > now + RENEWED_BEFORE and set(told) == set(_told(names))


def _told(names: tuple[str, ...]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _make(file: Path, key_file: Path, names: tuple[str, ...], now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Antiphon, for development")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName(_told(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key_file.unlink(missing_ok=True)
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(secret)
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
