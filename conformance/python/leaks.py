"""Everything secret that the tests hand in or get back, and the search for it in the audit and the log of every server that
ended. What clients send and receive is noted by itself; what else is secret a test notes with `note`."""

import base64
import re
import subprocess
from pathlib import Path

import subject

# Members of requests and answers that are secret, or that records never show.
MEMBERS = {
    "Base32StringSeed",
    "CiphertextForRecipient",
    "EncryptedKeyMaterial",
    "GrantToken",
    "GrantTokens",
    "ImportToken",
    "Invitation",
    "Mac",
    "Plaintext",
    "PresentShares",
    "PrivateKeyPlaintext",
    "SecretAccessKey",
    "SessionToken",
    "SharedSecret",
    "WebIdentityToken",
}
# What no record and no log may have, whatever the tests know of it: shares, recovery keys, private keys, signatures.
NEVER = re.compile(
    rb"kagiban-share1\S{20,}|AGE-SECRET-KEY-1\w{20,}|PRIVATE KEY-----\s*[\w+/]{20,}|Signature=[0-9a-f]{64}"
)
# A shorter one cannot be told from chance, nor from a word.
LEN_MIN = 12
# Bytes that are looked at together.
CHUNK = 1 << 18
# Ids and ARNs of keys, and aliases.
SHOWN = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|arn:.*|alias/.*", re.DOTALL)
START = 8

_noted = {}
_ended = {}


def note(secret):
    """Something that no server may tell: as it is, and in base64."""
    data = secret.encode() if isinstance(secret, str) else bytes(secret)
    forms = [data, base64.b64encode(data).rstrip(b"=")]
    if isinstance(secret, str):
        try:
            forms.append(base64.b64decode(secret, validate=True))
        except ValueError:
            pass
    for form in forms:
        # A row of one byte, such as a blob of zeros, is no secret, nor is the name of a key that a test encrypts.
        if len(form) >= LEN_MIN and len(set(form)) > 2 and not SHOWN.fullmatch(form):
            _noted.setdefault(form[:START], set()).add(form)
    return secret


def note_members(value, name=None):
    """The secret members of a request or an answer."""
    if isinstance(value, dict):
        for name, member in value.items():
            note_members(member, name)
    elif isinstance(value, (list, tuple)):
        for member in value:
            note_members(member, name)
    elif name in MEMBERS and isinstance(value, (bytes, bytearray, str)):
        # Tests try the id of a grant for its token; ids are shown.
        if not (name.startswith("GrantToken") and len(value) == 64):
            note(value)


def watch(session):
    """Notes the secrets of whatever the clients of a boto3 session send and receive."""
    session.events.register("before-parameter-build", lambda params, **_: note_members(params))
    # What an error says is for everybody.
    session.events.register("after-call", lambda parsed, **_: note_members({} if "Error" in parsed else parsed))


def server_ended(server):
    """To be called when a server has ended; what it left is searched by the next `search`."""
    _ended[server.data] = server


def search():
    """Looks through what the servers that ended since the last time have written.

    Fails if a secret is there."""
    ended = list(_ended.values())
    _ended.clear()
    for server in ended:
        if found := found_in(server):
            raise AssertionError(f"{found[0]} of {server.data} has a secret in it: {found[1][:60]}")


def found_in(server):
    """Where a secret is, and which: the first in the server's journal, its archives or its log; None if there is none."""
    for name, text in texts(server):
        for begin in range(0, len(text), CHUNK):
            end = min(begin + CHUNK, len(text) - START + 1)
            for start in {text[at : at + START] for at in range(begin, end)}.intersection(_noted):
                for secret in _noted[start]:
                    if text.find(secret, begin, begin + CHUNK + len(secret)) >= 0:
                        return name, secret
        if never := NEVER.search(text):
            return name, never.group()
    return None


def texts(server):
    """Segments of the journal, as they are, behind which there is room of zeros; of archives, which are compressed, the records as
    `kagiban audit export` shows them; what the server said."""
    audit = Path(server.data) / "audit"
    for path in [*sorted(audit.glob("journal/*.records")), Path(server.log_path)]:
        try:
            yield path.name, path.read_bytes().rstrip(b"\0")
        except OSError:
            # Moved or archived meanwhile, or a test took it away.
            continue
    if any(audit.glob("archive/**/*")):
        command = [subject.binary(), "audit", "export", "--data", server.data, "--to", "-", "--form", "lines"]
        # Not every archive can be read that a test leaves: some are about archives that were tampered with.
        yield "archives", subprocess.run(command, capture_output=True, timeout=60).stdout
