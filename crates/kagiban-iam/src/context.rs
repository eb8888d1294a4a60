//! What a handler of IAM or STS gets besides its input, and what handlers share.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use kagiban_base::id::AccountId;
use kagiban_base::random::Random;
use kagiban_base::time::{Clock, Timestamp};
use kagiban_policy::{ConditionKey, ConditionValue, ConditionValues, Decision, ResourcePolicies};
use kagiban_storage::follower::Applied;
use kagiban_storage::{Store, Transaction};

use crate::audit::{Audit, Notes};
use crate::authorize::{self, Ask, Verdict};
use crate::caller::{Caller, Credentials, Moment};
use crate::decisions::{Action, DecisionRecord, Decisions, DeniedReasons, Outcome};
use crate::directory::Directory;
use crate::error::{IamError, InternalError};
use crate::freshness::Freshness;
use crate::global_keys::GlobalKeys;
use crate::parts::part;
use crate::request::RawRequest;
use crate::secrets::Secrets;
use crate::web_identity_keys::WebIdentityKeys;

/// Everything that the identity operations stand on; shared with the service.
pub struct Iam {
    /// The identities.
    pub directory: Arc<Directory>,
    /// Opened credentials.
    pub credentials: Credentials,
    /// Wraps and opens secrets.
    pub secrets: Secrets,
    /// The store.
    pub store: Store,
    /// How far the directory has followed the store.
    pub applied: Applied,
    /// How fresh it has to be.
    pub freshness: Freshness,
    /// Why decisions fell as they did.
    pub decisions: Decisions,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The time of the world: what others sign, tokens and codes included, is checked against it. The same as `clock`, but where
    /// that was moved ahead for development.
    pub world_clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Where requests are recorded.
    pub audit: Audit,
    /// Keys of OpenID Connect providers.
    pub web_identity_keys: Arc<dyn WebIdentityKeys>,
}

impl fmt::Debug for Iam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iam")
    }
}

impl Iam {
    /// A moment of this deployment's time, and the same moment of the world's.
    pub fn moment(&self, now: Timestamp) -> Moment {
        Moment { now, world: self.world_clock.now() }
    }

    /// Runs a transaction that nobody's permission is needed for, and waits until the directory contains it.
    pub(crate) async fn transact<T, B, F>(&self, name: &'static str, body: B) -> Result<T, IamError>
    where
        B: FnMut(Transaction) -> F,
        F: Future<Output = Result<T, IamError>>,
    {
        let (value, revision) = part("store", self.store.transact(name, body)).await?;
        if let Some(revision) = revision {
            part("view", self.applied.wait_for(revision)).await.map_err(|_| InternalError::NotFollowed)?;
        }
        Ok(value)
    }
}

/// The surroundings of one request whose caller is known.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) iam: &'a Iam,
    pub(crate) caller: &'a Caller,
    pub(crate) request: &'a RawRequest,
    /// For its record.
    pub(crate) notes: &'a Notes,
    /// When the request was taken up; one moment for all that it decides and writes.
    pub(crate) now: Timestamp,
}

/// A condition key of one operation, in lower case, and its value.
pub(crate) type Fact<'a> = (&'a str, ConditionValue<'a>);

/// The condition keys of an identity operation: the global ones and the operation's own.
pub(crate) struct Facts<'a> {
    pub(crate) global: GlobalKeys<'a>,
    /// What the operation knows of its parameters and its resource.
    pub(crate) own: &'a [Fact<'a>],
    /// Tags of the resource, for `aws:ResourceTag/KEY` and `iam:ResourceTag/KEY`.
    pub(crate) resource_tags: Option<&'a crate::records::Tags>,
    /// Tags in the request, for `aws:RequestTag/KEY`, and their keys for `aws:TagKeys`.
    pub(crate) request_tags: Option<&'a crate::records::Tags>,
}

impl ConditionValues for Facts<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        if let Some((_, value)) = self.own.iter().find(|(name, _)| *name == key.lower()) {
            return value.clone();
        }
        let resource_tag = key.parameter("aws:resourcetag/").or_else(|| key.parameter("iam:resourcetag/"));
        if let Some(name) = resource_tag {
            return self.resource_tags.map_or(ConditionValue::Absent, |tags| crate::global_keys::tag(tags, name));
        }
        if let Some(name) = key.parameter("aws:requesttag/") {
            return self.request_tags.map_or(ConditionValue::Absent, |tags| crate::global_keys::tag(tags, name));
        }
        if key.lower() == "aws:tagkeys" {
            let keys = |tags: &'_ crate::records::Tags| tags.keys().map(|key| Cow::Owned(key.clone())).collect();
            return self.request_tags.map_or(ConditionValue::Absent, |tags| ConditionValue::Many(keys(tags)));
        }
        self.global.value(key).unwrap_or(ConditionValue::Absent)
    }
}

