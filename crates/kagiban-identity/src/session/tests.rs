use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

const ROLE_ID: &str = "AROADBQP57FF2AEXAMPLE";
const USER_ID: &str = "AIDACKCEVSQ6C2EXAMPLE";

/// The least that claims can be.
fn plain() -> SessionClaims {
    SessionClaims {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".parse().unwrap(),
        secret_access_key: SecretBytes::from_slice(b"secret"),
        account: "111122223333".parse().unwrap(),
        principal: SessionPrincipal::Root,
        issued: Timestamp::from_unix_ms(1),
        expires: Timestamp::from_unix_ms(258),
        mfa_authenticated_at: None,
        tags: vec![],
        source_identity: None,
        session_policies: vec![],
        session_policy_arns: vec![],
        federation: None,
        via_service: None,
        is_chained: false,
    }
}

/// Claims with something everywhere.
fn full() -> SessionClaims {
    SessionClaims {
        principal: role("s1"),
        mfa_authenticated_at: Some(Timestamp::from_unix_ms(-1)),
        tags: vec![tag("a", "", true), tag("Team", "ü", false)],
        source_identity: Some("ann".to_owned()),
        session_policies: vec!["{}".to_owned()],
        session_policy_arns: vec!["ANPAZ234567ZZZZZZZZZZ".to_owned(), "arn:aws:iam::aws:policy/P".to_owned()],
        federation: Some(federation("id.example/x", "sub", "aud")),
        via_service: Some("s3.amazonaws.com".to_owned()),
        is_chained: true,
        ..plain()
    }
}

fn role(session_name: &str) -> SessionPrincipal {
    SessionPrincipal::Role { role_id: ROLE_ID.parse().unwrap(), session_name: session_name.to_owned() }
}

fn tag(key: &str, value: &str, is_transitive: bool) -> SessionTag {
    SessionTag { key: key.to_owned(), value: value.to_owned(), is_transitive }
}

fn federation(provider: &str, subject: &str, audience: &str) -> Federation {
    Federation { provider: provider.to_owned(), subject: subject.to_owned(), audience: audience.to_owned() }
}

fn encoded(claims: &SessionClaims) -> Vec<u8> {
    claims.encode().unwrap().expose().to_vec()
}

/// Debug shows everything but the secret.
fn assert_same(one: &SessionClaims, other: &SessionClaims) {
    assert_eq!(format!("{one:?}"), format!("{other:?}"));
    assert_eq!(one.secret_access_key.expose(), other.secret_access_key.expose());
}

/// Tokens outlive an update of the server, so these bytes stay readable.
#[test]
fn version_1_is_fixed() {
    let head = b"\x01\0\x14ASIAIOSFODNN7EXAMPLE\0\x06secret\0\x0c111122223333";
    let times = b"\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x01\x02";
    let plain_bytes = [&head[..], b"\0", times, b"\0\0\0\0\0\0\0\0"].concat();
    let full_bytes = [
        &head[..],
        b"\x02\0\x15AROADBQP57FF2AEXAMPLE\0\x02s1",
        times,
        b"\x01\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x02\0\x01a\0\0\x01\0\x04Team\0\x02\xc3\xbc\0",
        b"\x01\0\x03ann",
        b"\x01\0\x02{}",
        b"\x02\0\x15ANPAZ234567ZZZZZZZZZZ\0\x19arn:aws:iam::aws:policy/P",
        b"\x01\0\x0cid.example/x\0\x03sub\0\x03aud",
        b"\x01\0\x10s3.amazonaws.com",
        b"\x01",
    ]
    .concat();
    for (claims, bytes) in [(plain(), plain_bytes), (full(), full_bytes)] {
        assert_eq!(encoded(&claims), bytes);
        assert_same(&SessionClaims::decode(&bytes).unwrap(), &claims);
    }
}

#[test]
fn debug_hides_the_secret() {
    assert!(!format!("{:?}", plain()).contains("secret\""));
    assert!(format!("{:?}", plain()).contains("SecretBytes(6 bytes)"));
}

#[test]
fn nothing_shorter_or_longer_is_read() {
    for bytes in [encoded(&plain()), encoded(&full())] {
        for len in 0..bytes.len() {
            let result = SessionClaims::decode(bytes.get(..len).unwrap());
            assert_eq!(result.err(), Some(InvalidSession::Malformed), "{len}");
        }
        assert_eq!(SessionClaims::decode(&[&bytes[..], &[0]].concat()).err(), Some(InvalidSession::Malformed));
    }
    assert_eq!(SessionClaims::decode(&vec![1; CLAIMS_LEN_MAX + 1]).err(), Some(InvalidSession::Malformed));
}

