"""One row per operation, or per key member where an operation has two: what kind of key it works with, what a good request
looks like, which identifier forms it takes, and what it answers in each key state (key-states of the AWS KMS developer
guide)."""

import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Callable

import importing
import outside
from callers import Account

OK, DISABLED, PENDING, NOT_PENDING = "ok", "disabled", "pending deletion", "not pending deletion"
PENDING_IMPORT = "pending import"
EXTERNAL = "imported material"
STATES = ("Enabled", "Disabled", "PendingDeletion", "PendingImport")

# The text after the key's ARN, and the code.
REFUSALS = {
    DISABLED: ("DisabledException", "{arn} is disabled."),
    PENDING: ("KMSInvalidStateException", "{arn} is pending deletion."),
    NOT_PENDING: ("KMSInvalidStateException", "{arn} is not pending deletion."),
    EXTERNAL: ("UnsupportedOperationException", "{arn} origin is EXTERNAL which is not valid for this operation."),
    PENDING_IMPORT: ("KMSInvalidStateException", "{arn} is pending import."),
}

# What requests have besides the key.
OAEP = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
ECDSA = {"Message": b"message", "SigningAlgorithm": "ECDSA_SHA_256"}
HMAC = {"Message": b"message", "MacAlgorithm": "HMAC_SHA_256"}
ML_KEM = {"EncapsulationAlgorithm": "ML_KEM"}
DATA_KEY = {"KeySpec": "AES_256"}
DATA_KEY_PAIR = {"KeyPairSpec": "ECC_NIST_P256"}
GRANT = {"Operations": ["DescribeKey"]}
WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
RSA_TO_RSA = {f"{end}EncryptionAlgorithm": "RSAES_OAEP_SHA_256" for end in ("Source", "Destination")}


def alias_name():
    return f"alias/conformance/{secrets.token_hex(6)}"


@dataclass(frozen=True)
class Kind:
    """What a key is made as, and what it makes at once for other requests to start from."""

    spec: str
    usage: str
    make: (
        Callable  # (client, key id) to a ciphertext, a signature, a code, an encapsulated secret, or the id of a grant
    )
    origin: str = "AWS_KMS"
    multi_region: bool = False

    def __str__(self):
        parts = [self.spec] + ([self.origin] if self.origin != "AWS_KMS" else [])
        return "-".join(parts + (["multi-Region"] if self.multi_region else []))


def encrypted(algorithm):
    return lambda kms, id_: kms.encrypt(KeyId=id_, Plaintext=b"plaintext", **algorithm)["CiphertextBlob"]


def signed(kms, id_):
    return kms.sign(KeyId=id_, **ECDSA)["Signature"]


def mac(kms, id_):
    return kms.generate_mac(KeyId=id_, **HMAC)["Mac"]


def encapsulated(kms, id_):
    return kms.encapsulate(KeyId=id_, **ML_KEM)["SharedSecretCiphertextBlob"]


def granted(kms, id_):
    """The id of a grant to the account that the key is in."""
    account = kms.describe_key(KeyId=id_)["KeyMetadata"]["AWSAccountId"]
    return kms.create_grant(KeyId=id_, GranteePrincipal=account, **GRANT)["GrantId"]


def public_key_of_a_peer(_kms, _id):
    return outside.generate("ECC_NIST_P256").public.spki


SYMMETRIC = Kind("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", encrypted({}))
IMPORTED = Kind("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", encrypted({}), "EXTERNAL")
MULTI_REGION = Kind("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", encrypted({}), multi_region=True)
RSA = Kind("RSA_2048", "ENCRYPT_DECRYPT", encrypted(OAEP))
SIGNING = Kind("ECC_NIST_P256", "SIGN_VERIFY", signed)
AGREEMENT = Kind("ECC_NIST_P256", "KEY_AGREEMENT", public_key_of_a_peer)
MAC = Kind("HMAC_256", "GENERATE_VERIFY_MAC", mac)
GRANTED = Kind("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", granted)
ENCAPSULATION = Kind("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", encapsulated)


