//! AssumeRoleWithWebIdentity: credentials of a role for whom an OpenID Connect provider vouches.
//!
//! The request is not signed. The token says who asks, once the provider's keys have said that the token is genuine, and the
//! trust policy alone decides. As with AWS, anybody may learn whether an account has a provider; about roles nobody learns
//! anything without a valid token and a trust policy that takes it.

use std::sync::Arc;

use kagiban_api::sts::{AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse, ErrorCode};
use kagiban_base::time::Timestamp;
use kagiban_identity::names::{IamArn, IamResource};
use kagiban_identity::session::{Federation, SessionClaims, SessionPrincipal};
use kagiban_identity::web_identity::{self, Expected, KeySet, Unverified, WebIdentity, WebIdentityError};
use kagiban_policy::{ConditionValue, Identity, Requester};

use super::session_tags::SessionTags;
use super::target::{Target, duration_of};
use super::{credentials, denied, session_policies};
use crate::audit::{self, Notes};
use crate::authorize::{self, Ask};
use crate::context::{Facts, Iam};
use crate::decisions::{Action, DecisionRecord, DeniedReasons, Outcome};
use crate::directory::OidcProvider;
use crate::error::IamError;
use crate::global_keys::GlobalKeys;
use crate::request::RawRequest;
use crate::standing;
use crate::web_identity_keys::{Freshness, ProviderAddress};

/// What every issuer begins with.
const SCHEME: &str = "https://";

/// The surroundings of a request that nobody signed.
#[derive(Clone, Copy)]
pub(super) struct Unsigned<'a> {
    pub(super) iam: &'a Iam,
    pub(super) request: &'a RawRequest,
    pub(super) notes: &'a Notes,
    pub(super) now: Timestamp,
}

pub(super) async fn assume_role_with_web_identity(
    input: &AssumeRoleWithWebIdentityRequest,
    ctx: &Unsigned<'_>,
) -> Result<AssumeRoleWithWebIdentityResponse, IamError> {
    if input.provider_id.is_some() {
        let message = "ProviderId is for OAuth 2.0 access tokens, which are not supported.";
        return Err(IamError::sts(ErrorCode::InvalidParameterValue, message));
    }
    session_policies::check_count(input.policy_arns.as_deref())?;
    let inline_policies = session_policies::inline(input.policy.as_deref())?;
    let target = Target::find(&input.role_arn, &ctx.iam.directory)?;
    let bearer = Bearer::identify(input, &target, ctx).await?;
    // The provider was asked meanwhile: what decides is the role as it is known now.
    let target = Target::find(&input.role_arn, &ctx.iam.directory)?;
    bearer.require_all(input, &target, ctx)?;
    let role = target.role.as_ref().ok_or_else(|| refused("AssumeRoleWithWebIdentity"))?;
    let duration_s = duration_of(role, input.duration_seconds)?;
    let managed = input.policy_arns.as_deref();
    let managed = session_policies::managed(managed, target.account, target.partition, &ctx.iam.directory)?;
    let principal = SessionPrincipal::Role { role_id: role.key.id, session_name: input.role_session_name.clone() };
    let federation = bearer.federation();
    let claims = SessionClaims {
        tags: bearer.tags.tags,
        source_identity: bearer.identity.source_identity.clone(),
        session_policies: inline_policies,
        session_policy_arns: managed,
        federation: Some(federation),
        ..credentials::new_session(ctx.iam, target.account, principal, ctx.now, duration_s)?
    };
    let issued = credentials::issue(ctx.iam, &claims)?;
    Ok(AssumeRoleWithWebIdentityResponse {
        credentials: Some(issued.credentials),
        subject_from_web_identity_token: Some(bearer.identity.subject),
        assumed_role_user: Some(credentials::assumed_role_user(role, &input.role_session_name, target.partition)),
        packed_policy_size: issued.packed_percent,
        provider: Some(bearer.provider_arn),
        audience: Some(bearer.identity.audience),
        source_identity: claims.source_identity,
    })
}

/// Who asks, as the provider says.
struct Bearer {
    /// The provider's URL without `https://`.
    provider: String,
    provider_arn: String,
    identity: WebIdentity,
    tags: SessionTags,
}

