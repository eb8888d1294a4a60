//! Every failure: its AWS error and its text.

use http::{HeaderValue, Request, Uri};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use kagiban_identity::sigv4::{SigV4Error, SigV4ErrorKind, Signer};

use crate::{SECRET, at, verify};
use SigV4ErrorKind::{IncompleteSignature, InvalidSignature, MissingAuthenticationToken};

type Change = fn(&mut Request<Vec<u8>>);

const NOW: &str = "20260821T230143Z";
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                        Secret Access Key and signing method. Consult the service documentation for details.";
const SIGNED_HEADERS: &str = "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token;x-amz-target";
const MALFORMED_LIST: &str =
    "SignedHeaders must name at most 64 headers in lower case, sorted, each once, separated by ';'.";

/// A request as a client would send it, signed for KMS in `region`.
fn signed_in(region: &str) -> Request<Vec<u8>> {
    let mut request = Request::post("/")
        .header("host", "127.0.0.1:4599")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "TrentService.Encrypt")
        .header("x-amz-content-sha256", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
        .body(b"{}".to_vec())
        .unwrap();
    signer(region).sign(&mut request, at(NOW)).unwrap();
    request
}

fn signer(region: &str) -> Signer {
    Signer {
        access_key_id: "AKIDEXAMPLE".parse().unwrap(),
        secret_access_key: SecretBytes::from_slice(SECRET.as_bytes()),
        security_token: Some(SecretBytes::from_slice(b"token")),
        region: region.parse().unwrap(),
        service: "kms",
    }
}

fn set(name: &'static str, value: &str) -> impl Fn(&mut Request<Vec<u8>>) {
    let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
    move |request| {
        request.headers_mut().insert(name, value.clone());
    }
}

fn remove(name: &'static str) -> impl Fn(&mut Request<Vec<u8>>) {
    move |request| {
        request.headers_mut().remove(name);
    }
}

/// Sends the header once more with the same value.
fn repeat(name: &'static str) -> impl Fn(&mut Request<Vec<u8>>) {
    move |request| {
        let value = request.headers()[name].clone();
        request.headers_mut().append(name, value);
    }
}

/// Replaces a piece of the Authorization header.
fn authorization(from: &'static str, to: &'static str) -> impl Fn(&mut Request<Vec<u8>>) {
    move |request| {
        let before = request.headers()["authorization"].to_str().unwrap();
        assert!(before.contains(from), "{from}");
        let after = before.replacen(from, to, 1).parse().unwrap();
        request.headers_mut().insert("authorization", after);
    }
}

fn target(uri: &'static str) -> impl Fn(&mut Request<Vec<u8>>) {
    move |request| *request.uri_mut() = Uri::from_static(uri)
}

#[track_caller]
fn fails(change: impl Fn(&mut Request<Vec<u8>>), kind: SigV4ErrorKind, text: &str) {
    let mut request = signed_in("eu-central-1");
    assert!(verify(&request, SECRET, "kms", at(NOW)).is_ok());
    change(&mut request);
    assert_failure(verify(&request, SECRET, "kms", at(NOW)).unwrap_err(), kind, text);
}

#[track_caller]
fn assert_failure(error: SigV4Error, kind: SigV4ErrorKind, text: &str) {
    assert_eq!((error.kind(), error.message().as_str()), (kind, text));
}

/// The Authorization header of the signed request, as it stands after a change of a piece.
fn header_with(from: &str, to: &str) -> String {
    let request = signed_in("eu-central-1");
    request.headers()["authorization"].to_str().unwrap().replacen(from, to, 1)
}

