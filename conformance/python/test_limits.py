"""One negative case for each limit of each operation, made from the client's own copy of the service model, and the
limits that the model does not state. The client's checks are switched off, so it is the server that answers."""

import base64
import copy
import re
from dataclasses import dataclass

import boto3
import pytest
from expect import UNKNOWN_ID, entry, refused, refused_on_wire, violates
from operations import KEYLESS, SERVED, SYMMETRIC, Key, method_name, row_of

MODEL = boto3.Session().client("kms", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x").meta.service_model
ABSENT = object()

# A value for each pattern of the model that breaks it and no length limit.
PATTERN_BREAKERS = {
    r"[\u0009\u000A\u000D\u0020-\u00FF]+": "not \u2603",
    r"[\u0020-\u00FF]*": "not \u2603",
    r"^[a-zA-Z0-9:/_-]+$": "alias/not this",
    r"^[a-zA-Z0-9-_.]+$": "not this",
    r"[\w]+": "not-this",
    r"^[\w+=,.@:/-]+$": "not this",
    r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$": "nodots",
    r"^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$": "not an ARN of any kind at all",
    r"^[a-f0-9]+$": "Z" * 64,
    r"^[a-zA-Z0-9:/_\s.-]+$": "not \u2603",
    r"^([a-z]+-){2,3}\d+$": "no Region",
}
# What values begin with that break a length limit, and not the pattern as well.
PATTERN_HEADS = {
    r"^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$": "a.b.",
    r"^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$": "arn:aws:s3::111122223333:",
    r"^([a-z]+-){2,3}\d+$": "%s-%s-1" % ("a" * 15, "b" * 15),
}
# Patterns that the empty string breaks too, so that it counts as two violations.
NOT_EMPTY = {pattern for pattern in PATTERN_BREAKERS if pattern.rstrip("$").endswith("+")}

# The smallest good value of a structure, to break one member of.
WHOLE = {
    "Tag": {"TagKey": "key", "TagValue": "value"},
    "RecipientInfo": {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"document"},
}


@dataclass(frozen=True)
class Case:
    operation: str
    path: tuple  # member names and list positions from the top of the request
    value: object
    entries: tuple

    def __str__(self):
        shown = self.value if isinstance(self.value, (int, type(None))) else None
        what = "absent" if self.value is ABSENT else f"{shown}" if shown is not None else f"{len(self.value)}-long"
        kind = re.sub(r"[^a-z]+", "-", self.entries[0].pattern.partition("Member")[2].lower())[:40].strip("-")
        return f"{self.operation}-{'.'.join(map(str, self.path))}-{what}-{kind}"


def said(path, shape, text):
    """The entry for a violation. Of lists no value is pinned, and below the top level only the last name is."""
    last = [part for part in path if isinstance(part, str)][-1]
    name = re.escape(last[0].lower() + last[1:])
    if shape.metadata.get("sensitive") or shape.type_name == "blob":
        value = "Value at"
    elif shape.type_name == "list":
        value = "Value(?: .*?)? at"
    else:
        value = "Value .*? at"
    where = f"'{name}'" if len(path) == 1 else rf"'[^']*{name}[^']*'"
    return re.compile(f"{value} {where} failed to satisfy constraint: {text}", re.S)


def limit_cases(operation, path, shape, required):
    """The cases for one member and what is below it."""
    yield from own_cases(operation, path, shape)
    if required:
        absent = said(path, shape, "Member must not be null")
        yield Case(
            operation, path, ABSENT, (re.compile(absent.pattern.replace("Value at", "Value(?: null)? at"), re.S),)
        )
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from limit_cases(operation, (*path, name), member, name in shape.required_members)
    elif shape.type_name == "list" and shape.member.type_name == "structure":
        yield from limit_cases(operation, (*path, 0), shape.member, False)
    elif shape.type_name == "list":
        yield from element_cases(operation, path, shape)


def own_cases(operation, path, shape):
    limits = shape.metadata
    if shape.type_name in ("string", "blob", "list"):
        filler = [element_of(shape)] if shape.type_name == "list" else b"a" if shape.type_name == "blob" else "a"
        if limits.get("min", 0) > 0:
            entries = [said(path, shape, f"Member must have length greater than or equal to {limits['min']}")]
            if limits.get("pattern") in NOT_EMPTY:
                entries.append(
                    said(path, shape, re.escape(f"Member must satisfy regular expression pattern: {limits['pattern']}"))
                )
            yield Case(operation, path, filler[:0], tuple(entries))
        if "max" in limits:
            entries = (said(path, shape, f"Member must have length less than or equal to {limits['max']}"),)
            head = PATTERN_HEADS.get(limits.get("pattern"), filler[:0])
            yield Case(operation, path, head + filler * (limits["max"] + 1 - len(head)), entries)
    elif shape.type_name == "integer":
        if "min" in limits:
            for value in (limits["min"] - 1, -(2**31)):
                entries = (said(path, shape, f"Member must have value greater than or equal to {limits['min']}"),)
                yield Case(operation, path, value, entries)
        if "max" in limits:
            for value in (limits["max"] + 1, 2**31 - 1):
                entries = (said(path, shape, f"Member must have value less than or equal to {limits['max']}"),)
                yield Case(operation, path, value, entries)
    if "pattern" in limits:
        entries = (
            said(path, shape, re.escape(f"Member must satisfy regular expression pattern: {limits['pattern']}")),
        )
        yield Case(operation, path, PATTERN_BREAKERS[limits["pattern"]], entries)
    if "enum" in limits:
        yield Case(operation, path, "NOT_ONE", (said(path, shape, enum_text(limits["enum"])),))


def enum_text(values):
    """The set in any order: the live service has none that can be relied on."""
    return r"Member must satisfy enum value set: \[(?:(?:%s)(?:, )?){%d}\]" % ("|".join(values), len(values))


def element_of(shape):
    if shape.member.type_name == "structure":
        return WHOLE[shape.member.name]
    return shape.member.metadata.get("enum", ["element"])[0]


def element_cases(operation, path, shape):
    """Lists of scalars: the limits of an element are reported on the list, with all the element's texts in brackets."""
    limits, values = shape.member.metadata, []
    if limits.get("min", 0) > 0:
        values.append("")
    if "max" in limits:
        values.append("a" * (limits["max"] + 1))
    if "enum" in limits:
        values.append("NOT_ONE")
    for value in values:
        yield Case(
            operation, (*path, 0), value, (said(path, shape, r"Member must satisfy constraint: \[.*Member must .*\]"),)
        )


def all_limit_cases():
    for operation in sorted(SERVED):
        shape = MODEL.operation_model(operation).input_shape
        for name, member in shape.members.items():
            yield from limit_cases(operation, (name,), member, name in shape.required_members)


LIMIT_CASES = list(all_limit_cases())


def good_request(operation, key):
    row = row_of(operation)
    return row.request(key) if row else KEYLESS[operation](key)


def kind_for(operation):
    """The kind of key that requests of the operation go to."""
    row = row_of(operation)
    return row.kind if row else SYMMETRIC


def with_value(request, path, value, shape):
    """The request with one value in it changed, added or left out; what lies on the way to it is made whole."""
    request = copy.deepcopy(request)
    at, last = request, path[-1]
    for part in path[:-1]:
        shape = shape.member if isinstance(part, int) else shape.members[part]
        whole = [element_of(shape)] if shape.type_name == "list" else dict(WHOLE.get(shape.name, {}))
        if isinstance(part, int):
            at[part] = dict(at[part])
            at = at[part]
        else:
            at = at.setdefault(part, copy.deepcopy(whole))
    if value is ABSENT:
        at.pop(last, None)
    else:
        at[last] = value
    return request


@pytest.mark.parametrize("case", LIMIT_CASES, ids=str)
def test_limit(shared_keys, case):
    key = shared_keys(kind_for(case.operation))
    shape = MODEL.operation_model(case.operation).input_shape
    request = with_value(good_request(case.operation, key), case.path, case.value, shape)
    violates(getattr(key.client, method_name(case.operation)), *case.entries, **request)


@pytest.mark.parametrize(
    "operation, request_, entries",
    [
        (
            "DescribeKey",
            {"KeyId": ""},
            [entry("keyId", "Member must have length greater than or equal to 1", "''")],
        ),
        (
            "DescribeKey",
            {},
            [entry("keyId", "Member must not be null", "null")],
        ),
        (
            "ListKeys",
            {"Limit": 1001},
            [entry("limit", "Member must have value less than or equal to 1000", "'1001'")],
        ),
        (
            "Encrypt",
            {"KeyId": "x", "Plaintext": b"x" * 4097},
            [entry("plaintext", "Member must have length less than or equal to 4096")],
        ),
        (
            "CreateAlias",
            {"AliasName": "alias/a b", "TargetKeyId": "x"},
            [entry("aliasName", "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$", "'alias/a b'")],
        ),
        (
            "Encrypt",
            {"KeyId": "", "Plaintext": b"x" * 4097, "GrantTokens": ["t"] * 11},
            [
                entry("keyId", "Member must have length greater than or equal to 1", "''"),
                entry("plaintext", "Member must have length less than or equal to 4096"),
                re.compile(
                    "Value(?: .*?)? at 'grantTokens' failed to satisfy constraint: Member must have length less than or equal to 10"
                ),
            ],
        ),
        (
            "ReEncrypt",
            {"SourceKeyId": "", "CiphertextBlob": b""},
            [
                entry("sourceKeyId", "Member must have length greater than or equal to 1", "''"),
                entry("ciphertextBlob", "Member must have length greater than or equal to 1"),
                entry("destinationKeyId", "Member must not be null", "null"),
            ],
        ),
    ],
    ids=str,
)
def test_texts_in_full_and_several_violations_at_once(kms, operation, request_, entries):
    violates(getattr(kms, method_name(operation)), *entries, **request_)


WRONG_TYPES = {
    "string": [1, True, ["a"], {"a": "b"}],
    "integer": ["1", True, 1.5, [1], {"a": 1}, 2**63],
    "boolean": ["true", 1, [True]],
    "blob": [1, "%%%%", "YQ", "YQ=", "YQ==YQ==", ["YQ=="]],
    "list": ["a", 1, {"0": "a"}],
    "timestamp": ["tomorrow", True, [1], {"a": 1}],
    "map": ["a", 1, ["a"], {"a": 1}, {"a": ["b"]}, {"a": True}],
    "structure": ["a", 1, ["a"]],
}
TYPE_CASES = [
    pytest.param(operation, name, value, id=f"{operation}-{name}-{value}"[:60])
    for operation in sorted(SERVED)
    for name, member in MODEL.operation_model(operation).input_shape.members.items()
    for value in WRONG_TYPES[member.type_name]
]


@pytest.mark.parametrize("operation, name, value", TYPE_CASES)
def test_wrong_json_type(shared_keys, operation, name, value):
    """A request whose other members are good: base64 by hand, since the body is."""
    key = shared_keys(kind_for(operation))
    request = {n: base64_text(v) for n, v in good_request(operation, key).items()}
    refused_on_wire(key.account.post(operation, {**request, name: value}), "SerializationException")


def base64_text(value):
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("operation", sorted(SERVED))
def test_null_is_the_same_as_absent_and_unknown_members_are_ignored(account, kms, operation):
    """For each optional member at once: the request succeeds as it would without them."""
    row = row_of(operation)
    key = Key.create(account, kms, row.working_state if row else "Enabled", kind_for(operation))
    request = {n: base64_text(v) for n, v in good_request(operation, key).items()}
    optional = set(MODEL.operation_model(operation).input_shape.members) - set(request)
    answer = account.post(operation, {**request, **dict.fromkeys(optional), "NoSuchMember": {"a": [1]}})
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("count", [0, 1025])
def test_random_bytes_are_limited(kms, count):
    violates(
        kms.generate_random,
        entry(
            "numberOfBytes",
            "Member must have value " + ("greater than or equal to 1" if count == 0 else "less than or equal to 1024"),
            f"'{count}'",
        ),
        NumberOfBytes=count,
    )


def test_random_needs_a_length(kms):
    refused(kms.generate_random, "ValidationException")


@pytest.mark.parametrize("method", ["generate_data_key", "generate_data_key_without_plaintext"])
@pytest.mark.parametrize("lengths", [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}], ids=["neither", "both"])
def test_a_data_key_takes_exactly_one_length(shared_key, method, lengths):
    refused(getattr(shared_key.client, method), "ValidationException", KeyId=shared_key.id, **lengths)


