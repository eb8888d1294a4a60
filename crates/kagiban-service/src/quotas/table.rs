//! One row per quota: its name here, what AWS calls it, what it counts, and AWS's own figure.
//!
//! Facts: the resource-quota and request-quota pages of the developer guide. Every figure can be set here, also those that
//! AWS does not adjust; what a figure must keep within is ours. Limits that are held in shapes (plaintext, description, page
//! sizes) are no quotas: the API promises them, so nothing changes them.

use kagiban_api::{DataKeyPairSpec, Operation};
use kagiban_base::id::Region;

/// What a quota is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Quota {
    Resource(Resource),
    Rate(RateClass),
}

/// What there may be only so many of, or so much.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Resource {
    AliasesPerKey,
    CustomKeyStores,
    GrantsPerKey,
    KeyPolicySize,
    Keys,
    OnDemandRotationsPerKey,
    TagsPerKey,
}

/// Requests that share one figure per second.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum RateClass {
    /// Cryptographic operations, by the kind of their key.
    Cryptographic(Family),
    /// Both operations that make data key pairs.
    DataKeyPair(DataKeyPairSpec),
    /// A management operation, which shares with none.
    Management(Operation),
}

/// Kinds of keys.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Family {
    /// Elliptic curves, SM2 among them.
    Ecc,
    MlDsa,
    MlKem,
    Rsa,
    /// Symmetric encryption and HMAC.
    Symmetric,
}

/// The row of one quota.
#[derive(Clone, Copy, Debug)]
pub struct QuotaRow {
    /// How it is named in configuration.
    pub name: &'static str,
    /// What counts, in a few words.
    pub counts: &'static str,
    /// Whether AWS raises it on request.
    pub is_adjustable_at_aws: bool,
    pub(crate) quota: Quota,
    default: AwsDefault,
    /// Least and greatest figure that can be set.
    pub(crate) bounds: (u32, u32),
    /// Whether "none" can be set.
    pub(crate) can_be_lifted: bool,
}

/// AWS's figure.
#[derive(Clone, Copy, Debug)]
enum AwsDefault {
    Everywhere(u32),
    /// That of the symmetric quota, which is larger in large Regions.
    SymmetricByRegion,
}

/// Most requests per second that can be set; beyond it a limit costs more than it keeps off.
const RATE_MAX: u32 = 1_000_000;

/// Regions where AWS allows 100,000 symmetric operations per second.
const LARGEST_REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];
/// Regions where it allows 20,000; elsewhere 10,000.
const LARGE_REGIONS: [&str; 6] =
    ["us-east-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-central-1", "eu-west-2"];

impl QuotaRow {
    /// AWS's figure in a Region.
    pub fn aws_default(&self, region: Region) -> u32 {
        match self.default {
            AwsDefault::Everywhere(figure) => figure,
            AwsDefault::SymmetricByRegion if LARGEST_REGIONS.contains(&region.as_str()) => 100_000,
            AwsDefault::SymmetricByRegion if LARGE_REGIONS.contains(&region.as_str()) => 20_000,
            AwsDefault::SymmetricByRegion => 10_000,
        }
    }

    /// Whether it is one of requests per second.
    pub const fn is_rate(&self) -> bool {
        matches!(self.quota, Quota::Rate(_))
    }
}

const fn resource(
    (name, counts): (&'static str, &'static str),
    kind: Resource,
    figure: u32,
    is_adjustable_at_aws: bool,
    bounds: (u32, u32),
) -> QuotaRow {
    let default = AwsDefault::Everywhere(figure);
    let can_be_lifted = matches!(kind, Resource::Keys);
    QuotaRow { name, counts, is_adjustable_at_aws, quota: Quota::Resource(kind), default, bounds, can_be_lifted }
}

const fn rate(name: &'static str, counts: &'static str, class: RateClass, default: AwsDefault) -> QuotaRow {
    let (quota, bounds) = (Quota::Rate(class), (1, RATE_MAX));
    QuotaRow { name, counts, is_adjustable_at_aws: true, quota, default, bounds, can_be_lifted: true }
}

const fn family(name: &'static str, counts: &'static str, family: Family, figure: u32) -> QuotaRow {
    rate(name, counts, RateClass::Cryptographic(family), AwsDefault::Everywhere(figure))
}

const fn pair(name: &'static str, spec: DataKeyPairSpec, figure: u32) -> QuotaRow {
    let counts = "GenerateDataKeyPair and GenerateDataKeyPairWithoutPlaintext of this KeyPairSpec";
    rate(name, counts, RateClass::DataKeyPair(spec), AwsDefault::Everywhere(figure))
}

const fn operation(operation: Operation, figure: u32) -> QuotaRow {
    let class = RateClass::Management(operation);
    rate(operation.name(), "calls of this operation", class, AwsDefault::Everywhere(figure))
}

