//! `userIdentity`: who calls, as CloudTrail shows every kind of caller. Written once per access key and partition.

use kagiban_api::audit::quote_to;
use kagiban_base::id::{AccessKeyId, AccountId, Partition};
use kagiban_identity::session::SessionClaims;

use crate::caller::{Caller, Principal};

/// Somebody who calls without a signature, and is known all the same.
#[derive(Debug)]
pub(crate) struct Identity {
    /// `userIdentity`
    pub(crate) json: Box<str>,
    pub(crate) principal: Box<str>,
    pub(crate) principal_id: Box<str>,
    pub(crate) account: AccountId,
}

impl Identity {
    /// Who shows a token of an OpenID Connect provider; the record is of the account whose role is wanted.
    pub(crate) fn of_web_identity(provider: &str, audience: &str, subject: &str, account: AccountId) -> Self {
        let principal_id = format!("{provider}:{audience}:{subject}");
        let mut out = Object::of_kind("WebIdentityUser");
        out.text("principalId", &principal_id);
        out.text("userName", subject);
        out.text("identityProvider", provider);
        Self { json: out.end().into(), principal: subject.into(), principal_id: principal_id.into(), account }
    }
}

/// Nobody who is known; the access key is the one that was claimed.
pub(super) fn unknown(claimed: Option<&AccessKeyId>) -> String {
    let mut out = Object::of_kind("Unknown");
    if let Some(id) = claimed {
        out.text("accessKeyId", id.as_str());
    }
    out.end()
}

/// The JSON of an authenticated caller.
pub(crate) fn of(caller: &Caller, arn: &str) -> String {
    let account = caller.account();
    let mut out = match caller.principal() {
        Principal::Service(name) => {
            let mut out = Object::of_kind("AWSService");
            out.text("invokedBy", name);
            return out.end();
        }
        Principal::Root => Object::of_kind("Root"),
        Principal::RoleSession(_) => Object::of_kind("AssumedRole"),
        Principal::User(_) => Object::of_kind("IAMUser"),
    };
    out.text("principalId", &caller.user_id());
    out.text("arn", arn);
    out.text("accountId", account.as_str());
    out.text("accessKeyId", caller.access_key_id().as_str());
    if let Principal::User(user) = caller.principal() {
        out.text("userName", &user.record.name);
    }
    if let Some(session) = caller.session() {
        out.json("sessionContext", &session_context(session, caller));
    }
    if let Some(service) = caller.via_service_principal() {
        out.text("invokedBy", &service);
    }
    out.end()
}

fn session_context(session: &SessionClaims, caller: &Caller) -> String {
    let mut out = Object::new();
    if let Principal::RoleSession(role) = caller.principal() {
        let mut issuer = Object::of_kind("Role");
        issuer.text("principalId", role.key.id.as_str());
        issuer.text("arn", &role.arn(caller.partition()));
        issuer.text("accountId", caller.account().as_str());
        issuer.text("userName", &role.record.name);
        out.json("sessionIssuer", &issuer.end());
    }
    if let Some(federation) = &session.federation {
        let mut data = Object::new();
        data.text("federatedProvider", &provider_arn(&federation.provider, caller.account(), caller.partition()));
        data.json("attributes", "{}");
        out.json("webIdFederationData", &data.end());
    }
    let mut attributes = Object::new();
    attributes.text("creationDate", &session.issued.to_rfc3339());
    attributes.text("mfaAuthenticated", if session.mfa_authenticated_at.is_some() { "true" } else { "false" });
    out.json("attributes", &attributes.end());
    if let Some(source) = &session.source_identity {
        out.text("sourceIdentity", source);
    }
    out.end()
}

fn provider_arn(provider: &str, account: AccountId, partition: Partition) -> String {
    format!("arn:{}:iam::{account}:oidc-provider/{provider}", partition.as_str())
}

/// Writes a JSON object, member by member.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn of_kind(kind: &str) -> Self {
        let mut object = Self::new();
        object.text("type", kind);
        object
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote_to(name, &mut self.0);
        self.0.push(':');
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        quote_to(value, &mut self.0);
    }

    fn json(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.push_str(value);
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
