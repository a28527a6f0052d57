"""Servers that checkpoints are sent to: each speaks its protocol, takes one after another, and keeps what came."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """An authority made for a test, and a server's certificate for `localhost`."""

    ca: Path
    server: Path

    @classmethod
    def make(cls, folder: Path) -> "Authority":
        key, name = ec.generate_private_key(ec.SECP256R1()), _name("Authority of a test")
        root = _certificate(key, name, key, name, is_ca=True)
        own = ec.generate_private_key(ec.SECP256R1())
        leaf = _certificate(own, _name("localhost"), key, name, is_ca=False)
        ca, server = folder / "ca.pem", folder / "server.pem"
        ca.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        server.write_bytes(
            own.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + leaf.public_bytes(serialization.Encoding.PEM)
        )
        return cls(ca, server)

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(key, name, signing_key, issuer, *, is_ca: bool) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("::1"))])
    usage = dict.fromkeys(
        [
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ],
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=True, key_cert_sign=is_ca, crl_sign=is_ca, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    )
    if not is_ca:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signing_key, hashes.SHA256())


@dataclass
class Receiver:
    """What arrived at a port."""

    port: int
    received: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextlib.contextmanager
def _listening(talk: Callable[[socket.socket, Receiver], None]) -> Iterator[Receiver]:
    listener = socket.create_server(("127.0.0.1", 0))
    receiver = Receiver(listener.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                talk(connection, receiver)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


@contextlib.contextmanager
def syslog(authority: Authority) -> Iterator[Receiver]:
    """A syslog server over TLS, with octet counting."""
    context = authority.context()

    def talk(connection: socket.socket, receiver: Receiver) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped, wrapped.makefile("rb") as stream:
            while digits := b"".join(iter(lambda: stream.read(1).strip(), b"")):
                if len(message := stream.read(int(digits))) == int(digits):
                    receiver.received.append(message)

    with _listening(talk) as receiver:
        yield receiver


@contextlib.contextmanager
def smtp() -> Iterator[Receiver]:
    """A mail server."""

    def talk(connection: socket.socket, receiver: Receiver) -> None:
        with connection.makefile("rwb", buffering=0) as stream:
            stream.write(b"220 test ESMTP\r\n")
            while line := stream.readline():
                match line[:4].upper():
                    case b"DATA":
                        stream.write(b"354 go on\r\n")
                        receiver.received.append(b"".join(iter(stream.readline, b".\r\n")))
                        stream.write(b"250 taken\r\n")
                    case b"QUIT":
                        stream.write(b"221 bye\r\n")
                        return
                    case _:
                        stream.write(b"250 test\r\n")

    with _listening(talk) as receiver:
        yield receiver


@contextlib.contextmanager
def web(authority: Authority | None = None, statuses: tuple[int, ...] = ()) -> Iterator[Receiver]:
    """A web server, that answers with the statuses one after the other, and then 204."""
    answers = iter(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.received.append(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.headers.append(dict(self.headers))
            status = next(answers, 204)
            self.send_response(status)
            if status in {301, 302, 307, 308}:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            receiver.received.append(b"GET")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(server.server_port)
    if authority:
        server.socket = authority.context().wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextlib.contextmanager
def hanging() -> Iterator[Receiver]:
    """A server that takes what is sent and never answers, until the test is over."""
    is_over = threading.Event()

    def talk(connection: socket.socket, receiver: Receiver) -> None:
        receiver.received.append(connection.recv(4096))
        is_over.wait()

    with _listening(talk) as receiver:
        try:
            yield receiver
        finally:
            is_over.set()
