//! Kagiban's own operations, for the operator of a deployment: accounts, access keys of service principals, why a request was
//! decided as it was, backups, upgrades of the store, other deployments that serve other Regions, how keys are used, the recovery key, the clock of a
//! development deployment; and for everybody, keys by what is known of them.
//!
//! They speak the JSON protocol of KMS at the same endpoint, with targets `Kagiban.OPERATION`, signed for `kagiban`; who may
//! call one is decided by identity policies (`kagiban:OPERATION` on `*`). What concerns all accounts is for callers of the
//! management account only, whatever policies of others say. Nothing here touches a
//! key's material, but for what comes due when a clock is moved.

mod accounts;
mod audit_deliveries;
mod backups;
mod clock;
mod compliance;
mod domain_keys;
mod error;
mod explain;
mod fields;
mod find_keys;
mod key_usage;
mod nodes;
mod peers;
mod permission;
mod recovery;
mod service_access_keys;
mod upgrade;
mod usage;

use http::HeaderValue;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_iam::audit::{Event, Notes, Recording};
use kagiban_iam::caller::Caller;
use kagiban_iam::request::RawRequest;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer, ser};

pub(crate) use self::error::OperatorError;
use crate::Service;
use crate::audit;
use crate::dispatch::Answer;
use crate::error::{InternalError, ServiceError};
use crate::records::Place;

/// The signing name, and the prefix of permissions.
pub(crate) const SIGNING_NAME: &str = "kagiban";
/// What targets begin with.
const TARGET_PREFIX: &str = "Kagiban.";
/// Room for an answer with a secret: it must not grow, which would leave copies behind.
const ANSWER_BYTES: usize = 1024;

/// An operation of the operator.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    AcceptPeerInvitation,
    AdvanceClock,
    CheckPeer,
    CloseAccount,
    CreateAccount,
    CreateBackup,
    CreatePeerInvitation,
    CreateRecoveryKey,
    CreateServiceAccessKey,
    DeletePeer,
    DeleteServiceAccessKey,
    DescribeAuditDeliveries,
    DescribeBackups,
    DescribeClock,
    DescribeCompliance,
    DescribeDomainKeys,
    DescribeKeyUsage,
    DescribeRecoveryKey,
    DescribeUpgrade,
    ExplainRequest,
    FindKeys,
    FinishUpgrade,
    ListAccounts,
    ListKeyTimes,
    ListNodes,
    ListPeers,
    ListServiceAccessKeys,
    ListUsage,
    ReopenAccount,
    ReplaceRecoveryKey,
    RevertUpgrade,
    RotateDomainKey,
    Seal,
    StartUpgrade,
}

