//! GetAccessKeyInfo: the account that an access key belongs to, whoever's it is and whether or not it is active.
//!
//! AWS reads the account out of the id; here it stands in the directory. Ids of temporary credentials stand nowhere: only
//! the caller's own is known.

use kagiban_api::sts::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse, Operation};
use kagiban_base::id::{AccessKeyId, AccountId};

use super::{cannot_call, invalid, is_own_session};
use crate::context::{Context, Permission};
use crate::decisions::Action;
use crate::error::IamError;

pub(super) fn get_access_key_info(
    input: &GetAccessKeyInfoRequest,
    ctx: &Context<'_>,
) -> Result<GetAccessKeyInfoResponse, IamError> {
    if is_own_session(ctx.caller) {
        return Err(cannot_call(Operation::GetAccessKeyInfo));
    }
    ctx.require(Action { service: "sts", name: "GetAccessKeyInfo" }, &Permission::default())?;
    let account = input.access_key_id.parse().ok().and_then(|id| account_of(id, ctx));
    let account = account.ok_or_else(|| invalid("Invalid access key"))?;
    Ok(GetAccessKeyInfoResponse { account: Some(account.to_string()) })
}

fn account_of(id: AccessKeyId, ctx: &Context<'_>) -> Option<AccountId> {
    if id == ctx.caller.access_key_id() {
        return Some(ctx.account());
    }
    ctx.iam.directory.access_key(&id).map(|record| record.account)
}
