#!/usr/bin/env python3
"""Writes hierarchy-v1.json: wrapped domain keys and secrets, made a second time from docs/key-hierarchy.md alone.

Needs the `cryptography` package (48 or later, for Argon2id). Reads nothing of the Rust code.

    python3 make_hierarchy_v1.py            writes hierarchy-v1.json
    python3 make_hierarchy_v1.py --check    compares instead, and runs the program printed in the document
"""

import base64
import hashlib
import json
import pathlib
import re
import struct
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

HERE = pathlib.Path(__file__).parent
VECTORS = HERE / "hierarchy-v1.json"
DOCUMENT = HERE.parents[3] / "docs" / "key-hierarchy.md"


def bytes_of(name, length):
    return hashlib.shake_256(name.encode()).digest(length)


def root_key(root):
    derived = KBKDFHMAC(
        algorithm=hashes.SHA256(), mode=Mode.CounterMode, length=48, rlen=4, llen=4,
        location=CounterLocation.BeforeFixed, label=b"kagiban-root-v1", context=b"", fixed=None,
    ).derive(root)
    return derived[:32], derived[32:]


def binding(table, *parts):
    texts = [table.encode()]
    for label, value in parts:
        texts += [label.encode(), value]
    return b"kagiban-row-v1" + b"".join(struct.pack(">Q", len(text)) + text for text in texts)


def wrap_domain_key(root, domain_key, row, nonce):
    key, root_id = root_key(root)
    head = b"\x01" + root_id
    return head + nonce + AESGCM(key).encrypt(nonce, domain_key, head + row)


def wrap_secret(domain_key_id, domain_key, secret, row, nonce):
    return b"\x01" + domain_key_id + nonce + AESGCM(domain_key).encrypt(nonce, secret, row)


def passphrase_case(passphrase, memory_kib, iterations, lanes):
    salt = bytes_of(f"salt for {passphrase}", 16)
    stretched = Argon2id(
        salt=salt, length=32, iterations=iterations, lanes=lanes, memory_cost=memory_kib).derive(passphrase.encode())
    salt_text = base64.b64encode(salt).decode().rstrip("=")
    return {
        "passphrase": passphrase,
        "parameters": f"$argon2id$v=19$m={memory_kib},t={iterations},p={lanes}${salt_text}",
        "root_key_id": root_key(stretched)[1].hex(),
    }


def vectors():
    root, domain_key = bytes_of("root key", 32), bytes_of("domain key", 32)
    domain_key_id, secret = bytes_of("domain key id", 16), bytes_of("secret", 32)
    domain_row = [["id", domain_key_id.hex()]]
    secret_row = [["region", b"us-east-1".hex()], ["key", bytes_of("key id", 16).hex()], ["empty", ""]]
    parts = lambda row: [(label, bytes.fromhex(value)) for label, value in row]
    domain_nonce, secret_nonce = bytes_of("domain nonce", 12), bytes_of("secret nonce", 12)
    return {
        "root_key": base64.b64encode(root).decode(),
        "root_key_id": root_key(root)[1].hex(),
        "domain_key_id": domain_key_id.hex(),
        "domain_key": domain_key.hex(),
        "domain_key_row": {"table": "domain_keys", "parts": domain_row},
        "domain_key_nonce": domain_nonce.hex(),
        "wrapped_domain_key": wrap_domain_key(
            root, domain_key, binding("domain_keys", *parts(domain_row)), domain_nonce).hex(),
        "secret": secret.hex(),
        "secret_row": {"table": "key_material", "parts": secret_row},
        "secret_nonce": secret_nonce.hex(),
        "wrapped_secret": wrap_secret(
            domain_key_id, domain_key, secret, binding("key_material", *parts(secret_row)), secret_nonce).hex(),
        "passphrases": [
            passphrase_case("correct horse battery staple", 19456, 2, 1),
            passphrase_case("鍵番 kagiban", 20000, 3, 4),
        ],
    }


def check_document(made):
    program = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.S).group(1)
    names = {}
    exec(compile(program, str(DOCUMENT), "exec"), names)
    row = lambda r: names["row"](r["table"], [(label, bytes.fromhex(value)) for label, value in r["parts"]])
    domain_key = names["unwrap_domain_key"](
        base64.b64decode(made["root_key"]), bytes.fromhex(made["wrapped_domain_key"]), row(made["domain_key_row"]))
    assert domain_key.hex() == made["domain_key"]
    secret = names["unwrap_secret"](
        {bytes.fromhex(made["domain_key_id"]): domain_key}, bytes.fromhex(made["wrapped_secret"]), row(made["secret_row"]))
    assert secret.hex() == made["secret"]
    for one in made["passphrases"]:
        root = names["root_from_passphrase"](one["passphrase"], one["parameters"])
        assert root_key(root)[1].hex() == one["root_key_id"]


def main():
    made = vectors()
    written = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    if sys.argv[1:] == ["--check"]:
        assert VECTORS.read_text() == written, "hierarchy-v1.json is not what this program makes"
        check_document(made)
        print("the vectors and the document agree")
    else:
        VECTORS.write_text(written)


main()
