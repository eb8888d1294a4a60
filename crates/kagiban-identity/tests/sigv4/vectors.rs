//! Published and captured requests: each is taken as it is and refused after any change.

use http::{HeaderValue, Request, Uri};
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4::{SigV4Error, parse};

use crate::{SECRET, read_request, verify};

const VECTORS: &str = include_str!("../vectors/sigv4.txt");

struct Vector {
    name: &'static str,
    form: &'static str,
    verdict: &'static str,
    request: Request<Vec<u8>>,
}

impl Vector {
    fn all() -> Vec<Self> {
        let all: Vec<Self> = VECTORS.split("\n=== ").skip(1).map(Self::read).collect();
        assert_eq!(all.len(), 81, "the file has 81 requests");
        all
    }

    fn read(block: &'static str) -> Self {
        let (title, text) = block.split_once('\n').unwrap();
        let [name, form, verdict] = title.split(' ').collect::<Vec<_>>().try_into().unwrap();
        // The last line break of a block belongs to the next block's title, but for the last block's.
        let request = read_request(text.strip_suffix('\n').unwrap_or(text)).unwrap();
        Self { name, form, verdict, request }
    }

    /// Checks the request at the moment it was signed, whatever has been changed in `changed` since.
    fn verify(&self, changed: &Request<Vec<u8>>) -> Result<(), SigV4Error> {
        let original = parse(&self.request).unwrap();
        let service = ["iam", "kms", "lambda", "s3", "service"].into_iter().find(|s| *s == original.service());
        let secret = match original.service() {
            "s3" => "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            _ => SECRET,
        };
        self.verify_at(changed, secret, service.unwrap(), original.signed_at())
    }

    fn verify_at(
        &self,
        changed: &Request<Vec<u8>>,
        secret: &str,
        service: &'static str,
        now: Timestamp,
    ) -> Result<(), SigV4Error> {
        if parse(changed)?.access_key_id() != parse(&self.request)?.access_key_id() {
            return Err(SigV4Error::Mismatch); // the caller's look-up finds nothing, or another secret
        }
        let verified = verify(changed, secret, service, now)?;
        assert_eq!(verified.signed_at(), now, "{}", self.name);
        Ok(())
    }

    fn title(&self) -> String {
        format!("{} ({})", self.name, self.form)
    }
}

#[test]
fn each_vector_has_its_verdict() {
    for vector in Vector::all() {
        let expected = match vector.verdict {
            "accept" => Ok(()),
            "mismatch" => Err(SigV4Error::Mismatch),
            "unsigned" => Err(SigV4Error::Unsigned("x-amz-security-token")),
            other => panic!("unknown verdict {other}"),
        };
        assert_eq!(vector.verify(&vector.request), expected, "{}", vector.title());
    }
}

#[test]
fn session_tokens_are_told() {
    let with_token = |v: &Vector| parse(&v.request).unwrap().security_token().map(str::to_owned);
    let tokens: Vec<_> = Vector::all().into_iter().filter(|v| with_token(v).is_some()).collect();
    let names: Vec<_> = tokens.iter().map(|v| v.name).collect();
    assert_eq!(tokens.len(), 9, "{names:?}");
    for vector in tokens {
        let token = with_token(&vector).unwrap();
        assert!(
            token.starts_with("AQoDYXdzEPT")
                || token == "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
            "{token}"
        );
    }
}

#[test]
fn a_changed_method_is_refused() {
    for_each_accepted(|vector| {
        let mut changed = vector.request.clone();
        *changed.method_mut() = http::Method::DELETE;
        refused(vector, &changed, "method");
        1
    });
}

#[test]
fn a_changed_body_is_refused() {
    for_each_accepted(|vector| {
        let body = vector.request.body();
        let mut changed = vector.request.clone();
        changed.body_mut().push(b'\n');
        refused(vector, &changed, "longer body");
        for (at, byte) in body.iter().enumerate() {
            let mut changed = vector.request.clone();
            changed.body_mut()[at] = other(*byte);
            refused(vector, &changed, "body");
        }
        1 + body.len()
    });
}

