"""Reads an audit journal and checks it, by docs/audit-format.md alone and with Python's own library.

It refuses whatever the page does not describe. Signatures are left to whoever calls it: `head()` tells what was signed."""

import hashlib
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

SEGMENT, BLOCKS = b"KAGIJRNL", b"KAGIBLKS"
HEAD_BYTES, REFERENCE_BYTES = 43, 36
COMPLETE, BY_REFERENCE = 1, 2
NONE = (1 << 64) - 1
OWN = ("event_name", "error_code", "error_message", "request_parameters", "response_elements", "additional_event_data")
OWN += ("service_event_details", "resources")
CALLER = ("region", "event_source", "identity", "principal", "principal_id", "access_key_id", "source_address", "user_agent")
CALLER += ("tls_version", "cipher_suite", "host", "key_exchange")
IN_FORM_1 = (*CALLER[:2], "event_name", *CALLER[2:8], *OWN[1:], *CALLER[8:])


class Wrong(Exception):
    """Something is not as the page has it."""


def expect(is_so, what):
    if not is_so:
        raise Wrong(what)


@dataclass
class Record:
    sequence: int
    form: int
    time_ms: int
    number: str
    account: str
    other_account: str | None
    texts: dict[str, str]
    leaf: bytes


@dataclass
class Journal:
    records: list[Record]
    blocks: int
    sequence: int
    chain: bytes


def text(rest):
    """The first text, and what comes after it."""
    length = 0
    for at, byte in enumerate(rest[:4]):
        length |= (byte & 0x7F) << 7 * at
        if byte < 0x80:
            begin = at + 1
            expect(begin + length <= len(rest), "a text is longer than the record")
            return rest[begin : begin + length].decode(), rest[begin + length :]
    raise Wrong("a length of more than four bytes")


def texts(names, rest):
    found = {}
    for name in names:
        found[name], rest = text(rest)
    return found, rest


def with_length(value):
    value, length = value.encode(), b""
    rest = len(value)
    while rest >= 0x80:
        length, rest = length + bytes([rest & 0x7F | 0x80]), rest >> 7
    return length + bytes([rest]) + value


def header(content, magic, versions, length):
    """The version, the journal's id and the segment's number."""
    expect(content[:8] == magic, "another magic")
    version, zero = struct.unpack_from("<II", content, 8)
    expect(version in versions and zero == 0, "another version")
    (checksum,) = struct.unpack_from("<I", content, length - 4)
    expect(zlib.crc32(content[: length - 4]) == checksum, "the header's checksum")
    return version, content[16:32], struct.unpack_from("<Q", content, 32)[0]


def frames(content):
    """Offset, sequence and bytes of each record of a segment."""
    at, last = 64, None
    while len(content) - at >= 16 and content[at : at + 16] != bytes(16):
        length, checksum, sequence = struct.unpack_from("<IIQ", content, at)
        record = content[at + 16 : at + 16 + length]
        expect(1 <= length <= 524_288 and len(record) == length, f"the frame at {at} is not whole")
        expect(zlib.crc32(record) == checksum, f"record {sequence}: checksum")
        expect(last is None or sequence == last + 1, f"record {sequence} is not in its place")
        yield at, sequence, record
        at, last = at + 16 + length, sequence
    expect(not any(content[at:]), f"something stands after the end, at {at}")


def read_record(content, version, sequence, record):
    form = record[0]
    expect(form == COMPLETE or (form == BY_REFERENCE and version == 2), f"record {sequence}: form {form}")
    time_ms, number, account, other = struct.unpack_from("<q16sQQ", record, 3)
    rest = record[HEAD_BYTES:]
    if form == COMPLETE:
        found, rest = texts(IN_FORM_1, rest)
    else:
        offset, digest = struct.unpack_from("<I32s", rest)
        found, rest = texts(OWN, rest[REFERENCE_BYTES:])
        (length,) = struct.unpack_from("<I", content, offset)
        referred = content[offset + 16 : offset + 16 + length]
        expect(referred[0] == COMPLETE, f"record {sequence} refers to one that is not complete")
        caller, _ = texts(IN_FORM_1, referred[HEAD_BYTES:])
        caller = {name: caller[name] for name in CALLER}
        hashed = hashlib.sha256(b"".join(map(with_length, caller.values()))).digest()
        expect(hashed == digest, f"record {sequence} refers to another caller")
        found |= caller
    expect(rest == b"", f"record {sequence} is longer than its texts")
    leaf = hashlib.sha256(struct.pack("<Q", sequence) + record).digest()
    other = None if other == NONE else f"{other:012}"
    return Record(sequence, form, time_ms, number.hex(), f"{account:012}", other, found, leaf)


