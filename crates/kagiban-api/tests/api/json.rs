//! JSON itself: what counts as an object, a string, a number, and what is passed over.

use kagiban_api::{
    CreateKeyRequest, DecodeError, DecryptRequest, DescribeKeyRequest, EncryptRequest, ErrorCode,
    ImportKeyMaterialRequest, ListKeysRequest, TagResourceRequest, decode,
};

fn key_id(text: &[u8]) -> Result<String, DecodeError> {
    let body = [b"{\"KeyId\":\"", text, b"\"}"].concat();
    decode::<DescribeKeyRequest>(&body).map(|input| input.key_id)
}

#[test]
fn an_empty_body_is_an_empty_object() {
    for body in [&b""[..], b"{}", b" \t\r\n{ \n} \n"] {
        assert_eq!(decode::<ListKeysRequest>(body), Ok(ListKeysRequest::default()));
    }
    for body in [&b" "[..], b"{", b"}", b"{}{}", b"{},", b"\xEF\xBB\xBF{}", b"\0", b"{\xA0}"] {
        assert!(matches!(decode::<ListKeysRequest>(body), Err(DecodeError::Serialization(_))), "{body:?}");
    }
}

#[test]
fn unknown_members_are_passed_over_whatever_they_hold() {
    for value in ["1", "-0.5e+7", "1E999", "null", "true", "\"\\u0000\"", "[]", "{}", "[[{\"a\":[1,{}]}],\"x\"]"] {
        let body = format!(r#"{{"limit":0,"Extra":{value},"Extra":{value},"Limit":5}}"#);
        assert_eq!(decode::<ListKeysRequest>(body.as_bytes()).unwrap().limit, Some(5), "{value}");
    }
    for value in [
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "-",
        "nul",
        "tru",
        "NaN",
        "'a'",
        "\"",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{1:2}",
        "{\"a\" 1}",
        "[1 2]",
        "\"\\x\"",
        "\"\t\"",
        "\"\\ud800\"",
        "/* */1",
    ] {
        let body = format!(r#"{{"Extra":{value}}}"#);
        assert!(matches!(decode::<ListKeysRequest>(body.as_bytes()), Err(DecodeError::Serialization(_))), "{value}");
    }
}

#[test]
fn null_is_absent() {
    let body = br#"{"Limit":null,"Marker": null ,"ResourceOwners":null}"#;
    assert_eq!(decode::<ListKeysRequest>(body), Ok(ListKeysRequest::default()));
    assert!(decode::<CreateKeyRequest>(br#"{"Tags":null,"MultiRegion":null,"KeySpec":null}"#).is_ok());
    assert!(decode::<ListKeysRequest>(br#"{"Limit":null,"Limit":5}"#).is_err(), "null first is a duplicate, too");
    assert!(decode::<ListKeysRequest>(br#"{"Limit":nul}"#).is_err());
}

#[test]
fn strings_are_unescaped() {
    for (text, expected) in [
        (&br#"\"\\\/\b\f\n\r\t"#[..], "\"\\/\u{8}\u{C}\n\r\t"),
        (br#"\u0041\u00e9\u20AC\ud83d\udd11\uFFFF"#, "Aé€🔑\u{FFFF}"),
        ("Aé€🔑\u{7F}".as_bytes(), "Aé€🔑\u{7F}"),
        (br#"\u0000"#, "\0"),
        (br#"a longer text with \"one\" escape in each word \\"#, "a longer text with \"one\" escape in each word \\"),
    ] {
        assert_eq!(key_id(text).as_deref(), Ok(expected));
    }
}

#[test]
fn broken_strings_are_refused() {
    for text in [
        &b"\n"[..],
        b"\0",
        b"plain text and then \x1F",
        br"\",
        br"\a",
        br"\u12",
        br"\u+123",
        br"\ud83d",
        br"\ud83dx",
        br"\ud83d\u0041",
        br"\ud83d\ue000",
        br"\udd11",
        b"\xFF",
        b"\xC0\x80",
        b"\xED\xA0\x80",
        b"\xF0\x9F\x94",
    ] {
        assert!(matches!(key_id(text), Err(DecodeError::Serialization(_))), "{text:?}");
    }
}

#[test]
fn member_names_may_be_escaped_and_are_then_the_same() {
    let body = br#"{"Key\u0049d":"a"}"#;
    assert_eq!(decode::<DescribeKeyRequest>(body).unwrap().key_id, "a");
    assert!(decode::<DescribeKeyRequest>(br#"{"Key\u0049d":"a","KeyId":"a"}"#).is_err());
}

#[test]
fn nesting_is_bounded() {
    let nested = |open: &str, close: &str, depth| format!("{{\"x\":{}0{}}}", open.repeat(depth), close.repeat(depth));
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        assert!(decode::<ListKeysRequest>(nested(open, close, 31).as_bytes()).is_ok());
        let too_deep = decode::<ListKeysRequest>(nested(open, close, 32).as_bytes()).unwrap_err();
        assert_eq!(too_deep.message(), "Nesting is too deep");
        assert!(decode::<ListKeysRequest>(nested(open, close, 200_000).as_bytes()).is_err());
        assert!(decode::<ListKeysRequest>(open.repeat(200_000).as_bytes()).is_err());
    }
}

#[test]
fn wide_bodies_do_not_count_as_deep() {
    let tags = r#"{"TagKey":"k","TagValue":"v"},"#.repeat(100);
    let body = format!(r#"{{"KeyId":"k","Tags":[{}],"x":[{}[]]}}"#, tags.trim_end_matches(','), "[],{},".repeat(100));
    assert_eq!(decode::<TagResourceRequest>(body.as_bytes()).unwrap().tags.len(), 100);
}

#[test]
fn base64_is_standard_and_padded() {
    let plaintext = |text: &str| {
        let body = format!(r#"{{"KeyId":"k","Plaintext":"{text}"}}"#);
        decode::<EncryptRequest>(body.as_bytes()).map(|input| input.plaintext.expose().to_vec())
    };
    assert_eq!(plaintext("+/8="), Ok(vec![0xFB, 0xFF]));
    assert_eq!(plaintext(r"+\/8\u003d"), Ok(vec![0xFB, 0xFF]));
    for bad in
        ["-_8=", "+/8", "+/8==", "+/9=", "+ /8=", "=", "A", "AA", "AA=", "AAA", "AAAAA", "AA==AA==", "é", "AAAA\\n"]
    {
        let refusal = plaintext(bad).unwrap_err();
        assert_eq!(
            (refusal.code(), refusal.message()),
            (ErrorCode::SerializationException, "Invalid base64 at 'plaintext'"),
            "{bad}"
        );
        let ciphertext = format!(r#"{{"CiphertextBlob":"{bad}"}}"#);
        assert!(decode::<DecryptRequest>(ciphertext.as_bytes()).is_err(), "{bad}");
    }
}

#[test]
fn integers_are_whole_and_of_32_bits() {
    let limit = |text: &str| decode::<ListKeysRequest>(format!(r#"{{"Limit":{text}}}"#).as_bytes());
    assert_eq!(limit("1000").unwrap().limit, Some(1000));
    for bad in ["1.0", "1e2", "1E0", "2147483648", "-2147483649", "99999999999999999999", "0x10", "1_000", "01", "--1"]
    {
        assert!(matches!(limit(bad), Err(DecodeError::Serialization(_))), "{bad}");
    }
    for outside in ["-0", "0", "2147483647", "-2147483648"] {
        assert!(matches!(limit(outside), Err(DecodeError::Validation(_))), "{outside}");
    }
}

#[test]
fn timestamps_are_numbers_or_iso_texts() {
    let valid_to = |text: &str| {
        let body = format!(r#"{{"KeyId":"k","ImportToken":"AA==","EncryptedKeyMaterial":"AA==","ValidTo":{text}}}"#);
        decode::<ImportKeyMaterialRequest>(body.as_bytes()).map(|input| input.valid_to.map(|at| at.unix_ms()))
    };
    for (text, ms) in [
        ("1767323045.678", 1_767_323_045_678),
        ("1767323045", 1_767_323_045_000),
        ("1.763762400123E9", 1_763_762_400_123),
        ("-1.5", -1500),
        ("\"2026-01-02T03:04:05.678Z\"", 1_767_323_045_678),
    ] {
        assert_eq!(valid_to(text), Ok(Some(ms)), "{text}");
    }
    for bad in ["\"\"", "\"1767323045\"", "\"2026-01-02\"", "1e300", "true", "{}", "[1]", "1767323045x"] {
        assert!(matches!(valid_to(bad), Err(DecodeError::Serialization(_))), "{bad}");
    }
}

#[test]
fn length_is_counted_in_utf16_code_units() {
    let description = |text: &str| decode::<CreateKeyRequest>(format!(r#"{{"Description":"{text}"}}"#).as_bytes());
    assert!(description(&"é".repeat(8192)).is_ok());
    assert!(description(&"€".repeat(8192)).is_ok());
    assert!(description(&"🔑".repeat(4096)).is_ok());
    assert!(description(&("🔑".repeat(4096) + "x")).is_err());
}

#[test]
fn empty_keys_and_values_of_a_map_are_kept() {
    let input: DecryptRequest = decode(br#"{"EncryptionContext":{"":"","a":"b"}}"#).unwrap();
    assert_eq!(input.encryption_context.unwrap().len(), 2);
}
