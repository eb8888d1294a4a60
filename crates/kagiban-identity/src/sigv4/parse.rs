//! From a request's head to the signature presented with it. Nothing is trusted yet.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::{AUTHORIZATION, DATE, HeaderName, HeaderValue};
use kagiban_base::id::{AccessKeyId, Region};
use kagiban_base::time::Timestamp;

use super::canonical::{OnlyValue, only_value};
use super::credential::Credential;
use super::query::{self, PresignedQuery};
use super::signed_headers::SignedHeaderList;
use super::{ALGORITHM, AUTHORIZATION_LEN_MAX, RequestHead, SigV4Error, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN};

/// Longest lifetime of a presigned request: 7 days.
const EXPIRES_S_MAX: i64 = 604_800;

/// A well-formed signature, not yet checked in any way. Holds the session token, so it has no Debug.
#[derive(Clone)]
pub struct Presented<'a> {
    pub(super) head: RequestHead<'a>,
    pub(super) access_key_id: Option<AccessKeyId>,
    pub(super) credential: Credential<'a>,
    pub(super) signed_headers: SignedHeaderList<'a>,
    pub(super) signature: Cow<'a, str>,
    pub(super) security_token: Option<Cow<'a, str>>,
    pub(super) date: RequestDate,
    pub(super) form: Form,
}

/// Where the signature stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// In the Authorization header; the date is in the header of this name.
    Header { date_header: &'static HeaderName },
    /// In the query, with its own lifetime.
    Query { lifetime_s: i64 },
}

/// The request's date in both forms that are needed.
#[derive(Clone, Copy, Debug)]
pub(super) struct RequestDate {
    pub(super) at: Timestamp,
    pub(super) basic_iso: [u8; 16],
}

impl Presented<'_> {
    /// Whose signature this claims to be. `None` when the text presented can be nobody's access key id; the answer is
    /// the one to an unknown access key.
    pub const fn access_key_id(&self) -> Option<AccessKeyId> {
        self.access_key_id
    }

    /// The session token presented with it. Signed, as [`Presented::check`] makes sure.
    pub fn security_token(&self) -> Option<&str> {
        self.security_token.as_deref()
    }

    /// When the request claims to have been signed.
    pub const fn signed_at(&self) -> Timestamp {
        self.date.at
    }

    /// The Region that the scope names, if it can be one: a stranger's text.
    pub fn region(&self) -> Option<Region> {
        self.credential.region().parse().ok()
    }

    /// The service that the scope names: a stranger's text, good for choosing what to expect in [`Presented::check`].
    pub fn service(&self) -> &str {
        self.credential.service()
    }
}

/// Reads the signature of a request, from its Authorization header or from its query.
///
/// # Errors
/// [`SigV4Error`] of the kinds MissingAuthenticationToken and IncompleteSignature.
pub fn parse<'a>(head: impl Into<RequestHead<'a>>) -> Result<Presented<'a>, SigV4Error> {
    let head = head.into();
    let presigned = query::presigned(head.uri.query().unwrap_or_default())?;
    match (only_value(head.headers, &AUTHORIZATION), presigned) {
        (OnlyValue::Absent, None) => Err(SigV4Error::Missing),
        (OnlyValue::Absent, Some(query)) => from_query(head, query),
        (OnlyValue::Once(value), None) => from_header(head, value),
        (OnlyValue::Once(_), Some(_)) => Err(SigV4Error::Ambiguous),
        (OnlyValue::Repeated, _) => Err(SigV4Error::Duplicate("Authorization")),
    }
}

fn from_header<'a>(head: RequestHead<'a>, value: &'a HeaderValue) -> Result<Presented<'a>, SigV4Error> {
    if value.len() > AUTHORIZATION_LEN_MAX {
        return Err(SigV4Error::AuthorizationTooLong);
    }
    let authorization = text_of(value)?;
    let date = date_header(head.headers)?;
    let (algorithm, parameters) = split_authorization(authorization)?;
    let Parameters { credential: Some(credential), signed_headers: Some(signed_headers), signature: Some(signature) } =
        parameters
    else {
        return Err(parameters.missing(date.is_none(), authorization));
    };
    let Some((date_header, date)) = date else {
        return Err(parameters.missing(true, authorization));
    };
    if algorithm != ALGORITHM {
        return Err(SigV4Error::UnsupportedAlgorithm { algorithm: algorithm.into() });
    }
    let raw = Raw {
        credential: Cow::Borrowed(credential),
        signed_headers: Cow::Borrowed(signed_headers),
        signature: Cow::Borrowed(signature),
        security_token: token_header(head.headers)?.map(Cow::Borrowed),
    };
    present(head, raw, parse_date(date_header, date)?, Form::Header { date_header })
}

fn from_query<'a>(head: RequestHead<'a>, query: PresignedQuery<'a>) -> Result<Presented<'a>, SigV4Error> {
    if query.algorithm != ALGORITHM {
        return Err(SigV4Error::UnsupportedAlgorithm { algorithm: query.algorithm.into() });
    }
    let security_token = match (query.security_token, token_header(head.headers)?) {
        (Some(_), Some(_)) => return Err(SigV4Error::Ambiguous),
        (in_query, in_header) => in_query.or(in_header.map(Cow::Borrowed)),
    };
    let date = parse_date(&X_AMZ_DATE, &query.date)?;
    let lifetime_s = parse_expires(&query.expires)?;
    let raw = Raw {
        credential: query.credential,
        signed_headers: query.signed_headers,
        signature: query.signature,
        security_token,
    };
    present(head, raw, date, Form::Query { lifetime_s })
}