#[test]
fn a_changed_signed_header_is_refused() {
    for_each_accepted(|vector| {
        let list = signed_headers(vector);
        let is_signed = |name: &str| name == "authorization" || list.split(';').any(|signed| signed == name);
        let (signed, unsigned): (Vec<_>, Vec<_>) =
            vector.request.headers().keys().partition(|name| is_signed(name.as_str()));
        for name in unsigned {
            assert!(NOT_SIGNED_BY_SDKS.contains(&name.as_str()), "{}: {name} is not signed", vector.title());
        }
        signed.into_iter().map(|name| change_header(vector, name)).sum()
    });
}

const NOT_SIGNED_BY_SDKS: [&str; 4] = ["amz-sdk-invocation-id", "amz-sdk-request", "content-length", "user-agent"];

/// The list of signed headers, from either form.
fn signed_headers(vector: &Vector) -> String {
    let header = vector.request.headers().get("authorization").map(|v| v.to_str().unwrap().to_owned());
    let text = header.unwrap_or_else(|| vector.request.uri().to_string());
    let list = text.split("SignedHeaders=").nth(1).unwrap();
    list.split([',', '&']).next().unwrap().replace("%3B", ";")
}

/// Changes each byte of each value of the header in turn, and takes the header away.
fn change_header(vector: &Vector, name: &http::HeaderName) -> usize {
    let mut count = 0;
    let values: Vec<HeaderValue> = vector.request.headers().get_all(name).iter().cloned().collect();
    for (nth, value) in values.iter().enumerate() {
        for at in 0..value.len() {
            let mut bytes = value.as_bytes().to_vec();
            bytes[at] = other(bytes[at]);
            if name == "authorization" && is_separator(value.as_bytes(), at) {
                continue;
            }
            let mut values = values.clone();
            values[nth] = HeaderValue::from_bytes(&bytes).unwrap();
            refused(vector, &with_header(vector, name, &values), &format!("{name} at {at}"));
            count += 1;
        }
    }
    refused(vector, &with_header(vector, name, &[]), &format!("{name} taken away"));
    count + 1
}

/// A comma or space between parts of the Authorization header, of which there may be one or both.
fn is_separator(authorization: &[u8], at: usize) -> bool {
    matches!(authorization[at], b',' | b' ')
}

fn with_header(vector: &Vector, name: &http::HeaderName, values: &[HeaderValue]) -> Request<Vec<u8>> {
    let mut changed = vector.request.clone();
    changed.headers_mut().remove(name);
    for value in values {
        changed.headers_mut().append(name.clone(), value.clone());
    }
    changed
}

/// In the get-relative cases a segment that `..` takes away again may change without effect; they are left out.
#[test]
fn a_changed_target_is_refused() {
    for_each_accepted(|vector| {
        if vector.name.starts_with("get-relative") {
            return 1;
        }
        let target = vector.request.uri().path_and_query().unwrap().as_str();
        let mut count = 0;
        for at in 1..=target.len() {
            let mut bytes = target.as_bytes().to_vec();
            match bytes.get_mut(at) {
                Some(byte) => *byte = other(*byte),
                None => bytes.push(b'x'),
            }
            let Ok(uri) = Uri::try_from(bytes) else { continue };
            let mut changed = vector.request.clone();
            *changed.uri_mut() = uri;
            refused(vector, &changed, &format!("target at {at}"));
            count += 1;
        }
        count
    });
}

fn for_each_accepted(check: impl Fn(&Vector) -> usize) {
    for vector in Vector::all().iter().filter(|v| v.verdict == "accept") {
        assert_eq!(vector.verify(&vector.request), Ok(()), "{}", vector.title());
        assert_ne!(check(vector), 0, "nothing was changed in {}", vector.title());
    }
}

fn refused(vector: &Vector, changed: &Request<Vec<u8>>, what: &str) {
    assert!(vector.verify(changed).is_err(), "{}: changed {what}, and still taken: {changed:?}", vector.title());
}

/// Another byte of the same kind, so that most changes are well-formed.
fn other(byte: u8) -> u8 {
    match byte {
        b'0'..=b'8' | b'a'..=b'y' | b'A'..=b'Y' => byte + 1,
        _ => b'x',
    }
}
