//! MFA codes that come with a request: each counts once, and guessing is slowed down.

use kagiban_base::time::Timestamp;
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_identity::totp::{self, STEP_MS, TotpError};
use kagiban_identity::unique_id::UniqueId;
use kagiban_storage::Transaction;

use super::denied;
use crate::caller::Principal;
use crate::context::{Context, Iam};
use crate::error::{IamError, InternalError};
use crate::records::mfa_device::{MfaDeviceRecord, MfaDeviceRowKey};

/// Wrong codes in a row before guessing is slowed down.
const FREE_GUESSES: u32 = 5;
/// The wait after the first slow guess, in milliseconds; it doubles with each.
const WAIT_MS: i64 = 30_000;
/// Doublings at most: the longest wait is about an hour, so that three codes of a million are tried 24 times a day.
const DOUBLINGS_MAX: u32 = 7;

const BOTH_NEEDED: &str =
    "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
const NOT_THE_CALLERS: &str = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA \
                               serial number is valid and associated with this user.";
const WRONG_CODE: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";

/// What became of a code. Wrong ones are written down, so they are no error of the transaction.
enum Outcome {
    NotTheCallers,
    Right,
    Wrong,
}

/// Whether the request carries a valid MFA code of the caller; `false` when it carries none at all.
///
/// # Errors
/// AccessDenied for half of the parameters, a device that is not the caller's, a wrong code or one used before.
pub(super) async fn verify(ctx: &Context<'_>, serial: Option<&str>, code: Option<&str>) -> Result<bool, IamError> {
    let (serial, code) = match (serial, code) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        _ => return Err(denied(BOTH_NEEDED)),
    };
    let user = match ctx.caller.principal() {
        Principal::Root => None,
        Principal::User(user) => Some(user.key.id),
        Principal::RoleSession(_) | Principal::Service(_) => return Err(denied(NOT_THE_CALLERS)),
    };
    let key = row_key(serial, ctx).ok_or_else(|| denied(NOT_THE_CALLERS))?;
    let (iam, now, key) = (ctx.iam, ctx.now, &key);
    let outcome = ctx.transact("VerifyMfaCode", |tx| async move { try_code(iam, &tx, key, user, code, now).await });
    match outcome.await? {
        Outcome::NotTheCallers => Err(denied(NOT_THE_CALLERS)),
        Outcome::Right => Ok(true),
        Outcome::Wrong => Err(denied(WRONG_CODE)),
    }
}

/// The device's row, if its serial number is one of the caller's account and partition.
fn row_key(serial: &str, ctx: &Context<'_>) -> Option<MfaDeviceRowKey> {
    let IamArn { partition, account, resource: IamResource::Mfa { path, name } } = IamArn::parse(serial).ok()? else {
        return None;
    };
    let is_callers = (partition, account) == (ctx.caller.partition(), ctx.account());
    is_callers.then(|| MfaDeviceRowKey { account, path_and_name: format!("{path}{name}") })
}

async fn try_code(
    iam: &Iam,
    tx: &Transaction,
    key: &MfaDeviceRowKey,
    user: Option<UniqueId>,
    code: &str,
    now: Timestamp,
) -> Result<Outcome, IamError> {
    let Some(mut device) = tx.read::<MfaDeviceRecord>(key).await? else { return Ok(Outcome::NotTheCallers) };
    if device.enabled.is_none() || device.user != user {
        return Ok(Outcome::NotTheCallers);
    }
    if is_barred(&device, now) {
        return Ok(Outcome::Wrong);
    }
    let seed = iam.secrets.open(&device.wrapped_seed, &key.binding()).map_err(|_| InternalError::SecretUnreadable)?;
    let device_now = iam.world_clock.now().plus_ms(device.drift_steps.saturating_mul(STEP_MS));
    let outcome = match totp::verify(seed.expose(), code, device_now, device.last_step) {
        Ok(step) => {
            (device.last_step, device.wrong_codes, device.last_wrong) = (Some(step), 0, None);
            Outcome::Right
        }
        // A right code, so no guess.
        Err(TotpError::Replayed) => return Ok(Outcome::Wrong),
        Err(TotpError::Malformed | TotpError::Wrong) => {
            (device.wrong_codes, device.last_wrong) = (device.wrong_codes.saturating_add(1), Some(now));
            Outcome::Wrong
        }
    };
    tx.put(key, &device)?;
    Ok(outcome)
}

/// Whether so many wrong codes came that no code is looked at yet.
fn is_barred(device: &MfaDeviceRecord, now: Timestamp) -> bool {
    let Some(slow) = device.wrong_codes.checked_sub(FREE_GUESSES) else { return false };
    let wait = WAIT_MS << slow.min(DOUBLINGS_MAX);
    device.last_wrong.is_some_and(|last| now < last.plus_ms(wait))
}
