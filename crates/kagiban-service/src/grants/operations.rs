//! Sets of grant operations, and which operations a kind of key can have in a grant.

use kagiban_api::{GrantOperation, KeySpec, KeyUsageType};

/// Some of the grant operations.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct OperationSet(u32);

impl OperationSet {
    pub(crate) const fn of(operations: &[GrantOperation]) -> Self {
        let (mut bits, mut rest) = (0, operations);
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u32;
            rest = tail;
        }
        Self(bits)
    }

    pub(crate) const fn contains(self, operation: GrantOperation) -> bool {
        Self::of(&[operation]).is_subset(self)
    }

    pub(crate) const fn is_subset(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What a grant on a key of this kind can allow: what the key can do, and what concerns the grant itself.
    pub(crate) const fn fitting(usage: KeyUsageType, spec: KeySpec) -> Self {
        use GrantOperation as G;
        const PUBLIC: OperationSet = OperationSet::of(&[G::GetPublicKey]);
        const ENCRYPTION: OperationSet = OperationSet::of(&[G::Decrypt, G::Encrypt, G::ReEncryptFrom, G::ReEncryptTo]);
        const DATA_KEYS: OperationSet = OperationSet::of(&[
            G::GenerateDataKey,
            G::GenerateDataKeyPair,
            G::GenerateDataKeyPairWithoutPlaintext,
            G::GenerateDataKeyWithoutPlaintext,
        ]);
        let own = match (usage, spec) {
            (KeyUsageType::EncryptDecrypt, KeySpec::SymmetricDefault) => ENCRYPTION.and(DATA_KEYS),
            (KeyUsageType::EncryptDecrypt, _) => ENCRYPTION.and(PUBLIC),
            (KeyUsageType::SignVerify, _) => Self::of(&[G::Sign, G::Verify]).and(PUBLIC),
            (KeyUsageType::GenerateVerifyMac, _) => Self::of(&[G::GenerateMac, G::VerifyMac]),
            (KeyUsageType::KeyAgreement, _) => Self::of(&[G::DeriveSharedSecret]).and(PUBLIC),
            (KeyUsageType::EncapsulateDecapsulate, _) => Self::of(&[G::Encapsulate, G::Decapsulate]).and(PUBLIC),
        };
        own.and(Self::of(&[G::CreateGrant, G::DescribeKey, G::RetireGrant]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_fits_some_key_and_each_kind_has_its_own() {
        const ALWAYS: [&str; 3] = ["CreateGrant", "DescribeKey", "RetireGrant"];
        let table: [(KeyUsageType, KeySpec, &[&str]); 6] = [
            (
                KeyUsageType::EncryptDecrypt,
                KeySpec::SymmetricDefault,
                &[
                    "Decrypt",
                    "Encrypt",
                    "GenerateDataKey",
                    "GenerateDataKeyWithoutPlaintext",
                    "GenerateDataKeyPair",
                    "GenerateDataKeyPairWithoutPlaintext",
                    "ReEncryptFrom",
                    "ReEncryptTo",
                ],
            ),
            (
                KeyUsageType::EncryptDecrypt,
                KeySpec::Rsa2048,
                &["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"],
            ),
            (KeyUsageType::SignVerify, KeySpec::EccNistP256, &["Sign", "Verify", "GetPublicKey"]),
            (KeyUsageType::GenerateVerifyMac, KeySpec::Hmac256, &["GenerateMac", "VerifyMac"]),
            (KeyUsageType::KeyAgreement, KeySpec::EccNistP256, &["DeriveSharedSecret", "GetPublicKey"]),
            (KeyUsageType::EncapsulateDecapsulate, KeySpec::MlKem768, &["Encapsulate", "Decapsulate", "GetPublicKey"]),
        ];
        let mut fit_somewhere = OperationSet::default();
        for (usage, spec, names) in table {
            let fitting = OperationSet::fitting(usage, spec);
            fit_somewhere = fit_somewhere.and(fitting);
            for operation in GrantOperation::ALL {
                let name = operation.as_str();
                let fits = names.contains(&name) || ALWAYS.contains(&name);
                assert_eq!(fitting.contains(operation), fits, "{usage} {spec} {name}");
            }
        }
        assert_eq!(fit_somewhere, OperationSet::of(&GrantOperation::ALL));
    }
}
