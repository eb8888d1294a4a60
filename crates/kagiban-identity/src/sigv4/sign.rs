//! Making a signature: for tests, the bench, the command line and calls to other servers.

use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST, HeaderName, HeaderValue};
use kagiban_base::id::{AccessKeyId, Region};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

use super::canonical::{Signable, sha256_hex};
use super::{ALGORITHM, RequestHead, SIGNED_HEADERS_MAX, Scope, SigningKey, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN};

/// Headers that proxies and HTTP libraries change on the way, so that signing them would only break requests.
const UNSIGNED: [&str; 8] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "te",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

/// Signs requests with one access key, for one Region and service.
#[derive(Debug)]
pub struct Signer {
    /// The access key's id.
    pub access_key_id: AccessKeyId,
    /// The access key's secret.
    pub secret_access_key: SecretBytes,
    /// The session token that belongs to a temporary access key.
    pub security_token: Option<SecretBytes>,
    /// The Region to sign for.
    pub region: Region,
    /// The service's signing name.
    pub service: &'static str,
}

/// A request cannot be signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignError {
    /// The session token or host is no header value.
    #[error("the session token or the host does not fit into a header")]
    InvalidHeader,
    /// Neither a Host header nor an authority in the address.
    #[error("the request names no host")]
    NoHost,
    /// The time is beyond the year 9999 or before the year 0.
    #[error("the time cannot be written as a date")]
    NoSuchDate,
    /// More headers than one signature may name.
    #[error("the request has too many headers to sign")]
    TooManyHeaders,
}

impl Signer {
    /// Adds X-Amz-Date, X-Amz-Security-Token and Authorization, and Host where it is absent. All headers are signed but
    /// those that are known to change on the way.
    ///
    /// # Errors
    /// [`SignError`]; the request may then have some of the headers and must not be sent.
    pub fn sign<B: AsRef<[u8]>>(&self, request: &mut http::Request<B>, now: Timestamp) -> Result<(), SignError> {
        let date = now.to_basic_iso();
        self.add_headers(request, &date)?;
        let signed_headers = signed_headers(request.headers())?;
        let scope = Scope::new(now, self.region, self.service).ok_or(SignError::NoSuchDate)?;
        let signable = Signable {
            head: RequestHead::from(&*request),
            signed_headers: &signed_headers,
            signed_at: date.as_bytes().try_into().map_err(|_| SignError::NoSuchDate)?,
            scope: &scope,
        };
        let body_hash = sha256_hex(request.body().as_ref());
        let string_to_sign = signable.string_to_sign(&body_hash).map_err(|_| SignError::NoHost)?;
        let signature = SigningKey::derive(&self.secret_access_key, &scope).sign(&string_to_sign);
        let authorization = self.authorization(&scope, &signed_headers, &signature)?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
        Ok(())
    }

    fn add_headers<B>(&self, request: &mut http::Request<B>, date: &str) -> Result<(), SignError> {
        if !request.headers().contains_key(HOST) {
            let authority = request.uri().authority().ok_or(SignError::NoHost)?;
            let host = HeaderValue::from_str(authority.as_str()).map_err(|_| SignError::InvalidHeader)?;
            request.headers_mut().insert(HOST, host);
        }
        let date = HeaderValue::from_str(date).map_err(|_| SignError::NoSuchDate)?;
        request.headers_mut().insert(X_AMZ_DATE.clone(), date);
        if let Some(token) = &self.security_token {
            let mut token = HeaderValue::from_bytes(token.expose()).map_err(|_| SignError::InvalidHeader)?;
            token.set_sensitive(true);
            request.headers_mut().insert(X_AMZ_SECURITY_TOKEN.clone(), token);
        }
        Ok(())
    }

    fn authorization(&self, scope: &Scope, signed: &str, signature: &[u8; 64]) -> Result<HeaderValue, SignError> {
        let id = self.access_key_id;
        let mut text = format!("{ALGORITHM} Credential={id}/{scope}, SignedHeaders={signed}, Signature=").into_bytes();
        text.extend_from_slice(signature);
        HeaderValue::from_bytes(&text).map_err(|_| SignError::InvalidHeader)
    }
}

/// The names of the headers to sign, sorted, separated by `;`.
fn signed_headers(headers: &HeaderMap) -> Result<String, SignError> {
    let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).filter(|name| !UNSIGNED.contains(name)).collect();
    if names.len() > SIGNED_HEADERS_MAX {
        return Err(SignError::TooManyHeaders);
    }
    names.sort_unstable();
    Ok(names.join(";"))
}