/// The texts of a signature, from wherever they came.
struct Raw<'a> {
    credential: Cow<'a, str>,
    signed_headers: Cow<'a, str>,
    signature: Cow<'a, str>,
    security_token: Option<Cow<'a, str>>,
}

/// The last checks of form, alike for both forms.
fn present<'a>(
    head: RequestHead<'a>,
    raw: Raw<'a>,
    date: RequestDate,
    form: Form,
) -> Result<Presented<'a>, SigV4Error> {
    let Raw { credential, signed_headers, signature, security_token } = raw;
    let credential = Credential::parse(credential)
        .map_err(|credential| SigV4Error::CredentialParts { credential: credential.into() })?;
    let access_key_id = credential.access_key_id().parse().ok();
    let signed_headers = SignedHeaderList::parse(signed_headers).ok_or(SigV4Error::MalformedSignedHeaders)?;
    Ok(Presented { head, access_key_id, credential, signed_headers, signature, security_token, date, form })
}

/// What the Authorization header says after the algorithm.
#[derive(Default)]
struct Parameters<'a> {
    credential: Option<&'a str>,
    signed_headers: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Parameters<'a> {
    /// Keeps the value if the name is one of ours.
    fn take(&mut self, part: &'a str, authorization: &str) -> Result<(), SigV4Error> {
        let Some((name, value)) = part.split_once('=') else {
            return Err(SigV4Error::NotKeyValue { part: part.into(), authorization: authorization.into() });
        };
        let (name, slot) = match name {
            "Credential" => ("Credential", &mut self.credential),
            "SignedHeaders" => ("SignedHeaders", &mut self.signed_headers),
            "Signature" => ("Signature", &mut self.signature),
            _ => return Ok(()),
        };
        if slot.replace(value).is_some() {
            return Err(SigV4Error::Duplicate(name));
        }
        Ok(())
    }

    fn missing(&self, no_date: bool, authorization: &str) -> SigV4Error {
        SigV4Error::MissingParameters {
            credential: self.credential.is_none(),
            signature: self.signature.is_none(),
            signed_headers: self.signed_headers.is_none(),
            date: no_date,
            authorization: authorization.into(),
        }
    }
}

/// The algorithm, and the parameters after it: `name=value` in any order, with commas, spaces or both between them.
/// Parameters of other names have no meaning and are passed over, as they decide nothing.
fn split_authorization(authorization: &str) -> Result<(&str, Parameters<'_>), SigV4Error> {
    let (algorithm, rest) = authorization.split_once([' ', '\t']).unwrap_or((authorization, ""));
    let mut parameters = Parameters::default();
    for pieces in rest.split(',') {
        // The usual separator is a comma and a space, so that most pieces have no space inside.
        for part in pieces.split_ascii_whitespace() {
            parameters.take(part, authorization)?;
        }
    }
    Ok((algorithm, parameters))
}

/// The name and text of the header that dates the request: X-Amz-Date, else Date.
fn date_header(headers: &HeaderMap) -> Result<Option<(&'static HeaderName, &str)>, SigV4Error> {
    for name in [&X_AMZ_DATE, &DATE] {
        if let Some(text) = once(headers, name)? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}

fn token_header(headers: &HeaderMap) -> Result<Option<&str>, SigV4Error> {
    once(headers, &X_AMZ_SECURITY_TOKEN)
}

/// The text of a header that may be there at most once.
fn once<'a>(headers: &'a HeaderMap, name: &'static HeaderName) -> Result<Option<&'a str>, SigV4Error> {
    match only_value(headers, name) {
        OnlyValue::Absent => Ok(None),
        OnlyValue::Once(value) => text_of(value).map(Some),
        OnlyValue::Repeated => Err(SigV4Error::Duplicate(name.as_str())),
    }
}

/// The value as text. A value never holds control characters but the tab.
fn text_of(value: &HeaderValue) -> Result<&str, SigV4Error> {
    str::from_utf8(value.as_bytes()).ok().filter(|text| text.is_ascii()).ok_or(SigV4Error::NotText)
}

fn parse_date(header: &HeaderName, text: &str) -> Result<RequestDate, SigV4Error> {
    let malformed = || SigV4Error::MalformedDate { date: text.into() };
    if *header == X_AMZ_DATE {
        let at = Timestamp::parse_basic_iso(text).ok_or_else(malformed)?;
        let basic_iso = text.as_bytes().try_into().map_err(|_| malformed())?;
        return Ok(RequestDate { at, basic_iso });
    }
    let at = Timestamp::parse_http_date(text).ok_or_else(malformed)?;
    let basic_iso = at.to_basic_iso().into_bytes().try_into().map_err(|_| malformed())?;
    Ok(RequestDate { at, basic_iso })
}

fn parse_expires(text: &str) -> Result<i64, SigV4Error> {
    let digits_only = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let seconds = text.parse().ok().filter(|s| digits_only && (1..=EXPIRES_S_MAX).contains(s));
    seconds.ok_or(SigV4Error::MalformedExpires)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_from_one_second_to_seven_days() {
        for (text, seconds) in [
            ("1", Some(1)),
            ("0900", Some(900)),
            ("604800", Some(604_800)),
            ("604801", None),
            ("0", None),
            ("", None),
            ("-1", None),
            ("+1", None),
            ("1.0", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(parse_expires(text).ok(), seconds, "{text}");
        }
    }
}
