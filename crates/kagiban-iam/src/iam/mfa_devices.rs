//! Virtual MFA devices as things of their own: made, listed, tagged, deleted. Who has one is in `mfa_assignments.rs`.

use kagiban_api::iam::{
    AssignmentStatusType, CreateVirtualMFADeviceRequest, CreateVirtualMFADeviceResponse, DeleteVirtualMFADeviceRequest,
    ListMFADeviceTagsRequest, ListMFADeviceTagsResponse, ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse,
    TagMFADeviceRequest, UntagMFADeviceRequest, VirtualMFADevice,
};
use kagiban_base::secret::SecretBytes;
use kagiban_identity::names::{IamArn, IamResource, NameKind};
use kagiban_identity::totp;
use kagiban_storage::{StoreError, Transaction};

use super::entities;
use super::paging::Listing;
use super::{action, documents, qr_code, quotas, refusals, tags, users};
use crate::context::{Context, Permission};
use crate::error::{IamError, InternalError};
use crate::records::mfa_device::{MfaDeviceRecord, MfaDeviceRowKey};
use crate::records::user::UserRecord;
use crate::records::{self, EntityKey};

/// Longest serial number that other operations take, in characters.
const SERIAL_LEN_MAX: usize = 256;
/// Devices looked at for one page of a filtered listing.
const DEVICES_PER_PAGE: usize = 1000;

/// CreateVirtualMFADevice. The seed is in this answer only.
pub(crate) async fn create(
    tx: &Transaction,
    input: &CreateVirtualMFADeviceRequest,
    ctx: &Context<'_>,
) -> Result<CreateVirtualMFADeviceResponse, IamError> {
    let tags = tags::checked(input.tags.as_deref())?;
    let name = &input.virtual_mfa_device_name;
    NameKind::MfaDevice.check(name).map_err(refusals::validation)?;
    let path = input.path.as_deref().unwrap_or("/");
    let row = MfaDeviceRowKey { account: ctx.account(), path_and_name: format!("{path}{name}") };
    let serial = serial_number(&row, ctx);
    if serial.len() > SERIAL_LEN_MAX {
        return Err(refusals::validation("Path and name of the MFA device are too long together."));
    }
    let asked = Permission { resource: &serial, request_tags: documents::given(&tags), ..Permission::default() };
    ctx.require(action("CreateVirtualMFADevice"), &asked)?;
    if !tags.is_empty() {
        ctx.require(action("TagMFADevice"), &asked)?;
    }
    let random = ctx.iam.random.as_ref();
    let seed = totp::generate_seed(random)?;
    let wrapped = ctx.iam.secrets.wrap(seed.expose(), &row.binding(), random).map_err(|_| InternalError::Wrapping)?;
    let device = MfaDeviceRecord::new(wrapped, tags);
    tx.insert(&row, &device).await.map_err(|error| match error {
        StoreError::AlreadyExists { .. } => {
            refusals::exists("MFADevice entity at the same path and name already exists.")
        }
        other => other.into(),
    })?;
    entities::count(tx, ctx.account(), quotas::MFA_DEVICES, |usage| &mut usage.mfa_devices).await?;
    let virtual_mfa_device = VirtualMFADevice {
        serial_number: serial,
        base32_string_seed: Some(totp::seed_base32(seed.expose())),
        qr_code_png: Some(drawn(&seed, name, ctx)?),
        user: None,
        enable_date: None,
        tags: tags::shown(&device.tags),
    };
    Ok(CreateVirtualMFADeviceResponse { virtual_mfa_device })
}

/// What an authenticator scans; its entry is called after the device and the account.
fn drawn(seed: &SecretBytes, name: &str, ctx: &Context<'_>) -> Result<SecretBytes, IamError> {
    let account = ctx.iam.directory.account(ctx.account()).and_then(|account| account.alias.clone());
    let account = account.unwrap_or_else(|| ctx.account().to_string());
    qr_code::png(totp::otpauth_uri(seed.expose(), name, &account).expose())
}

/// DeleteVirtualMFADevice: of one that nobody has.
pub(crate) async fn delete(
    tx: &Transaction,
    input: &DeleteVirtualMFADeviceRequest,
    ctx: &Context<'_>,
) -> Result<(), IamError> {
    let (row, device) =
        permitted(tx, &input.serial_number, "DeleteVirtualMFADevice", &Permission::default(), ctx).await?;
    if device.enabled.is_some() {
        return Err(refusals::conflict("MFA VirtualDevice in use. Must deactivate first."));
    }
    tx.delete::<MfaDeviceRecord>(&row)?;
    tx.erase_later(input.serial_number.as_str(), ctx.now)?;
    entities::uncount(tx, ctx.account(), |usage| &mut usage.mfa_devices).await
}