#[test]
fn missing_and_incomplete_headers() {
    fails(remove("authorization"), MissingAuthenticationToken, "Missing Authentication Token");
    fails(
        set("authorization", "Bearer abc"),
        IncompleteSignature,
        "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
    );
    let missing = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' \
                   parameter. Authorization header requires 'SignedHeaders' parameter. ";
    for header in ["", "abc", "Basic dXNlcjpwYXNz=", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 ,, , "] {
        fails(set("authorization", header), IncompleteSignature, &format!("{missing}Authorization={header}"));
    }
    fails(
        |request| {
            request.headers_mut().remove("x-amz-date");
            set("authorization", "x")(request);
        },
        IncompleteSignature,
        &format!(
            "{missing}Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. \
             Authorization=x"
        ),
    );
    for name in ["Credential", "SignedHeaders", "Signature"] {
        let from: &'static str = format!("{name}=").leak();
        fails(
            authorization(from, "X="),
            IncompleteSignature,
            &format!("Authorization header requires '{name}' parameter. Authorization={}", header_with(from, "X=")),
        );
    }
    fails(
        remove("x-amz-date"),
        IncompleteSignature,
        &format!(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization={}",
            header_with("", "")
        ),
    );
}

#[test]
fn malformed_headers() {
    fails(
        authorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        IncompleteSignature,
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'. Use 'AWS4-HMAC-SHA256'.",
    );
    fails(
        authorization("AWS4-HMAC-SHA256", "aws4-hmac-sha256"),
        IncompleteSignature,
        "Unsupported AWS 'algorithm': 'aws4-hmac-sha256'. Use 'AWS4-HMAC-SHA256'.",
    );
    for (to, got) in [
        ("Credential=", ""),
        (
            "Credential=AKID/EXAMPLE/20260821/eu-central-1/kms/aws4_request",
            "AKID/EXAMPLE/20260821/eu-central-1/kms/aws4_request",
        ),
        ("Credential=AKIDEXAMPLE/20260821/eu-central-1/aws4_request", "AKIDEXAMPLE/20260821/eu-central-1/aws4_request"),
    ] {
        fails(
            authorization("Credential=AKIDEXAMPLE/20260821/eu-central-1/kms/aws4_request", to),
            IncompleteSignature,
            &format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{got}'"
            ),
        );
    }
    fails(set("authorization", &"x".repeat(8193)), IncompleteSignature, "Authorization header is too long.");
    let not_text = "A part of the signature is not made of visible ASCII characters.";
    fails(set("authorization", "ä"), IncompleteSignature, not_text);
    fails(set("x-amz-date", "ä"), IncompleteSignature, not_text);
    fails(set("x-amz-security-token", "ä"), IncompleteSignature, not_text);
    for (from, to) in
        [("content-type;host", "host;content-type"), ("host;", "host;host;"), ("host;", "Host;"), ("host;", "host;;")]
    {
        fails(authorization(from, to), IncompleteSignature, MALFORMED_LIST);
    }
    for date in ["2026-08-21T23:01:43Z", "20260821", "1442252505", "20260231T230143Z", "Fri, 21 Aug 2026 23:01:43 GMT"]
    {
        fails(
            set("x-amz-date", date),
            IncompleteSignature,
            &format!(
                "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
        );
    }
    fails(
        |request| {
            request.headers_mut().remove("x-amz-date");
            set("date", "yesterday")(request);
        },
        IncompleteSignature,
        "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601",
    );
}

#[test]
fn ambiguous_requests() {
    let twice = |name: &str| format!("The parameter '{name}' must not occur more than once.");
    fails(repeat("authorization"), IncompleteSignature, &twice("Authorization"));
    fails(repeat("x-amz-date"), IncompleteSignature, &twice("x-amz-date"));
    fails(repeat("x-amz-security-token"), IncompleteSignature, &twice("x-amz-security-token"));
    fails(authorization("Signature=", "Signature=0, Signature="), IncompleteSignature, &twice("Signature"));
    fails(authorization("Credential=", "Credential=a/b/c/d/e Credential="), IncompleteSignature, &twice("Credential"));
    fails(
        authorization("SignedHeaders=", "SignedHeaders=host,SignedHeaders="),
        IncompleteSignature,
        &twice("SignedHeaders"),
    );
    fails(
        target(
            "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Date=a&X-Amz-Expires=1&X-Amz-Signature=a\
             &X-Amz-SignedHeaders=host",
        ),
        IncompleteSignature,
        "A request must be signed by either an Authorization header or query-string parameters, not both.",
    );
    fails(
        target(format!("/?{}", "a&".repeat(129)).leak()),
        IncompleteSignature,
        "A request may have at most 128 query-string parameters.",
    );
}

