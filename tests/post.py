"""A mail server that speaks SMTP with STARTTLS and AUTH, and the post of the queue delivered by hand."""

import asyncio
import base64
import contextlib
import datetime
import ipaddress
import re
import ssl
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from queue import Empty
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LINK = re.compile(r"https?://\S+")


def deliver() -> int:
    """Take what waits in the queue, run it as a worker does, and count it; tasks that these queue are run as well."""
    from chatproject import celery_app as app

    app.loader.import_default_modules()
    done = 0
    with app.connection_for_read() as connection, contextlib.closing(connection.SimpleQueue("celery")) as queue:
        while True:
            try:
                message = queue.get_nowait()
            except Empty:
                return done
            arguments, keywords, _embed = message.payload
            message.ack()
            app.tasks[message.headers["task"]].apply(arguments, keywords, throw=True, retries=100)
            done += 1


def link(mail: EmailMessage) -> str:
    """Give the path of a mail's first link."""
    found = LINK.search(mail.get_content())
    assert found, mail.get_content()
    return "/" + found[0].split("/", 3)[3]


class MailServer:
    """Listens on a port of this machine and keeps what it is sent."""

    def __init__(self, tls: ssl.SSLContext | None = None, password: str = "") -> None:
        self.tls, self.password = tls, password
        self.mails: list[EmailMessage] = []
        self.commands: list[str] = []
        #: What is answered to MAIL, where it is no yes.
        self.sender_answer = ""
        #: What is answered to RCPT.
        self.answer = "250 OK"
        #: Cleared, RCPT is not answered until it is set again.
        self.takes = threading.Event()
        self.takes.set()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        started = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, "127.0.0.1", 0), self.loop)
        self.server = started.result(10)
        self.port = int(self.server.sockets[0].getsockname()[1])

    def to(self, address: str) -> list[EmailMessage]:
        """List the mails to an address."""
        return [mail for mail in self.mails if mail["To"] == address]

    def stop(self) -> None:
        """Listen no more, and hold nobody."""
        self.takes.set()
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())

        say("220 post.test ESMTP")
        is_secret = False
        while line := (await reader.readline()).decode().strip():
            self.commands.append(line if not line.upper().startswith("AUTH") else "AUTH")
            match line.upper().split()[0]:
                case "EHLO" | "HELO":
                    offers = ["STARTTLS"] if self.tls and not is_secret else ["AUTH PLAIN"] if self.password else []
                    lines = ["post.test", *offers]
                    for nth, offer in enumerate(lines, start=1):
                        say(f"250{' ' if nth == len(lines) else '-'}{offer}")
                case "STARTTLS":
                    say("220 go")
                    try:
                        await writer.start_tls(cast("ssl.SSLContext", self.tls))
                    except ssl.SSLError:  # the client doesn't trust us
                        return
                    is_secret = True
                case "MAIL" if self.sender_answer:
                    say(self.sender_answer)
                case "AUTH":
                    given = base64.b64decode(line.split()[2]).decode().split("\x00")[-1]
                    say("235 welcome" if given == self.password else "535 no")
                case "RCPT":
                    await asyncio.to_thread(self.takes.wait, 60)
                    say(self.answer)
                case "DATA":
                    say("354 go on")
                    await writer.drain()
                    data = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                    mail = message_from_bytes(data.replace(b"\r\n", b"\n"), policy=policy.default)
                    self.mails.append(mail)
                    say("250 taken")
                case "QUIT":
                    say("221 bye")
                    break
                case _:
                    say("250 OK")
            await writer.drain()
        writer.close()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate of this machine's own: its file, and the context of a server that has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = folder / "post.pem", folder / "post.key"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encodings = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key_path.write_bytes(key.private_bytes(*encodings))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path, key_path)
    return path, context