/// ListVirtualMFADevices, by path and name.
pub(crate) async fn list(
    tx: &Transaction,
    input: &ListVirtualMFADevicesRequest,
    ctx: &Context<'_>,
) -> Result<ListVirtualMFADevicesResponse, IamError> {
    let status = input.assignment_status.unwrap_or(AssignmentStatusType::Any);
    let listing = Listing { name: "mfa-devices", account: ctx.account(), filters: &[status.as_str()] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    ctx.require(action("ListVirtualMFADevices"), &Permission::default())?;
    let account = ctx.account();
    let after = window.after_name().map(|name| MfaDeviceRowKey { account, path_and_name: name.to_owned() });
    let prefix = records::of_account::<MfaDeviceRecord>(account).map_err(StoreError::from)?;
    let rows = tx.scan(&prefix, after.as_ref(), DEVICES_PER_PAGE).await?;
    let (mut items, mut last, mut more) = (Vec::new(), None, rows.more);
    for (row, device) in rows.rows {
        if items.len() == window.limit() {
            more = true;
            break;
        }
        let is_wanted = match status {
            AssignmentStatusType::Any => true,
            AssignmentStatusType::Assigned => device.enabled.is_some(),
            AssignmentStatusType::Unassigned => device.enabled.is_none(),
        };
        if is_wanted {
            items.push(shown(tx, &row, &device, ctx).await?);
        }
        last = Some(row.path_and_name);
    }
    let page = window.page(items, last.as_deref().filter(|_| more));
    Ok(ListVirtualMFADevicesResponse {
        is_truncated: page.is_truncated(),
        virtual_mfa_devices: page.items,
        marker: page.marker,
    })
}

/// A device as lists show it: with its user, without its seed.
async fn shown(
    tx: &Transaction,
    row: &MfaDeviceRowKey,
    device: &MfaDeviceRecord,
    ctx: &Context<'_>,
) -> Result<VirtualMFADevice, IamError> {
    let user = match (device.enabled, device.user) {
        (None, _) => None,
        (Some(_), None) => Some(users::root(ctx)),
        (Some(_), Some(id)) => {
            let user = entities::by_id::<UserRecord>(tx, EntityKey { account: ctx.account(), id }).await?;
            Some(users::shown(&user, ctx.caller.partition()))
        }
    };
    Ok(VirtualMFADevice {
        serial_number: serial_number(row, ctx),
        base32_string_seed: None,
        qr_code_png: None,
        user,
        enable_date: device.enabled,
        tags: None,
    })
}

/// TagMFADevice
pub(crate) async fn tag(tx: &Transaction, input: &TagMFADeviceRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let new = tags::checked(Some(&input.tags))?;
    let asked = Permission { request_tags: documents::given(&new), ..Permission::default() };
    let (row, mut device) = permitted(tx, &input.serial_number, "TagMFADevice", &asked, ctx).await?;
    tags::add(&mut device.tags, &new)?;
    Ok(tx.put(&row, &device)?)
}

/// UntagMFADevice
pub(crate) async fn untag(tx: &Transaction, input: &UntagMFADeviceRequest, ctx: &Context<'_>) -> Result<(), IamError> {
    let own = [tags::keys_fact(&input.tag_keys)];
    let asked = Permission { own: &own, ..Permission::default() };
    let (row, mut device) = permitted(tx, &input.serial_number, "UntagMFADevice", &asked, ctx).await?;
    tags::remove(&mut device.tags, &input.tag_keys);
    Ok(tx.put(&row, &device)?)
}

/// ListMFADeviceTags
pub(crate) async fn list_tags(
    tx: &Transaction,
    input: &ListMFADeviceTagsRequest,
    ctx: &Context<'_>,
) -> Result<ListMFADeviceTagsResponse, IamError> {
    let listing = Listing { name: "mfa-device-tags", account: ctx.account(), filters: &[&input.serial_number] };
    let window = listing.window(input.marker.as_deref(), input.max_items)?;
    let (_, device) = permitted(tx, &input.serial_number, "ListMFADeviceTags", &Permission::default(), ctx).await?;
    let page = tags::page(&device.tags, &window);
    Ok(ListMFADeviceTagsResponse { is_truncated: page.is_truncated(), tags: page.items, marker: page.marker })
}

/// The device with this serial number, after asking permission on it.
///
/// # Errors
/// AccessDenied, then NoSuchEntity.
async fn permitted(
    tx: &Transaction,
    serial: &str,
    operation: &'static str,
    asked: &Permission<'_>,
    ctx: &Context<'_>,
) -> Result<(MfaDeviceRowKey, MfaDeviceRecord), IamError> {
    let found = find(tx, serial, ctx).await?;
    let resource_tags = found.as_ref().map(|(_, device)| &device.tags);
    ctx.require(action(operation), &Permission { resource: serial, resource_tags, ..*asked })?;
    found.ok_or_else(|| not_found(serial))
}

/// The device with this serial number, if there is one in the caller's account.
pub(super) async fn find(
    tx: &Transaction,
    serial: &str,
    ctx: &Context<'_>,
) -> Result<Option<(MfaDeviceRowKey, MfaDeviceRecord)>, IamError> {
    let Ok(IamArn { partition, account, resource: IamResource::Mfa { path, name } }) = IamArn::parse(serial) else {
        return Ok(None);
    };
    if (partition, account) != (ctx.caller.partition(), ctx.account()) {
        return Ok(None);
    }
    let row = MfaDeviceRowKey { account, path_and_name: format!("{path}{name}") };
    Ok(tx.read(&row).await?.map(|device| (row, device)))
}

/// The serial number of a device.
pub(super) fn serial_number(row: &MfaDeviceRowKey, ctx: &Context<'_>) -> String {
    records::arn(ctx.caller.partition(), row.account, "mfa", &row.path_and_name, "")
}

/// NoSuchEntity
pub(super) fn not_found(serial: &str) -> IamError {
    refusals::no_such_entity(format!("VirtualMFADevice with serial number {serial} doesn't exist."))
}