/// All quotas. Those of custom key stores (ten stores, 1,800 requests per second to each) have their rows when there are such
/// stores; the first is here, so that it can be set.
pub const QUOTAS: [QuotaRow; 65] = [
    resource(
        ("keys", "customer managed keys in any state, replicas too; AWS managed keys do not count"),
        Resource::Keys,
        100_000,
        true,
        (0, u32::MAX),
    ),
    resource(("aliases-per-key", "aliases that point to the key"), Resource::AliasesPerKey, 50, true, (0, 1_000)),
    resource(("grants-per-key", "grants on the key"), Resource::GrantsPerKey, 50_000, true, (0, 1_000_000)),
    resource(
        ("on-demand-rotations-per-key", "RotateKeyOnDemand, over the life of the key"),
        Resource::OnDemandRotationsPerKey,
        25,
        false,
        (0, 10_000),
    ),
    resource(
        ("key-policy-size", "bytes of a key policy document"),
        Resource::KeyPolicySize,
        32_768,
        false,
        (1_024, 131_072),
    ),
    resource(("tags-per-key", "tags of the key"), Resource::TagsPerKey, 50, false, (0, 200)),
    resource(
        ("custom-key-stores", "custom key stores of both kinds; none can be made yet"),
        Resource::CustomKeyStores,
        10,
        false,
        (0, 1_000),
    ),
    rate(
        "cryptographic-symmetric",
        "Decrypt, Encrypt, ReEncrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateMac, VerifyMac and \
         GenerateRandom, on symmetric and HMAC keys",
        RateClass::Cryptographic(Family::Symmetric),
        AwsDefault::SymmetricByRegion,
    ),
    family("cryptographic-rsa", "Decrypt, Encrypt, ReEncrypt, Sign, Verify on RSA keys", Family::Rsa, 1_000),
    family(
        "cryptographic-ecc",
        "Sign, Verify, DeriveSharedSecret on ECC and SM2 keys; Decrypt, Encrypt, ReEncrypt on SM2 keys",
        Family::Ecc,
        1_000,
    ),
    family("cryptographic-ml-dsa", "Sign, Verify on ML-DSA keys", Family::MlDsa, 1_000),
    // AWS's figure is not published; that of its neighbours.
    family("cryptographic-ml-kem", "Encapsulate, Decapsulate on ML-KEM keys", Family::MlKem, 1_000),
    pair("data-key-pairs-ECC_NIST_P256", DataKeyPairSpec::EccNistP256, 100),
    pair("data-key-pairs-ECC_NIST_P384", DataKeyPairSpec::EccNistP384, 100),
    pair("data-key-pairs-ECC_NIST_P521", DataKeyPairSpec::EccNistP521, 100),
    pair("data-key-pairs-ECC_SECG_P256K1", DataKeyPairSpec::EccSecgP256k1, 100),
    pair("data-key-pairs-ECC_NIST_EDWARDS25519", DataKeyPairSpec::EccNistEdwards25519, 100),
    pair("data-key-pairs-SM2", DataKeyPairSpec::Sm2, 25),
    pair("data-key-pairs-RSA_2048", DataKeyPairSpec::Rsa2048, 20),
    pair("data-key-pairs-RSA_3072", DataKeyPairSpec::Rsa3072, 4),
    pair("data-key-pairs-RSA_4096", DataKeyPairSpec::Rsa4096, 1),
    // AWS's figures are not published; those of pairs that cost as little.
    pair("data-key-pairs-ML_KEM_512", DataKeyPairSpec::MlKem512, 100),
    pair("data-key-pairs-ML_KEM_768", DataKeyPairSpec::MlKem768, 100),
    pair("data-key-pairs-ML_KEM_1024", DataKeyPairSpec::MlKem1024, 100),
    operation(Operation::DescribeKey, 2_000),
    operation(Operation::GetPublicKey, 2_000),
    operation(Operation::ListResourceTags, 2_000),
    operation(Operation::GetKeyPolicy, 1_000),
    operation(Operation::GetKeyRotationStatus, 1_000),
    operation(Operation::ListAliases, 500),
    operation(Operation::ListKeys, 500),
    operation(Operation::ListGrants, 100),
    operation(Operation::ListKeyPolicies, 100),
    operation(Operation::ListKeyRotations, 100),
    operation(Operation::ListRetirableGrants, 100),
    operation(Operation::CreateGrant, 50),
    operation(Operation::RetireGrant, 50),
    operation(Operation::RevokeGrant, 50),
    operation(Operation::DeleteAlias, 15),
    operation(Operation::DeleteImportedKeyMaterial, 15),
    operation(Operation::EnableKeyRotation, 15),
    operation(Operation::ImportKeyMaterial, 15),
    operation(Operation::PutKeyPolicy, 15),
    operation(Operation::ScheduleKeyDeletion, 15),
    operation(Operation::TagResource, 10),
    operation(Operation::CancelKeyDeletion, 5),
    operation(Operation::ConnectCustomKeyStore, 5),
    operation(Operation::CreateAlias, 5),
    operation(Operation::CreateCustomKeyStore, 5),
    operation(Operation::CreateKey, 5),
    operation(Operation::DeleteCustomKeyStore, 5),
    operation(Operation::DescribeCustomKeyStores, 5),
    operation(Operation::DisableKey, 5),
    operation(Operation::DisableKeyRotation, 5),
    operation(Operation::DisconnectCustomKeyStore, 5),
    operation(Operation::EnableKey, 5),
    operation(Operation::GetKeyLastUsage, 5),
    operation(Operation::ReplicateKey, 5),
    operation(Operation::RotateKeyOnDemand, 5),
    operation(Operation::UntagResource, 5),
    operation(Operation::UpdateAlias, 5),
    operation(Operation::UpdateCustomKeyStore, 5),
    operation(Operation::UpdateKeyDescription, 5),
    operation(Operation::UpdatePrimaryRegion, 5),
    operation(Operation::GetParametersForImport, 1),
];

/// The row of a quota.
pub(crate) fn row_of(quota: Quota) -> Option<&'static QuotaRow> {
    QUOTAS.iter().find(|row| row.quota == quota)
}

/// The row with this name.
pub(crate) fn row_named(name: &str) -> Option<&'static QuotaRow> {
    QUOTAS.iter().find(|row| row.name == name)
}
