//! Operations. Generated from `model/cloudtrail.json` by `cargo run -p xtask -- codegen`; not to be edited.

use super::errors::ErrorCode;
use crate::message::InputVisitor;

/// What stands before the point in `X-Amz-Target`.
pub const TARGET_PREFIX: &str = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101";

/// An operation; its IAM action has the same name.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Operation {
    /// `DescribeTrails`
    DescribeTrails,
    /// `GetTrail`
    GetTrail,
    /// `GetTrailStatus`
    GetTrailStatus,
    /// `ListPublicKeys`
    ListPublicKeys,
    /// `ListTrails`
    ListTrails,
    /// `LookupEvents`
    LookupEvents,
}

impl Operation {
    /// All operations.
    pub const ALL: [Self; 6] = [
        Self::DescribeTrails,
        Self::GetTrail,
        Self::GetTrailStatus,
        Self::ListPublicKeys,
        Self::ListTrails,
        Self::LookupEvents,
    ];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DescribeTrails => "DescribeTrails",
            Self::GetTrail => "GetTrail",
            Self::GetTrailStatus => "GetTrailStatus",
            Self::ListPublicKeys => "ListPublicKeys",
            Self::ListTrails => "ListTrails",
            Self::LookupEvents => "LookupEvents",
        }
    }

    /// The operation with this name; case matters.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "DescribeTrails" => Some(Self::DescribeTrails),
            "GetTrail" => Some(Self::GetTrail),
            "GetTrailStatus" => Some(Self::GetTrailStatus),
            "ListPublicKeys" => Some(Self::ListPublicKeys),
            "ListTrails" => Some(Self::ListTrails),
            "LookupEvents" => Some(Self::LookupEvents),
            _ => None,
        }
    }

    /// The errors the model declares for it, besides the common ones.
    pub const fn declared_errors(self) -> &'static [ErrorCode] {
        match self {
            Self::DescribeTrails => &[
                ErrorCode::UnsupportedOperationException,
                ErrorCode::OperationNotPermittedException,
                ErrorCode::InvalidTrailNameException,
                ErrorCode::CloudTrailARNInvalidException,
                ErrorCode::NoManagementAccountSLRExistsException,
            ],
            Self::GetTrail => &[
                ErrorCode::CloudTrailARNInvalidException,
                ErrorCode::TrailNotFoundException,
                ErrorCode::InvalidTrailNameException,
                ErrorCode::UnsupportedOperationException,
                ErrorCode::OperationNotPermittedException,
            ],
            Self::GetTrailStatus => &[
                ErrorCode::CloudTrailARNInvalidException,
                ErrorCode::TrailNotFoundException,
                ErrorCode::InvalidTrailNameException,
                ErrorCode::UnsupportedOperationException,
                ErrorCode::OperationNotPermittedException,
            ],
            Self::ListPublicKeys => &[
                ErrorCode::InvalidTimeRangeException,
                ErrorCode::UnsupportedOperationException,
                ErrorCode::OperationNotPermittedException,
                ErrorCode::InvalidTokenException,
            ],
            Self::ListTrails => &[
                ErrorCode::UnsupportedOperationException,
                ErrorCode::OperationNotPermittedException,
            ],
            Self::LookupEvents => &[
                ErrorCode::InvalidLookupAttributesException,
                ErrorCode::InvalidTimeRangeException,
                ErrorCode::InvalidMaxResultsException,
                ErrorCode::InvalidNextTokenException,
                ErrorCode::InvalidEventCategoryException,
                ErrorCode::UnsupportedOperationException,
                ErrorCode::OperationNotPermittedException,
            ],
        }
    }

    /// Does something with its input type.
    pub fn visit_input<V: InputVisitor<Self>>(self, visitor: V) -> V::Value {
        match self {
            Self::DescribeTrails => visitor.visit::<super::structures::DescribeTrailsRequest>(),
            Self::GetTrail => visitor.visit::<super::structures::GetTrailRequest>(),
            Self::GetTrailStatus => visitor.visit::<super::structures::GetTrailStatusRequest>(),
            Self::ListPublicKeys => visitor.visit::<super::structures::ListPublicKeysRequest>(),
            Self::ListTrails => visitor.visit::<super::structures::ListTrailsRequest>(),
            Self::LookupEvents => visitor.visit::<super::structures::LookupEventsRequest>(),
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
