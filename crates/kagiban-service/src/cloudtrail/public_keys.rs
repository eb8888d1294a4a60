//! `ListPublicKeys`: what digest files are checked with (API reference).

use kagiban_api::cloudtrail::{ErrorCode, ListPublicKeysRequest, ListPublicKeysResponse, PublicKey};
use kagiban_base::time::Timestamp;

use super::error::CloudTrailError;
use super::{Context, permission, trails};

/// Keys whose time meets the range; without a range, those of the last day, as CloudTrail has it.
pub(super) async fn list(
    input: &ListPublicKeysRequest,
    ctx: &Context<'_>,
) -> Result<ListPublicKeysResponse, CloudTrailError> {
    permission::require(&trails::own_arn(ctx), ctx)?;
    if input.next_token.is_some() {
        return Err(CloudTrailError::refused(ErrorCode::InvalidTokenException, "Reserved for future use."));
    }
    let end = input.end_time.unwrap_or(ctx.now);
    let start = input.start_time.unwrap_or_else(|| end.plus_days(-1));
    if start > end {
        return Err(CloudTrailError::refused(ErrorCode::InvalidTimeRangeException, trails::TIME_RANGE));
    }
    let keys = ctx.service.audit_public_keys().await?;
    let shown = keys.into_iter().filter(|key| key.is_valid_between(start, end)).map(show).collect();
    Ok(ListPublicKeysResponse { public_key_list: Some(shown), next_token: None })
}

fn show(key: kagiban_audit::signing::PublicKey) -> PublicKey {
    let whole = |time: Timestamp| Timestamp::from_unix_s(time.unix_s());
    PublicKey {
        value: Some(key.pkcs1.into()),
        validity_start_time: Some(whole(key.valid_from)),
        validity_end_time: Some(whole(key.valid_until)),
        fingerprint: Some(key.fingerprint.into()),
    }
}