#[test]
fn wrong_scopes() {
    for region in ["", "*", "Frankfurt", "eu-central", "EU-CENTRAL-1"] {
        fails(
            authorization("/eu-central-1/", format!("/{region}/").leak()),
            InvalidSignature,
            &format!("Credential should be scoped to a valid region, not '{region}'. "),
        );
    }
    for service in ["", "s3", "KMS", "kmss"] {
        let to: &'static str = format!("/{service}/").leak();
        fails(authorization("/kms/", to), InvalidSignature, "Credential should be scoped to correct service: 'kms'. ");
    }
    fails(
        authorization("aws4_request", "aws4"),
        InvalidSignature,
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'. ",
    );
    for day in ["20260820", "20260822", "", "2026-8-21", "202608210"] {
        fails(
            authorization("/20260821/", format!("/{day}/").leak()),
            InvalidSignature,
            &format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{day}' != \
                 '20260821', from '20260821T230143Z'."
            ),
        );
    }
}

/// The same request in another Region is another request.
#[test]
fn the_region_of_the_scope_is_signed() {
    let request = signed_in("eu-west-1");
    let verified = verify(&request, SECRET, "kms", at(NOW)).unwrap();
    assert_eq!(verified.region().as_str(), "eu-west-1");
    assert_eq!(verified.access_key_id().as_str(), "AKIDEXAMPLE");
    fails(authorization("/eu-central-1/", "/eu-west-1/"), InvalidSignature, MISMATCH);
}

#[test]
fn the_clock_may_differ_by_five_minutes() {
    let request = signed_in("eu-central-1");
    let outcome = |now: Timestamp| verify(&request, SECRET, "kms", now).map(|_| ());
    let signed_at = at(NOW);
    for offset_ms in [-300_000, -1, 0, 1, 300_000, 300_999] {
        assert_eq!(outcome(signed_at.plus_ms(offset_ms)), Ok(()), "{offset_ms}");
    }
    assert_failure(
        outcome(signed_at.plus_ms(301_000)).unwrap_err(),
        InvalidSignature,
        "Signature expired: 20260821T230143Z is now earlier than 20260821T230144Z (20260821T230644Z - 5 min.)",
    );
    assert_failure(
        outcome(signed_at.plus_ms(-300_001)).unwrap_err(),
        InvalidSignature,
        "Signature not yet current: 20260821T230143Z is still later than 20260821T230142Z (20260821T225642Z + 5 min.)",
    );
}

