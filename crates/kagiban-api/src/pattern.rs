//! The model's regular expressions as plain functions: no engine at run time, no backtracking, one pass each.
//!
//! `model/patterns.json` tells the generator which function stands for which expression; a test compares each with a
//! real engine. As on the live service (Java), an expression must match the whole value, `\w`, `\d` and `\s` are ASCII,
//! and `.` matches no line terminator.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// A regular expression of the model.
#[derive(Clone, Copy)]
pub(crate) struct Pattern {
    /// The expression, as error texts show it.
    pub(crate) text: &'static str,
    /// Whether the whole of a text matches it.
    pub(crate) matches: fn(&str) -> bool,
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

/// One or more of the allowed ASCII characters.
fn some(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && all(text, allowed)
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn is_lower_or_digit(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// `[0-9]{12}`
pub(crate) fn account_id(text: &str) -> bool {
    text.len() == 12 && all(text, |b| b.is_ascii_digit())
}

/// `^[a-zA-Z0-9:/_-]+$`
pub(crate) fn name_with_path(text: &str) -> bool {
    some(text, |b| is_word(b) || matches!(b, b':' | b'/' | b'-'))
}

/// `^[a-f0-9]+$`
pub(crate) fn lower_hex(text: &str) -> bool {
    some(text, |b| matches!(b, b'a'..=b'f' | b'0'..=b'9'))
}

/// `cluster-[2-7a-zA-Z]{11,16}`
pub(crate) fn cluster_id(text: &str) -> bool {
    text.strip_prefix("cluster-").is_some_and(|id| {
        (11..=16).contains(&id.len()) && all(id, |b| b.is_ascii_alphabetic() || matches!(b, b'2'..=b'7'))
    })
}

/// `^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$`
pub(crate) fn source_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (scheme, partition, service, region, account, resource) = (next(), next(), next(), next(), next(), next());
    let is_name = |b| is_lower_or_digit(b) || b == b'-';
    scheme == "arn"
        && partition.strip_prefix("aws").is_some_and(|rest| all(rest, is_name))
        && some(service, is_name)
        && all(region, is_name)
        && account_id(account)
        && !resource.is_empty()
        && !resource.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

/// `^[a-zA-Z0-9:/_\s.-]+$`
pub(crate) fn material_description(text: &str) -> bool {
    some(text, |b| is_word(b) || matches!(b, b':' | b'/' | b'.' | b'-' | b' ' | b'\t'..=b'\r'))
}

/// `[\u0020-\u00FF]*`
pub(crate) fn latin(text: &str) -> bool {
    text.chars().all(|c| matches!(c, ' '..='\u{FF}'))
}

/// `[\u0009\u000A\u000D\u0020-\u00FF]+`
pub(crate) fn latin_with_breaks(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}'))
}

/// `[\u0020-\u00FF]+`
pub(crate) fn latin_not_empty(text: &str) -> bool {
    !text.is_empty() && latin(text)
}

/// `[\w]+`
pub(crate) fn word(text: &str) -> bool {
    some(text, is_word)
}

/// `[\w]*`
pub(crate) fn word_or_empty(text: &str) -> bool {
    all(text, is_word)
}

/// `[\d]+`
pub(crate) fn digits(text: &str) -> bool {
    some(text, |b| b.is_ascii_digit())
}

/// `[\d]*`
pub(crate) fn digits_or_empty(text: &str) -> bool {
    all(text, |b| b.is_ascii_digit())
}

/// `^[\w+=,.@:/-]+$`
pub(crate) fn principal(text: &str) -> bool {
    some(text, |b| is_word(b) || matches!(b, b'+' | b'=' | b',' | b'.' | b'@' | b':' | b'/' | b'-'))
}

/// `^([a-z]+-){2,3}\d+$`
pub(crate) fn region(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(words, number)| {
        some(number, |b| b.is_ascii_digit())
            && (2..=3).contains(&words.split('-').count())
            && words.split('-').all(|word| some(word, |b| b.is_ascii_lowercase()))
    })
}

/// `^([A-Za-z0-9\-]+)\.([A-Za-z0-9\-]+)(\.[A-Za-z0-9\-]+)+$`
pub(crate) fn service_principal(text: &str) -> bool {
    text.split('.').count() >= 3 && text.split('.').all(|label| some(label, |b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// `^[a-zA-Z0-9-_.]+$`
pub(crate) fn external_key_id(text: &str) -> bool {
    some(text, |b| is_word(b) || matches!(b, b'-' | b'.'))
}

/// `^[A-Z2-7]+$`
pub(crate) fn base32(text: &str) -> bool {
    some(text, |b| matches!(b, b'A'..=b'Z' | b'2'..=b'7'))
}

/// `^[a-zA-Z0-9\/+=]+$`
pub(crate) fn base64(text: &str) -> bool {
    some(text, |b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+' | b'='))
}

/// `^https://[a-zA-Z0-9.-]+$`
pub(crate) fn https_endpoint(text: &str) -> bool {
    text.strip_prefix("https://")
        .is_some_and(|host| some(host, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')))
}

/// `^(/[a-zA-Z0-9\/_-]+/kms/xks/v\d{1,2})$|^(/kms/xks/v\d{1,2})$`
pub(crate) fn proxy_path(text: &str) -> bool {
    // The version has no slash, so the last occurrence is the only one that can be the fixed part.
    text.rsplit_once("/kms/xks/v").is_some_and(|(prefix, version)| {
        let prefix_fits = prefix.is_empty()
            || prefix.strip_prefix('/').is_some_and(|rest| some(rest, |b| is_word(b) || matches!(b, b'/' | b'-')));
        prefix_fits && version.len() <= 2 && some(version, |b| b.is_ascii_digit())
    })
}

/// `^(com|eu)\.amazonaws\.vpce\.([a-z]+-){2,3}\d+\.vpce-svc-[0-9a-z]+$`
pub(crate) fn endpoint_service_name(text: &str) -> bool {
    let rest = ["com", "eu"].into_iter().find_map(|top| text.strip_prefix(top));
    rest.and_then(|rest| rest.strip_prefix(".amazonaws.vpce."))
        .and_then(|rest| rest.split_once(".vpce-svc-"))
        .is_some_and(|(place, id)| region(place) && some(id, is_lower_or_digit))
}

/// `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`
pub(crate) fn account_alias(text: &str) -> bool {
    let has_edges = text.starts_with(|c| c != '-') && text.ends_with(|c| c != '-');
    (3..=63).contains(&text.len())
        && has_edges
        && !text.contains("--")
        && all(text, |b| is_lower_or_digit(b) || b == b'-')
}

const fn is_name(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'+' | b'=' | b',' | b'.' | b'@' | b'-')
}

/// `[\w+=,.@-]+`
pub(crate) fn identity_name(text: &str) -> bool {
    some(text, is_name)
}

/// `[\w+=,.@-]*`
pub(crate) fn identity_name_or_empty(text: &str) -> bool {
    all(text, is_name)
}

/// `[\w+=/:,.@-]+`
pub(crate) fn serial_number(text: &str) -> bool {
    !text.is_empty() && external_id(text)
}

/// `[\w+=/:,.@-]*`
pub(crate) fn serial_number_or_empty(text: &str) -> bool {
    external_id(text)
}

/// `[\w+=,.@:\/-]*`
pub(crate) fn external_id(text: &str) -> bool {
    all(text, |b| is_name(b) || matches!(b, b':' | b'/'))
}

/// `\u002F[\u0021-\u007F]*`
pub(crate) fn path_prefix(text: &str) -> bool {
    text.starts_with('/') && all(text, |b| matches!(b, b'!'..=0x7F))
}

/// `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`
pub(crate) fn path(text: &str) -> bool {
    text == "/" || text.len() > 2 && text.starts_with('/') && text.ends_with('/') && all(text, |b| b.is_ascii_graphic())
}

/// `((/[A-Za-z0-9\.,\+@=_-]+)*)/`
pub(crate) fn policy_path(text: &str) -> bool {
    let parts = text.strip_suffix('/').map(|rest| rest.strip_prefix('/').map(|rest| rest.split('/')));
    parts.is_some_and(|parts| {
        parts.is_none_or(|mut parts| parts.all(|part| some(part, is_name))) && text.starts_with('/')
    })
}

/// `v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`
pub(crate) fn policy_version_id(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else { return false };
    let (number, suffix) = rest.split_once('.').unwrap_or((rest, ""));
    digits(number) && !number.starts_with('0') && all(suffix, |b| b.is_ascii_alphanumeric() || b == b'-')
}

/// `[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*`
pub(crate) fn role_description(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{A1}'..='\u{FF}'))
}

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]+`
pub(crate) fn tag_key(text: &str) -> bool {
    !text.is_empty() && tag_value(text)
}

/// `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`
pub(crate) fn tag_value(text: &str) -> bool {
    text.chars().all(|c| match c {
        '_' | '.' | ':' | '/' | '=' | '+' | '-' | '@' | ' ' => true,
        _ if c.is_ascii() => c.is_ascii_alphanumeric(),
        _ => matches!(
            c.general_category_group(),
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Separator | GeneralCategoryGroup::Number
        ),
    })
}

/// `[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+`
///
/// An escape has four digits, so that the end of the class is U+1000, the range from `0` to U+10FF, and `F`. Characters
/// beyond U+FFFF are outside of it, whatever the authors meant.
pub(crate) fn any_arn(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}'))
}

#[cfg(test)]
mod tests;
