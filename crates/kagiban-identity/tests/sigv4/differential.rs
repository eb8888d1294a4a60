//! The Rust SDK's signer as a second opinion: what it signs is taken, and we sign alike.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4::{Signer, parse};
use proptest::prelude::*;

use crate::{SECRET, verify};

/// A request before it is signed. It stands for what any client may send, so that all of the path's, the query's and
/// the headers' characters occur.
fn requests() -> impl Strategy<Value = Request<Vec<u8>>> {
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "PATCH"]);
    let path = "(/|(/[a-zA-Z0-9._~!$&'()*+,;=:@%-]{0,8}|/[.]{1,3}|/%[0-9a-fA-F]{2}){0,4})";
    // Bytes that are no UTF-8 are left out: the SDK replaces them before signing, we keep them.
    let query = r"([a-zA-Z0-9._~!$'()*+,;:@/?&=-]|%[0-7][0-9a-fA-F]|%[g-z]|%C3%A4){0,40}";
    let body = prop::collection::vec(any::<u8>(), 0..300);
    (method, path, query, headers(), body).prop_filter_map("no address", |(method, path, query, headers, body)| {
        let target = format!("{}?{query}", if path.is_empty() { "/" } else { &path });
        let mut request = Request::builder().method(method).uri(target).body(body).ok()?;
        *request.headers_mut() = headers;
        Some(request)
    })
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let names = prop::sample::select(vec![
        "amz-sdk-request",
        "content-type",
        "my-header",
        "my-header2",
        "user-agent",
        "x-amz-target",
        "x-amz-user-agent",
        "z",
    ]);
    prop::collection::vec((names, "[!-~]?[ -~]{0,20}"), 0..10).prop_map(|pairs| {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("127.0.0.1:4599"));
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value.trim()).unwrap());
        }
        headers
    })
}

/// Signs with the SDK and says which signature it made.
fn sign_with_sdk(
    request: &mut Request<Vec<u8>>,
    token: Option<&str>,
    location: SignatureLocation,
    now: SystemTime,
) -> String {
    let mut settings = SigningSettings::default();
    settings.signature_location = location;
    settings.expires_in = (location == SignatureLocation::QueryParams).then(|| Duration::from_secs(900));
    let identity = Credentials::new("AKIDEXAMPLE", SECRET, token.map(str::to_owned), None, "test").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region("eu-central-1")
        .name("kms")
        .time(now)
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    // The SDK signs an absolute address; only its path and query matter, as there is a Host header.
    let address = format!("http://127.0.0.1:4599{}", request.uri());
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(request.method().as_str(), &address, headers, body).unwrap();
    let (instructions, signature) = sign(signable, &params).unwrap().into_parts();
    instructions.apply_to_request_http1x(request);
    signature
}

/// The SDK drops a fragment-like rest and refuses nothing that we would; a target without a query stays without.
fn relative(request: &mut Request<Vec<u8>>) {
    let target = request.uri().path_and_query().unwrap().clone();
    *request.uri_mut() = Uri::from(target);
}

fn times() -> impl Strategy<Value = i64> {
    // 1970 to 2099.
    0..4_100_000_000_i64
}

fn tokens() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[A-Za-z0-9+/=]{1,60}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_the_sdk_signs_is_taken(
        unsigned in requests(),
        token in tokens(),
        in_query in any::<bool>(),
        second in times(),
    ) {
        let location = if in_query { SignatureLocation::QueryParams } else { SignatureLocation::Headers };
        let mut request = unsigned;
        let now = UNIX_EPOCH + Duration::from_secs(second.unsigned_abs());
        sign_with_sdk(&mut request, token.as_deref(), location, now);
        relative(&mut request);
        let now = Timestamp::from_unix_s(second);
        let verified = verify(&request, SECRET, "kms", now).map_err(|e| TestCaseError::fail(format!("{e} {request:?}")))?;
        prop_assert_eq!(verified.signed_at(), now);
        let told = parse(&request).unwrap().security_token().map(str::to_owned);
        prop_assert_eq!(told, token);
        request.body_mut().push(0);
        prop_assert!(verify(&request, SECRET, "kms", now).is_err());
    }

    #[test]
    fn we_sign_as_the_sdk_does(unsigned in requests(), token in tokens(), second in times()) {
        let signer = Signer {
            access_key_id: "AKIDEXAMPLE".parse().unwrap(),
            secret_access_key: SecretBytes::from_slice(SECRET.as_bytes()),
            security_token: token.as_deref().map(|token| SecretBytes::from_slice(token.as_bytes())),
            region: "eu-central-1".parse().unwrap(),
            service: "kms",
        };
        let mut ours = unsigned.clone();
        signer.sign(&mut ours, Timestamp::from_unix_s(second)).unwrap();
        let mut theirs = unsigned;
        let now = UNIX_EPOCH + Duration::from_secs(second.unsigned_abs());
        let signature = sign_with_sdk(&mut theirs, token.as_deref(), SignatureLocation::Headers, now);
        let authorization = ours.headers()["authorization"].to_str().unwrap();
        prop_assert!(authorization.ends_with(&signature), "{} is not {}", authorization, signature);
        prop_assert!(verify(&ours, SECRET, "kms", Timestamp::from_unix_s(second)).is_ok());
    }
}
