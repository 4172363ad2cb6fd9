"""Certificates for tests: each signs itself."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

_LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


class PairFiles:
    """`cert.pem` and `key.pem` in a folder, for localhost and 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self.cert = folder / "cert.pem"
        self.key = folder / "key.pem"

    def write(self, serial: int, *, begins_ms: int = 0, ends_ms: int = 0, password: bytes = b"") -> None:
        """A pair of this serial; without times it is good from yesterday for 90 days."""
        now = datetime.datetime.now(datetime.UTC)
        begins = _moment(begins_ms) if begins_ms else now - datetime.timedelta(days=1)
        ends = _moment(ends_ms) if ends_ms else now + datetime.timedelta(days=90)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName("localhost"), _LOOPBACK]), critical=False
            )
            .sign(key, hashes.SHA256())
        )
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        self.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
        self.cert.write_bytes(certificate.public_bytes(Encoding.PEM))


def serial_of(certificate: bytes) -> int:
    """Of a certificate as a TLS connection shows it."""
    return x509.load_der_x509_certificate(certificate).serial_number


def _moment(ms: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC)
