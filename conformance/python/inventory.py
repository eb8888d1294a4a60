"""An account with something of everything that a store can hold, made by one version and used by another: keys of all kinds with what they
encrypted and signed, keys in each state, aliases, grants, tags, policies, material rotated and imported, and users, groups and roles."""

from dataclasses import replace

import importing
import outside
from botocore.config import Config
from callers import allow, document, trust
from expect import refused
from specs import SPECS

MESSAGE = b"made before the upgrade"
IMPORTED = ("SYMMETRIC_DEFAULT", "HMAC_256", "RSA_2048", "ECC_NIST_P256", "ML_DSA_44")
CONTEXT = {"made": "before"}
# Large RSA keys take their time, and differ in nothing but that.
LEFT_OUT = ("RSA_3072", "RSA_4096")
# A machine that is busy otherwise is no fault of either version.
PATIENT = Config(retries={"total_max_attempts": 6, "mode": "standard"}, read_timeout=90)


class Inventory:
    """What was made, and how each thing is to answer ever after. `account` is the root of an account, at any node of a deployment."""

    def __init__(self, account):
        self._proofs = []  # Region, operation, its parameters, member of the answer, what it must be
        for spec, row in SPECS.items():
            for usage in row.usages if spec not in LEFT_OUT else ():
                self._key(account, spec, usage)
        for spec in IMPORTED:
            self._key(account, spec, SPECS[spec].usages[0], imported=True)
        self._rotated(account.client(config=PATIENT))
        self._states(account.client(config=PATIENT))
        self._metadata(account.client(config=PATIENT))
        self._identities(account)

    @property
    def proofs(self):
        """How many things that keys made are looked at."""
        return len(self._proofs)

    def holds(self, account):
        """Everything that was made works as it did."""
        clients = {}
        for region, operation, parameters, member, expected in self._proofs:
            kms = clients.setdefault(region, account.client(region, config=PATIENT))
            assert getattr(kms, operation)(**parameters)[member] == expected, (operation, parameters["KeyId"])
        kms = account.client(config=PATIENT)
        refused(kms.encrypt, "DisabledException", KeyId=self._disabled, Plaintext=MESSAGE)
        refused(kms.encrypt, "KMSInvalidStateException", KeyId=self._pending, Plaintext=MESSAGE)
        assert kms.describe_key(KeyId="alias/inventory")["KeyMetadata"]["KeyId"] == self._aliased
        user, session = (replace(who, endpoint=account.endpoint).client() for who in (self._user, self._session))
        assert user.decrypt(CiphertextBlob=self._ciphertext)["Plaintext"] == MESSAGE
        refused(user.create_alias, "AccessDeniedException", AliasName="alias/not-his", TargetKeyId=self._aliased)
        assert session.describe_key(KeyId=self._aliased)["KeyMetadata"]["Description"] == "Schlüssel"
        assert replace(self._user, endpoint=account.endpoint).assume(self._role).client().describe_key(KeyId=self._aliased)

    def _prove(self, region, operation, member, expected, **parameters):
        self._proofs.append((region, operation, parameters, member, expected))

    def _key(self, account, spec, usage, imported=False):
        region = SPECS[spec].region or account.region
        kms, more = account.client(region, config=PATIENT), {"Origin": "EXTERNAL"} if imported else {}
        key_id = kms.create_key(KeySpec=spec, KeyUsage=usage, **more)["KeyMetadata"]["KeyId"]
        if imported:
            importing.imports(kms, key_id, importing.fresh_material(spec), spec)
        self._used(kms, region, key_id, spec, usage)

    def _used(self, kms, region, key, spec, usage):
        row = SPECS[spec]
        if usage == "ENCRYPT_DECRYPT":
            for algorithm in row.encryption:
                said = {"KeyId": key, "EncryptionAlgorithm": algorithm}
                said |= {"EncryptionContext": CONTEXT} if algorithm == "SYMMETRIC_DEFAULT" else {}
                blob = kms.encrypt(Plaintext=MESSAGE, **said)["CiphertextBlob"]
                self._prove(region, "decrypt", "Plaintext", MESSAGE, CiphertextBlob=blob, **said)
        elif usage == "SIGN_VERIFY":
            for algorithm in row.signing:
                said = {"KeyId": key, "SigningAlgorithm": algorithm, "Message": MESSAGE}
                if algorithm == "ED25519_PH_SHA_512":
                    said |= {"MessageType": "DIGEST", "Message": bytes(64)}
                signature = kms.sign(**said)["Signature"]
                self._prove(region, "verify", "SignatureValid", True, Signature=signature, **said)
        elif usage == "GENERATE_VERIFY_MAC":
            said = {"KeyId": key, "MacAlgorithm": row.mac[0], "Message": MESSAGE}
            self._prove(region, "verify_mac", "MacValid", True, Mac=kms.generate_mac(**said)["Mac"], **said)
        elif usage == "KEY_AGREEMENT":
            said = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": outside.generate(spec).public.spki}
            secret = kms.derive_shared_secret(**said)["SharedSecret"]
            self._prove(region, "derive_shared_secret", "SharedSecret", secret, **said)
        else:
            said = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
            made = kms.encapsulate(**said)
            blob = made["SharedSecretCiphertextBlob"]
            self._prove(region, "decapsulate", "SharedSecret", made["SharedSecret"], SharedSecretCiphertextBlob=blob, **said)

    def _rotated(self, kms):
        """Materials one after the other, of a key of KMS's own and of one with two imported ones."""
        own = kms.create_key(Description="rotated")["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=own, RotationPeriodInDays=100)
        for _ in range(3):
            self._used(kms, kms.meta.region_name, own, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
            kms.rotate_key_on_demand(KeyId=own)
        imported = importing.external_key(kms)
        importing.imports(kms, imported, importing.fresh_material("SYMMETRIC_DEFAULT"))
        self._used(kms, kms.meta.region_name, imported, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
        importing.imports(kms, imported, importing.fresh_material("SYMMETRIC_DEFAULT"), ImportType="NEW_KEY_MATERIAL")
        kms.rotate_key_on_demand(KeyId=imported)
        self._used(kms, kms.meta.region_name, imported, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
        # Waits for its material.
        importing.external_key(kms, "HMAC_256")

    def _states(self, kms):
        self._disabled, self._pending = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
        kms.disable_key(KeyId=self._disabled)
        kms.schedule_key_deletion(KeyId=self._pending, PendingWindowInDays=30)
        kms.create_key(MultiRegion=True, Description="in several Regions")

    def _metadata(self, kms):
        self._aliased = kms.create_key(Description="Schlüssel", Tags=[{"TagKey": "a", "TagValue": "1"}])["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/inventory", TargetKeyId=self._aliased)
        kms.tag_resource(KeyId=self._aliased, Tags=[{"TagKey": "b", "TagValue": "2"}])
        kms.put_key_policy(KeyId=self._aliased, Policy=kms.get_key_policy(KeyId=self._aliased)["Policy"].replace("}", "} "))
        self._ciphertext = kms.encrypt(KeyId=self._aliased, Plaintext=MESSAGE)["CiphertextBlob"]

    def _identities(self, account):
        """A user who may decrypt by a grant, and a role that may describe."""
        iam, kms = account.client(config=PATIENT, service="iam"), account.client(config=PATIENT)
        self._user = account.user("granted", allow("sts:AssumeRole"), Tags=[{"Key": "team", "Value": "x"}])
        kms.create_grant(KeyId=self._aliased, GranteePrincipal=self._user.arn, Operations=["Decrypt"], Name="inventory")
        iam.create_group(GroupName="readers")
        iam.add_user_to_group(GroupName="readers", UserName="granted")
        policy = iam.create_policy(PolicyName="reads", PolicyDocument=document(allow("kms:List*")))["Policy"]["Arn"]
        iam.attach_group_policy(GroupName="readers", PolicyArn=policy)
        self._role = account.role("describer", trust({"AWS": account.root_arn}), allow("kms:DescribeKey"))
        self._session = self._user.assume(self._role)


def seen(account):
    """All that an account can read about its keys, and who is in it."""
    kms, iam = account.client(config=PATIENT), account.client(config=PATIENT, service="iam")
    keys = {}
    for id_ in (key["KeyId"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]):
        metadata = kms.describe_key(KeyId=id_)["KeyMetadata"]
        keys[id_] = {
            "metadata": metadata,
            "policy": kms.get_key_policy(KeyId=id_)["Policy"],
            "tags": sorted(kms.list_resource_tags(KeyId=id_)["Tags"], key=str),
            "grants": sorted(kms.list_grants(KeyId=id_)["Grants"], key=str),
        }
        if metadata["KeySpec"] == "SYMMETRIC_DEFAULT":
            keys[id_]["rotations"] = kms.list_key_rotations(KeyId=id_, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    aliases = [alias for page in kms.get_paginator("list_aliases").paginate() for alias in page["Aliases"]]
    people = iam.list_users()["Users"], iam.list_groups()["Groups"], iam.list_roles()["Roles"], iam.list_policies(Scope="Local")["Policies"]
    return keys, aliases, people