#[test]
fn headers_that_must_be_signed() {
    for name in SIGNED_HEADERS.split(';').filter(|name| *name != "content-type") {
        let shorter = SIGNED_HEADERS.replace(&format!("{name};"), "").replace(";x-amz-target", "");
        let list = if name == "x-amz-target" { shorter } else { SIGNED_HEADERS.replace(&format!("{name};"), "") };
        let text = match name {
            "host" => "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
            _ => format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."),
        };
        fails(authorization(SIGNED_HEADERS, list.leak()), InvalidSignature, &text);
    }
    fails(
        authorization(SIGNED_HEADERS, ""),
        InvalidSignature,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
    // Content-Type decides nothing and some SDKs leave it out; without it the signature is merely another one.
    fails(authorization("content-type;", ""), InvalidSignature, MISMATCH);
    fails(
        |request| {
            let value = request.headers_mut().remove("x-amz-date").unwrap();
            request.headers_mut().insert("date", HeaderValue::from_static("Fri, 21 Aug 2026 23:01:43 GMT"));
            request.headers_mut().insert("x-date", value);
        },
        InvalidSignature,
        "'date' must be a 'SignedHeader' in the AWS Authorization.",
    );
}

#[test]
fn mismatches_look_all_alike() {
    let error = verify(&signed_in("eu-central-1"), "another secret", "kms", at(NOW)).unwrap_err();
    assert_failure(error, InvalidSignature, MISMATCH);
    let changes: &[Change] = &[
        |request| request.body_mut().push(b' '),
        |request| drop(request.headers_mut().remove("content-type")),
        |request| drop(request.headers_mut().remove("host")),
        |request| repeat("host")(request),
        |request| repeat("x-amz-content-sha256")(request),
        |request| set("x-amz-content-sha256", "UNSIGNED-PAYLOAD")(request),
        |request| set("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")(request),
        |request| set("x-amz-target", "TrentService.ScheduleKeyDeletion")(request),
        |request| target("/a")(request),
        |request| target("/?a")(request),
        |request| authorization("Signature=", "Signature=0")(request),
        |request| authorization("Signature=", "Signature=, Other=")(request),
        |request| authorization("AKIDEXAMPLE", "")(request),
        |request| {
            let header = request.headers()["authorization"].to_str().unwrap();
            let (head, signature) = header.rsplit_once('=').unwrap();
            let upper = format!("{head}={}", signature.to_uppercase()).parse().unwrap();
            request.headers_mut().insert("authorization", upper);
        },
    ];
    for change in changes {
        fails(change, InvalidSignature, MISMATCH);
    }
}

/// A body hash that is signed but is not the body's.
#[test]
fn a_signed_but_wrong_body_hash_is_refused() {
    for declared in ["UNSIGNED-PAYLOAD", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"] {
        let mut request = signed_in("eu-central-1");
        set("x-amz-content-sha256", declared)(&mut request);
        signer("eu-central-1").sign(&mut request, at(NOW)).unwrap();
        let error = verify(&request, SECRET, "kms", at(NOW)).unwrap_err();
        assert_failure(error, InvalidSignature, MISMATCH);
    }
}

#[test]
fn harmless_differences_are_taken() {
    let changes: &[Change] = &[
        |request| set("user-agent", "other")(request),
        |request| set("x-unsigned", "other")(request),
        |request| authorization(", SignedHeaders", ",SignedHeaders")(request),
        |request| authorization(", SignedHeaders", " SignedHeaders")(request),
        |request| authorization("SignedHeaders", "Other=1, SignedHeaders")(request),
        |request| {
            // The three parameters in another order.
            let header = request.headers()["authorization"].to_str().unwrap().to_owned();
            let (algorithm, rest) = header.split_once(' ').unwrap();
            let parts: Vec<&str> = rest.rsplit(", ").collect();
            set("authorization", &format!("{algorithm} \t{}", parts.join(" ,\t")))(request);
        },
        |request| set("content-type", " application/x-amz-json-1.1 ")(request),
        // HTTP/2 has no Host header, but an authority.
        |request| {
            request.headers_mut().remove("host");
            target("http://127.0.0.1:4599/")(request);
        },
        |request| target("//.//")(request),
    ];
    for change in changes {
        let mut request = signed_in("eu-central-1");
        change(&mut request);
        assert!(verify(&request, SECRET, "kms", at(NOW)).is_ok(), "{request:?}");
    }
}

/// The first published form of the signature: a Date header in place of X-Amz-Date.
#[test]
fn a_date_header_serves_for_x_amz_date() {
    let text = "POST / HTTP/1.1\nHost: 127.0.0.1:4599\nDate: Fri, 21 Aug 2026 23:01:43 GMT\n\
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260821/eu-central-1/kms/aws4_request, \
                SignedHeaders=date;host, Signature=SIGNATURE\n\n{}";
    let request = crate::read_request(&text.replace("SIGNATURE", DATE_SIGNATURE)).unwrap();
    assert!(verify(&request, SECRET, "kms", at(NOW)).is_ok());
    let request = crate::read_request(&text.replace("SIGNATURE", &DATE_SIGNATURE.replace('1', "2"))).unwrap();
    assert_failure(verify(&request, SECRET, "kms", at(NOW)).unwrap_err(), InvalidSignature, MISMATCH);
}

/// Made with Python's hmac module from the rules, not with this crate.
const DATE_SIGNATURE: &str = "cc72ab6c6703a36d8c2cc763717dacb6ceb073791a6f966d1cfb5ea6be22e1e1";

/// Over HTTP/2 the AWS SDK for JavaScript signs `:authority` in the place of Host. Before, it was refused as unsigned.
#[test]
fn the_pseudo_header_of_http2_serves_for_host() {
    let text = "POST / HTTP/1.1\nHost: 127.0.0.1:4599\nX-Amz-Date: 20260821T230143Z\n\
                Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260821/eu-central-1/kms/aws4_request, \
                SignedHeaders=:authority;x-amz-date, Signature=SIGNATURE\n\n{}";
    let mut request = crate::read_request(&text.replace("SIGNATURE", AUTHORITY_SIGNATURE)).unwrap();
    assert!(verify(&request, SECRET, "kms", at(NOW)).is_ok());
    request.headers_mut().remove("host");
    target("http://127.0.0.1:4599/")(&mut request);
    assert!(verify(&request, SECRET, "kms", at(NOW)).is_ok());
    target("http://127.0.0.1:4598/")(&mut request);
    assert_failure(verify(&request, SECRET, "kms", at(NOW)).unwrap_err(), InvalidSignature, MISMATCH);
}

/// Made with Python's hmac module from the rules, not with this crate.
const AUTHORITY_SIGNATURE: &str = "bf566e1393a3b241ea9e9a98feff9cbef22156357c3815bc9e0e0fd46cea2382";

#[test]
fn presigned_queries() {
    let good = "KeyId=a&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260821%2Feu-central-1%2Fkms%2F\
                aws4_request&X-Amz-Date=20260821T230143Z&X-Amz-Expires=90&X-Amz-SignedHeaders=host&\
                X-Amz-Signature=a8d7741659a9c5f6146e5714b10ee110b02b92aa5f66dadd39d090aa27bfc581";
    let outcome = |query: &str, now: Timestamp| {
        let request = Request::post(format!("/?{query}")).header("host", "127.0.0.1:4599").body(b"{}".to_vec());
        verify(&request.unwrap(), SECRET, "kms", now).map(|_| ())
    };
    let signed_at = at(NOW);
    for offset_ms in [-300_000, 0, 90_000] {
        assert_eq!(outcome(good, signed_at.plus_ms(offset_ms)), Ok(()), "{offset_ms}");
    }
    assert_failure(
        outcome(good, signed_at.plus_ms(91_000)).unwrap_err(),
        InvalidSignature,
        "Signature expired: 20260821T230143Z is now earlier than 20260821T230144Z (20260821T230314Z - 90 sec.)",
    );
    assert_failure(
        outcome(good, signed_at.plus_ms(-301_000)).unwrap_err(),
        InvalidSignature,
        "Signature not yet current: 20260821T230143Z is still later than 20260821T230142Z (20260821T225642Z + 5 min.)",
    );
    let must = |names: &[&str]| {
        let sentence = |name: &&str| format!("AWS query-string parameters must include '{name}'. ");
        names.iter().map(sentence).collect::<String>() + "Re-examine the query-string parameters."
    };
    let twice = "The parameter 'X-Amz-Date' must not occur more than once.";
    let expires = "X-Amz-Expires must be a number of seconds from 1 to 604800.";
    let not_text = "A part of the signature is not made of visible ASCII characters.";
    for (from, to, kind, text) in [
        ("X-Amz-Signature=", "x-amz-signature=", IncompleteSignature, must(&["X-Amz-Signature"])),
        ("X-Amz-Date=", "X-Date=", IncompleteSignature, must(&["X-Amz-Date"])),
        ("X-Amz-Expires=90&X-Amz-SignedHeaders", "X", IncompleteSignature, must(&["X-Amz-Expires", "X-Amz-SignedHeaders"])),
        ("X-Amz-Date", "X-Amz-Date=1&X-Amz-Date", IncompleteSignature, twice.to_owned()),
        ("X-Amz-Date", "X%2DAmz-Date=1&X-Amz-Date", IncompleteSignature, twice.to_owned()),
        ("Expires=90", "Expires=604801", IncompleteSignature, expires.to_owned()),
        ("Expires=90", "Expires=0", IncompleteSignature, expires.to_owned()),
        ("Expires=90", "Expires=", IncompleteSignature, expires.to_owned()),
        ("Expires=90", "Expires=91", InvalidSignature, MISMATCH.to_owned()),
        ("KeyId=a", "KeyId=b", InvalidSignature, MISMATCH.to_owned()),
        ("KeyId=a", "KeyId=a&b", InvalidSignature, MISMATCH.to_owned()),
        ("Credential=AKID", "Credential=%ff", IncompleteSignature, not_text.to_owned()),
        ("Credential=AKID", "Credential=A+KID", IncompleteSignature, not_text.to_owned()),
        ("%2Fkms", "", IncompleteSignature, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/20260821/eu-central-1/aws4_request'".to_owned()),
        ("%2Fkms", "%2Fs3", InvalidSignature, "Credential should be scoped to correct service: 'kms'. ".to_owned()),
        ("SignedHeaders=host", "SignedHeaders=HOST", IncompleteSignature, MALFORMED_LIST.to_owned()),
        ("SignedHeaders=host", "SignedHeaders=", InvalidSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned()),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", IncompleteSignature, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'. Use 'AWS4-HMAC-SHA256'.".to_owned()),
    ] {
        assert!(good.contains(from), "{from}");
        assert_failure(outcome(&good.replacen(from, to, 1), signed_at).unwrap_err(), kind, &text);
    }
    // A query without any of the telling parameters is no signature at all.
    let error = outcome("X-Amz-Date=1&X-Amz-Expires=1&X-Amz-SignedHeaders=1&X-Amz-Security-Token=1", signed_at);
    assert_failure(error.unwrap_err(), MissingAuthenticationToken, "Missing Authentication Token");
}

#[test]
fn a_presigned_request_has_one_session_token_and_signs_its_target() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260821%2Feu-central-1%2Fkms%2F\
                 aws4_request&X-Amz-Date=20260821T230143Z&X-Amz-Expires=90&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
    let outcome = |query: &str, header: &str| {
        let request = Request::post(format!("/?{query}")).header("host", "h").header(header, "token");
        verify(&request.body(Vec::new()).unwrap(), SECRET, "kms", at(NOW)).unwrap_err()
    };
    let unsigned = |name: &str| format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.");
    for header in
        ["x-amz-target", "x-amz-security-token", "x-amz-content-sha256", "x-amz-source-arn", "x-amz-source-account"]
    {
        assert_failure(outcome(query, header), InvalidSignature, &unsigned(header));
    }
    assert_failure(
        outcome(&format!("{query}&X-Amz-Security-Token=token"), "x-amz-security-token"),
        IncompleteSignature,
        "A request must be signed by either an Authorization header or query-string parameters, not both.",
    );
}

/// What goes to the log tells nothing that the client sent.
#[test]
fn the_log_text_repeats_nothing() {
    let mut request = signed_in("eu-central-1");
    for header in ["hunter2", "hunter2 hunter2", "hunter2 Credential=hunter2 Signature=hunter2 SignedHeaders=hunter2"] {
        set("authorization", header)(&mut request);
        let error = verify(&request, SECRET, "kms", at(NOW)).unwrap_err();
        assert!(error.message().contains("hunter2") && !error.to_string().contains("hunter2"), "{error}");
    }
}
