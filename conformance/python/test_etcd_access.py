"""Being let in by etcd, with the real program: as a user with a password, with certificates; and what is said to whoever is not. The
blocks of docs/etcd.md that make users and serve as one are run as they are written."""

import datetime
import ipaddress
import json
import os
import re
import ssl
import subprocess

import importing
import pytest
import subject
from callers import Account, exported
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from etcd import Cluster
from test_backup import CONSENT, shares_in
from test_nodes import FIRST, REGION, is_ready, soon
from test_operating import tool

pytestmark = pytest.mark.own_server
PAGE = (subject.REPOSITORY / "docs/etcd.md").read_text()
# It looks for what is to be erased every ten seconds.
ERASURE_SECONDS = 30


def run(*words, **variables):
    return subprocess.run([subject.binary(), *words], capture_output=True, text=True, timeout=60, env={**os.environ, **variables})


def serve(data, *words, **variables):
    return run("serve", "--listen", "127.0.0.1:0", "--data", data, *words, **variables)


def private(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


class Ended:
    """A context that ends servers."""

    def __init__(self):
        self.servers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            if server.is_running():
                server.kill()

    def started(self, *words, **more):
        server = subject.Server(*words, dev=False, **more)
        self.servers.append(server)
        return server.start()


def block(marked):
    """The block of commands of the page that has this in it."""
    (found,) = [one for one in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S) if marked in one]
    return found


