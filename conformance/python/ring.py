"""KMS keys of every kind for the whole session, made when they are first asked for. No case may change them."""

import functools
from dataclasses import dataclass

import importing
import outside
from callers import new_account
from specs import SPECS

ORIGINS = ("AWS_KMS", "EXTERNAL")


@dataclass(frozen=True)
class RingKey:
    """An enabled key. Of imported ones the case has the material too."""

    client: object
    id: str
    arn: str
    spec: str
    material: bytes | None

    @functools.cached_property
    def public(self):
        """What GetPublicKey gives, loaded by the other library."""
        return outside.load_public(self.spec, self.client.get_public_key(KeyId=self.id)["PublicKey"])

    @functools.cached_property
    def private(self):
        """The imported private key, in the other library's hands."""
        return outside.load_private(self.spec, self.material)


class Ring:
    """All the keys, in one account."""

    def __init__(self, endpoint, region):
        self.account = new_account(endpoint, region)
        self.client_of = functools.cache(lambda spec: self.account.client(SPECS[spec].region))
        self.key = functools.cache(self._key)
        # One material for all usages of a spec: RSA keys take their time.
        self._material = functools.cache(importing.fresh_material)

    def _key(self, spec, usage, origin="AWS_KMS"):
        client = self.client_of(spec)
        metadata = client.create_key(KeySpec=spec, KeyUsage=usage, Origin=origin)["KeyMetadata"]
        key_id, material = metadata["KeyId"], None
        if origin == "EXTERNAL":
            material = self._material(spec)
            client.import_key_material(**importing.request(client, key_id, spec, material))
        return RingKey(client, key_id, metadata["Arn"], spec, material)
