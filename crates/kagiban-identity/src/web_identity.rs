//! Web identities: a token of an OpenID Connect provider (RFC 7519, OpenID Connect Core 1.0), checked against the
//! provider's keys (RFC 7517) and against what the provider is trusted for.
//!
//! Three steps, because the caller has to find the provider in the middle: [`parse`] says who claims to have made a token
//! and trusts nothing, [`KeySet::parse`] reads the provider's keys, and [`Unverified::verify`] is the only way to a
//! [`WebIdentity`]. Fetching keys is done elsewhere.
//!
//! Refused on purpose (RFC 8725): `none` and every algorithm with a shared key, keys that come with the token (`jwk`,
//! `jku`, `x5c`, `x5u` are never looked at), critical header parameters, encrypted tokens, and JSON with a name given
//! twice, which two readers could read in two ways.
//!
//! There are libraries for tokens, but what is left of one when the JSON, the keys and the claims must be read strictly is
//! the check of a signature, and that is aws-lc's anyway.

mod algorithm;
mod claims;
mod json;
mod keys;
mod tags;
#[cfg(test)]
mod tests;
mod thumbprint;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kagiban_base::time::Timestamp;

use crate::session::SessionTag;
use algorithm::Algorithm;
use claims::Claims;
use json::{Json, Object};
pub use keys::{InvalidKeySet, KEY_SET_LEN_MAX, KEYS_MAX, KeySet};
pub use thumbprint::thumbprint;

/// Longest token taken, in characters; as long as AWS takes.
pub const TOKEN_LEN_MAX: usize = 20_000;

/// Milliseconds that a provider's clock may be ahead of ours: 5 minutes, as a signer's clock may.
const CLOCK_SKEW_MAX_MS: i64 = 5 * 60 * 1000;

/// Longest key id taken, in bytes.
const KEY_ID_LEN_MAX: usize = 1024;

/// What a token must be to be taken.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The provider's issuer, `https://...`, compared as it is.
    pub issuer: &'a str,
    /// Client ids that the provider is trusted for; a token must be for one of them.
    pub audiences: &'a [String],
    /// The present.
    pub now: Timestamp,
}

/// Who a provider says the bearer of a token is: signed, for us, and valid now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WebIdentity {
    /// The issuer, which is the expected one.
    pub issuer: String,
    /// The bearer's name with the issuer: 1 to 255 characters.
    pub subject: String,
    /// The client id that the token is for: the authorized party if there is one, else the first expected audience that
    /// the token names.
    pub audience: String,
    /// The authorized party, `azp`.
    pub authorized_party: Option<String>,
    /// When the token was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How the bearer was authenticated, `amr`.
    pub authentication_methods: Vec<String>,
    /// The values of condition keys `PROVIDER:NAME`, by ASCII lower-case name, in order. `aud` is [`Self::audience`];
    /// `oaud`, if the token has an authorized party, are the audiences that it names. Of the other claims those are here
    /// that are texts, whole numbers, truth values or lists of texts, and that can be taken for no other: not with a colon
    /// in the name, nor with the same name but for its case as another one or as a claim with a standard meaning.
    pub condition_values: Vec<(String, Vec<String>)>,
    /// Session tags, from the claim `https://aws.amazon.com/tags`.
    pub session_tags: Vec<SessionTag>,
    /// The source identity, from the claim `https://aws.amazon.com/source_identity`.
    pub source_identity: Option<String>,
}

