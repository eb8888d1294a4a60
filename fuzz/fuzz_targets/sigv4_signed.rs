//! Any head, signed by our own signer and then verified; and verified again after each of several changes.
//!
//! Property: what the signer signs and the checks of form and clock let through is verified with the right key (no
//! false refusal), is not verified with another, and is not verified once method, target, body or any signed header is
//! changed.
#![no_main]

use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use kagiban_base::secret::SecretBytes;
use kagiban_fuzz::{now, request};
use kagiban_identity::sigv4::{self, Expected, SigV4Error, Signer, SigningKey};
use libfuzzer_sys::fuzz_target;

const SECRET: &[u8] = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn signer() -> Signer {
    Signer {
        access_key_id: "AKIDEXAMPLE".parse().expect("an access key id"),
        secret_access_key: SecretBytes::from_slice(SECRET),
        security_token: None,
        region: "us-east-1".parse().expect("a Region"),
        service: "kms",
    }
}

/// `None` when the request does not come as far as its signature.
fn is_verified(request: &Request<Bytes>, secret: &[u8]) -> Option<bool> {
    let checked = sigv4::parse(request).ok()?.check(&Expected { service: "kms", now: now() }).ok()?;
    let key = SigningKey::derive(&SecretBytes::from_slice(secret), checked.scope());
    match checked.verify(request.body(), &key) {
        Ok(_) => Some(true),
        Err(SigV4Error::Mismatch) => Some(false),
        Err(other) => panic!("verifying says {other}"),
    }
}

fn must_not_verify(request: &Request<Bytes>, what: &str) {
    assert_ne!(is_verified(request, SECRET), Some(true), "{what} is not covered by the signature");
}

fn signed_headers(request: &Request<Bytes>) -> Vec<String> {
    let authorization = request.headers()["authorization"].to_str().expect("text");
    let list = authorization.split("SignedHeaders=").nth(1).expect("a list").split(',').next().expect("its end");
    list.split(';').map(str::to_owned).collect()
}

fn change_each_header(request: &Request<Bytes>) {
    for name in signed_headers(request) {
        let mut changed = request.clone();
        let value = changed.headers_mut().get_mut(&name).expect("a signed header");
        let Ok(longer) = HeaderValue::from_bytes(&[value.as_bytes(), b"x"].concat()) else { continue };
        *value = longer;
        must_not_verify(&changed, &name);
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(mut request) = request(data) else { return };
    // A hash that does not belong to the body is refused, and rightly.
    request.headers_mut().remove("x-amz-content-sha256");
    if signer().sign(&mut request, now()).is_err() {
        return;
    }
    let Some(verified) = is_verified(&request, SECRET) else { return };
    assert!(verified, "refuses what it signed itself");
    assert_eq!(is_verified(&request, b"another secret"), Some(false), "takes another secret");
    change_each_header(&request);

    let mut changed = request.clone();
    *changed.method_mut() = if *request.method() == Method::POST { Method::PUT } else { Method::POST };
    must_not_verify(&changed, "the method");
    let mut changed = request.clone();
    *changed.body_mut() = [request.body().as_ref(), b"x"].concat().into();
    must_not_verify(&changed, "the body");
    let longer = match request.uri().path_and_query() {
        Some(target) if target.query().is_none() => format!("{target}x").parse(),
        Some(target) => format!("{target}&x=y").parse(),
        None => return,
    };
    if let Ok(longer) = longer {
        let mut changed = request.clone();
        *changed.uri_mut() = longer;
        must_not_verify(&changed, "the target");
    }
});
