//! Key specs and algorithms by their API names, and the one table that says what goes with what.
//!
//! The names are those of the API model; this crate stands below the API crate, so it has its own enums, and a test of
//! the service compares the two. Facts: the key spec reference of the AWS KMS developer guide.

use std::fmt;

/// Defines an enum of names: variants, `ALL`, `name`, `parse`, Display.
macro_rules! names {
    ($(#[$meta:meta])* $type:ident { $($variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $type {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl $type {
            /// All values, in the API model's order.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name in the API.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The value with this name; case matters.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

pub(crate) use names;

names! {
    /// What a key is made of.
    KeySpec {
        Rsa2048 = "RSA_2048",
        Rsa3072 = "RSA_3072",
        Rsa4096 = "RSA_4096",
        EccNistP256 = "ECC_NIST_P256",
        EccNistP384 = "ECC_NIST_P384",
        EccNistP521 = "ECC_NIST_P521",
        EccSecgP256k1 = "ECC_SECG_P256K1",
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        Hmac224 = "HMAC_224",
        Hmac256 = "HMAC_256",
        Hmac384 = "HMAC_384",
        Hmac512 = "HMAC_512",
        Sm2 = "SM2",
        MlDsa44 = "ML_DSA_44",
        MlDsa65 = "ML_DSA_65",
        MlDsa87 = "ML_DSA_87",
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        MlKem512 = "ML_KEM_512",
        MlKem768 = "ML_KEM_768",
        MlKem1024 = "ML_KEM_1024",
    }
}

names! {
    /// What a key is for.
    KeyUsage {
        SignVerify = "SIGN_VERIFY",
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        KeyAgreement = "KEY_AGREEMENT",
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE",
    }
}

names! {
    /// How to sign.
    SigningAlgorithm {
        RsassaPssSha256 = "RSASSA_PSS_SHA_256",
        RsassaPssSha384 = "RSASSA_PSS_SHA_384",
        RsassaPssSha512 = "RSASSA_PSS_SHA_512",
        RsassaPkcs1V15Sha256 = "RSASSA_PKCS1_V1_5_SHA_256",
        RsassaPkcs1V15Sha384 = "RSASSA_PKCS1_V1_5_SHA_384",
        RsassaPkcs1V15Sha512 = "RSASSA_PKCS1_V1_5_SHA_512",
        EcdsaSha256 = "ECDSA_SHA_256",
        EcdsaSha384 = "ECDSA_SHA_384",
        EcdsaSha512 = "ECDSA_SHA_512",
        Sm2dsa = "SM2DSA",
        MlDsaShake256 = "ML_DSA_SHAKE_256",
        Ed25519Sha512 = "ED25519_SHA_512",
        Ed25519PhSha512 = "ED25519_PH_SHA_512",
    }
}

names! {
    /// How to encrypt.
    EncryptionAlgorithm {
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        Sm2pke = "SM2PKE",
    }
}

names! {
    /// How to make a message authentication code.
    MacAlgorithm {
        HmacSha224 = "HMAC_SHA_224",
        HmacSha256 = "HMAC_SHA_256",
        HmacSha384 = "HMAC_SHA_384",
        HmacSha512 = "HMAC_SHA_512",
    }
}

names! {
    /// How to agree on a shared secret.
    KeyAgreementAlgorithm {
        Ecdh = "ECDH",
    }
}

names! {
    /// How to encapsulate a shared secret.
    EncapsulationAlgorithm {
        MlKem = "ML_KEM",
    }
}

names! {
    /// In which form a message to be signed is given.
    MessageType {
        Raw = "RAW",
        Digest = "DIGEST",
        ExternalMu = "EXTERNAL_MU",
    }
}

/// What a spec is, apart from its size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Family {
    /// AES-256, or SM4 in the Regions of China.
    Symmetric,
    /// HMAC with a hash of the SHA-2 family.
    Hmac,
    /// RSA with two primes.
    Rsa,
    /// ECDSA and ECDH over the NIST's prime curves.
    Ecc,
    /// ECDSA over secp256k1.
    Secp256k1,
    /// EdDSA over edwards25519.
    Ed25519,
    /// Lattice signatures, FIPS 204.
    MlDsa,
    /// Lattice key encapsulation, FIPS 203.
    MlKem,
    /// The curve of GB/T 32918.
    Sm2,
}

/// Everything the API says about a spec; one row of the table.
struct Row {
    family: Family,
    usages: &'static [KeyUsage],
    signing: &'static [SigningAlgorithm],
    encryption: &'static [EncryptionAlgorithm],
    mac: &'static [MacAlgorithm],
    agreement: &'static [KeyAgreementAlgorithm],
    encapsulation: &'static [EncapsulationAlgorithm],
    data_key_pair: bool,
    spki_len: Option<usize>,
    pkcs8_len: Option<usize>,
}

impl Row {
    const EMPTY: Self = Self {
        family: Family::Symmetric,
        usages: &[],
        signing: &[],
        encryption: &[],
        mac: &[],
        agreement: &[],
        encapsulation: &[],
        data_key_pair: false,
        spki_len: None,
        pkcs8_len: None,
    };

    const SYMMETRIC: Self = Self {
        usages: &[KeyUsage::EncryptDecrypt],
        encryption: &[EncryptionAlgorithm::SymmetricDefault],
        ..Self::EMPTY
    };

    const fn hmac(mac: &'static [MacAlgorithm]) -> Self {
        Self { family: Family::Hmac, usages: &[KeyUsage::GenerateVerifyMac], mac, ..Self::EMPTY }
    }

    const fn rsa(spki_len: usize) -> Self {
        Self {
            family: Family::Rsa,
            usages: &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify],
            signing: &[
                SigningAlgorithm::RsassaPkcs1V15Sha256,
                SigningAlgorithm::RsassaPkcs1V15Sha384,
                SigningAlgorithm::RsassaPkcs1V15Sha512,
                SigningAlgorithm::RsassaPssSha256,
                SigningAlgorithm::RsassaPssSha384,
                SigningAlgorithm::RsassaPssSha512,
            ],
            encryption: &[EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256],
            data_key_pair: true,
            spki_len: Some(spki_len),
            ..Self::EMPTY
        }
    }

    const fn ecc(signing: &'static [SigningAlgorithm], spki_len: usize, pkcs8_len: usize) -> Self {
        Self {
            family: Family::Ecc,
            usages: &[KeyUsage::SignVerify, KeyUsage::KeyAgreement],
            signing,
            agreement: &[KeyAgreementAlgorithm::Ecdh],
            data_key_pair: true,
            spki_len: Some(spki_len),
            pkcs8_len: Some(pkcs8_len),
            ..Self::EMPTY
        }
    }

    const SECP256K1: Self = Self {
        family: Family::Secp256k1,
        usages: &[KeyUsage::SignVerify],
        signing: &[SigningAlgorithm::EcdsaSha256],
        data_key_pair: true,
        spki_len: Some(88),
        pkcs8_len: Some(135),
        ..Self::EMPTY
    };

    const ED25519: Self = Self {
        family: Family::Ed25519,
        usages: &[KeyUsage::SignVerify],
        signing: &[SigningAlgorithm::Ed25519Sha512, SigningAlgorithm::Ed25519PhSha512],
        data_key_pair: true,
        spki_len: Some(44),
        pkcs8_len: Some(48),
        ..Self::EMPTY
    };

    const fn ml_dsa(spki_len: usize) -> Self {
        Self {
            family: Family::MlDsa,
            usages: &[KeyUsage::SignVerify],
            signing: &[SigningAlgorithm::MlDsaShake256],
            spki_len: Some(spki_len),
            pkcs8_len: Some(54),
            ..Self::EMPTY
        }
    }

    const fn ml_kem(spki_len: usize) -> Self {
        Self {
            family: Family::MlKem,
            usages: &[KeyUsage::EncapsulateDecapsulate],
            encapsulation: &[EncapsulationAlgorithm::MlKem],
            data_key_pair: true,
            spki_len: Some(spki_len),
            pkcs8_len: Some(86),
            ..Self::EMPTY
        }
    }

    const SM2: Self = Self {
        family: Family::Sm2,
        usages: &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify, KeyUsage::KeyAgreement],
        signing: &[SigningAlgorithm::Sm2dsa],
        encryption: &[EncryptionAlgorithm::Sm2pke],
        agreement: &[KeyAgreementAlgorithm::Ecdh],
        data_key_pair: true,
        spki_len: Some(91),
        pkcs8_len: Some(138),
        ..Self::EMPTY
    };
}