impl Operation {
    pub(crate) const ALL: [Self; 34] = [
        Self::AcceptPeerInvitation,
        Self::AdvanceClock,
        Self::CheckPeer,
        Self::CloseAccount,
        Self::CreateAccount,
        Self::CreateBackup,
        Self::CreatePeerInvitation,
        Self::CreateRecoveryKey,
        Self::CreateServiceAccessKey,
        Self::DeletePeer,
        Self::DeleteServiceAccessKey,
        Self::DescribeAuditDeliveries,
        Self::DescribeBackups,
        Self::DescribeClock,
        Self::DescribeCompliance,
        Self::DescribeDomainKeys,
        Self::DescribeKeyUsage,
        Self::DescribeRecoveryKey,
        Self::DescribeUpgrade,
        Self::ExplainRequest,
        Self::FindKeys,
        Self::FinishUpgrade,
        Self::ListAccounts,
        Self::ListKeyTimes,
        Self::ListNodes,
        Self::ListPeers,
        Self::ListServiceAccessKeys,
        Self::ListUsage,
        Self::ReopenAccount,
        Self::ReplaceRecoveryKey,
        Self::RevertUpgrade,
        Self::RotateDomainKey,
        Self::Seal,
        Self::StartUpgrade,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::AcceptPeerInvitation => "AcceptPeerInvitation",
            Self::AdvanceClock => "AdvanceClock",
            Self::CheckPeer => "CheckPeer",
            Self::CloseAccount => "CloseAccount",
            Self::CreateAccount => "CreateAccount",
            Self::CreateBackup => "CreateBackup",
            Self::CreatePeerInvitation => "CreatePeerInvitation",
            Self::CreateRecoveryKey => "CreateRecoveryKey",
            Self::CreateServiceAccessKey => "CreateServiceAccessKey",
            Self::DeletePeer => "DeletePeer",
            Self::DeleteServiceAccessKey => "DeleteServiceAccessKey",
            Self::DescribeAuditDeliveries => "DescribeAuditDeliveries",
            Self::DescribeBackups => "DescribeBackups",
            Self::DescribeClock => "DescribeClock",
            Self::DescribeCompliance => "DescribeCompliance",
            Self::DescribeDomainKeys => "DescribeDomainKeys",
            Self::DescribeKeyUsage => "DescribeKeyUsage",
            Self::DescribeRecoveryKey => "DescribeRecoveryKey",
            Self::DescribeUpgrade => "DescribeUpgrade",
            Self::ExplainRequest => "ExplainRequest",
            Self::FindKeys => "FindKeys",
            Self::FinishUpgrade => "FinishUpgrade",
            Self::ListAccounts => "ListAccounts",
            Self::ListKeyTimes => "ListKeyTimes",
            Self::ListNodes => "ListNodes",
            Self::ListPeers => "ListPeers",
            Self::ListServiceAccessKeys => "ListServiceAccessKeys",
            Self::ListUsage => "ListUsage",
            Self::ReopenAccount => "ReopenAccount",
            Self::ReplaceRecoveryKey => "ReplaceRecoveryKey",
            Self::RevertUpgrade => "RevertUpgrade",
            Self::RotateDomainKey => "RotateDomainKey",
            Self::Seal => "Seal",
            Self::StartUpgrade => "StartUpgrade",
        }
    }

    /// As records name it.
    fn event(self) -> Event {
        Event { source: audit::OPERATOR, name: self.name(), is_read_only: self.is_read_only() }
    }

    /// Whether it changes nothing.
    const fn is_read_only(self) -> bool {
        matches!(
            self,
            Self::CheckPeer
                | Self::DescribeAuditDeliveries
                | Self::DescribeBackups
                | Self::DescribeClock
                | Self::DescribeCompliance
                | Self::DescribeDomainKeys
                | Self::DescribeKeyUsage
                | Self::DescribeRecoveryKey
                | Self::DescribeUpgrade
                | Self::ExplainRequest
                | Self::FindKeys
                | Self::ListAccounts
                | Self::ListKeyTimes
                | Self::ListNodes
                | Self::ListPeers
                | Self::ListServiceAccessKeys
                | Self::ListUsage
        )
    }

    /// Whether it concerns more than the caller's own account, whatever is asked.
    const fn is_of_the_deployment(self) -> bool {
        !matches!(
            self,
            Self::DescribeCompliance
                | Self::DescribeKeyUsage
                | Self::ExplainRequest
                | Self::FindKeys
                | Self::ListKeyTimes
                | Self::ListUsage
        )
    }
}

/// The surroundings of one request whose caller is known.
#[derive(Clone, Copy)]
struct Context<'a> {
    service: &'a Service,
    caller: &'a Caller,
    request: &'a RawRequest,
    /// What its record will say.
    notes: &'a Notes,
    /// When the request was taken up; one moment for all that it decides and writes.
    now: Timestamp,
}

impl Context<'_> {
    /// What markers are bound to.
    fn place(&self) -> Place {
        Place { region: self.caller.region(), account: self.caller.account() }
    }
}