@dataclass
class Key:
    """A key with an alias and something made under it, in any state."""

    account: Account
    client: object
    id: str
    arn: str
    alias: str
    kind: Kind
    blob: bytes | str = b""
    parameters: dict | None = None  # with which its material can be imported again

    @classmethod
    def create(cls, account, client, state="Enabled", kind=SYMMETRIC):
        external = kind.origin == "EXTERNAL" or state == "PendingImport"
        origin = {"Origin": "EXTERNAL"} if external else {}
        multi_region = {"MultiRegion": True} if kind.multi_region else {}
        metadata = client.create_key(KeySpec=kind.spec, KeyUsage=kind.usage, **origin, **multi_region)["KeyMetadata"]
        key = cls(account, client, metadata["KeyId"], metadata["Arn"], alias_name(), kind)
        client.create_alias(AliasName=key.alias, TargetKeyId=key.id)
        if external:
            key.parameters = importing.request(client, key.id, kind.spec, importing.fresh_material(kind.spec))
            client.import_key_material(**key.parameters)
        key.blob = kind.make(client, key.id)
        key.enter(state)
        assert key.state == state
        return key

    def enter(self, state):
        """Brings an enabled key to a state."""
        if state == "Disabled":
            self.client.disable_key(KeyId=self.id)
        elif state == "PendingDeletion":
            self.client.schedule_key_deletion(KeyId=self.id, PendingWindowInDays=7)
        elif state == "PendingImport":
            self.client.delete_imported_key_material(KeyId=self.id)

    @property
    def state(self):
        return self.client.describe_key(KeyId=self.id)["KeyMetadata"]["KeyState"]

    @property
    def alias_arn(self):
        return self.account.alias_arn(self.alias)

    @cached_property
    def partner(self):
        """Another enabled key of the same account and kind, for operations with two keys."""
        return Key.create(self.account, self.client, kind=self.kind)

    @property
    def other_region(self):
        """A Region for replicas."""
        return "eu-west-1" if self.account.region != "eu-west-1" else "us-east-1"

    @cached_property
    def replica_region(self):
        """The Region of a replica, which is there if this key could be replicated."""
        if self.state == "Enabled":
            self.client.replicate_key(KeyId=self.id, ReplicaRegion=self.other_region)
            settled(self.account.client(self.other_region), self.id)
        return self.other_region

    @cached_property
    def policy(self):
        return self.client.get_key_policy(KeyId=self.id)["Policy"]


def settled(client, id_):
    """The state of a key once it is neither Creating nor Updating: these pass by themselves."""
    for _ in range(10_000):
        state = client.describe_key(KeyId=id_)["KeyMetadata"]["KeyState"]
        if state not in ("Creating", "Updating"):
            return state
    raise AssertionError(f"{id_} is still {state}")


@dataclass(frozen=True)
class Row:
    """An operation as seen from one of its key members."""

    operation: str
    member: str | None  # the key member, when it has one
    alias_allowed: bool  # whether that member takes aliases too
    states: tuple  # outcome in each of STATES
    request: Callable[[Key], dict]  # a request that succeeds on an enabled key, identified by its id
    answered_in: str | None = "KeyId"  # the path of the key's ARN in the answer
    kind: Kind = SYMMETRIC

    @property
    def method(self):
        return method_name(self.operation)

    @property
    def working_state(self):
        """The first state in which a request succeeds."""
        return STATES[self.states.index(OK)]

    def __str__(self):
        parts = [self.operation]
        parts += [self.member] if self.member not in (None, "KeyId", "TargetKeyId") else []
        parts += [str(self.kind)] if self.kind is not SYMMETRIC else []
        return "-".join(parts)


def method_name(operation):
    """`ReEncrypt` to `re_encrypt`: the name that boto3 gives an operation."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")


_USED = (OK, DISABLED, PENDING, PENDING_IMPORT)
_READ = (OK, OK, OK, OK)
_CHANGED = (OK, OK, PENDING, OK)
_ROTATED = (OK, DISABLED, PENDING, EXTERNAL)
_SWITCHED = (OK, OK, PENDING, PENDING_IMPORT)
_RESTORED = (NOT_PENDING, NOT_PENDING, OK, NOT_PENDING)


def managed(operation, states, more=lambda key: {}, answered_in=None, member="KeyId", kind=SYMMETRIC):
    """A row of an operation that takes a key id or key ARN."""
    return Row(operation, member, False, states, lambda k: {member: k.id, **more(k)}, answered_in, kind)


def used(operation, kind, more, states=_USED, member="KeyId"):
    """A row of an operation that takes all four identifier forms, and answers the key's ARN."""
    answered_in = "SourceKeyId" if member == "SourceKeyId" else "KeyId"
    return Row(operation, member, True, states, lambda k: {member: k.id, **more(k)}, answered_in, kind)


