//! The API's names for specs and algorithms, and the key core's: the same words in two crates that may not know each other.
//!
//! A test walks the API's enums: each value has its counterpart.

use kagiban_api::{
    AlgorithmSpec, DataKeyPairSpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, KeyAgreementAlgorithmSpec,
    KeySpec, KeyUsageType, MacAlgorithmSpec, SigningAlgorithmSpec, WrappingKeySpec,
};
use kagiban_base::id::Region;
use kagiban_keycore::import::{self, WrappingAlgorithm};
use kagiban_keycore::spec as core;

use crate::error::{InternalError, ServiceError};

/// A value of the API that the key core knows by the same name.
pub(crate) trait Counterpart {
    /// The key core's type.
    type Core;

    /// The key core's value.
    ///
    /// # Errors
    /// Internal; the test of this module shows that it does not happen.
    fn core(self) -> Result<Self::Core, ServiceError>;
}

macro_rules! counterparts {
    ($($api:ty => $core:ty),+ $(,)?) => { $(
        impl Counterpart for $api {
            type Core = $core;

            fn core(self) -> Result<$core, ServiceError> {
                let unknown = ServiceError::Internal(InternalError::NoCounterpart(self.as_str()));
                <$core>::parse(self.as_str()).ok_or(unknown)
            }
        }
    )+ };
}

counterparts! {
    AlgorithmSpec => WrappingAlgorithm,
    DataKeyPairSpec => core::KeySpec,
    EncryptionAlgorithmSpec => core::EncryptionAlgorithm,
    KeySpec => core::KeySpec,
    KeyUsageType => core::KeyUsage,
    MacAlgorithmSpec => core::MacAlgorithm,
    SigningAlgorithmSpec => core::SigningAlgorithm,
    WrappingKeySpec => import::WrappingKeySpec,
}

/// The algorithms of a key, of the one kind that fits its usage; the others are `None`, as the API shows them.
#[derive(Debug, Default)]
pub(crate) struct Algorithms {
    pub(crate) encryption: Option<Vec<EncryptionAlgorithmSpec>>,
    pub(crate) signing: Option<Vec<SigningAlgorithmSpec>>,
    pub(crate) mac: Option<Vec<MacAlgorithmSpec>>,
    pub(crate) key_agreement: Option<Vec<KeyAgreementAlgorithmSpec>>,
    pub(crate) encapsulation: Option<Vec<EncapsulationAlgorithmSpec>>,
}

impl Algorithms {
    /// What a key of this spec and usage can do.
    pub(crate) fn of(spec: KeySpec, usage: KeyUsageType) -> Self {
        let Ok(spec) = spec.core() else { return Self::default() };
        let none = Self::default();
        match usage {
            KeyUsageType::EncryptDecrypt => {
                let names =
                    spec.encryption_algorithms().iter().filter_map(|a| EncryptionAlgorithmSpec::parse(a.name()));
                Self { encryption: Some(names.collect()), ..none }
            }
            KeyUsageType::SignVerify => {
                let names = spec.signing_algorithms().iter().filter_map(|a| SigningAlgorithmSpec::parse(a.name()));
                Self { signing: Some(names.collect()), ..none }
            }
            KeyUsageType::GenerateVerifyMac => {
                let names = spec.mac_algorithms().iter().filter_map(|a| MacAlgorithmSpec::parse(a.name()));
                Self { mac: Some(names.collect()), ..none }
            }
            KeyUsageType::KeyAgreement => Self { key_agreement: Some(vec![KeyAgreementAlgorithmSpec::Ecdh]), ..none },
            KeyUsageType::EncapsulateDecapsulate => {
                Self { encapsulation: Some(vec![EncapsulationAlgorithmSpec::MlKem]), ..none }
            }
        }
    }
}

/// Whether keys of SM2, and SM4 in the place of AES, are made in this Region: in China only, as on AWS.
pub(crate) fn is_china(region: &Region) -> bool {
    region.as_str().starts_with("cn-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_known<T: Counterpart + Copy>(values: &[T]) {
        assert!(!values.is_empty());
        for value in values {
            assert!(value.core().is_ok());
        }
    }

    #[test]
    fn every_name_of_the_api_has_its_counterpart() {
        all_known(&AlgorithmSpec::ALL);
        all_known(&DataKeyPairSpec::ALL);
        all_known(&EncryptionAlgorithmSpec::ALL);
        all_known(&KeySpec::ALL);
        all_known(&KeyUsageType::ALL);
        all_known(&MacAlgorithmSpec::ALL);
        all_known(&SigningAlgorithmSpec::ALL);
        all_known(&WrappingKeySpec::ALL);
        assert_eq!(KeySpec::ALL.len(), core::KeySpec::ALL.len());
        assert_eq!(SigningAlgorithmSpec::ALL.len(), core::SigningAlgorithm::ALL.len());
    }

    #[test]
    fn every_spec_has_algorithms_for_each_of_its_usages_and_no_other() {
        for spec in KeySpec::ALL {
            let usages = spec.core().unwrap().usages();
            assert!(!usages.is_empty(), "{spec}");
            for usage in usages {
                let usage = KeyUsageType::parse(usage.name()).unwrap();
                let Algorithms { encryption, signing, mac, key_agreement, encapsulation } = Algorithms::of(spec, usage);
                let counts = [
                    encryption.map(|all| all.len()),
                    signing.map(|all| all.len()),
                    mac.map(|all| all.len()),
                    key_agreement.map(|all| all.len()),
                    encapsulation.map(|all| all.len()),
                ];
                assert_eq!(counts.iter().flatten().count(), 1, "{spec} {usage}");
                assert!(counts.iter().flatten().all(|count| *count > 0), "{spec} {usage}");
            }
        }
    }
}