/// Whether a request is one of these, by the first of its targets.
pub(crate) fn speaks(request: &RawRequest) -> bool {
    let target = request.head.headers.get("x-amz-target");
    target.is_some_and(|target| target.as_bytes().starts_with(TARGET_PREFIX.as_bytes()))
}

/// Answers a request that [`speaks`] this dialect. The steps and their order are those of KMS: authentication, operation,
/// body, permission, work.
pub(crate) async fn answer(
    recording: &Recording<'_>,
    request: &RawRequest,
    service: &Service,
) -> Result<Answer, ServiceError> {
    let (now, notes) = (recording.now(), recording.notes());
    let asked = operation_of(request);
    if let Ok(operation) = asked {
        notes.event(operation.event());
    }
    let iam = &*service.iam;
    let caller = iam.credentials.authenticate(request, SIGNING_NAME, iam.moment(now), &iam.directory, &iam.secrets);
    let caller = notes.caller(caller.inspect_err(|error| notes.refused(error))?);
    let operation = asked?;
    let answer = run(operation, &Context { service, caller, request, notes, now }).await?;
    notes.response_json(audit::picked(&answer.body, audit::shown_output(operation)));
    Ok(answer)
}

async fn run(operation: Operation, ctx: &Context<'_>) -> Result<Answer, ServiceError> {
    let decoded = Body { operation, ctx };
    match operation {
        Operation::AcceptPeerInvitation => encode(&peers::accept(&decoded.input()?, ctx).await?, false),
        Operation::AdvanceClock => encode(&clock::advance(&decoded.input()?, ctx).await?, false),
        Operation::CheckPeer => encode(&peers::check(&decoded.input()?, ctx).await?, false),
        Operation::CloseAccount => encode(&accounts::close(&decoded.input()?, ctx).await?, false),
        Operation::CreateAccount => encode(&accounts::create(&decoded.input()?, ctx).await?, true),
        Operation::CreateBackup => encode(&backups::create(&decoded.input()?, ctx).await?, false),
        Operation::CreatePeerInvitation => encode(&peers::invite(&decoded.input()?, ctx).await?, true),
        Operation::CreateRecoveryKey => encode(&recovery::create(&decoded.input()?, ctx).await?, false),
        Operation::CreateServiceAccessKey => encode(&service_access_keys::create(&decoded.input()?, ctx).await?, true),
        Operation::DeletePeer => encode(&peers::delete(&decoded.input()?, ctx).await?, false),
        Operation::DeleteServiceAccessKey => encode(&service_access_keys::delete(&decoded.input()?, ctx).await?, false),
        Operation::DescribeAuditDeliveries => encode(&audit_deliveries::describe(&decoded.input()?, ctx).await?, false),
        Operation::DescribeBackups => encode(&backups::describe(&decoded.input()?, ctx)?, false),
        Operation::DescribeClock => encode(&clock::describe(&decoded.input()?, ctx)?, false),
        Operation::DescribeCompliance => encode(&compliance::describe(&decoded.input()?, ctx)?, false),
        Operation::DescribeDomainKeys => encode(&domain_keys::describe(&decoded.input()?, ctx).await?, false),
        Operation::DescribeKeyUsage => encode(&key_usage::describe(&decoded.input()?, ctx).await?, false),
        Operation::DescribeRecoveryKey => encode(&recovery::describe(&decoded.input()?, ctx).await?, false),
        Operation::DescribeUpgrade => encode(&upgrade::describe(&decoded.input()?, ctx).await?, false),
        Operation::ExplainRequest => encode(&explain::request(&decoded.input()?, ctx)?, false),
        Operation::FindKeys => encode(&find_keys::find(&decoded.input()?, ctx).await?, false),
        Operation::FinishUpgrade => encode(&upgrade::finish(&decoded.input()?, ctx).await?, false),
        Operation::ListAccounts => encode(&accounts::list(&decoded.input()?, ctx).await?, false),
        Operation::ListKeyTimes => encode(&usage::key_times(&decoded.input()?, ctx).await?, false),
        Operation::ListNodes => encode(&nodes::list(&decoded.input()?, ctx).await?, false),
        Operation::ListPeers => encode(&peers::list(&decoded.input()?, ctx)?, false),
        Operation::ListServiceAccessKeys => encode(&service_access_keys::list(&decoded.input()?, ctx).await?, false),
        Operation::ListUsage => encode(&usage::list(&decoded.input()?, ctx).await?, false),
        Operation::ReopenAccount => encode(&accounts::reopen(&decoded.input()?, ctx).await?, false),
        Operation::ReplaceRecoveryKey => encode(&recovery::replace(&decoded.input()?, ctx).await?, false),
        Operation::RevertUpgrade => encode(&upgrade::revert(&decoded.input()?, ctx).await?, false),
        Operation::RotateDomainKey => encode(&domain_keys::rotate(&decoded.input()?, ctx).await?, false),
        Operation::Seal => encode(&recovery::seal(&decoded.input()?, ctx).await?, false),
        Operation::StartUpgrade => encode(&upgrade::start(&decoded.input()?, ctx).await?, false),
    }
}