/// A token is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WebIdentityError {
    /// It has critical header parameters, and none is known here.
    #[error("the token has critical header parameters that are not supported")]
    Critical,
    /// Its time is over: ExpiredTokenException.
    #[error("the token has expired")]
    Expired {
        /// When it ended.
        expired_at: Timestamp,
    },
    /// A claim is not what it must be.
    #[error("the token's claim `{0}` is not valid")]
    InvalidClaim(&'static str),
    /// A part is not base 64 for URLs, not JSON, has a name twice, or is missing.
    #[error("the token's {0} cannot be read")]
    Malformed(TokenPart),
    /// A claim that every token must have is absent.
    #[error("the token has no claim `{0}`")]
    MissingClaim(&'static str),
    /// It was made, or begins to be valid, in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// It is longer than [`TOKEN_LEN_MAX`].
    #[error("the token is longer than {TOKEN_LEN_MAX} characters")]
    TooLong,
    /// The provider has no key that the token could be signed with.
    #[error("the provider has no key for the token")]
    UnknownKey,
    /// Its algorithm is none of RS256, RS384, RS512, ES256 and ES384.
    #[error("the token's signature algorithm is not supported")]
    UnsupportedAlgorithm,
    /// It is for somebody else.
    #[error("the token's audience is not one that the provider is trusted for")]
    WrongAudience,
    /// It is of another provider.
    #[error("the token's issuer is another one")]
    WrongIssuer,
    /// No key of the provider made its signature.
    #[error("the token's signature does not match")]
    WrongSignature,
}

/// A part of a token, for errors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenPart {
    /// The claims.
    Claims,
    /// The header.
    Header,
    /// The signature.
    Signature,
    /// The three of them with dots in between.
    Whole,
}

impl std::fmt::Display for TokenPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Claims => "claims",
            Self::Header => "header",
            Self::Signature => "signature",
            Self::Whole => "form",
        })
    }
}

/// A token that was read and not checked: nothing in it is true yet.
#[derive(Debug)]
pub struct Unverified<'a> {
    algorithm: Algorithm,
    key_id: Option<String>,
    issuer: String,
    claims: Object,
    /// Header and claims as they were signed.
    signed: &'a str,
    signature: Vec<u8>,
}

/// Reads a token (RFC 7515, section 3.1).
///
/// # Errors
/// [`WebIdentityError`] for what is no token, or one of a kind that is not taken.
pub fn parse(token: &str) -> Result<Unverified<'_>, WebIdentityError> {
    if token.len() > TOKEN_LEN_MAX {
        return Err(WebIdentityError::TooLong);
    }
    let whole = WebIdentityError::Malformed(TokenPart::Whole);
    let (signed, signature) = token.rsplit_once('.').ok_or(whole)?;
    let (header, claims) = signed.split_once('.').ok_or(whole)?;
    if claims.contains('.') {
        return Err(whole);
    }
    let header = decode_object(header, TokenPart::Header)?;
    if header.contains_key("crit") {
        return Err(WebIdentityError::Critical);
    }
    let algorithm = text(&header, "alg").and_then(Algorithm::parse).ok_or(WebIdentityError::UnsupportedAlgorithm)?;
    let key_id = key_id(&header)?;
    let claims = decode_object(claims, TokenPart::Claims)?;
    let signature = decode(signature, TokenPart::Signature)?;
    let issuer = claims::required_text(&claims, "iss")?.to_owned();
    Ok(Unverified { algorithm, key_id, issuer, claims, signed, signature })
}

impl Unverified<'_> {
    /// Who claims to have made the token; says which provider's keys to fetch.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key that the token says it was signed with; one that is not in a kept [`KeySet`] may be a new one.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Checks issuer, signature, times and audience, in this order: what the token says is told only if it is genuine.
    ///
    /// # Errors
    /// [`WebIdentityError`] with the first thing that is wrong.
    pub fn verify(&self, keys: &KeySet, expected: &Expected<'_>) -> Result<WebIdentity, WebIdentityError> {
        if self.issuer != expected.issuer {
            return Err(WebIdentityError::WrongIssuer);
        }
        keys.verify(self.algorithm, self.key_id(), self.signed.as_bytes(), &self.signature)?;
        Claims::read(&self.claims)?.check(&self.issuer, expected)
    }
}

/// The key id of a header, if there is one.
fn key_id(header: &Object) -> Result<Option<String>, WebIdentityError> {
    match header.get("kid") {
        None => Ok(None),
        Some(Json::Text(id)) if id.len() <= KEY_ID_LEN_MAX => Ok(Some(id.clone())),
        Some(_) => Err(WebIdentityError::Malformed(TokenPart::Header)),
    }
}

fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Json::as_text)
}

fn decode_object(text: &str, part: TokenPart) -> Result<Object, WebIdentityError> {
    json::parse_object(&decode(text, part)?).ok_or(WebIdentityError::Malformed(part))
}

fn decode(text: &str, part: TokenPart) -> Result<Vec<u8>, WebIdentityError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| WebIdentityError::Malformed(part))
}
