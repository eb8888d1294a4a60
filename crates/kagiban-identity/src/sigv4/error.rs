//! Why a signature is not taken, and what AWS says then.
//!
//! Two messages: Display is for the log and holds nothing that the client sent; [`SigV4Error::message`] is for the
//! client, in AWS's words where public threads show them. Not confirmed for any AWS service: the texts for a wrong
//! terminator, Region or service and for a presigned query that lacks parameters. Our own: those for an unsupported
//! algorithm, a repeated parameter, two signatures at once, a malformed list or lifetime, text that is not ASCII, and
//! sizes.
//!
//! Neither ever holds the canonical request or the right signature.

use std::fmt::Write;

use kagiban_base::time::Timestamp;

/// A signature is absent, malformed or wrong.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SigV4Error {
    /// The header is longer than any signature needs.
    #[error("the Authorization header is too long")]
    AuthorizationTooLong,
    /// An Authorization header and a presigned query at once, or two session tokens.
    #[error("the request is signed in two ways at once")]
    Ambiguous,
    /// The credential has not five parts.
    #[error("the credential has not five parts")]
    CredentialParts {
        /// The credential as presented.
        credential: Box<str>,
    },
    /// The day of the scope is not the day of the date.
    #[error("the scope's day is not the day of the request's date")]
    DayMismatch {
        /// The day in the scope.
        scope_day: Box<str>,
        /// The request's date.
        signed_at: Timestamp,
    },
    /// A parameter occurs twice.
    #[error("the parameter {0} occurs more than once")]
    Duplicate(&'static str),
    /// Signed too long ago.
    #[error("the signature has expired")]
    Expired {
        /// When the request was signed.
        signed_at: Timestamp,
        /// The present.
        now: Timestamp,
        /// How long the signature was good for, in seconds.
        lifetime_s: i64,
    },
    /// The date cannot be read.
    #[error("the date is not in a known form")]
    MalformedDate {
        /// The date as presented.
        date: Box<str>,
    },
    /// X-Amz-Expires is no number of seconds from 1 to 604,800.
    #[error("the lifetime of the presigned request is out of range")]
    MalformedExpires,
    /// The list of signed headers is not lower case, sorted and without repetition, or too long.
    #[error("the list of signed headers is malformed")]
    MalformedSignedHeaders,
    /// The signature is not that of this request under this key.
    #[error("the signature does not match")]
    Mismatch,
    /// No Authorization header and no presigned query.
    #[error("the request is not signed")]
    Missing,
    /// The Authorization header lacks parameters, or there is no date header.
    #[error("the Authorization header is incomplete")]
    MissingParameters {
        /// No Credential.
        credential: bool,
        /// No Signature.
        signature: bool,
        /// No SignedHeaders.
        signed_headers: bool,
        /// Neither an X-Amz-Date nor a Date header.
        date: bool,
        /// The header as presented.
        authorization: Box<str>,
    },
    /// The presigned query lacks parameters.
    #[error("the presigned query is incomplete")]
    MissingQueryParameters(Vec<PresignedParameter>),
    /// A part of the Authorization header has no equals sign.
    #[error("a part of the Authorization header is no key=value pair")]
    NotKeyValue {
        /// The part.
        part: Box<str>,
        /// The header as presented.
        authorization: Box<str>,
    },
    /// A part of the signature is not made of visible ASCII characters.
    #[error("a part of the signature is not visible ASCII text")]
    NotText,
    /// Signed in the future.
    #[error("the signature is not yet current")]
    NotYetCurrent {
        /// When the request was signed.
        signed_at: Timestamp,
        /// The present.
        now: Timestamp,
    },
    /// More query parameters than any request needs.
    #[error("the request has too many query parameters")]
    TooManyQueryParameters,
    /// A header that decides what the request means is not among the signed ones.
    #[error("the header {0} is not signed")]
    Unsigned(&'static str),
    /// An algorithm other than AWS4-HMAC-SHA256.
    #[error("the signing algorithm is not supported")]
    UnsupportedAlgorithm {
        /// The algorithm as presented.
        algorithm: Box<str>,
    },
    /// The scope names no Region.
    #[error("the scope names no valid Region")]
    WrongRegion {
        /// The Region as presented.
        region: Box<str>,
    },
    /// The scope names another service.
    #[error("the scope names another service than {expected}")]
    WrongService {
        /// The right service.
        expected: &'static str,
    },
    /// The scope ends otherwise than in `aws4_request`.
    #[error("the scope has a wrong terminator")]
    WrongTerminator {
        /// The terminator as presented.
        terminator: Box<str>,
    },
}

/// Which AWS error a [`SigV4Error`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SigV4ErrorKind {
    /// IncompleteSignatureException: something is missing or malformed.
    IncompleteSignature,
    /// InvalidSignatureException: complete, but wrong.
    InvalidSignature,
    /// MissingAuthenticationTokenException: not signed at all.
    MissingAuthenticationToken,
}

