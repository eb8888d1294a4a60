//! Grant tokens: what makes a new grant known at once. Here every grant is, so a token only has to be genuine.
//!
//! A token names its grant, sealed under a domain key. It gives no right by itself: the grant must name the caller.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_keycore::hierarchy::WrappedSecret;
use kagiban_keycore::row_binding::RowBinding;
use kagiban_storage::row;

use crate::Service;
use crate::context::Context;
use crate::error::{InternalError, ServiceError};
use crate::records::grant::{GrantRecord, GrantRowKey};

/// The first byte of a token's contents; the row key of its grant follows.
const VERSION: u8 = 1;

/// Tokens of one request (quota).
const TOKENS_MAX: usize = 10;

/// A fresh token of a grant, as it is handed out: base64.
///
/// # Errors
/// Internal ones.
pub(super) fn seal(grant: &GrantRowKey, service: &Service) -> Result<String, ServiceError> {
    let failed = || ServiceError::Internal(InternalError::Sealing);
    let key = row::encode_key::<GrantRecord>(grant).map_err(|_| failed())?;
    let contents = [&[VERSION], key.as_slice()].concat();
    let sealed = service.domain_keys.wrap(&contents, &binding(), service.random.as_ref()).map_err(|_| failed())?;
    Ok(STANDARD.encode(sealed.encode()))
}

/// The grant that a token names; it need not exist any more.
///
/// # Errors
/// InvalidGrantToken for any text that was not handed out as a token in this Region.
pub(super) fn open(token: &str, ctx: &Context<'_>) -> Result<GrantRowKey, ServiceError> {
    let grant = read(token, ctx.service).filter(|grant| grant.place.region == ctx.caller.region());
    grant.ok_or(ServiceError::GrantTokenInvalid)
}

fn read(token: &str, service: &Service) -> Option<GrantRowKey> {
    let sealed = WrappedSecret::decode(&STANDARD.decode(token).ok()?).ok()?;
    let contents = service.domain_keys.unwrap_key(&sealed, &binding()).ok()?;
    match contents.expose() {
        [VERSION, key @ ..] => row::decode_key::<GrantRecord>(key).ok(),
        _ => None,
    }
}

fn binding() -> RowBinding {
    RowBinding::new("grant-token")
}

/// Are these tokens of grants that exist?
///
/// # Errors
/// InvalidGrantToken.
pub(crate) fn require_valid(tokens: Option<&Vec<String>>, ctx: &Context<'_>) -> Result<(), ServiceError> {
    let tokens = tokens.map(Vec::as_slice).unwrap_or_default();
    // The model holds them to this number, too.
    if tokens.len() > TOKENS_MAX {
        return Err(ServiceError::GrantTokenInvalid);
    }
    for token in tokens {
        if !ctx.service.view.grants().contains(&open(token, ctx)?) {
            return Err(ServiceError::GrantTokenInvalid);
        }
    }
    Ok(())
}
