//! The claims of a token (RFC 7519, section 4.1; OpenID Connect Core 1.0, section 2), read and held against the expected.

use std::collections::BTreeMap;

use kagiban_base::time::Timestamp;

use super::json::{Json, Object};
use super::{CLOCK_SKEW_MAX_MS, Expected, WebIdentity, WebIdentityError, tags};
use crate::names::NameKind;

/// Longest subject, audience or authorized party in characters.
const TEXT_LEN_MAX: usize = 255;

/// Most audiences of one token.
const AUDIENCES_MAX: usize = 64;

/// Longest name of a claim that becomes a condition key.
const KEY_LEN_MAX: usize = 128;

/// Claims whose condition keys are made from what was checked, and from nothing else.
const CHECKED: [&str; 4] = ["aud", "azp", "oaud", "sub"];

/// Claims that have a meaning in this case only. A provider may let its users make up claims of their own, and `AMR` must
/// not pass for `amr`.
const IN_LOWER_CASE: [&str; 9] = ["acr", "amr", "auth_time", "email", "email_verified", "exp", "iat", "id", "iss"];

/// The claim with session tags' source identity.
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// Claims that are formed as they must be; whether they are the expected ones is another question.
pub(super) struct Claims<'a> {
    all: &'a Object,
    subject: &'a str,
    audiences: Vec<&'a str>,
    authorized_party: Option<&'a str>,
    issued_at: Timestamp,
    not_before: Option<Timestamp>,
    expires_at: Timestamp,
    authentication_methods: Vec<&'a str>,
}

impl<'a> Claims<'a> {
    pub(super) fn read(all: &'a Object) -> Result<Self, WebIdentityError> {
        let required = |name: &'static str, time: Option<Timestamp>| time.ok_or(WebIdentityError::MissingClaim(name));
        Ok(Self {
            all,
            subject: required_text(all, "sub")?,
            audiences: audiences(all)?,
            authorized_party: optional_text(all, "azp")?,
            issued_at: required("iat", time(all, "iat")?)?,
            not_before: time(all, "nbf")?,
            expires_at: required("exp", time(all, "exp")?)?,
            authentication_methods: texts(all, "amr")?,
        })
    }

    /// Times first, then the audience.
    pub(super) fn check(&self, issuer: &str, expected: &Expected<'_>) -> Result<WebIdentity, WebIdentityError> {
        self.check_times(expected.now)?;
        let audience = self.audience(expected.audiences).ok_or(WebIdentityError::WrongAudience)?;
        Ok(WebIdentity {
            issuer: issuer.to_owned(),
            subject: self.subject.to_owned(),
            audience: audience.to_owned(),
            authorized_party: self.authorized_party.map(str::to_owned),
            issued_at: self.issued_at,
            expires_at: self.expires_at,
            authentication_methods: owned(&self.authentication_methods),
            condition_values: self.condition_values(audience),
            session_tags: tags::session_tags(self.all)?,
            source_identity: self.source_identity()?,
        })
    }

    fn check_times(&self, now: Timestamp) -> Result<(), WebIdentityError> {
        if self.expires_at <= now {
            return Err(WebIdentityError::Expired { expired_at: self.expires_at });
        }
        let latest = now.plus_ms(CLOCK_SKEW_MAX_MS);
        if self.issued_at > latest || self.not_before.is_some_and(|from| from > latest) {
            return Err(WebIdentityError::NotYetValid);
        }
        Ok(())
    }