ROWS = [
    managed("CancelKeyDeletion", _RESTORED, answered_in="KeyId"),
    managed("CreateAlias", _CHANGED, lambda k: {"AliasName": alias_name()}, member="TargetKeyId"),
    managed("CreateGrant", _USED, lambda k: {"GranteePrincipal": k.account.id, **GRANT}),
    used("Decapsulate", ENCAPSULATION, lambda k: {"SharedSecretCiphertextBlob": k.blob, **ML_KEM}),
    used("Decrypt", SYMMETRIC, lambda k: {"CiphertextBlob": k.blob}),
    used("Decrypt", RSA, lambda k: {"CiphertextBlob": k.blob, **OAEP}),
    Row("DeleteAlias", None, False, _READ, lambda k: {"AliasName": k.alias}, None),
    managed("DeleteImportedKeyMaterial", _READ, answered_in="KeyId", kind=IMPORTED),
    used("DeriveSharedSecret", AGREEMENT, lambda k: {"KeyAgreementAlgorithm": "ECDH", "PublicKey": k.blob}),
    Row("DescribeKey", "KeyId", True, _READ, lambda k: {"KeyId": k.id}, "KeyMetadata.Arn"),
    managed("DisableKey", _SWITCHED),
    managed("DisableKeyRotation", _ROTATED),
    managed("EnableKey", _SWITCHED),
    managed("EnableKeyRotation", _ROTATED, lambda k: {"RotationPeriodInDays": 90}),
    used("Encapsulate", ENCAPSULATION, lambda k: ML_KEM),
    used("Encrypt", SYMMETRIC, lambda k: {"Plaintext": b"plaintext"}),
    used("Encrypt", RSA, lambda k: {"Plaintext": b"plaintext", **OAEP}),
    used("GenerateDataKey", SYMMETRIC, lambda k: DATA_KEY),
    used("GenerateDataKeyPair", SYMMETRIC, lambda k: DATA_KEY_PAIR),
    used("GenerateDataKeyPairWithoutPlaintext", SYMMETRIC, lambda k: DATA_KEY_PAIR),
    used("GenerateDataKeyWithoutPlaintext", SYMMETRIC, lambda k: DATA_KEY),
    used("GenerateMac", MAC, lambda k: HMAC),
    managed("GetKeyLastUsage", _READ),
    managed("GetKeyPolicy", _READ),
    managed("GetKeyRotationStatus", _READ),
    managed("GetParametersForImport", _CHANGED, lambda k: WRAPPING, "KeyId", kind=IMPORTED),
    used("GetPublicKey", SIGNING, lambda k: {}, _CHANGED),
    managed("ImportKeyMaterial", _CHANGED, lambda k: {**k.parameters, "KeyId": k.id}, "KeyId", kind=IMPORTED),
    managed("ListAliases", _READ),
    managed("ListGrants", _READ),
    managed("ListKeyPolicies", _READ),
    managed("ListKeyRotations", _READ),
    managed("ListResourceTags", _READ),
    managed("PutKeyPolicy", _READ, lambda k: {"Policy": k.policy}),
    used(
        "ReEncrypt",
        SYMMETRIC,
        lambda k: {"CiphertextBlob": k.blob, "DestinationKeyId": k.partner.id},
        member="SourceKeyId",
    ),
    used("ReEncrypt", SYMMETRIC, lambda k: {"CiphertextBlob": k.partner.blob}, member="DestinationKeyId"),
    used(
        "ReEncrypt",
        RSA,
        lambda k: {"CiphertextBlob": k.blob, "DestinationKeyId": k.partner.id, **RSA_TO_RSA},
        member="SourceKeyId",
    ),
    used(
        "ReEncrypt",
        RSA,
        lambda k: {"CiphertextBlob": k.partner.blob, "SourceKeyId": k.partner.id, **RSA_TO_RSA},
        member="DestinationKeyId",
    ),
    managed("ReplicateKey", _USED, lambda k: {"ReplicaRegion": k.other_region}, kind=MULTI_REGION),
    managed("RetireGrant", _READ, lambda k: {"GrantId": k.blob}, kind=GRANTED),
    managed("RevokeGrant", _READ, lambda k: {"GrantId": k.blob}, kind=GRANTED),
    managed("RotateKeyOnDemand", _USED),
    managed("ScheduleKeyDeletion", _CHANGED, answered_in="KeyId"),
    used("Sign", SIGNING, lambda k: ECDSA),
    managed("TagResource", _CHANGED, lambda k: {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
    managed("UntagResource", _CHANGED, lambda k: {"TagKeys": ["a"]}),
    managed("UpdateAlias", _CHANGED, lambda k: {"AliasName": k.partner.alias}, member="TargetKeyId"),
    managed("UpdateKeyDescription", _CHANGED, lambda k: {"Description": "new"}),
    managed("UpdatePrimaryRegion", _USED, lambda k: {"PrimaryRegion": k.replica_region}, kind=MULTI_REGION),
    used("Verify", SIGNING, lambda k: {"Signature": k.blob, **ECDSA}),
    used("VerifyMac", MAC, lambda k: {"Mac": k.blob, **HMAC}),
]


def row_of(operation):
    """The first row of an operation; None for one without a key."""
    return next((row for row in ROWS if row.operation == operation), None)


# Operations without a key, and a good request of the account that a key is in.
KEYLESS = {
    "CreateKey": lambda k: {},
    "GenerateRandom": lambda k: {"NumberOfBytes": 16},
    "ListKeys": lambda k: {},
    "ListRetirableGrants": lambda k: {"RetiringPrincipal": k.account.root_arn},
}

SERVED = {row.operation for row in ROWS} | set(KEYLESS)

# Operations whose handler comes later. This list may only shrink.
LATER = {
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "UpdateCustomKeyStore",
}