/// What an identity operation asks permission for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Permission<'a> {
    /// `*` when empty.
    pub(crate) resource: &'a str,
    pub(crate) own: &'a [Fact<'a>],
    pub(crate) resource_tags: Option<&'a crate::records::Tags>,
    pub(crate) request_tags: Option<&'a crate::records::Tags>,
    /// A role's trust policy, for STS.
    pub(crate) resource_policies: Option<ResourcePolicies<'a>>,
}

impl<'a> Context<'a> {
    pub(crate) fn account(&self) -> AccountId {
        self.caller.account()
    }

    /// Runs a transaction of the caller, whose permission is decided in it or before it, and waits until the directory contains
    /// it, so that the caller's next request sees it.
    pub(crate) async fn transact<T, B, F>(&self, name: &'static str, mut body: B) -> Result<T, IamError>
    where
        B: FnMut(Transaction) -> F,
        F: Future<Output = Result<T, IamError>>,
    {
        self.iam.transact(name, |tx| self.iam.deciding(tx.clone(), body(tx))).await
    }

    /// Asks whether the caller may do `action` (`iam:CreateUser`) and keeps the decision for those who ask why.
    ///
    /// # Errors
    /// AccessDenied in AWS's words.
    pub(crate) fn require(&self, action: Action, permission: &Permission<'_>) -> Result<(), IamError> {
        self.require_saying(action, permission, denial_text)
    }

    /// The same, with another text for who is refused: of caller, action, resource and verdict.
    ///
    /// # Errors
    /// AccessDenied with that text.
    pub(crate) fn require_saying(
        &self,
        action: Action,
        permission: &Permission<'_>,
        text: impl FnOnce(&str, &str, &str, &Verdict) -> String,
    ) -> Result<(), IamError> {
        let values = Facts {
            global: GlobalKeys { caller: Some(self.caller), request: self.request, now: self.now },
            own: permission.own,
            resource_tags: permission.resource_tags,
            request_tags: permission.request_tags,
        };
        let resource = if permission.resource.is_empty() { "*" } else { permission.resource };
        let name = action.to_string();
        let ask = Ask {
            action: &name,
            resource,
            values: &values,
            resource_policies: permission.resource_policies,
            grant: &authorize::no_grant,
        };
        let verdict = authorize::verdict(self.caller, &self.iam.directory, &ask);
        if let Verdict::Decided(Decision::Allowed(by)) = verdict {
            let standing = self.caller.shared_standing();
            self.keep(action, permission, Outcome::Allowed { by, standing });
            return Ok(());
        }
        let message = text(&self.caller.arn(), &name, resource, &verdict);
        let reasons = authorize::reasons(self.caller, &self.iam.directory, &ask);
        let question = format!("{} asked for {name} on {resource}.", self.caller.arn());
        let reasons = DeniedReasons::new(question, message.clone(), reasons.as_ref());
        self.keep(action, permission, Outcome::Denied(Arc::new(reasons)));
        Err(IamError::denied(message))
    }

    fn keep(&self, action: Action, permission: &Permission<'_>, outcome: Outcome) {
        let resource_account = permission.resource_policies.map_or(self.account(), |policies| policies.owner);
        self.iam.decisions.keep(DecisionRecord {
            request_id: self.request.request_id,
            at: self.now,
            caller_account: self.account(),
            resource_account,
            action,
            outcome,
        });
    }
}

/// AWS's text of a refusal: who, what, on what, and which kind of policy was missing or denied.
pub fn denial_text(principal: &str, action: &str, resource: &str, verdict: &Verdict) -> String {
    let head = format!("User: {principal} is not authorized to perform: {action} on resource: {resource}");
    head + &denial_ending(action, verdict)
}

/// The end of that text.
pub fn denial_ending(action: &str, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Decided(Decision::Denied(denial)) if denial.is_explicit() => {
            format!(" with an explicit deny in {} {}", article(&denial.kind().to_string()), denial.kind())
        }
        Verdict::Decided(Decision::Denied(denial)) => {
            format!(" because no {} allows the {action} action", denial.kind())
        }
        Verdict::Broken(kind) => format!(" because no {kind} allows the {action} action"),
        Verdict::Decided(Decision::Allowed(_)) => String::new(),
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