    /// The client id that the token is for, if it is an expected one. An authorized party is it alone, as with AWS.
    fn audience(&self, expected: &'a [String]) -> Option<&'a str> {
        let names = |audience: &str| match self.authorized_party {
            Some(party) => party == audience,
            None => self.audiences.contains(&audience),
        };
        expected.iter().map(String::as_str).find(|audience| names(audience))
    }

    fn condition_values(&self, audience: &str) -> Vec<(String, Vec<String>)> {
        let mut values: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
        for (name, value) in self.all.iter().filter(|(name, _)| is_key_name(name)) {
            // Condition keys have no case, so two claims that differ in theirs only would be one key: it is neither's.
            let slot = values.entry(name.to_ascii_lowercase());
            slot.and_modify(|earlier| *earlier = None).or_insert_with(|| as_values(value));
        }
        let mut put = |name: &str, checked: Option<Vec<String>>| values.insert(name.to_owned(), checked);
        put("aud", Some(vec![audience.to_owned()]));
        put("azp", self.authorized_party.map(|party| vec![party.to_owned()]));
        put("oaud", self.authorized_party.map(|_| owned(&self.audiences)));
        put("sub", Some(vec![self.subject.to_owned()]));
        values.into_iter().filter_map(|(name, values)| Some((name, values?))).collect()
    }

    fn source_identity(&self) -> Result<Option<String>, WebIdentityError> {
        let identity = optional_text(self.all, SOURCE_IDENTITY)?;
        if identity.is_some_and(|identity| NameKind::RoleSession.check(identity).is_err()) {
            return Err(WebIdentityError::InvalidClaim(SOURCE_IDENTITY));
        }
        Ok(identity.map(str::to_owned))
    }
}

/// Whether a claim of this name can be a condition key: no colon, which separates a provider's address from the name.
fn is_key_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_graphic() && b != b':';
    let is_taken = CHECKED.iter().any(|taken| taken.eq_ignore_ascii_case(name))
        || IN_LOWER_CASE.iter().any(|taken| taken.eq_ignore_ascii_case(name) && *taken != name);
    (1..=KEY_LEN_MAX).contains(&name.len()) && name.bytes().all(fits) && !is_taken
}

/// The values of a condition key, if the claim has any.
fn as_values(value: &Json) -> Option<Vec<String>> {
    match value {
        Json::Bool(value) => Some(vec![value.to_string()]),
        Json::Integer(value) => Some(vec![value.to_string()]),
        Json::List(items) => items.iter().map(|item| item.as_text().map(str::to_owned)).collect(),
        Json::Text(text) => Some(vec![text.clone()]),
        Json::Float(_) | Json::Null | Json::Object(_) => None,
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// The claim, if it is there; null says that it is not.
pub(super) fn claim<'a>(all: &'a Object, name: &str) -> Option<&'a Json> {
    all.get(name).filter(|value| **value != Json::Null)
}

/// A text that must be there.
pub(super) fn required_text<'a>(all: &'a Object, name: &'static str) -> Result<&'a str, WebIdentityError> {
    optional_text(all, name)?.ok_or(WebIdentityError::MissingClaim(name))
}

/// A text that can be absent, but not empty, too long, or with control characters.
fn optional_text<'a>(all: &'a Object, name: &'static str) -> Result<Option<&'a str>, WebIdentityError> {
    claim(all, name).map(|value| as_name(value).ok_or(WebIdentityError::InvalidClaim(name))).transpose()
}

fn as_name(value: &Json) -> Option<&str> {
    let text = value.as_text()?;
    let fits = (1..=TEXT_LEN_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then_some(text)
}

/// One text or a list of them, at least one.
fn audiences(all: &Object) -> Result<Vec<&str>, WebIdentityError> {
    let audiences = texts(all, "aud")?;
    match audiences.len() {
        0 => Err(WebIdentityError::MissingClaim("aud")),
        1..=AUDIENCES_MAX => Ok(audiences),
        _ => Err(WebIdentityError::InvalidClaim("aud")),
    }
}

/// One text or a list of them; none if the claim is absent.
fn texts<'a>(all: &'a Object, name: &'static str) -> Result<Vec<&'a str>, WebIdentityError> {
    let texts = match claim(all, name) {
        None => Some(Vec::new()),
        Some(Json::List(items)) => items.iter().map(as_name).collect(),
        Some(value) => as_name(value).map(|text| vec![text]),
    };
    texts.ok_or(WebIdentityError::InvalidClaim(name))
}

/// Seconds since 1970, with or without a fraction (RFC 7519, section 2, NumericDate).
fn time(all: &Object, name: &'static str) -> Result<Option<Timestamp>, WebIdentityError> {
    match claim(all, name) {
        None => Ok(None),
        Some(Json::Integer(seconds)) => Ok(Some(Timestamp::from_unix_s(*seconds))),
        // A number too large or too small becomes the end of the range.
        Some(Json::Float(seconds)) => Ok(Some(Timestamp::from_unix_ms((seconds * 1000.0).floor() as i64))),
        Some(_) => Err(WebIdentityError::InvalidClaim(name)),
    }
}
