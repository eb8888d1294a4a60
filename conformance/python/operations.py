"""One row per operation, or per key member where an operation has two: what a good request looks like, which identifier
forms it takes, and what it answers in each key state (key-states of the AWS KMS developer guide)."""

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Callable

from callers import Account

OK, DISABLED, PENDING, NOT_PENDING = "ok", "disabled", "pending deletion", "not pending deletion"

# The text after the key's ARN, and the code.
REFUSALS = {
    DISABLED: ("DisabledException", "{arn} is disabled."),
    PENDING: ("KMSInvalidStateException", "{arn} is pending deletion."),
    NOT_PENDING: ("KMSInvalidStateException", "{arn} is not pending deletion."),
}


def alias_name():
    return f"alias/conformance/{secrets.token_hex(6)}"


@dataclass
class Key:
    """A key with an alias and a ciphertext made under it, in any state."""

    account: Account
    client: object
    id: str
    arn: str
    alias: str
    blob: bytes

    @classmethod
    def create(cls, account, client, state="Enabled"):
        metadata = client.create_key()["KeyMetadata"]
        key = cls(account, client, metadata["KeyId"], metadata["Arn"], alias_name(), b"")
        client.create_alias(AliasName=key.alias, TargetKeyId=key.id)
        key.blob = client.encrypt(KeyId=key.id, Plaintext=b"plaintext")["CiphertextBlob"]
        if state == "Disabled":
            client.disable_key(KeyId=key.id)
        elif state == "PendingDeletion":
            client.schedule_key_deletion(KeyId=key.id, PendingWindowInDays=7)
        assert key.state == state
        return key

    @property
    def state(self):
        return self.client.describe_key(KeyId=self.id)["KeyMetadata"]["KeyState"]

    @property
    def alias_arn(self):
        return self.account.alias_arn(self.alias)

    @cached_property
    def partner(self):
        """Another enabled key of the same account, for operations with two keys."""
        return Key.create(self.account, self.client)

    @cached_property
    def policy(self):
        return self.client.get_key_policy(KeyId=self.id)["Policy"]


@dataclass(frozen=True)
class Row:
    """An operation as seen from one of its key members."""

    operation: str
    member: str | None  # the key member, when it has one
    alias_allowed: bool  # whether that member takes aliases too
    states: tuple  # outcome in Enabled, Disabled, PendingDeletion
    request: Callable[[Key], dict]  # a request that succeeds on an enabled key, identified by its id
    answered_in: str | None = "KeyId"  # the path of the key's ARN in the answer

    @property
    def method(self):
        return method_name(self.operation)

    def __str__(self):
        return self.operation if self.member in (None, "KeyId", "TargetKeyId") else f"{self.operation}-{self.member}"


def method_name(operation):
    """`ReEncrypt` to `re_encrypt`: the name that boto3 gives an operation."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")


_USED = (OK, DISABLED, PENDING)
_READ = (OK, OK, OK)
_CHANGED = (OK, OK, PENDING)

ROWS = [
    Row("CancelKeyDeletion", "KeyId", False, (NOT_PENDING, NOT_PENDING, OK), lambda k: {"KeyId": k.id}),
    Row(
        "CreateAlias", "TargetKeyId", False, _CHANGED, lambda k: {"AliasName": alias_name(), "TargetKeyId": k.id}, None
    ),
    Row("Decrypt", "KeyId", True, _USED, lambda k: {"KeyId": k.id, "CiphertextBlob": k.blob}),
    Row("DeleteAlias", None, False, _READ, lambda k: {"AliasName": k.alias}, None),
    Row("DescribeKey", "KeyId", True, _READ, lambda k: {"KeyId": k.id}, "KeyMetadata.Arn"),
    Row("DisableKey", "KeyId", False, _CHANGED, lambda k: {"KeyId": k.id}, None),
    Row("EnableKey", "KeyId", False, _CHANGED, lambda k: {"KeyId": k.id}, None),
    Row("Encrypt", "KeyId", True, _USED, lambda k: {"KeyId": k.id, "Plaintext": b"plaintext"}),
    Row("GenerateDataKey", "KeyId", True, _USED, lambda k: {"KeyId": k.id, "KeySpec": "AES_256"}),
    Row("GenerateDataKeyWithoutPlaintext", "KeyId", True, _USED, lambda k: {"KeyId": k.id, "KeySpec": "AES_256"}),
    Row("GetKeyPolicy", "KeyId", False, _READ, lambda k: {"KeyId": k.id}, None),
    Row("ListAliases", "KeyId", False, _READ, lambda k: {"KeyId": k.id}, None),
    Row("ListKeyPolicies", "KeyId", False, _READ, lambda k: {"KeyId": k.id}, None),
    Row("ListResourceTags", "KeyId", False, _READ, lambda k: {"KeyId": k.id}, None),
    Row("PutKeyPolicy", "KeyId", False, _READ, lambda k: {"KeyId": k.id, "Policy": k.policy}, None),
    Row(
        "ReEncrypt",
        "SourceKeyId",
        True,
        _USED,
        lambda k: {"SourceKeyId": k.id, "CiphertextBlob": k.blob, "DestinationKeyId": k.partner.id},
        "SourceKeyId",
    ),
    Row(
        "ReEncrypt",
        "DestinationKeyId",
        True,
        _USED,
        lambda k: {"DestinationKeyId": k.id, "CiphertextBlob": k.partner.blob},
    ),
    Row("ScheduleKeyDeletion", "KeyId", False, _CHANGED, lambda k: {"KeyId": k.id}),
    Row(
        "TagResource",
        "KeyId",
        False,
        _CHANGED,
        lambda k: {"KeyId": k.id, "Tags": [{"TagKey": "a", "TagValue": "b"}]},
        None,
    ),
    Row("UntagResource", "KeyId", False, _CHANGED, lambda k: {"KeyId": k.id, "TagKeys": ["a"]}, None),
    Row(
        "UpdateAlias",
        "TargetKeyId",
        False,
        _CHANGED,
        lambda k: {"AliasName": k.partner.alias, "TargetKeyId": k.id},
        None,
    ),
    Row("UpdateKeyDescription", "KeyId", False, _CHANGED, lambda k: {"KeyId": k.id, "Description": "new"}, None),
]

# Operations without a key.
KEYLESS = {
    "CreateKey": dict,
    "GenerateRandom": lambda: {"NumberOfBytes": 16},
    "ListKeys": dict,
}

SERVED = {row.operation for row in ROWS} | set(KEYLESS)

# Operations whose handler comes later. This list may only shrink.
LATER = {
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateGrant",
    "Decapsulate",
    "DeleteCustomKeyStore",
    "DeleteImportedKeyMaterial",
    "DeriveSharedSecret",
    "DescribeCustomKeyStores",
    "DisableKeyRotation",
    "DisconnectCustomKeyStore",
    "EnableKeyRotation",
    "Encapsulate",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "GetKeyLastUsage",
    "GetKeyRotationStatus",
    "GetParametersForImport",
    "GetPublicKey",
    "ImportKeyMaterial",
    "ListGrants",
    "ListKeyRotations",
    "ListRetirableGrants",
    "ReplicateKey",
    "RetireGrant",
    "RevokeGrant",
    "RotateKeyOnDemand",
    "Sign",
    "UpdateCustomKeyStore",
    "UpdatePrimaryRegion",
    "Verify",
    "VerifyMac",
}
