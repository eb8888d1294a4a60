//! Which quota of requests an operation counts for, and when that can be told.

use kagiban_api::{KeySpec, Operation};

use super::table::{Family, RateClass};

/// When a request is counted, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Charge {
    /// As soon as caller and operation are known.
    AtOnce(RateClass),
    /// Once for each key that it uses, by the key's spec.
    ByKey,
    /// By the kind of pair that is asked for.
    ByKeyPair,
}

/// How an operation is counted. No catch-all: a new operation must say.
pub(crate) const fn charge_of(operation: Operation) -> Charge {
    match operation {
        Operation::Decapsulate
        | Operation::Decrypt
        | Operation::DeriveSharedSecret
        | Operation::Encapsulate
        | Operation::Encrypt
        | Operation::GenerateDataKey
        | Operation::GenerateDataKeyWithoutPlaintext
        | Operation::GenerateMac
        | Operation::ReEncrypt
        | Operation::Sign
        | Operation::Verify
        | Operation::VerifyMac => Charge::ByKey,
        Operation::GenerateDataKeyPair | Operation::GenerateDataKeyPairWithoutPlaintext => Charge::ByKeyPair,
        Operation::GenerateRandom => Charge::AtOnce(RateClass::Cryptographic(Family::Symmetric)),
        Operation::CancelKeyDeletion
        | Operation::ConnectCustomKeyStore
        | Operation::CreateAlias
        | Operation::CreateCustomKeyStore
        | Operation::CreateGrant
        | Operation::CreateKey
        | Operation::DeleteAlias
        | Operation::DeleteCustomKeyStore
        | Operation::DeleteImportedKeyMaterial
        | Operation::DescribeCustomKeyStores
        | Operation::DescribeKey
        | Operation::DisableKey
        | Operation::DisableKeyRotation
        | Operation::DisconnectCustomKeyStore
        | Operation::EnableKey
        | Operation::EnableKeyRotation
        | Operation::GetKeyLastUsage
        | Operation::GetKeyPolicy
        | Operation::GetKeyRotationStatus
        | Operation::GetParametersForImport
        | Operation::GetPublicKey
        | Operation::ImportKeyMaterial
        | Operation::ListAliases
        | Operation::ListGrants
        | Operation::ListKeyPolicies
        | Operation::ListKeyRotations
        | Operation::ListKeys
        | Operation::ListResourceTags
        | Operation::ListRetirableGrants
        | Operation::PutKeyPolicy
        | Operation::ReplicateKey
        | Operation::RetireGrant
        | Operation::RevokeGrant
        | Operation::RotateKeyOnDemand
        | Operation::ScheduleKeyDeletion
        | Operation::TagResource
        | Operation::UntagResource
        | Operation::UpdateAlias
        | Operation::UpdateCustomKeyStore
        | Operation::UpdateKeyDescription
        | Operation::UpdatePrimaryRegion => Charge::AtOnce(RateClass::Management(operation)),
    }
}

/// The quota that cryptographic operations on a key of this spec share.
pub(crate) const fn class_of_spec(spec: KeySpec) -> RateClass {
    RateClass::Cryptographic(match spec {
        KeySpec::SymmetricDefault | KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => {
            Family::Symmetric
        }
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => Family::Rsa,
        KeySpec::EccNistP256
        | KeySpec::EccNistP384
        | KeySpec::EccNistP521
        | KeySpec::EccSecgP256k1
        | KeySpec::EccNistEdwards25519
        | KeySpec::Sm2 => Family::Ecc,
        KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => Family::MlDsa,
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => Family::MlKem,
    })
}
