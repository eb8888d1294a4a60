//! Who is simulated, on what, under which circumstances.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_api::iam::{ContextEntry, ContextKeyTypeEnum as Kind, EvaluationResult};
use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_policy::{
    ConditionKey, ConditionValue, ConditionValues, Identity, NamedPolicy, Policies, Question, Requester,
    ResourcePolicies, explain,
};

use super::inputs::{InputPolicy, Inputs};
use super::outcome;
use crate::authorize::no_grant;
use crate::context::Context;
use crate::error::IamError;
use crate::global_keys;
use crate::iam::refusals;
use crate::principals;
use crate::records::Tags;

/// What a request wants simulated.
pub(super) struct Asked<'a> {
    /// ARN of the principal whose policies are simulated.
    pub(super) source: Option<&'a str>,
    pub(super) actions: &'a [String],
    pub(super) resources: Option<&'a [String]>,
    pub(super) resource_policy: Option<&'a str>,
    pub(super) resource_owner: Option<&'a str>,
    pub(super) caller: Option<&'a str>,
    pub(super) context: &'a [ContextEntry],
}

/// Everything but action and resource.
pub(super) struct Scene {
    pub(super) inputs: Inputs,
    caller: Caller,
    /// Owner of resources whose ARNs name no account, if the request says.
    owner: Option<AccountId>,
    values: Values,
    /// Condition keys that policies ask for and nobody has given.
    missing: Vec<String>,
}

/// Who is simulated.
struct Caller {
    account: AccountId,
    who: Who,
    /// ARN, name and tags, as far as there is somebody.
    arn: Option<String>,
    name: Option<String>,
    tags: Tags,
}

/// A caller's unique id. One who does not exist here goes by the ARN, so that a policy that names it means it.
enum Who {
    Role(String),
    User(String),
}

impl Scene {
    /// # Errors
    /// InvalidInput
    pub(super) fn new(mut inputs: Inputs, asked: &Asked<'_>, ctx: &Context<'_>) -> Result<Self, IamError> {
        let caller = Caller::new(asked, ctx)?;
        if let Some(text) = asked.resource_policy {
            inputs.set_resource(text, &|arn| id_of(&arn.arn, ctx).map(Into::into))?;
        }
        let owner = asked.resource_owner.map(owner).transpose()?;
        let values = Values { given: given(asked.context)?, known: caller.known(ctx.now), tags: caller.tags.clone() };
        let keys = inputs.all().flat_map(InputPolicy::context_keys);
        let missing = keys.filter(|key| values.value(&ConditionKey::new(key)) == ConditionValue::Absent);
        let missing = super::distinct(missing);
        Ok(Self { inputs, caller, owner, values, missing })
    }

    /// What would be decided.
    ///
    /// # Errors
    /// InvalidInput for what is no action or no resource.
    pub(super) fn answer(&self, action: &str, resource: &str) -> Result<EvaluationResult, IamError> {
        check_action(action)?;
        let owner = self.owner_of(resource)?;
        let requester = self.caller.requester();
        let question = Question { action, resource, requester: &requester, values: &self.values };
        let identity: Vec<NamedPolicy<'_>> = self.inputs.identity.iter().map(|policy| policy.named()).collect();
        let resource_policies: Vec<NamedPolicy<'_>> =
            self.inputs.resource.iter().map(|policy| policy.named()).collect();
        let is_foreign = owner != self.caller.account;
        // Without a policy of the resource, identity policies alone decide in one account, and none lets a stranger in.
        let has_resource = self.inputs.resource.is_some() || is_foreign;
        let policies = Policies {
            resource: has_resource.then_some(ResourcePolicies { owner, policies: &resource_policies }),
            identity: &identity,
            boundary: self.inputs.boundary.as_ref().map(|policy| policy.named()),
            session: &[],
        };
        let explanation = explain(&question, &policies, &no_grant);
        Ok(outcome::result(
            action,
            resource,
            &explanation,
            &outcome::Circumstances { inputs: &self.inputs, is_foreign, missing: &self.missing },
        ))
    }

