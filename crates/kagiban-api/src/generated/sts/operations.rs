//! Operations. Generated from `model/sts.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::errors::ErrorCode;
use crate::query::InputVisitor;

/// The `Version` parameter of requests.
pub const VERSION: &str = "2011-06-15";

/// The XML namespace of answers.
pub const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// An operation; its IAM action has the same name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Operation {
    /// `AssumeRole`
    AssumeRole,
    /// `AssumeRoleWithWebIdentity`
    AssumeRoleWithWebIdentity,
    /// `GetAccessKeyInfo`
    GetAccessKeyInfo,
    /// `GetCallerIdentity`
    GetCallerIdentity,
    /// `GetSessionToken`
    GetSessionToken,
}

impl Operation {
    /// All operations.
    pub const ALL: [Self; 5] = [
        Self::AssumeRole,
        Self::AssumeRoleWithWebIdentity,
        Self::GetAccessKeyInfo,
        Self::GetCallerIdentity,
        Self::GetSessionToken,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AssumeRole => "AssumeRole",
            Self::AssumeRoleWithWebIdentity => "AssumeRoleWithWebIdentity",
            Self::GetAccessKeyInfo => "GetAccessKeyInfo",
            Self::GetCallerIdentity => "GetCallerIdentity",
            Self::GetSessionToken => "GetSessionToken",
        }
    }

    /// The operation with this name; case matters.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "AssumeRole" => Some(Self::AssumeRole),
            "AssumeRoleWithWebIdentity" => Some(Self::AssumeRoleWithWebIdentity),
            "GetAccessKeyInfo" => Some(Self::GetAccessKeyInfo),
            "GetCallerIdentity" => Some(Self::GetCallerIdentity),
            "GetSessionToken" => Some(Self::GetSessionToken),
            _ => None,
        }
    }

    /// The errors the model declares for it, besides the common ones.
    pub const fn declared_errors(self) -> &'static [ErrorCode] {
        match self {
            Self::AssumeRole => &[
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::PackedPolicyTooLarge,
                ErrorCode::RegionDisabledException,
                ErrorCode::ExpiredTokenException,
            ],
            Self::AssumeRoleWithWebIdentity => &[
                ErrorCode::MalformedPolicyDocument,
                ErrorCode::PackedPolicyTooLarge,
                ErrorCode::IDPRejectedClaim,
                ErrorCode::IDPCommunicationError,
                ErrorCode::InvalidIdentityToken,
                ErrorCode::ExpiredTokenException,
                ErrorCode::RegionDisabledException,
            ],
            Self::GetAccessKeyInfo => &[],
            Self::GetCallerIdentity => &[],
            Self::GetSessionToken => &[
                ErrorCode::RegionDisabledException,
            ],
        }
    }

    /// Does something with its input type.
    pub fn visit_input<V: InputVisitor<Self>>(self, visitor: V) -> V::Value {
        match self {
            Self::AssumeRole => visitor.visit::<super::structures::AssumeRoleRequest>(),
            Self::AssumeRoleWithWebIdentity => visitor.visit::<super::structures::AssumeRoleWithWebIdentityRequest>(),
            Self::GetAccessKeyInfo => visitor.visit::<super::structures::GetAccessKeyInfoRequest>(),
            Self::GetCallerIdentity => visitor.visit::<super::structures::GetCallerIdentityRequest>(),
            Self::GetSessionToken => visitor.visit::<super::structures::GetSessionTokenRequest>(),
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