impl Bearer {
    /// Checks the token with the keys of the provider that the role's account knows.
    async fn identify(
        input: &AssumeRoleWithWebIdentityRequest,
        target: &Target<'_>,
        ctx: &Unsigned<'_>,
    ) -> Result<Self, IamError> {
        let token = str::from_utf8(input.web_identity_token.expose())
            .map_err(|_| invalid_token("The ID Token provided is not a valid JWT."))?;
        let now = ctx.iam.world_clock.now();
        let unverified = web_identity::parse(token).map_err(|error| refusal(error, now))?;
        let address = unverified.issuer().strip_prefix(SCHEME).unwrap_or_default().to_owned();
        let known = provider_of(&unverified, &address, target, ctx)?;
        let keys = fetch(&unverified, &address, &known, ctx).await?;
        // As it is known now: its audiences may be fewer since, or it may be gone.
        let provider = provider_of(&unverified, &address, target, ctx)?;
        let expected = Expected { issuer: unverified.issuer(), audiences: &provider.client_ids, now };
        let identity = unverified.verify(&keys, &expected).map_err(|error| refusal_of_genuine(error, now))?;
        let (audience, subject) = (&identity.audience, &identity.subject);
        ctx.notes.identity(audit::Identity::of_web_identity(&address, audience, subject, target.account));
        let resource = IamResource::OidcProvider { address: &address };
        let provider_arn = IamArn { partition: target.partition, account: target.account, resource }.to_string();
        let tags = SessionTags { tags: identity.session_tags.clone() };
        Ok(Self { provider: address, provider_arn, identity, tags })
    }

    fn federation(&self) -> Federation {
        Federation {
            provider: self.provider.clone(),
            subject: self.identity.subject.clone(),
            audience: self.identity.audience.clone(),
        }
    }

    /// Asks the trust policy for every permission that is needed.
    fn require_all(
        &self,
        input: &AssumeRoleWithWebIdentityRequest,
        target: &Target<'_>,
        ctx: &Unsigned<'_>,
    ) -> Result<(), IamError> {
        let facts = self.facts(input, target);
        let own: Vec<_> = facts.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let request_tags = self.tags.as_tags();
        let values = Facts {
            global: GlobalKeys { caller: None, request: ctx.request, now: ctx.now },
            own: &own,
            resource_tags: target.tags(),
            request_tags: Some(&request_tags).filter(|tags| !tags.is_empty()),
        };
        for (name, is_needed) in [
            ("AssumeRoleWithWebIdentity", true),
            ("TagSession", !self.tags.tags.is_empty()),
            ("SetSourceIdentity", self.identity.source_identity.is_some()),
        ] {
            if is_needed {
                self.require(name, &values, target, ctx)?;
            }
        }
        Ok(())
    }

    /// The condition keys: what the token says, under the provider's name, and what the request says.
    fn facts<'a>(
        &'a self,
        input: &'a AssumeRoleWithWebIdentityRequest,
        target: &Target<'_>,
    ) -> Vec<(String, ConditionValue<'a>)> {
        let one = |text: &'a str| ConditionValue::One(text.into());
        let prefix = self.provider.to_ascii_lowercase();
        let claims = self.identity.condition_values.iter().map(|(name, values)| {
            let value = match values.as_slice() {
                [only] => one(only),
                several => ConditionValue::Many(several.iter().map(|value| value.as_str().into()).collect()),
            };
            (format!("{prefix}:{name}"), value)
        });
        let mut facts: Vec<_> = claims.collect();
        facts.push(("aws:federatedprovider".to_owned(), one(&self.provider_arn)));
        facts.push(("aws:resourceaccount".to_owned(), ConditionValue::One(target.account.to_string().into())));
        facts.push(("sts:rolesessionname".to_owned(), one(&input.role_session_name)));
        if let Some(source_identity) = &self.identity.source_identity {
            facts.push(("sts:sourceidentity".to_owned(), one(source_identity)));
        }
        let transitive = self.tags.transitive_keys();
        if !transitive.is_empty() {
            let keys = transitive.into_iter().map(Into::into).collect();
            facts.push(("sts:transitivetagkeys".to_owned(), ConditionValue::Many(keys)));
        }
        facts
    }

    fn require(
        &self,
        name: &'static str,
        values: &Facts<'_>,
        target: &Target<'_>,
        ctx: &Unsigned<'_>,
    ) -> Result<(), IamError> {
        let action = Action { service: "sts", name };
        let (action_name, trust) = (action.to_string(), target.trust());
        let ask = Ask {
            action: &action_name,
            resource: target.arn,
            values,
            resource_policies: Some(target.as_resource(&trust)),
            grant: &authorize::no_grant,
        };
        let identity = Identity::WebIdentity { provider_arn: &self.provider_arn };
        let requester = Requester { account: target.account, identity };
        let outcome = match authorize::verdict_of_stranger(&requester, &ask) {
            Ok(by) => Outcome::Allowed { by, standing: standing::without_policies() },
            Err(reasons) => Outcome::Denied(Arc::new(DeniedReasons::new(
                format!(
                    "{:?} of {} asked for {action_name} on {}.",
                    self.identity.subject, self.provider_arn, target.arn
                ),
                not_authorized(name),
                Some(&reasons),
            ))),
        };
        let is_allowed = matches!(outcome, Outcome::Allowed { .. });
        ctx.iam.decisions.keep(DecisionRecord {
            request_id: ctx.request.request_id,
            at: ctx.now,
            caller_account: target.account,
            resource_account: target.account,
            action,
            outcome,
        });
        if is_allowed { Ok(()) } else { Err(refused(name)) }
    }
}

