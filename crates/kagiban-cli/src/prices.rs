//! What AWS would charge, by a table that an operator can put in the place of the one that comes with the program.
//!
//! Estimates for people: in floating point, and only as good as the table.

use std::path::Path;

use serde::Deserialize;

use crate::error::CliError;

/// The table that comes with the program; documented line by line.
const DEFAULT: &str = include_str!("prices.toml");
/// Requests that the prices of requests are for.
const REQUESTS: f64 = 10_000.0;

/// A price table.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prices {
    pub(crate) currency: String,
    key_month: f64,
    rotation_month: f64,
    pub(crate) free_requests: u64,
    pub(crate) charge_failed: bool,
    requests: RequestPrices,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct RequestPrices {
    symmetric: f64,
    rsa_2048: f64,
    asymmetric: f64,
    ecc_data_key_pair: f64,
    rsa_data_key_pair: f64,
}

/// What requests are priced by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    Asymmetric,
    EccDataKeyPair,
    Rsa2048,
    RsaDataKeyPair,
    Symmetric,
}

impl Prices {
    /// The table of this file, or the one that comes with the program.
    ///
    /// # Errors
    /// [`CliError::PriceFile`], [`CliError::Prices`]
    pub(crate) fn read(file: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = file else { return Self::parse(DEFAULT, Path::new("the built-in table")) };
        let unreadable = |source| CliError::PriceFile { path: path.to_owned(), source };
        Self::parse(&std::fs::read_to_string(path).map_err(unreadable)?, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, CliError> {
        toml::from_str(text).map_err(|source| CliError::Prices { path: path.to_owned(), source: Box::new(source) })
    }

    /// What a key costs for these hours of a month, with the hours of the material of its rotations.
    #[expect(clippy::cast_precision_loss, reason = "hours of a month")]
    pub(crate) fn of_key(&self, hours: u64, rotation_hours: &[u64], month_hours: u64) -> f64 {
        let part = |hours: u64| hours as f64 / month_hours.max(1) as f64;
        let rotations: f64 = rotation_hours.iter().map(|hours| part(*hours)).sum();
        part(hours) * self.key_month + rotations * self.rotation_month
    }

    /// What so many requests cost.
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub(crate) fn of_requests(&self, class: Class, count: u64) -> f64 {
        let prices = &self.requests;
        let price = match class {
            Class::Asymmetric => prices.asymmetric,
            Class::EccDataKeyPair => prices.ecc_data_key_pair,
            Class::Rsa2048 => prices.rsa_2048,
            Class::RsaDataKeyPair => prices.rsa_data_key_pair,
            Class::Symmetric => prices.symmetric,
        };
        count as f64 / REQUESTS * price
    }
}

impl Class {
    /// The class of requests for an operation, by the name that the server counts it under, with a key of this spec; `None`
    /// for what is not a request of its own.
    pub(crate) fn of(operation: &str, key_spec: Option<&str>) -> Option<Self> {
        let by_spec = || match key_spec {
            Some("RSA_2048") => Self::Rsa2048,
            Some(spec) if spec == "SYMMETRIC_DEFAULT" || spec.starts_with("HMAC_") => Self::Symmetric,
            Some(_) => Self::Asymmetric,
            None => Self::Symmetric,
        };
        Some(match operation {
            "ReEncryptTo" => return None,
            "GenerateDataKeyPair/RSA" | "GenerateDataKeyPairWithoutPlaintext/RSA" => Self::RsaDataKeyPair,
            "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => Self::EccDataKeyPair,
            "Decapsulate" | "Decrypt" | "DeriveSharedSecret" | "Encapsulate" | "Encrypt" | "GetPublicKey"
            | "ReEncrypt" | "Sign" | "Verify" => by_spec(),
            _ => Self::Symmetric,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn the_built_in_table_is_the_published_one() {
        let prices = Prices::read(None).unwrap();
        assert!(near(prices.of_key(720, &[], 720), 1.0));
        assert!(near(prices.of_key(360, &[72, 36], 720), 0.65));
        for (operation, spec, price) in [
            ("Encrypt", Some("SYMMETRIC_DEFAULT"), 0.03),
            ("GenerateMac", Some("HMAC_256"), 0.03),
            ("ListKeys", None, 0.03),
            ("Sign", Some("RSA_2048"), 0.03),
            ("Sign", Some("RSA_4096"), 0.15),
            ("GetPublicKey", Some("ECC_NIST_P256"), 0.15),
            ("DescribeKey", Some("ECC_NIST_P256"), 0.03),
            ("GenerateDataKeyPair", Some("SYMMETRIC_DEFAULT"), 0.10),
            ("GenerateDataKeyPairWithoutPlaintext/RSA", Some("SYMMETRIC_DEFAULT"), 12.0),
        ] {
            let class = Class::of(operation, spec).unwrap();
            assert!(near(prices.of_requests(class, 10_000), price), "{operation} {spec:?}");
        }
        assert_eq!(Class::of("ReEncryptTo", Some("SYMMETRIC_DEFAULT")), None);
    }

    #[test]
    fn tables_are_complete_and_know_no_other_fields() {
        for (text, complaint) in [
            (DEFAULT.replace("key_month = 1.00", ""), "key_month"),
            (DEFAULT.replace("key_month", "key_moth"), "key_moth"),
            (DEFAULT.replace("free_requests = 20000", "free_requests = -1"), "free_requests"),
        ] {
            let Err(CliError::Prices { source, .. }) = Prices::parse(&text, Path::new("own.toml")) else {
                unreachable!("{text}")
            };
            assert!(source.to_string().contains(complaint), "{source}");
        }
    }
}