impl KeySpec {
    const fn row(self) -> &'static Row {
        match self {
            Self::SymmetricDefault => &Row::SYMMETRIC,
            Self::Hmac224 => const { &Row::hmac(&[MacAlgorithm::HmacSha224]) },
            Self::Hmac256 => const { &Row::hmac(&[MacAlgorithm::HmacSha256]) },
            Self::Hmac384 => const { &Row::hmac(&[MacAlgorithm::HmacSha384]) },
            Self::Hmac512 => const { &Row::hmac(&[MacAlgorithm::HmacSha512]) },
            Self::Rsa2048 => const { &Row::rsa(294) },
            Self::Rsa3072 => const { &Row::rsa(422) },
            Self::Rsa4096 => const { &Row::rsa(550) },
            Self::EccNistP256 => const { &Row::ecc(&[SigningAlgorithm::EcdsaSha256], 91, 138) },
            Self::EccNistP384 => const { &Row::ecc(&[SigningAlgorithm::EcdsaSha384], 120, 185) },
            Self::EccNistP521 => const { &Row::ecc(&[SigningAlgorithm::EcdsaSha512], 158, 241) },
            Self::EccSecgP256k1 => &Row::SECP256K1,
            Self::EccNistEdwards25519 => &Row::ED25519,
            Self::MlDsa44 => const { &Row::ml_dsa(1334) },
            Self::MlDsa65 => const { &Row::ml_dsa(1974) },
            Self::MlDsa87 => const { &Row::ml_dsa(2614) },
            Self::MlKem512 => const { &Row::ml_kem(822) },
            Self::MlKem768 => const { &Row::ml_kem(1206) },
            Self::MlKem1024 => const { &Row::ml_kem(1590) },
            Self::Sm2 => &Row::SM2,
        }
    }

    /// What kind of key this is.
    pub const fn family(self) -> Family {
        self.row().family
    }

    /// What a key of this spec can be made for.
    pub const fn usages(self) -> &'static [KeyUsage] {
        self.row().usages
    }

    /// How a key of this spec signs, when its usage is `SIGN_VERIFY`.
    pub const fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        self.row().signing
    }

    /// How a key of this spec encrypts, when its usage is `ENCRYPT_DECRYPT`.
    pub const fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        self.row().encryption
    }

    /// How a key of this spec makes codes, when its usage is `GENERATE_VERIFY_MAC`.
    pub const fn mac_algorithms(self) -> &'static [MacAlgorithm] {
        self.row().mac
    }

    /// How a key of this spec agrees on secrets, when its usage is `KEY_AGREEMENT`.
    pub const fn key_agreement_algorithms(self) -> &'static [KeyAgreementAlgorithm] {
        self.row().agreement
    }

    /// How a key of this spec encapsulates, when its usage is `ENCAPSULATE_DECAPSULATE`.
    pub const fn encapsulation_algorithms(self) -> &'static [EncapsulationAlgorithm] {
        self.row().encapsulation
    }

    /// Whether a key of this spec has a public half.
    pub const fn is_asymmetric(self) -> bool {
        !matches!(self.family(), Family::Symmetric | Family::Hmac)
    }

    /// Whether GenerateDataKeyPair makes pairs of this spec.
    pub const fn is_data_key_pair_spec(self) -> bool {
        self.row().data_key_pair
    }

    /// Bytes of the public key as SubjectPublicKeyInfo DER (for RSA with the exponent 65537, which all generated keys
    /// have); `None` when there is no public key.
    pub const fn spki_len(self) -> Option<usize> {
        self.row().spki_len
    }

    /// Bytes of the private key as PKCS#8 DER where all keys of the spec take the same: not RSA, whose integers vary.
    pub const fn pkcs8_len(self) -> Option<usize> {
        self.row().pkcs8_len
    }

    /// Bits of an RSA modulus; `None` for the other families.
    pub const fn rsa_bits(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(2048),
            Self::Rsa3072 => Some(3072),
            Self::Rsa4096 => Some(4096),
            _ => None,
        }
    }
}

