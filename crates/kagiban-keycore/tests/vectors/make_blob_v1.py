#!/usr/bin/env python3
"""Writes blob-v1.json: the ciphertext format, made a second time from docs/ciphertext-format.md alone.

Needs the `cryptography` package, built on a library that knows SM4-GCM (its own wheels are). Nothing of the Rust code is read here, so the vectors check that code and its document
against each other. Run it again only when a format is added; a published vector never changes.

    python3 make_blob_v1.py            writes blob-v1.json
    python3 make_blob_v1.py --check    compares instead, and opens every blob with the program printed in the document
"""

import hashlib
import json
import pathlib
import re
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

HERE = pathlib.Path(__file__).parent
VECTORS = HERE / "blob-v1.json"
DOCUMENT = HERE.parents[3] / "docs" / "ciphertext-format.md"

SINGLE = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
SINGLE_CN = SINGLE.replace("arn:aws:kms:us-east-1", "arn:aws-cn:kms:cn-north-1")
MULTI_CN = MULTI.replace("arn:aws:kms:eu-west-1", "arn:aws-cn:kms:cn-north-1")

# By length of the material: its algorithm's code and cipher.
CIPHERS = {32: (1, algorithms.AES), 16: (2, algorithms.SM4)}


def bytes_of(name, length):
    """Bytes that look random and that anybody can make again."""
    return hashlib.shake_256(name.encode()).digest(length)


def message_keys(material, prefix):
    derived = KBKDFHMAC(
        algorithm=hashes.SHA256(), mode=Mode.CounterMode, length=len(material) + 32, rlen=4, llen=4,
        location=CounterLocation.BeforeFixed, label=b"kagiban-message-v1", context=prefix, fixed=None,
    ).derive(material)
    return derived[:-32], derived[-32:]


def prefix_of(arn, material_id, nonce, magic=b"KBN\x01", algorithm=1, kind=None):
    key_id = arn.rsplit("/", 1)[1]
    multi_region = key_id.startswith("mrk-")
    kind = int(multi_region) if kind is None else kind
    return magic + bytes([algorithm, kind]) + bytes.fromhex(key_id.removeprefix("mrk-").replace("-", "")) + material_id + nonce


def associated_data(header, arn, context):
    parts = arn.split(":")
    if parts[5].startswith("key/mrk-"):
        parts[3] = ""
    arn = ":".join(parts).encode()
    pairs = sorted((key.encode(), value.encode()) for key, value in context.items())
    text = lambda t: struct.pack(">H", len(t)) + t
    return header + text(arn) + struct.pack(">H", len(pairs)) + b"".join(text(k) + text(v) for k, v in pairs)


def seal(case, commitment=None, **header):
    """`commitment` and `header` are for blobs that nobody should make."""
    material, plaintext = bytes.fromhex(case["material"]), bytes.fromhex(case["plaintext"])
    algorithm, cipher = CIPHERS[len(material)]
    header = {"algorithm": algorithm, **header}
    prefix = prefix_of(case["arn"], bytes.fromhex(case["key_material_id"]), bytes.fromhex(case["message_nonce"]), **header)
    key, right_commitment = message_keys(material, prefix)
    head = prefix + (commitment or right_commitment)
    encryptor = Cipher(cipher(key), modes.GCM(bytes(12))).encryptor()
    encryptor.authenticate_additional_data(associated_data(head, case["arn"], case["context"]))
    return head + encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def case(name, arn=SINGLE, context=None, plaintext=b"attack at dawn", **other):
    material_len = 16 if ":kms:cn-" in arn else 32
    made = {
        "name": name,
        "material": bytes_of(f"{name} material", material_len).hex(),
        "arn": arn,
        "key_material_id": bytes_of(f"{name} material id", 32).hex(),
        "context": context or {},
        "message_nonce": bytes_of(f"{name} nonce", 32).hex(),
        "plaintext": plaintext.hex(),
    }
    made.update(other)
    return made


def good_cases():
    cases = [
        case("single-Region key, no context"),
        case("single-Region key, two pairs", context={"purpose": "invoice", "tenant": "4711"}),
        case("pairs are sorted by bytes", context={"b": "1", "a": "2", "B": "3", "": "4", "aa": "5"}),
        case("sorted as UTF-8, not as UTF-16", context={"\U0001f600": "1", "\uff61": "2", "é": "3"}),
        case("empty key and value", context={"": ""}),
        case("one byte", plaintext=b"\0"),
        case("longest plaintext of Encrypt", plaintext=bytes_of("long", 4096)),
        case("largest context", context={"k": "v" * (8192 - 2 - 4 - 1)}),
        case("other partition", arn=SINGLE.replace("arn:aws:kms:us-east-1", "arn:aws-us-gov:kms:us-gov-west-1")),
        case("multi-Region key", arn=MULTI, context={"a": "b"}),
        case("multi-Region key, opened by its replica", arn=MULTI, context={"a": "b"}),
    ]
    for one in cases:
        one["blob"] = seal(one).hex()
    cases[-1]["arn"] = MULTI.replace("eu-west-1", "ap-southeast-2")
    return cases + good_sm4_cases()


