//! The condition keys that every service has: who calls, from where, how and when.
//!
//! Only what a self-hosted service knows truthfully. Source: IAM user guide, "AWS global condition context keys".
//! Keys about the resource or the request's parameters belong to the service that knows them.

use std::borrow::Cow;

use http::header::USER_AGENT;
use kagiban_base::time::Timestamp;
use kagiban_identity::names::eq_tag_keys;
use kagiban_policy::{ConditionKey, ConditionValue};

use crate::caller::{Caller, Principal};
use crate::records::Tags;
use crate::request::RawRequest;

/// A request as the global condition keys see it. The caller is absent for a request that needs no signature.
#[derive(Clone, Copy, Debug)]
pub struct GlobalKeys<'a> {
    /// Who calls.
    pub caller: Option<&'a Caller>,
    /// What was sent.
    pub request: &'a RawRequest,
    /// When it was taken up.
    pub now: Timestamp,
}

/// A value that may be absent.
fn one<'a>(value: Option<impl Into<Cow<'a, str>>>) -> ConditionValue<'a> {
    value.map_or(ConditionValue::Absent, |value| ConditionValue::One(value.into()))
}

/// A truth value as policies write it.
pub fn truth(value: bool) -> ConditionValue<'static> {
    ConditionValue::One(Cow::Borrowed(if value { "true" } else { "false" }))
}

/// Seconds or counts as policies write them.
pub fn number(value: i64) -> ConditionValue<'static> {
    ConditionValue::One(Cow::Owned(value.to_string()))
}

/// The value of a tag; keys of tags compare without regard to case.
pub fn tag<'a>(tags: &'a Tags, key: &str) -> ConditionValue<'a> {
    let exact = tags.get(key);
    let found = exact.or_else(|| tags.iter().find(|(name, _)| eq_tag_keys(name, key)).map(|(_, value)| value));
    one(found.map(String::as_str))
}

impl<'a> GlobalKeys<'a> {
    /// The value of a global condition key; `None` for any other key.
    pub fn value(&self, key: &ConditionKey) -> Option<ConditionValue<'a>> {
        let name = key.lower().strip_prefix("aws:")?;
        let value = match name {
            "currenttime" => ConditionValue::One(self.now.to_rfc3339().into()),
            "epochtime" => number(self.now.unix_s()),
            "securetransport" => truth(self.request.secure_transport),
            "sourceip" => ConditionValue::One(self.request.peer.to_canonical().to_string().into()),
            "useragent" => one(self.request.head.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok())),
            _ => return self.of_caller(name, key),
        };
        Some(value)
    }

    /// A header of a service principal's own call; headers of these names are signed, or the request is refused.
    fn said_by_service(&self, caller: &Caller, header: &str) -> Option<&'a str> {
        if !matches!(caller.principal(), Principal::Service(_)) {
            return None;
        }
        // One that comes twice could be read in two ways.
        let mut all = self.request.head.headers.get_all(header).iter();
        all.next().filter(|_| all.next().is_none())?.to_str().ok()
    }

    fn of_caller(&self, name: &str, key: &ConditionKey) -> Option<ConditionValue<'a>> {
        let Some(caller) = self.caller else { return is_of_caller(name).then_some(ConditionValue::Absent) };
        let value = match name {
            "calledvia" => match caller.via_service_principal() {
                Some(service) => ConditionValue::Many(vec![service.into()]),
                None => ConditionValue::Absent,
            },
            "calledviafirst" | "calledvialast" => one(caller.via_service_principal()),
            "federatedprovider" => one(federated_provider(caller)),
            "multifactorauthage" => match caller.session().and_then(|session| session.mfa_authenticated_at) {
                Some(at) => number(self.now.ms_since(at).max(0) / 1000),
                None => ConditionValue::Absent,
            },
            "multifactorauthpresent" => match caller.session() {
                Some(session) => truth(session.mfa_authenticated_at.is_some()),
                None => ConditionValue::Absent,
            },
            "principalaccount" => match caller.principal() {
                Principal::Service(_) => ConditionValue::Absent,
                _ => ConditionValue::One(caller.account().to_string().into()),
            },
            "principalarn" => match caller.principal() {
                Principal::Service(_) => ConditionValue::Absent,
                _ => ConditionValue::One(caller.principal_arn().into()),
            },
            "principalisawsservice" => truth(matches!(caller.principal(), Principal::Service(_))),
            "principalservicename" => one(service_name(caller)),
            "principalservicenameslist" => match service_name(caller) {
                Some(service) => ConditionValue::Many(vec![service.into()]),
                None => ConditionValue::Absent,
            },
            "principaltype" => ConditionValue::One(principal_type(caller).into()),
            "requestedregion" => ConditionValue::One(caller.region().to_string().into()),
            // A service says for which resource it calls. Nobody else is believed.
            "sourceaccount" => one(self.said_by_service(caller, "x-amz-source-account")),
            "sourcearn" => one(self.said_by_service(caller, "x-amz-source-arn")),
            "sourceidentity" => one(caller.session().and_then(|session| session.source_identity.as_deref())),
            "tokenissuetime" => match caller.session() {
                Some(session) => ConditionValue::One(session.issued.to_rfc3339().into()),
                None => ConditionValue::Absent,
            },
            "userid" => ConditionValue::One(caller.user_id().into()),
            "username" => match caller.principal() {
                Principal::User(user) => ConditionValue::One(user.record.name.clone().into()),
                _ => ConditionValue::Absent,
            },
            "viaawsservice" => truth(caller.via_service().is_some()),
            _ => return principal_tag(caller, key),
        };
        Some(value)
    }
}

/// Whether the key is about the caller, so that it is absent where there is none.
fn is_of_caller(name: &str) -> bool {
    name.starts_with("principal")
        || name.starts_with("calledvia")
        || name.starts_with("multifactorauth")
        || matches!(
            name,
            "federatedprovider"
                | "requestedregion"
                | "sourceidentity"
                | "tokenissuetime"
                | "userid"
                | "username"
                | "viaawsservice"
        )
}

fn service_name(caller: &Caller) -> Option<String> {
    match caller.principal() {
        Principal::Service(name) => Some((**name).to_owned()),
        _ => None,
    }
}

/// As `aws:FederatedProvider` names it: the provider's ARN.
fn federated_provider(caller: &Caller) -> Option<String> {
    let provider = &caller.session()?.federation.as_ref()?.provider;
    let (partition, account) = (caller.partition().as_str(), caller.account());
    Some(format!("arn:{partition}:iam::{account}:oidc-provider/{provider}"))
}

/// As `aws:PrincipalType` words it.
fn principal_type(caller: &Caller) -> &'static str {
    match caller.principal() {
        Principal::Root => "Account",
        Principal::RoleSession(_) => "AssumedRole",
        Principal::Service(_) => "AWSService",
        Principal::User(_) => "User",
    }
}

/// `aws:PrincipalTag/KEY`: a session's tags before those of its role.
fn principal_tag<'a>(caller: &'a Caller, key: &ConditionKey) -> Option<ConditionValue<'a>> {
    let name = key.parameter("aws:principaltag/")?;
    let session_tags = caller.session().map(|session| session.tags.as_slice()).unwrap_or_default();
    if let Some(tag) = session_tags.iter().find(|tag| eq_tag_keys(&tag.key, name)) {
        return Some(ConditionValue::One(tag.value.as_str().into()));
    }
    Some(match caller.principal() {
        Principal::RoleSession(role) => tag(&role.record.tags, name),
        Principal::User(user) => tag(&user.record.tags, name),
        Principal::Root | Principal::Service(_) => ConditionValue::Absent,
    })
}