def told(script, cluster, directory):
    """Runs commands of the page, with the members, names and places of a test in place of an operator's."""
    members = ",".join(f"127.0.0.1:{port}" for port in cluster.client_ports)
    for written, here in (
        ("e1:2379,e2:2379,e3:2379", members),
        ("/var/lib/kagiban", str(directory / "n0")),
        ("/etc/kagiban", str(directory)),
    ):
        script = script.replace(written, here)
    place = os.path.dirname(tool("etcd-client", "usr/bin/etcdctl"))
    script = f'kagiban() {{ "{subject.binary()}" "$@"; }}\n{script}'
    environment = {**os.environ, "PATH": f"{place}:{os.environ['PATH']}"}
    ran = subprocess.run(["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=60, env=environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture
def guarded(tmp_path):
    """A cluster that lets in users only: root, and the one of the page; and a deployment of the latter's in it."""
    with Cluster(size=1) as cluster, Ended() as ended:
        told(block("auth enable"), cluster, tmp_path)
        made = told(block("kagiban init --store-user"), cluster, tmp_path)
        yield cluster, exported(made), ended


def as_user(cluster, password, name="kagiban"):
    store = cluster.store.replace("/test", "/kagiban")
    return "--store", store, "--store-user", name, "--store-password-file", password


def test_a_user_who_has_the_prefix_can_do_all_but_erase(guarded, tmp_path):
    cluster, credentials, ended = guarded
    words = as_user(cluster, tmp_path / "etcd-password")
    server = ended.started(tmp_path / "n0", *words)
    kms = Account(server.endpoint, FIRST, *credentials, REGION).client()
    key = importing.external_key(kms, "SYMMETRIC_DEFAULT")
    importing.imports(kms, key, importing.fresh_material("SYMMETRIC_DEFAULT"))
    kms.delete_imported_key_material(KeyId=key)
    assert soon(lambda: "what was deleted could not be erased" in server.log(), ERASURE_SECONDS)
    assert "erased: nothing of it is left" not in server.log()
    assert is_ready(server) and kms.create_key()
    assert server.stop() == 0

    # What is to be erased was not forgotten: with the role it is done at the next start.
    told(block("user grant-role kagiban root"), cluster, tmp_path)
    server = ended.started(tmp_path / "n0", *words)
    assert soon(lambda: "erased: nothing of it is left" in server.log(), ERASURE_SECONDS)


def test_a_restore_elsewhere_asks_such_a_cluster_for_deletions(guarded, tmp_path):
    """What broke: with an embedded store as the place, the user of the source was taken for a mistake."""
    cluster, credentials, ended = guarded
    words = as_user(cluster, tmp_path / "etcd-password")
    server = ended.started(tmp_path / "n0", *words)
    account = Account(server.endpoint, FIRST, *credentials, REGION)

    def asked(*words):
        made = run(*words, **account.variables)
        assert made.returncode == 0, made.stderr
        return made.stdout

    shares = private(tmp_path / "shares", "\n".join(shares_in(asked("recovery", "create", "--shares", "3", "--threshold", "2"))))
    name = json.loads(asked("backup", "create", "--output", "json"))["FileName"]
    assert server.stop() == 0
    restore = ("restore", tmp_path / "n0/backups" / name, "--data", tmp_path / "back", "--shares-file", shares)
    refused = run(*restore, "--deletions-from", words[1])
    assert refused.returncode == 1 and "user name is empty" in refused.stderr, refused.stderr
    restored = run(*restore, "--deletions-from", words[1], *words[2:])
    assert restored.returncode == 0 and "Restored: " in restored.stdout, restored.stderr
    mistaken = run(*restore, "--restore-deleted-keys", CONSENT, *words[2:])
    assert mistaken.returncode == 1 and "are for --store etcd://..." in mistaken.stderr, mistaken.stderr


def test_who_is_not_let_in_is_told_why(guarded, tmp_path):
    cluster, _, _ = guarded
    for words, said in (
        (as_user(cluster, private(tmp_path / "wrong", "wrong")), "authentication failed, invalid user ID or password"),
        (as_user(cluster, tmp_path / "etcd-password", "stranger"), "authentication failed, invalid user ID or password"),
        (("--store", cluster.store.replace("/test", "/kagiban")), "user name is empty"),
        (as_user(cluster, tmp_path / "none"), f"cannot read {tmp_path / 'none'}"),
        (as_user(cluster, tmp_path / "etcd-password")[:4], "--store-user and --store-password-file are needed together"),
        (("--store-user", "kagiban", "--store-password-file", tmp_path / "etcd-password"), "are for --store etcd://..."),
        (("--store-tls",), "are for --store etcd://..."),
        (("--store", cluster.store, "--store-tls-certificate", tmp_path / "x"), "--store-tls-certificate and --store-tls-key are needed together"),
    ):
        refused = serve(tmp_path / "n0", *words)
        assert refused.returncode == 1 and said in refused.stderr, (words, refused.stderr)
    open_ = private(tmp_path / "open", "x")
    open_.chmod(0o644)
    refused = serve(tmp_path / "n0", *as_user(cluster, open_))
    assert refused.returncode == 1 and f"{open_} can be read by others" in refused.stderr and "chmod 600" in refused.stderr


class Authority:
    """An authority, and what it signs, as files."""

    def __init__(self, directory, name):
        self._directory, self._key = directory, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.path = directory / f"{name}.pem"
        self.path.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, name):
        """Files of a certificate for this machine, good for servers and clients, and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), key)
        here = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(here), critical=False)
        certificate, secret = self._directory / f"{name}.pem", self._directory / f"{name}.key"
        certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        encoded = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return certificate, private(secret, encoded.decode())

    def _builder(self, name, key):
        now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
        builder = x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number())
        return builder.not_valid_before(now - day).not_valid_after(now + day)


def test_certificates_both_ways(tmp_path):
    authority, other = Authority(tmp_path, "authority"), Authority(tmp_path, "other")
    certificate, key = authority.issue("member")
    context = ssl.create_default_context(cafile=authority.path)
    context.load_cert_chain(certificate, key)
    options = [f"--cert-file={certificate}", f"--key-file={key}", "--client-cert-auth", f"--trusted-ca-file={authority.path}"]
    with Cluster(1, options, tls=context) as cluster, Ended() as ended:
        mine = [*authority.issue("node")]
        identity = ("--store-tls-certificate", mine[0], "--store-tls-key", mine[1])
        named = ("--store", cluster.store, "--store-tls-authorities", authority.path, *identity)
        made = run("init", "--data", tmp_path / "n0", "--account", FIRST, *named)
        assert made.returncode == 0, made.stderr
        # The authorities of the machine: where OpenSSL's variable says they are.
        machines = ("--store", cluster.store, "--store-tls", *identity)
        for words, variables in ((named, {}), (machines, {"SSL_CERT_FILE": str(authority.path)})):
            server = ended.started(tmp_path / "n0", *words, variables=variables)
            kms = Account(server.endpoint, FIRST, *exported(made.stdout), REGION).client()
            assert kms.create_key()
            assert server.stop() == 0
        strangers = other.issue("stranger")
        for words, variables, said in (
            (machines, {"SSL_CERT_FILE": str(other.path)}, "invalid peer certificate: UnknownIssuer"),
            # The member says nothing, it hangs up.
            (named[:4], {}, f"etcd at {cluster.store}"),
            ((*named[:4], "--store-tls-certificate", strangers[0], "--store-tls-key", strangers[1]), {}, f"etcd at {cluster.store}"),
        ):
            refused = serve(tmp_path / "n0", *words, **variables)
            assert refused.returncode == 1 and said in refused.stderr, (words, refused.stderr)
        mine[1].chmod(0o644)
        refused = serve(tmp_path / "n0", *named)
        assert refused.returncode == 1 and f"{mine[1]} can be read by others" in refused.stderr