/// The name of the operation that a request asks for; empty when there is none such.
pub(crate) fn name_in(request: &RawRequest) -> &'static str {
    operation_of(request).map_or("", Operation::name)
}

/// What a request asks for, as records name it; `None` when there is none such.
pub(crate) fn event_of(request: &RawRequest) -> Option<Event> {
    operation_of(request).ok().map(Operation::event)
}

fn operation_of(request: &RawRequest) -> Result<Operation, ServiceError> {
    let mut targets = request.head.headers.get_all("x-amz-target").iter().map(HeaderValue::as_bytes);
    // Two targets are none, as for KMS.
    let only = targets.next().filter(|_| targets.next().is_none());
    let name = only.and_then(|target| target.strip_prefix(TARGET_PREFIX.as_bytes()));
    let known = |name: &[u8]| Operation::ALL.into_iter().find(|operation| operation.name().as_bytes() == name);
    name.and_then(known).ok_or(ServiceError::UnknownOperation)
}

/// The body of a request, and for what.
struct Body<'a> {
    operation: Operation,
    ctx: &'a Context<'a>,
}

impl Body<'_> {
    /// The input in it, of which the record shows what is listed.
    fn input<I: DeserializeOwned>(&self) -> Result<I, OperatorError> {
        let body = &self.ctx.request.body;
        // Serde would take an array for an object's fields in their order.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(OperatorError::NotAnObject);
        }
        let input = serde_json::from_slice(body).map_err(OperatorError::Body)?;
        self.ctx.notes.parameters_json(audit::picked(body, audit::shown_input(self.operation)));
        Ok(input)
    }
}

fn encode<O: Serialize>(output: &O, holds_secrets: bool) -> Result<Answer, ServiceError> {
    let mut body = Vec::with_capacity(ANSWER_BYTES);
    serde_json::to_writer(&mut body, output).map_err(|_| ServiceError::Internal(InternalError::Encoding))?;
    Ok(Answer { body, holds_secrets })
}

/// An answer that says nothing: `{}`.
#[derive(Debug, Serialize)]
struct Done {}

/// A secret as an answer shows it, once.
#[derive(Debug)]
struct ShownOnce(SecretBytes);

impl Serialize for ShownOnce {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(self.0.expose()).map_err(ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

/// A point in time as the JSON protocol has it: seconds since the Unix epoch.
fn seconds<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    #[expect(clippy::cast_precision_loss, reason = "exact for the next 200,000 years")]
    let seconds = at.unix_ms() as f64 / 1000.0;
    serializer.serialize_f64(seconds)
}

/// The same where there may be none.
#[expect(clippy::ref_option, reason = "serde's signature")]
fn optional_seconds<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => seconds(at, serializer),
        None => serializer.serialize_none(),
    }
}
