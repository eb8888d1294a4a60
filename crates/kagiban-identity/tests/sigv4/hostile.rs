//! Whatever a stranger sends: an answer, never a panic, and never a proof.

use http::{HeaderName, HeaderValue, Request};
use proptest::prelude::*;

use crate::{SECRET, at, verify};

const NOW: &str = "20260821T230143Z";

/// Texts that look like parts of a signature, in any mixture, and plain noise.
fn shards() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("AWS4-HMAC-SHA256 ".to_owned()),
        Just("Credential=".to_owned()),
        Just("AKIDEXAMPLE/20260821/eu-central-1/kms/aws4_request".to_owned()),
        Just("SignedHeaders=".to_owned()),
        Just("host;x-amz-date".to_owned()),
        Just("Signature=".to_owned()),
        Just("0".repeat(64)),
        Just(NOW.to_owned()),
        "[,; /=%&+]{0,3}",
        "[ -~]{0,12}",
    ];
    let text = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![4 => text, 1 => prop::collection::vec(any::<u8>(), 0..64)]
}

fn headers() -> impl Strategy<Value = Vec<(&'static str, Vec<u8>)>> {
    let name = prop::sample::select(vec![
        "authorization",
        "date",
        "host",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-target",
    ]);
    prop::collection::vec((name, shards()), 0..6)
}

fn queries() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=AKIDEXAMPLE%2F20260821%2Feu-central-1%2Fkms%2Faws4_request",
        "X-Amz-Date=20260821T230143Z",
        "X-Amz-Expires=90",
        "X-Amz-Signature=0",
        "X-Amz-SignedHeaders=host",
        "X-Amz-Security-Token=",
        "",
    ]);
    let parameter = (name, "[!-~]{0,6}").prop_map(|(name, noise)| format!("{name}{noise}"));
    prop::collection::vec(parameter, 0..10).prop_map(|parameters| parameters.join("&"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_noise_is_taken_or_panics(
        headers in headers(),
        path in "(/[!-~]{0,6}){0,4}",
        query in queries(),
        body in prop::collection::vec(any::<u8>(), 0..32),
    ) {
        let Ok(mut request) = Request::post(format!("{path}?{query}")).body(body) else { return Ok(()) };
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                request.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        let error = verify(&request, SECRET, "kms", at(NOW)).unwrap_err();
        prop_assert!(!error.message().is_empty() && !error.to_string().is_empty());
    }
}