#[test]
fn other_versions_are_told() {
    for version in [0, 2, 255] {
        let mut bytes = encoded(&plain());
        bytes[0] = version;
        assert_eq!(SessionClaims::decode(&bytes).err(), Some(InvalidSession::Version(version)));
    }
}

#[test]
fn size_has_an_end() {
    let with = |len| SessionClaims { session_policies: vec!["x".repeat(len)], ..plain() };
    let around = encoded(&with(1)).len() - 1;
    assert_eq!(encoded(&with(CLAIMS_LEN_MAX - around)).len(), CLAIMS_LEN_MAX);
    for more in [1, 2, 60_000, 200_000] {
        let result = with(CLAIMS_LEN_MAX - around + more).encode();
        assert_eq!(result.err(), Some(EncodeError::TooLarge { len: CLAIMS_LEN_MAX + more }));
    }
}

/// A change that makes claims invalid.
type Change = fn(&mut SessionClaims);

#[test]
fn invalid_parts_are_neither_written_nor_read() {
    use SessionPart::*;
    let changes: &[(Change, SessionPart)] = &[
        (|c| c.secret_access_key = SecretBytes::default(), SecretAccessKey),
        (|c| c.secret_access_key = SecretBytes::zeroed(129), SecretAccessKey),
        (|c| c.expires = c.issued, Lifetime),
        (|c| c.expires = c.issued.plus_ms(-1), Lifetime),
        (|c| c.principal = role("s"), Principal),
        (|c| c.principal = role("a/b"), Principal),
        (|c| c.principal = SessionPrincipal::User { unique_id: ROLE_ID.parse().unwrap() }, Principal),
        (|c| c.principal = SessionPrincipal::User { unique_id: "ASIAIOSFODNN7EXAMPLE".parse().unwrap() }, Principal),
        (
            |c| {
                let role_id = USER_ID.parse().unwrap();
                c.principal = SessionPrincipal::Role { role_id, session_name: "s1".to_owned() };
            },
            Principal,
        ),
        (|c| c.tags = vec![tag("", "x", false)], Tags),
        (|c| c.tags = vec![tag("aws:x", "x", false)], Tags),
        (|c| c.tags = vec![tag("a", "x", false), tag("a", "x", false)], Tags),
        (|c| c.tags = vec![tag("a", "x", false), tag("A", "y", true)], Tags),
        (|c| c.tags = (0..51).map(|at| tag(&format!("k{at}"), "", false)).collect(), Tags),
        (|c| c.source_identity = Some(String::new()), SourceIdentity),
        (|c| c.source_identity = Some("a b".to_owned()), SourceIdentity),
        (|c| c.session_policies = vec![String::new()], SessionPolicies),
        (|c| c.session_policies = vec!["{}".to_owned(); 5], SessionPolicies),
        (|c| c.session_policy_arns = vec![String::new()], SessionPolicies),
        (|c| c.session_policy_arns = vec!["a b".to_owned()], SessionPolicies),
        (|c| c.session_policy_arns = vec!["a".repeat(2049)], SessionPolicies),
        (|c| c.session_policy_arns = vec!["a".to_owned(); 11], SessionPolicies),
        (|c| c.federation = Some(federation("", "sub", "aud")), SessionPart::Federation),
        (|c| c.federation = Some(federation("https://id.example", "sub", "aud")), SessionPart::Federation),
        (|c| c.federation = Some(federation("id.example", "", "aud")), SessionPart::Federation),
        (|c| c.federation = Some(federation("id.example", "a\nb", "aud")), SessionPart::Federation),
        (|c| c.federation = Some(federation("id.example", "sub", "")), SessionPart::Federation),
        (|c| c.federation = Some(federation("id.example", "sub", &"a".repeat(1025))), SessionPart::Federation),
        (|c| c.via_service = Some(String::new()), ViaService),
        (|c| c.via_service = Some("s3 amazonaws".to_owned()), ViaService),
        (|c| c.via_service = Some("s".repeat(129)), ViaService),
    ];
    for (at, (change, part)) in changes.iter().enumerate() {
        let mut claims = full();
        change(&mut claims);
        assert_eq!(claims.encode().err(), Some(EncodeError::Part(*part)), "row {at}");
        let bytes = wire::encode(&claims).unwrap();
        assert_eq!(SessionClaims::decode(bytes.expose()).err(), Some(InvalidSession::Part(*part)), "row {at}");
    }
}