def good_sm4_cases():
    cases = [
        case("SM4, no context", arn=SINGLE_CN),
        case("SM4, two pairs", arn=SINGLE_CN, context={"purpose": "invoice", "tenant": "4711"}),
        case("SM4, one byte", arn=SINGLE_CN, plaintext=b"\0"),
        case("SM4, longest plaintext of Encrypt", arn=SINGLE_CN, plaintext=bytes_of("long", 4096)),
        case("SM4, multi-Region key, opened by its replica", arn=MULTI_CN, context={"a": "b"}),
    ]
    for one in cases:
        one["blob"] = seal(one).hex()
    cases[-1]["arn"] = MULTI_CN.replace("cn-north-1", "cn-northwest-1")
    return cases


def bad_cases():
    """Each is a blob beside what it is opened with; nothing but the named fault is wrong with it."""
    pairs = {"purpose": "invoice", "tenant": "4711"}
    plain = lambda name, **inputs: (lambda one: {**one, "blob": seal(one).hex()})(case(name, **inputs))
    cases = [
        {**plain("context left out", context=pairs), "context": {}},
        {**plain("context added"), "context": pairs},
        {**plain("context with another value", context=pairs), "context": {**pairs, "tenant": "4712"}},
        {**plain("context in other letters", context={"a": "b"}), "context": {"A": "b"}},
        {**plain("context cut elsewhere", context={"ab": "c"}), "context": {"a": "bc"}},
        {**plain("two pairs for one", context={"a": "b"}), "context": {"a": "b", "": ""}},
        {**plain("other Region of a single-Region key"), "arn": SINGLE.replace("us-east-1", "us-east-2")},
        {**plain("other account"), "arn": SINGLE.replace("111122223333", "444455556666")},
        {**plain("other account of a multi-Region key", arn=MULTI), "arn": MULTI.replace("111122223333", "444455556666")},
        {**plain("other partition of a multi-Region key", arn=MULTI),
         "arn": MULTI.replace("aws:kms:eu-west-1", "aws-cn:kms:cn-north-1")},
        {**plain("other key with the same material"), "arn": SINGLE.replace("key/1234", "key/1235")},
        {**plain("multi-Region key with the same 16 bytes"), "arn": MULTI},
        {**plain("other material id"), "key_material_id": bytes_of("another id", 32).hex()},
        {**plain("other material"), "material": bytes_of("another material", 32).hex()},
        {**plain("nothing sealed", plaintext=b"")},
        {**plain("longer than any ciphertext", plaintext=bytes(6144 - 134 + 1))},
    ]
    for name, header in [
        ("version 0", {"magic": b"KBN\0"}),
        ("version 2", {"magic": b"KBN\x02"}),
        ("other magic", {"magic": b"kbn\x01"}),
        ("algorithm 0", {"algorithm": 0}),
        ("algorithm 2", {"algorithm": 2}),
        ("kind of key id 1 for a single-Region key", {"kind": 1}),
        ("kind of key id 2", {"kind": 2}),
        ("commitment to another key, tag right", {"commitment": bytes_of("commitment", 32)}),
    ]:
        one = case(name)
        cases.append({**one, "blob": seal(one, **header).hex()})
    return cases + bad_sm4_cases(pairs)


def bad_sm4_cases(pairs):
    sealed = lambda name, header={}, **inputs: (
        lambda one: {**one, "blob": seal(one, **header).hex()})(case(name, arn=SINGLE_CN, **inputs))
    zeros = bytes(16).hex()
    short, long = sealed("SM4 material, and as much zero"), case("AES material that ends in zeros")
    long["material"] = long["material"][:32] + zeros
    return [
        {**sealed("SM4, context left out", context=pairs), "context": {}},
        {**sealed("SM4, other Region"), "arn": SINGLE_CN.replace("cn-north-1", "cn-northwest-1")},
        {**sealed("SM4, other material"), "material": bytes_of("another material", 16).hex()},
        sealed("SM4, algorithm 1", header={"algorithm": 1}),
        sealed("SM4, algorithm 3", header={"algorithm": 3}),
        sealed("SM4, commitment to another key, tag right", header={"commitment": bytes_of("commitment", 32)}),
        # HMAC cannot tell a key from the same key with zeros behind it. The algorithm is what tells them apart.
        {**short, "material": short["material"] + zeros},
        {**long, "blob": seal(long).hex(), "material": long["material"][:32]},
    ]


def check_document(good, bad):
    """Runs the program in the document over every vector."""
    text = DOCUMENT.read_text()
    program = re.search(r"```python\n(.*?)```", text, re.S).group(1)
    names = {}
    exec(compile(program, str(DOCUMENT), "exec"), names)
    arguments = lambda one: (
        bytes.fromhex(one["material"]), one["arn"], one["context"], bytes.fromhex(one["blob"]))
    for one in good:
        assert names["open_blob"](*arguments(one)).hex() == one["plaintext"], one["name"]
    for one in bad:
        # The document's program takes the material id from the blob, as a holder of all materials does, and is not
        # made to judge lengths.
        if one["name"] in ("other material id", "nothing sealed", "longer than any ciphertext"):
            continue
        try:
            names["open_blob"](*arguments(one))
        except (ValueError, InvalidTag):
            continue
        raise AssertionError(one["name"])
    assert good[1]["blob"] in re.sub(r"\s", "", text), "the example in the document is not the vector"


def main():
    good, bad = good_cases(), bad_cases()
    written = json.dumps({"opens": good, "refused": bad}, indent=1, ensure_ascii=False) + "\n"
    if sys.argv[1:] == ["--check"]:
        assert VECTORS.read_text() == written, "blob-v1.json is not what this program makes"
        check_document(good, bad)
        print(f"{len(good)} blobs open, {len(bad)} are refused, the document agrees")
    else:
        VECTORS.write_text(written)


main()