    /// The account that owns the resource: by its ARN, else as the request says, else the caller's.
    fn owner_of(&self, resource: &str) -> Result<AccountId, IamError> {
        let default = self.owner.unwrap_or(self.caller.account);
        if resource == "*" {
            return Ok(default);
        }
        let mut parts = resource.splitn(6, ':');
        let is_arn = parts.next() == Some("arn");
        let account = parts.nth(3).filter(|_| is_arn && parts.next().is_some());
        let account =
            account.ok_or_else(|| refusals::invalid_input(format_args!("Invalid input resource ARN: {resource}")))?;
        Ok(account.parse().unwrap_or(default))
    }
}

/// `kms:Decrypt`: an action, not a pattern of several.
fn check_action(action: &str) -> Result<(), IamError> {
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let fits = action.split_once(':').is_some_and(|(service, name)| is_word(service) && is_word(name));
    if fits { Ok(()) } else { Err(refusals::invalid_input(format_args!("Invalid input action name: {action}"))) }
}

/// An account by its number or its root's ARN.
fn owner(text: &str) -> Result<AccountId, IamError> {
    let of_arn = || match IamArn::parse(text) {
        Ok(IamArn { account, resource: IamResource::Root, .. }) => Some(account),
        _ => None,
    };
    let invalid = || refusals::invalid_input(format_args!("Invalid resource owner: {text}"));
    text.parse().ok().or_else(of_arn).ok_or_else(invalid)
}

/// The unique id of a user or role of the caller's account. Others, and who does not exist, go by their ARN without the
/// partition, which says nothing about them.
fn id_of(arn: &str, ctx: &Context<'_>) -> Option<String> {
    let arn = IamArn::parse(arn).ok()?;
    let known = Some(arn).filter(|arn| arn.account == ctx.account());
    let known = known.and_then(|arn| principals::look_up(&arn, &ctx.iam.directory));
    Some(known.map_or_else(|| format!("{}:{}", arn.account, arn.resource), |id| id.to_string()))
}

impl Caller {
    /// The user of CallerArn; else whose policies are simulated; else somebody of the account whom no policy names.
    fn new(asked: &Asked<'_>, ctx: &Context<'_>) -> Result<Self, IamError> {
        let source = asked.source.and_then(|arn| IamArn::parse(arn).ok());
        let is_user = |arn: &IamArn<'_>| matches!(arn.resource, IamResource::User { .. });
        if let Some(text) = asked.caller {
            let arn = IamArn::parse(text).ok().filter(is_user);
            let invalid =
                || refusals::invalid_input(format_args!("Invalid caller ARN: {text} is not the ARN of a user."));
            return Ok(Self::user(arn.ok_or_else(invalid)?, ctx));
        }
        match source {
            Some(arn) if is_user(&arn) => Ok(Self::user(arn, ctx)),
            _ if asked.resource_policy.is_some() => Err(refusals::invalid_input(
                "CallerArn is required with a resource policy, unless a user is simulated.",
            )),
            Some(IamArn { account, resource: IamResource::Role { name, .. }, .. }) => {
                let role = ctx.iam.directory.role_by_name(account, name);
                let tags = role.as_ref().map(|role| role.record.tags.clone()).unwrap_or_default();
                let arn = asked.source.map(str::to_owned);
                let who = Who::Role(role.map(|role| role.key.id.to_string()).unwrap_or_default());
                Ok(Self { account, who, arn, name: None, tags })
            }
            _ => Ok(Self {
                account: ctx.account(),
                who: Who::User(String::new()),
                arn: None,
                name: None,
                tags: Tags::new(),
            }),
        }
    }

    fn user(arn: IamArn<'_>, ctx: &Context<'_>) -> Self {
        let text = arn.to_string();
        let name = match arn.resource {
            IamResource::User { name, .. } => name,
            _ => "",
        };
        let id = id_of(&text, ctx).unwrap_or_default();
        let user = id.parse().ok().and_then(|id| ctx.iam.directory.user(id));
        let tags = user.map(|user| user.record.tags.clone()).unwrap_or_default();
        Self { account: arn.account, who: Who::User(id), arn: Some(text), name: Some(name.to_owned()), tags }
    }

