"""Certificate authorities of the tests' own, and HTTPS servers on this machine that they vouch for: what takes the audit and
the events, and keeps all that it got."""

import datetime
import http.server
import ipaddress
import queue
import ssl
import threading
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAMES = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))


class Authority:
    """An authority, whose certificate is in `file`."""

    def __init__(self, folder, name):
        self._folder, self._name = folder, x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        self.file = self._write(name, self._certificate(self._name, self._key, (constraints, True)))

    def issue(self, name):
        """The files of a certificate for this machine, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        certificate = self._certificate(subject, key, (x509.SubjectAlternativeName(NAMES), False))
        text = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path = self._folder / f"{name}.key"
        path.write_bytes(text)
        return self._write(name, certificate), path

    def _certificate(self, subject, key, extension):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=9))
        return builder.add_extension(extension[0], critical=extension[1]).sign(self._key, hashes.SHA256())

    def _write(self, name, certificate):
        path = self._folder / f"{name}.pem"
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return path


@dataclass
class Taken:
    """A request that came over TLS."""

    method: str
    path: str
    headers: dict
    body: bytes
    version: str


class Target:
    """An HTTPS server that answers every request with a status, 200 unless told otherwise."""

    def __init__(self, authority, name, status=200):
        self.taken, self.failed_handshakes, self.status = queue.Queue(), [], status
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def take(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                target.taken.put(Taken(self.command, self.path, headers, body, self.connection.version()))
                self.send_response(target.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD = do_POST = do_PUT = take

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def get_request(self):
                # The handshake is made here, where who refuses it is noted.
                socket, address = super().get_request()
                try:
                    return context.wrap_socket(socket, server_side=True), address
                except OSError as error:
                    target.failed_handshakes.append(str(error))
                    raise

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority.issue(name))
        self._server = Server(("127.0.0.1", 0), Handler)
        self.address = f"localhost:{self._server.server_port}"
        self.url = f"https://{self.address}/{name}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def next(self, seconds=20):
        return self.taken.get(timeout=seconds)

    def close(self):
        self._server.shutdown()
        self._server.server_close()
