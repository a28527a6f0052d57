"""The two ways to be reached from other machines: TLS of our own, and a proxy's."""

import datetime

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

pytestmark = pytest.mark.slow


def test_with_a_certificate_it_speaks_tls_and_marks_its_cookies(up, tmp_path):
    certificate, key = _self_signed(tmp_path)
    parley = up("--certificate", str(certificate), "--key", str(key), "--host", "0.0.0.0")
    answer = httpx.get(f"https://127.0.0.1:{parley.port}/signin/", verify=False)
    assert answer.status_code == 200
    assert "secure" in answer.headers["set-cookie"].lower()


def test_behind_a_proxy_it_believes_what_the_proxy_says(up):
    parley = up("--behind-tls-proxy", "--host", "0.0.0.0")
    answer = httpx.get(f"http://127.0.0.1:{parley.port}/signin/", headers={"X-Forwarded-Proto": "https"})
    assert answer.status_code == 200
    assert "secure" in answer.headers["set-cookie"].lower()


def _self_signed(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encodings = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(*encodings))
    return paths