    fn requester(&self) -> Requester<'_> {
        let identity = match &self.who {
            Who::Role(id) => Identity::RoleSession { role_id: id, session_name: "" },
            Who::User(id) => Identity::User { unique_id: id },
        };
        Requester { account: self.account, identity }
    }

    /// What is known without being given.
    fn known(&self, now: Timestamp) -> BTreeMap<&'static str, String> {
        let id = match &self.who {
            Who::Role(id) | Who::User(id) => Some(id).filter(|id| !id.is_empty() && !id.contains(':')).cloned(),
        };
        let kind = match self.who {
            Who::Role(_) => "AssumedRole",
            Who::User(_) => "User",
        };
        let known = [
            ("aws:currenttime", Some(now.to_rfc3339())),
            ("aws:epochtime", Some(now.unix_s().to_string())),
            ("aws:principalaccount", Some(self.account.to_string())),
            ("aws:principalarn", self.arn.clone()),
            ("aws:principaltype", Some(kind.to_owned())),
            ("aws:userid", id.filter(|_| matches!(self.who, Who::User(_)))),
            ("aws:username", self.name.clone()),
        ];
        known.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
    }
}

/// The values of condition keys: those of the request, then what is known of the caller.
struct Values {
    given: Vec<(ConditionKey, ConditionValue<'static>)>,
    known: BTreeMap<&'static str, String>,
    tags: Tags,
}

impl ConditionValues for Values {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        if let Some((_, value)) = self.given.iter().find(|(given, _)| is_same(given, key)) {
            return value.clone();
        }
        if let Some(name) = key.parameter("aws:principaltag/") {
            return global_keys::tag(&self.tags, name);
        }
        let known = self.known.get(key.lower());
        known.map_or(ConditionValue::Absent, |value| ConditionValue::One(Cow::Borrowed(value)))
    }
}

/// Keys compare without regard to case, but for the keys of an encryption context in them.
fn is_same(one: &ConditionKey, other: &ConditionKey) -> bool {
    let prefix = "kms:encryptioncontext:";
    one.lower() == other.lower() && one.parameter(prefix) == other.parameter(prefix)
}

/// The context entries of a request.
fn given(entries: &[ContextEntry]) -> Result<Vec<(ConditionKey, ConditionValue<'static>)>, IamError> {
    let mut given: Vec<(ConditionKey, ConditionValue<'static>)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let key = ConditionKey::new(entry.context_key_name.as_deref().unwrap_or_default());
        if given.iter().any(|(other, _)| is_same(other, &key)) {
            return Err(refusals::invalid_input(format_args!("The context key {} is given twice.", key.text())));
        }
        let value = value(entry).ok_or_else(|| {
            refusals::invalid_input(format_args!("The values of the context key {} do not fit its type.", key.text()))
        })?;
        given.push((key, value));
    }
    Ok(given)
}

/// The value of an entry; `None` when its values are not of its type, or a single-valued type has several.
fn value(entry: &ContextEntry) -> Option<ConditionValue<'static>> {
    let values = entry.context_key_values.as_deref().unwrap_or_default();
    let kind = entry.context_key_type.unwrap_or(Kind::String);
    if !values.iter().all(|value| is_readable(kind, value)) {
        return None;
    }
    let is_list = matches!(
        kind,
        Kind::StringList | Kind::NumericList | Kind::BooleanList | Kind::IpList | Kind::BinaryList | Kind::DateList
    );
    match values {
        _ if is_list => Some(ConditionValue::Many(values.iter().map(|value| Cow::Owned(value.clone())).collect())),
        [] => Some(ConditionValue::Absent),
        [value] => Some(ConditionValue::One(Cow::Owned(value.clone()))),
        _ => None,
    }
}

fn is_readable(kind: Kind, value: &str) -> bool {
    match kind {
        // What is no date holds in no comparison; the engine reads several forms of them.
        Kind::String | Kind::StringList | Kind::Date | Kind::DateList => true,
        Kind::Numeric | Kind::NumericList => value.parse().is_ok_and(f64::is_finite),
        Kind::Boolean | Kind::BooleanList => matches!(value.to_ascii_lowercase().as_str(), "true" | "false"),
        Kind::Ip | Kind::IpList => value.parse::<IpAddr>().is_ok(),
        Kind::Binary | Kind::BinaryList => STANDARD.decode(value).is_ok(),
    }
}
