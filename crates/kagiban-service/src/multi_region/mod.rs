//! Multi-Region keys: a primary key and its replicas, which share key id, material and a few properties.
//!
//! Each related key is a whole key in its own Region. The primary is the source of what they share; a change there makes it
//! older than its replicas know, and a job (`jobs/synchronise.rs`) brings them up to it by [`step::Step`]s: messages that
//! hold all that the other side needs, and do nothing when they come twice or too late. Nothing here writes two Regions in
//! one transaction but where a caller waits for both (ReplicateKey, UpdatePrimaryRegion), so that the same steps can go to
//! another deployment ([`delivery`]).
//!
//! What this refuses: a change of what is shared anywhere but on the primary, and on a primary that hands its role over.

pub(crate) mod delivery;
pub(crate) mod receive;
pub(crate) mod replicate_key;
pub(crate) mod send;
pub(crate) mod step;
pub(crate) mod update_primary_region;

use kagiban_base::arn::KeyArn;
use kagiban_base::id::Region;

use crate::context::Context;
use crate::error::ServiceError;
use crate::records::key::KeyRecord;

/// The related key in another Region.
pub(crate) const fn related(key: &KeyArn, region: Region) -> KeyArn {
    KeyArn { region, account: key.account, key_id: key.key_id }
}

/// Shared properties are changed on the primary, and not while its role moves. Keys of one Region are their own primary.
///
/// # Errors
/// UnsupportedOperationException on a replica; KMSInvalidStateException on a primary that hands its role over.
pub(crate) fn require_primary(key: &KeyRecord) -> Result<(), ServiceError> {
    match &key.body.multi_region {
        Some(set) if !set.is_primary() => Err(ServiceError::NotPrimary(Box::new((key.arn, set.primary)))),
        Some(set) if set.has_yielded() => Err(ServiceError::KeyInState(key.arn, key.body.state)),
        _ => Ok(()),
    }
}

/// Operations on a set of keys need a key of one.
///
/// # Errors
/// UnsupportedOperationException.
fn require_multi_region(key: &KeyRecord) -> Result<(), ServiceError> {
    match key.body.multi_region {
        Some(_) => Ok(()),
        None => Err(ServiceError::Unsupported(format!(
            "{} is a single-Region key which is not valid for this operation.",
            key.arn
        ))),
    }
}

/// A Region of the caller's partition, by its name.
///
/// # Errors
/// ValidationException for what is none, UnsupportedOperationException for one of another partition.
fn region_named(name: &str, ctx: &Context<'_>) -> Result<Region, ServiceError> {
    let invalid = |_| ServiceError::Validation(format!("{name} is not the name of a Region."));
    let region: Region = name.parse().map_err(invalid)?;
    if region.partition() == ctx.caller.partition() {
        return Ok(region);
    }
    Err(ServiceError::Unsupported(format!("Related multi-Region keys are in one partition, and {name} is in another.")))
}
