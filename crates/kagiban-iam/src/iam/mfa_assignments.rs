//! Who has which MFA device: a user, or root. Two codes in a row prove that whoever enables a device has it.

use kagiban_api::iam::{
    DeactivateMFADeviceRequest, EnableMFADeviceRequest, ErrorCode, GetMFADeviceRequest, GetMFADeviceResponse,
    ListMFADevicesRequest, ListMFADevicesResponse, MFADevice, ResyncMFADeviceRequest,
};
use kagiban_identity::totp::{self, Occasion, Synchronized};
use kagiban_storage::Transaction;

use super::mfa_devices::{find, not_found, serial_number};
use super::owner::Owner;
use super::paging::Listing;
use super::{entities, quotas, refusals};
use crate::context::Context;
use crate::error::{IamError, InternalError};
use crate::records::mfa_device::{MfaDeviceRecord, MfaDeviceRowKey};

/// EnableMFADevice
pub(crate) async fn enable(
    tx: &Transaction,
    input: &EnableMFADeviceRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let mut owner = Owner::permitted(tx, Some(&input.user_name), "EnableMFADevice", ctx).await?;
    let (row, device) = find(tx, &input.serial_number, ctx).await?.ok_or_else(|| not_found(&input.serial_number))?;
    if device.enabled.is_some() {
        return Err(refusals::exists("MFA Device is already in use."));
    }
    owner.mfa_devices().insert(row.path_and_name.clone());
    quotas::MFA_DEVICES_PER_USER.allow(owner.mfa_devices().len())?;
    let codes = (input.authentication_code1.as_str(), input.authentication_code2.as_str());
    let synchronized = synchronize(&row, &device, codes, Occasion::Enable, ctx)?;
    let device = MfaDeviceRecord { enabled: Some(ctx.now), user: owner.user_id(), ..device };
    tx.put(&row, &taken(device, synchronized))?;
    owner.save(tx, ctx)?;
    entities::count(tx, ctx.account(), quotas::MFA_DEVICES, |usage| &mut usage.mfa_devices_in_use).await
}

/// ResyncMFADevice: finds out how far the device's clock is off.
pub(crate) async fn resync(
    tx: &Transaction,
    input: &ResyncMFADeviceRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let mut owner = Owner::permitted(tx, Some(&input.user_name), "ResyncMFADevice", ctx).await?;
    let (row, device) = owned(tx, &mut owner, &input.serial_number, ctx).await?;
    let codes = (input.authentication_code1.as_str(), input.authentication_code2.as_str());
    let synchronized = synchronize(&row, &device, codes, Occasion::Resync, ctx)?;
    Ok(tx.put(&row, &taken(device, synchronized))?)
}

fn synchronize(
    row: &MfaDeviceRowKey,
    device: &MfaDeviceRecord,
    (first, second): (&str, &str),
    occasion: Occasion,
    ctx: &Context<'_>,
) -> Result<Synchronized, IamError> {
    let seed =
        ctx.iam.secrets.open(&device.wrapped_seed, &row.binding()).map_err(|_| InternalError::SecretUnreadable)?;
    let now = ctx.iam.world_clock.now();
    totp::verify_two_consecutive(seed.expose(), first, second, now, occasion, device.last_step).map_err(|_| {
        IamError::iam(ErrorCode::InvalidAuthenticationCode, "Authentication code for device is not valid.")
    })
}

/// The device after its two codes were taken.
fn taken(device: MfaDeviceRecord, Synchronized { step, drift_steps }: Synchronized) -> MfaDeviceRecord {
    MfaDeviceRecord { last_step: Some(step), drift_steps, wrong_codes: 0, last_wrong: None, ..device }
}

/// DeactivateMFADevice. What codes were taken is remembered, should the device be enabled again.
pub(crate) async fn deactivate(
    tx: &Transaction,
    input: &DeactivateMFADeviceRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let mut owner = Owner::permitted(tx, input.user_name.as_deref(), "DeactivateMFADevice", ctx).await?;
    let (row, device) = owned(tx, &mut owner, &input.serial_number, ctx).await?;
    owner.mfa_devices().remove(&row.path_and_name);
    tx.put(&row, &MfaDeviceRecord { enabled: None, user: None, ..device })?;
    owner.save(tx, ctx)?;
    entities::uncount(tx, ctx.account(), |usage| &mut usage.mfa_devices_in_use).await
}

/// GetMFADevice
pub(crate) async fn get(
    tx: &Transaction,
    input: &GetMFADeviceRequest,
    ctx: &Context<'_>,
) -> Result<GetMFADeviceResponse, IamError> {
    let mut owner = Owner::permitted(tx, input.user_name.as_deref(), "GetMFADevice", ctx).await?;
    let (row, device) = owned(tx, &mut owner, &input.serial_number, ctx).await?;
    Ok(GetMFADeviceResponse {
        user_name: owner.name().map(str::to_owned),
        serial_number: serial_number(&row, ctx),
        enable_date: device.enabled,
        certifications: None,
    })
}

/// ListMFADevices
pub(crate) async fn list(
    tx: &Transaction,
    input: &ListMFADevicesRequest,
    ctx: &Context<'_>,
) -> Result<ListMFADevicesResponse, IamError> {
    let filters = [input.user_name.as_deref().unwrap_or_default()];
    let listing = Listing { name: "mfa-devices-of-user", account: ctx.account(), filters: &filters };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    let mut owner = Owner::permitted(tx, input.user_name.as_deref(), "ListMFADevices", ctx).await?;
    let user_name = owner.name().unwrap_or_default().to_owned();
    let mut devices = Vec::new();
    for path_and_name in owner.mfa_devices().iter() {
        let row = MfaDeviceRowKey { account: ctx.account(), path_and_name: path_and_name.clone() };
        let device: Option<MfaDeviceRecord> = tx.read(&row).await?;
        let enable_date =
            device.and_then(|device| device.enabled).ok_or(InternalError::RowMissing("iam-mfa-device"))?;
        let shown = MFADevice { user_name: user_name.clone(), serial_number: serial_number(&row, ctx), enable_date };
        devices.push((path_and_name.clone(), shown));
    }
    let page = window.of(devices);
    Ok(ListMFADevicesResponse { is_truncated: page.is_truncated(), mfa_devices: page.items, marker: page.marker })
}

/// A device that is the owner's.
async fn owned(
    tx: &Transaction,
    owner: &mut Owner,
    serial: &str,
    ctx: &Context<'_>,
) -> Result<(MfaDeviceRowKey, MfaDeviceRecord), IamError> {
    let found = find(tx, serial, ctx).await?;
    let owned = found.filter(|(row, _)| owner.mfa_devices().contains(&row.path_and_name));
    owned.ok_or_else(|| refusals::no_such_entity("MFA Device invalid for user."))
}