/// The provider that the role's account knows by the token's issuer.
fn provider_of(
    token: &Unverified<'_>,
    address: &str,
    target: &Target<'_>,
    ctx: &Unsigned<'_>,
) -> Result<Arc<OidcProvider>, IamError> {
    let directory = &ctx.iam.directory;
    let provider = directory.provider(target.account, address).filter(|_| directory.has_account(target.account));
    provider
        .ok_or_else(|| invalid_token(format!("No OpenIDConnect provider found in your account for {}", token.issuer())))
}

/// The provider's keys; newer ones if those that are known lack the token's.
async fn fetch(
    token: &Unverified<'_>,
    address: &str,
    provider: &OidcProvider,
    ctx: &Unsigned<'_>,
) -> Result<KeySet, IamError> {
    let address = ProviderAddress { host_and_path: address.to_owned(), thumbprints: provider.thumbprints.clone() };
    let keys = fetch_once(&address, Freshness::Recent, ctx).await?;
    if keys.has_key(token.key_id()) { Ok(keys) } else { fetch_once(&address, Freshness::Newest, ctx).await }
}

async fn fetch_once(address: &ProviderAddress, freshness: Freshness, ctx: &Unsigned<'_>) -> Result<KeySet, IamError> {
    let request_id = ctx.request.request_id.as_str();
    let document = ctx.iam.web_identity_keys.fetch(address, freshness).await.map_err(|cause| {
        tracing::debug!(request_id, provider = address.host_and_path, %cause, "the keys of a provider cannot be had");
        IamError::sts(
            ErrorCode::IDPCommunicationError,
            "Couldn't retrieve verification key from your identity provider, please reference \
             AssumeRoleWithWebIdentity documentation for requirements",
        )
    })?;
    KeySet::parse(&document).map_err(|cause| {
        tracing::debug!(request_id, provider = address.host_and_path, %cause, "the keys of a provider cannot be read");
        invalid_token("The keys of the identity provider cannot be read.")
    })
}

fn invalid_token(message: impl Into<String>) -> IamError {
    IamError::sts(ErrorCode::InvalidIdentityToken, message)
}

/// Why a token whose signature is good is not taken: its claims then are the provider's.
fn refusal_of_genuine(error: WebIdentityError, now: Timestamp) -> IamError {
    match error {
        WebIdentityError::InvalidClaim(_) => IamError::sts(ErrorCode::IDPRejectedClaim, error.to_string()),
        _ => refusal(error, now),
    }
}

fn refusal(error: WebIdentityError, now: Timestamp) -> IamError {
    match error {
        WebIdentityError::Expired { expired_at } => IamError::sts(
            ErrorCode::ExpiredTokenException,
            format!("Token expired: current date/time {now} must be before the expiration date/time {expired_at}"),
        ),
        WebIdentityError::WrongAudience => invalid_token("Incorrect token audience"),
        WebIdentityError::MissingClaim(name) => invalid_token(format!("Missing a required claim: {name}")),
        _ => invalid_token(format!("The ID Token provided is not valid: {error}.")),
    }
}

fn not_authorized(name: &str) -> String {
    format!("Not authorized to perform sts:{name}")
}

fn refused(name: &str) -> IamError {
    denied(not_authorized(name))
}