/// A query parameter that a presigned request must have.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PresignedParameter {
    /// X-Amz-Algorithm
    Algorithm,
    /// X-Amz-Credential
    Credential,
    /// X-Amz-Date
    Date,
    /// X-Amz-Expires
    Expires,
    /// X-Amz-Signature
    Signature,
    /// X-Amz-SignedHeaders
    SignedHeaders,
}

impl PresignedParameter {
    /// The name of the parameter; case-sensitive.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Algorithm => "X-Amz-Algorithm",
            Self::Credential => "X-Amz-Credential",
            Self::Date => "X-Amz-Date",
            Self::Expires => "X-Amz-Expires",
            Self::Signature => "X-Amz-Signature",
            Self::SignedHeaders => "X-Amz-SignedHeaders",
        }
    }
}

impl SigV4Error {
    /// Which AWS error this is.
    pub const fn kind(&self) -> SigV4ErrorKind {
        match self {
            Self::Missing => SigV4ErrorKind::MissingAuthenticationToken,
            Self::AuthorizationTooLong
            | Self::Ambiguous
            | Self::CredentialParts { .. }
            | Self::Duplicate(_)
            | Self::MalformedDate { .. }
            | Self::MalformedExpires
            | Self::MalformedSignedHeaders
            | Self::MissingParameters { .. }
            | Self::MissingQueryParameters(_)
            | Self::NotKeyValue { .. }
            | Self::NotText
            | Self::TooManyQueryParameters
            | Self::UnsupportedAlgorithm { .. } => SigV4ErrorKind::IncompleteSignature,
            Self::DayMismatch { .. }
            | Self::Expired { .. }
            | Self::Mismatch
            | Self::NotYetCurrent { .. }
            | Self::Unsigned(_)
            | Self::WrongRegion { .. }
            | Self::WrongService { .. }
            | Self::WrongTerminator { .. } => SigV4ErrorKind::InvalidSignature,
        }
    }