def test_limits_come_before_the_key_is_looked_for(kms):
    refused(kms.encrypt, "ValidationException", KeyId=UNKNOWN_ID, Plaintext=b"")
    refused(kms.encrypt, "NotFoundException", KeyId=UNKNOWN_ID, Plaintext=b"x")


@pytest.mark.parametrize("size", [1, 4095, 4096])
def test_plaintexts_up_to_the_limit(shared_key, size):
    kms = shared_key.client
    blob = kms.encrypt(KeyId=shared_key.id, Plaintext=b"p" * size)["CiphertextBlob"]
    assert len(blob) <= 6144
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"p" * size


def test_the_longest_description_counts_characters(kms):
    text = "ü" * 8192
    key_id = kms.create_key(Description=text)["KeyMetadata"]["KeyId"]
    assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == text
    refused(kms.update_key_description, "ValidationException", KeyId=key_id, Description=text + "ü")


def test_encryption_context_is_bounded(shared_key):
    """Its canonical form may be 8192 bytes long: a little below is taken, well above is not."""
    kms, id_ = shared_key.client, shared_key.id
    blob = kms.encrypt(KeyId=id_, Plaintext=b"x", EncryptionContext={"k": "v" * 7900})["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"k": "v" * 7900})["Plaintext"] == b"x"
    refused(kms.encrypt, "ValidationException", KeyId=id_, Plaintext=b"x", EncryptionContext={"k": "v" * 8200})