def read_segment(path, journal):
    content = path.read_bytes()
    version, owner, index = header(content, SEGMENT, (1, 2), 64)
    expect(owner == journal and path.stem == f"{index:010}", "a segment of another journal, or another segment")
    return [read_record(content, version, sequence, record) for _, sequence, record in frames(content)]


def follow_blocks(path, journal, records, at):
    """Follows the chain through a file: `at` is (sequence, blocks, chain) before it, and the same after it is returned."""
    content = path.read_bytes()
    _, owner, index = header(content, BLOCKS, (1,), 96)
    expect(owner == journal and path.stem == f"{index:010}", "blocks of another journal, or of another segment")
    expect(struct.unpack_from("<QQ32s", content, 40) == at, f"{path.name} begins elsewhere in the chain")
    begin = 96
    while begin < len(content) and any(content[begin:]):
        kind, checksum, first, count, time, digest, chain = struct.unpack_from("<IIQQQ32s32s", content, begin)
        end = begin + 96 + 8 * count
        expect(kind == 0 and time == 0 and 1 <= count <= 4096 and end <= len(content), f"a block of kind {kind}")
        expect(zlib.crc32(content[begin + 8 : end]) == checksum, "a block's checksum")
        sequence, number, before = at
        expect(first == sequence + 1, f"a block begins at {first}")
        leaves = [records[n].leaf for n in range(first, first + count)]
        expect(hashlib.sha256(b"".join(leaves)).digest() == digest, f"records {first} to {first + count - 1}: digest")
        expect(b"".join(leaf[:8] for leaf in leaves) == content[begin + 96 : end], "the beginnings of the leaves")
        expect(hashlib.sha256(before + struct.pack("<QQ", first, count) + digest).digest() == chain, "the chain")
        at, begin = (sequence + count, number + 1, chain), end
    return at


def head(directory):
    """What the head says, by name; what was signed, and the signature."""
    content = (Path(directory) / "head").read_text()
    lines = content.splitlines()
    names = ["journal", "sequence", "blocks", "chain", "forgotten", "time", "key", "signature"]
    expect(lines[0] == "kagiban audit head 1" and [line.split(" ")[0] for line in lines[1:]] == names, "another head")
    said = {line.split(" ")[0]: line.split(" ")[1] for line in lines[1:]}
    return said, content[: content.rindex("signature ")].encode(), bytes.fromhex(said["signature"])


def read(directory):
    """Reads a journal that nothing was archived of, checks it, and compares it with its head."""
    directory = Path(directory)
    said, _, _ = head(directory)
    journal = bytes.fromhex(said["journal"])
    at = (0, 0, hashlib.sha256(b"kagiban audit journal" + journal).digest())
    records = {}
    for path in sorted((directory / "journal").glob("*.records")):
        for record in read_segment(path, journal):
            expect(record.sequence == len(records) + 1, f"record {record.sequence} after {len(records)}")
            records[record.sequence] = record
    for path in sorted((directory / "journal").glob("*.blocks")):
        at = follow_blocks(path, journal, records, at)
    sequence, blocks, chain = at
    expect((said["sequence"], said["blocks"]) == (str(sequence), str(blocks)), "the head tells of another end")
    expect(said["chain"] == chain.hex(), "the head has another hash")
    return Journal(list(records.values()), blocks, sequence, chain)