impl SigningAlgorithm {
    /// The forms in which a message may be given.
    pub const fn message_types(self) -> &'static [MessageType] {
        match self {
            Self::MlDsaShake256 => &[MessageType::Raw, MessageType::ExternalMu],
            Self::Ed25519Sha512 => &[MessageType::Raw],
            Self::Ed25519PhSha512 => &[MessageType::Digest],
            _ => &[MessageType::Raw, MessageType::Digest],
        }
    }

    /// Bytes of a message given as `DIGEST` or `EXTERNAL_MU`.
    pub const fn digest_len(self) -> usize {
        match self {
            Self::RsassaPssSha256 | Self::RsassaPkcs1V15Sha256 | Self::EcdsaSha256 | Self::Sm2dsa => 32,
            Self::RsassaPssSha384 | Self::RsassaPkcs1V15Sha384 | Self::EcdsaSha384 => 48,
            Self::RsassaPssSha512 | Self::RsassaPkcs1V15Sha512 | Self::EcdsaSha512 => 64,
            Self::MlDsaShake256 | Self::Ed25519Sha512 | Self::Ed25519PhSha512 => 64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the developer guide (key spec reference), written down a second time.
    const USAGES: [(&str, &[&str]); 20] = [
        ("RSA_2048", &["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
        ("RSA_3072", &["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
        ("RSA_4096", &["ENCRYPT_DECRYPT", "SIGN_VERIFY"]),
        ("ECC_NIST_P256", &["SIGN_VERIFY", "KEY_AGREEMENT"]),
        ("ECC_NIST_P384", &["SIGN_VERIFY", "KEY_AGREEMENT"]),
        ("ECC_NIST_P521", &["SIGN_VERIFY", "KEY_AGREEMENT"]),
        ("ECC_SECG_P256K1", &["SIGN_VERIFY"]),
        ("SYMMETRIC_DEFAULT", &["ENCRYPT_DECRYPT"]),
        ("HMAC_224", &["GENERATE_VERIFY_MAC"]),
        ("HMAC_256", &["GENERATE_VERIFY_MAC"]),
        ("HMAC_384", &["GENERATE_VERIFY_MAC"]),
        ("HMAC_512", &["GENERATE_VERIFY_MAC"]),
        ("SM2", &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "KEY_AGREEMENT"]),
        ("ML_DSA_44", &["SIGN_VERIFY"]),
        ("ML_DSA_65", &["SIGN_VERIFY"]),
        ("ML_DSA_87", &["SIGN_VERIFY"]),
        ("ECC_NIST_EDWARDS25519", &["SIGN_VERIFY"]),
        ("ML_KEM_512", &["ENCAPSULATE_DECAPSULATE"]),
        ("ML_KEM_768", &["ENCAPSULATE_DECAPSULATE"]),
        ("ML_KEM_1024", &["ENCAPSULATE_DECAPSULATE"]),
    ];

    #[test]
    fn specs_have_the_documented_usages() {
        for (spec, (name, usages)) in KeySpec::ALL.into_iter().zip(USAGES) {
            assert_eq!(spec.name(), name);
            assert_eq!(spec.usages().iter().map(|usage| usage.name()).collect::<Vec<_>>(), usages, "{spec}");
        }
    }

    #[test]
    fn a_spec_has_algorithms_for_its_usages_and_no_others() {
        for spec in KeySpec::ALL {
            for usage in KeyUsage::ALL {
                let none = match usage {
                    KeyUsage::SignVerify => spec.signing_algorithms().is_empty(),
                    KeyUsage::EncryptDecrypt => spec.encryption_algorithms().is_empty(),
                    KeyUsage::GenerateVerifyMac => spec.mac_algorithms().is_empty(),
                    KeyUsage::KeyAgreement => spec.key_agreement_algorithms().is_empty(),
                    KeyUsage::EncapsulateDecapsulate => spec.encapsulation_algorithms().is_empty(),
                };
                assert_eq!(!none, spec.usages().contains(&usage), "{spec} {usage}");
            }
        }
    }

    #[test]
    fn every_algorithm_belongs_to_a_spec() {
        let of_a_spec = |belongs: &dyn Fn(KeySpec) -> bool| KeySpec::ALL.into_iter().any(belongs);
        for algorithm in SigningAlgorithm::ALL {
            assert!(of_a_spec(&|spec| spec.signing_algorithms().contains(&algorithm)), "{algorithm}");
        }
        for algorithm in EncryptionAlgorithm::ALL {
            assert!(of_a_spec(&|spec| spec.encryption_algorithms().contains(&algorithm)), "{algorithm}");
        }
        for algorithm in MacAlgorithm::ALL {
            assert!(of_a_spec(&|spec| spec.mac_algorithms() == [algorithm]), "{algorithm}");
        }
    }

    /// DataKeyPairSpec of the API model.
    #[test]
    fn data_key_pairs_are_of_the_documented_specs() {
        let pairs: Vec<_> = KeySpec::ALL.into_iter().filter(|spec| spec.is_data_key_pair_spec()).collect();
        let names = [
            "RSA_2048",
            "RSA_3072",
            "RSA_4096",
            "ECC_NIST_P256",
            "ECC_NIST_P384",
            "ECC_NIST_P521",
            "ECC_SECG_P256K1",
            "SM2",
            "ECC_NIST_EDWARDS25519",
            "ML_KEM_512",
            "ML_KEM_768",
            "ML_KEM_1024",
        ];
        assert_eq!(pairs.iter().map(|spec| spec.name()).collect::<Vec<_>>(), names);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for spec in KeySpec::ALL {
            assert_eq!(KeySpec::parse(spec.name()), Some(spec));
            assert_eq!(KeySpec::parse(&spec.name().to_lowercase()), None);
        }
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(SigningAlgorithm::parse(algorithm.name()), Some(algorithm));
        }
        assert_eq!(KeySpec::parse(""), None);
    }
}