/// Each byte that says which of several things follows has few values.
#[test]
fn marks_are_strict() {
    let bytes = encoded(&plain());
    let principal = bytes.len() - 25;
    for at in [principal, bytes.len() - 8, bytes.len() - 6, bytes.len() - 3, bytes.len() - 2, bytes.len() - 1] {
        let mut bytes = bytes.clone();
        bytes[at] = 3;
        assert_eq!(SessionClaims::decode(&bytes).err(), Some(InvalidSession::Malformed), "{at}");
    }
    let mut bytes = bytes;
    let letter = bytes.iter().position(|b| *b == b'I').unwrap();
    bytes[letter] = 0xff;
    assert_eq!(SessionClaims::decode(&bytes).err(), Some(InvalidSession::Malformed), "not UTF-8");
}

fn principals() -> impl Strategy<Value = SessionPrincipal> {
    prop_oneof![
        Just(SessionPrincipal::Root),
        Just(SessionPrincipal::User { unique_id: USER_ID.parse().unwrap() }),
        "[a-zA-Z0-9_+=,.@-]{2,64}".prop_map(|name| role(&name)),
    ]
}

/// Keys differ by their number.
fn tag_lists() -> impl Strategy<Value = Vec<SessionTag>> {
    vec(("[a-zé]{0,8}", "[ -+=:/a-zA-Zü]{0,20}", any::<bool>()), 0..20).prop_map(|tags| {
        let numbered = tags.into_iter().enumerate();
        let is_fit = |c: &char| c.is_alphanumeric() || "_.:/=+-@ ".contains(*c);
        numbered
            .map(|(at, (key, value, transitive))| {
                tag(&format!("{key}{at}"), &value.chars().filter(is_fit).collect::<String>(), transitive)
            })
            .collect()
    })
}

prop_compose! {
    fn claims()(
        secret in vec(any::<u8>(), 1..=128),
        principal in principals(),
        issued in -1_000_000_000_000_i64..4_000_000_000_000,
        length in 1_i64..100_000_000,
        mfa in option::of(any::<i64>()),
        tags in tag_lists(),
        source_identity in option::of("[a-z@.]{2,64}"),
        session_policies in vec("\\PC{1,200}", 0..=4),
        session_policy_arns in vec("[!-~]{1,80}", 0..=10),
        federation in option::of(("[a-z][a-z./]{0,30}", "\\PC{1,100}", "\\PC{1,100}")),
        via_service in option::of("[a-z.]{1,40}"),
        is_chained in any::<bool>(),
    ) -> SessionClaims {
        SessionClaims {
            secret_access_key: SecretBytes::new(secret),
            principal,
            issued: Timestamp::from_unix_ms(issued),
            expires: Timestamp::from_unix_ms(issued + length),
            mfa_authenticated_at: mfa.map(Timestamp::from_unix_ms),
            tags,
            source_identity,
            session_policies,
            session_policy_arns,
            federation: federation.map(|(provider, subject, audience)| Federation { provider, subject, audience }),
            via_service,
            is_chained,
            ..plain()
        }
    }
}

/// Whatever is read encodes to the bytes it was read from.
fn assert_canonical(bytes: &[u8]) {
    if let Ok(claims) = SessionClaims::decode(bytes) {
        assert_eq!(encoded(&claims), bytes);
    }
}

proptest! {
    #[test]
    fn claims_round_trip(claims in claims()) {
        assert_same(&SessionClaims::decode(&encoded(&claims)).unwrap(), &claims);
    }

    #[test]
    fn changed_bytes_are_refused_or_mean_something_else(
        claims in claims(), at in any::<prop::sample::Index>(), to in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encoded(&claims);
        let at = at.index(bytes.len());
        bytes[at] = to;
        assert_canonical(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        assert_canonical(&bytes);
    }

    #[test]
    fn hostile_bytes_are_no_claims(mut bytes in vec(any::<u8>(), 0..300)) {
        prop_assert!(SessionClaims::decode(&bytes).is_err());
        if let Some(version) = bytes.first_mut() {
            *version = 1;
        }
        prop_assert!(SessionClaims::decode(&bytes).is_err());
    }
}