    /// The text for the client. May repeat what the client itself sent as its credential, date or header, as AWS does;
    /// so it belongs into the answer and nowhere else.
    pub fn message(&self) -> String {
        match self {
            Self::AuthorizationTooLong => "Authorization header is too long.".to_owned(),
            Self::Ambiguous => {
                "A request must be signed by either an Authorization header or query-string parameters, not both."
                    .to_owned()
            }
            // Seen on sibling services.
            Self::CredentialParts { credential } => format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, \
                 got '{credential}'"
            ),
            Self::DayMismatch { scope_day, signed_at } => day_mismatch(scope_day, *signed_at),
            Self::Duplicate(name) => format!("The parameter '{name}' must not occur more than once."),
            Self::Expired { signed_at, now, lifetime_s } => expired(*signed_at, *now, *lifetime_s),
            // Seen on a sibling service.
            Self::MalformedDate { date } => format!(
                "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
            Self::MalformedExpires => "X-Amz-Expires must be a number of seconds from 1 to 604800.".to_owned(),
            Self::MalformedSignedHeaders => format!(
                "SignedHeaders must name at most {} headers in lower case, sorted, each once, separated by ';'.",
                super::SIGNED_HEADERS_MAX
            ),
            Self::Mismatch => {
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details."
                    .to_owned()
            }
            Self::Missing => "Missing Authentication Token".to_owned(),
            Self::MissingParameters { credential, signature, signed_headers, date, authorization } => {
                missing_parameters([*credential, *signature, *signed_headers], *date, authorization)
            }
            Self::MissingQueryParameters(missing) => missing_query_parameters(missing),
            Self::NotKeyValue { part, authorization } => format!(
                "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{authorization}'."
            ),
            Self::NotText => "A part of the signature is not made of visible ASCII characters.".to_owned(),
            Self::NotYetCurrent { signed_at, now } => not_yet_current(*signed_at, *now),
            Self::TooManyQueryParameters => {
                format!("A request may have at most {} query-string parameters.", super::QUERY_PARAMETERS_MAX)
            }
            // The wording for the host was seen on sibling services; the others follow it.
            Self::Unsigned("host") => {
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned()
            }
            Self::Unsigned(name) => format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."),
            Self::UnsupportedAlgorithm { algorithm } => {
                format!("Unsupported AWS 'algorithm': '{algorithm}'. Use '{}'.", super::ALGORITHM)
            }
            Self::WrongRegion { region } => {
                format!("Credential should be scoped to a valid region, not '{region}'. ")
            }
            Self::WrongService { expected } => {
                format!("Credential should be scoped to correct service: '{expected}'. ")
            }
            Self::WrongTerminator { terminator } => format!(
                "Credential should be scoped with a valid terminator: '{}', not '{terminator}'. ",
                super::TERMINATOR
            ),
        }
    }
}

/// The form seen in public threads about sibling services.
fn day_mismatch(scope_day: &str, signed_at: Timestamp) -> String {
    format!(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
         '{scope_day}' != '{}', from '{}'.",
        signed_at.to_basic_day(),
        signed_at.to_basic_iso()
    )
}

/// The form seen for KMS, with its 5 minutes; a presigned request has its own lifetime in their place.
fn expired(signed_at: Timestamp, now: Timestamp, lifetime_s: i64) -> String {
    let oldest = now.plus_ms(lifetime_s.saturating_mul(-1000));
    let lifetime =
        if lifetime_s % 60 == 0 { format!("{} min.", lifetime_s / 60) } else { format!("{lifetime_s} sec.") };
    format!(
        "Signature expired: {} is now earlier than {} ({} - {lifetime})",
        signed_at.to_basic_iso(),
        oldest.to_basic_iso(),
        now.to_basic_iso()
    )
}

fn not_yet_current(signed_at: Timestamp, now: Timestamp) -> String {
    let newest = now.plus_ms(super::CLOCK_SKEW_MAX_MS);
    format!(
        "Signature not yet current: {} is still later than {} ({} + {} min.)",
        signed_at.to_basic_iso(),
        newest.to_basic_iso(),
        now.to_basic_iso(),
        super::CLOCK_SKEW_MAX_MS / 60_000
    )
}

/// One sentence for each thing that is missing, in AWS's order, then the header.
fn missing_parameters(missing: [bool; 3], no_date: bool, authorization: &str) -> String {
    let mut text = String::new();
    for (name, is_missing) in ["Credential", "Signature", "SignedHeaders"].into_iter().zip(missing) {
        if is_missing {
            let _infallible = write!(text, "Authorization header requires '{name}' parameter. ");
        }
    }
    if no_date {
        text.push_str("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
    }
    text.push_str("Authorization=");
    text.push_str(authorization);
    text
}

fn missing_query_parameters(missing: &[PresignedParameter]) -> String {
    let mut text = String::new();
    for parameter in missing {
        let _infallible = write!(text, "AWS query-string parameters must include '{}'. ", parameter.as_str());
    }
    text.push_str("Re-examine the query-string parameters.");
    text
}
