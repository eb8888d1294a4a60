//! The query string: its canonical form, and the parameters of a presigned request in it.

use std::borrow::Cow;

use super::{PresignedParameter, QUERY_PARAMETERS_MAX, SigV4Error};

/// Appends the canonical query: every parameter but the signature itself, percent-encoded anew, sorted by encoded name
/// and then encoded value, each with an equals sign.
pub(super) fn push_canonical(out: &mut Vec<u8>, query: &str) {
    if query.is_empty() {
        return;
    }
    let mut encoded: Vec<(Vec<u8>, Vec<u8>)> = pairs(query)
        .filter(|(name, _)| name.as_ref() != PresignedParameter::Signature.as_str().as_bytes())
        .map(|(name, value)| (encode(&name), encode(&value)))
        .collect();
    encoded.sort();
    for (at, (name, value)) in encoded.iter().enumerate() {
        if at > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// Appends `bytes` with all but unreserved characters (RFC 3986, section 2.3) as `%` and two upper-case hex digits.
pub(super) fn push_encoded(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(*byte);
        } else {
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    push_encoded(&mut out, bytes);
    out
}

/// The parameters as sent, decoded: `+` is a space, a `%` that starts no hex pair stands for itself, a parameter
/// without `=` has an empty value, and nothing between two `&` is no parameter.
fn pairs(query: &str) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    query.split('&').filter(|piece| !piece.is_empty()).map(|piece| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        (decode(name.as_bytes()), decode(value.as_bytes()))
    })
}

fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|b| matches!(b, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        (rest, _) = match (first, hex_pair(tail)) {
            (b'%', Some((byte, after))) => (after, out.push(byte)),
            (b'+', _) => (tail, out.push(b' ')),
            (other, _) => (tail, out.push(*other)),
        };
    }
    Cow::Owned(out)
}

/// The byte that two hex digits at the start stand for, and what follows.
fn hex_pair(text: &[u8]) -> Option<(u8, &[u8])> {
    let (&[high, low], rest) = text.split_first_chunk()?;
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|v| u8::try_from(v).ok());
    Some((value(high)? << 4 | value(low)?, rest))
}

/// The parameters of a presigned request, decoded.
pub(super) struct PresignedQuery<'a> {
    pub(super) algorithm: Cow<'a, str>,
    pub(super) credential: Cow<'a, str>,
    pub(super) date: Cow<'a, str>,
    pub(super) expires: Cow<'a, str>,
    pub(super) signature: Cow<'a, str>,
    pub(super) signed_headers: Cow<'a, str>,
    pub(super) security_token: Option<Cow<'a, str>>,
}

/// The name of the parameter with a session token.
const SECURITY_TOKEN: &str = "X-Amz-Security-Token";

#[derive(Default)]
struct Found<'a> {
    values: [Option<Cow<'a, str>>; 6],
    security_token: Option<Cow<'a, str>>,
}

const REQUIRED: [PresignedParameter; 6] = [
    PresignedParameter::Algorithm,
    PresignedParameter::Credential,
    PresignedParameter::Date,
    PresignedParameter::Expires,
    PresignedParameter::Signature,
    PresignedParameter::SignedHeaders,
];

/// Reads the parameters of a presigned request. `None` when there is neither algorithm, credential nor signature, which
/// makes it an ordinary query.
pub(super) fn presigned(query: &str) -> Result<Option<PresignedQuery<'_>>, SigV4Error> {
    if query.is_empty() {
        return Ok(None);
    }
    let mut found = Found::default();
    for (at, (name, value)) in pairs(query).enumerate() {
        if at >= QUERY_PARAMETERS_MAX {
            return Err(SigV4Error::TooManyQueryParameters);
        }
        found.take(&name, value)?;
    }
    found.finish()
}

impl<'a> Found<'a> {
    /// Keeps the value if the name is one of ours.
    fn take(&mut self, name: &[u8], value: Cow<'a, [u8]>) -> Result<(), SigV4Error> {
        let required = REQUIRED.into_iter().zip(&mut self.values).find(|(p, _)| p.as_str().as_bytes() == name);
        let (name, slot) = match required {
            Some((parameter, slot)) => (parameter.as_str(), slot),
            None if name == SECURITY_TOKEN.as_bytes() => (SECURITY_TOKEN, &mut self.security_token),
            None => return Ok(()),
        };
        if slot.replace(visible(value)?).is_some() {
            return Err(SigV4Error::Duplicate(name));
        }
        Ok(())
    }

    fn finish(self) -> Result<Option<PresignedQuery<'a>>, SigV4Error> {
        match self.values {
            [Some(algorithm), Some(credential), Some(date), Some(expires), Some(signature), Some(signed_headers)] => {
                let security_token = self.security_token;
                let all =
                    PresignedQuery { algorithm, credential, date, expires, signature, signed_headers, security_token };
                Ok(Some(all))
            }
            [None, None, _, _, None, _] => Ok(None),
            some => {
                let missing = REQUIRED.into_iter().zip(some).filter(|(_, value)| value.is_none());
                Err(SigV4Error::MissingQueryParameters(missing.map(|(parameter, _)| parameter).collect()))
            }
        }
    }
}

/// The decoded value as text, if it is made of visible ASCII characters only.
fn visible(value: Cow<'_, [u8]>) -> Result<Cow<'_, str>, SigV4Error> {
    if !value.iter().all(u8::is_ascii_graphic) {
        return Err(SigV4Error::NotText);
    }
    match value {
        Cow::Borrowed(bytes) => str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| SigV4Error::NotText),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| SigV4Error::NotText),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(query: &str) -> String {
        let mut out = Vec::new();
        push_canonical(&mut out, query);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn queries_are_sorted_and_encoded_anew() {
        for (query, expected) in [
            ("", ""),
            ("&&", ""),
            ("a", "a="),
            ("a=", "a="),
            ("=a", "=a"),
            ("a=b=c", "a=b%3Dc"),
            ("b=1&a=2", "a=2&b=1"),
            ("a=2&a=1", "a=1&a=2"),
            ("a=1&a=1", "a=1&a=1"),
            ("a=1&A=2", "A=2&a=1"),
            ("a=x+y", "a=x%20y"),
            ("a=x%2By", "a=x%2By"),
            ("a=%e1%88%b4", "a=%E1%88%B4"),
            ("a=ሴ", "a=%E1%88%B4"),
            ("a=%zz%", "a=%25zz%25"),
            ("a=%ff", "a=%FF"),
            ("a=-._~", "a=-._~"),
            ("a=%7E%2D", "a=~-"),
            // By encoded name: `%E1...` comes before letters; and by name before value: `a` before `a-`.
            ("b=1&ሴ=2", "%E1%88%B4=2&b=1"),
            ("a-=1&a=2", "a=2&a-=1"),
            ("X-Amz-Signature=0&a=b", "a=b"),
            ("X%2DAmz-Signature=0&a=b", "a=b"),
            ("x-amz-signature=0", "x-amz-signature=0"),
        ] {
            assert_eq!(canonical(query), expected, "{query}");
        }
    }
}
