//! Signature Version 4 (AWS Signature Version 4 for API requests, IAM user guide): checking and making.
//!
//! Four steps, each taking what the step before gives, so that none can be left out:
//!
//! 1. [`parse`]: the request's head to a [`Presented`] signature. Names the access key; trusts nothing.
//! 2. The caller fetches that access key, and says itself when it is unknown or its session token is bad or expired.
//! 3. [`Presented::check`]: scope, clock and the list of signed headers, to a [`Checked`] signature with its [`Scope`].
//!    Before this step no key should be derived: the scope is a stranger's text.
//! 4. [`Checked::verify`]: body and signature, under the [`SigningKey`] of that scope, to the proof value [`Verified`].
//!
//! Not here: SigV4a, streaming and unsigned payloads (S3 only), and the service's table of access keys.
//!
//! Stricter than AWS on purpose (`DIFFERS:`): `x-amz-target`, `x-amz-security-token`, `x-amz-content-sha256`,
//! `x-amz-source-arn` and `x-amz-source-account` must be signed when they are sent. Were the target not signed, whoever sits in the middle could turn an Encrypt into a
//! ScheduleKeyDeletion. All SDKs sign them.

mod canonical;
mod credential;
mod error;
mod key;
mod parse;
mod query;
mod scope;
mod sign;
mod signed_headers;
mod verify;

use http::HeaderName;

pub use error::{PresignedParameter, SigV4Error, SigV4ErrorKind};
pub use key::SigningKey;
pub use parse::{Presented, parse};
pub use scope::Scope;
pub use sign::{SignError, Signer};
pub use verify::{Checked, Expected, Verified};

/// The only algorithm taken.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The last element of every scope.
const TERMINATOR: &str = "aws4_request";

static X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
static X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
static X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
static X_AMZ_SOURCE_ACCOUNT: HeaderName = HeaderName::from_static("x-amz-source-account");
static X_AMZ_SOURCE_ARN: HeaderName = HeaderName::from_static("x-amz-source-arn");
static X_AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");

/// Milliseconds that a signer's clock may differ from ours, either way: 5 minutes, as seen for KMS.
const CLOCK_SKEW_MAX_MS: i64 = 5 * 60 * 1000;

/// Longest Authorization header taken, in bytes: the longest possible credential and 64 header names fit well.
const AUTHORIZATION_LEN_MAX: usize = 8192;

/// Most headers that one signature may name.
const SIGNED_HEADERS_MAX: usize = 64;

/// Most query parameters of one request; the JSON protocol needs none, a presigned address seven.
const QUERY_PARAMETERS_MAX: usize = 128;

/// The part of a request that is signed beside the body.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a http::Method,
    /// The request target; its authority stands in for a Host header that is absent (HTTP/2).
    pub uri: &'a http::Uri,
    /// The headers.
    pub headers: &'a http::HeaderMap,
}

impl<'a> From<&'a http::request::Parts> for RequestHead<'a> {
    fn from(parts: &'a http::request::Parts) -> Self {
        Self { method: &parts.method, uri: &parts.uri, headers: &parts.headers }
    }
}

impl<'a, B> From<&'a http::Request<B>> for RequestHead<'a> {
    fn from(request: &'a http::Request<B>) -> Self {
        Self { method: request.method(), uri: request.uri(), headers: request.headers() }
    }
}
