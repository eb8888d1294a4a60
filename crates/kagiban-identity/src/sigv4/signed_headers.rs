//! The list of signed headers, read once: whether it is well-formed, and which names that matter are in it.

use std::borrow::Cow;

use super::SIGNED_HEADERS_MAX;
use super::canonical::AUTHORITY;

/// Names in lower case, sorted, each once, separated by `;`.
#[derive(Clone)]
pub(super) struct SignedHeaderList<'a> {
    text: Cow<'a, str>,
    /// One bit for each of [`KNOWN`].
    known: u16,
}

/// The names that are asked for.
const KNOWN: [&str; 9] = [
    AUTHORITY,
    "date",
    "host",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-source-account",
    "x-amz-source-arn",
    "x-amz-target",
];

impl<'a> SignedHeaderList<'a> {
    /// Reads the list. `None` if it is not in lower case, not sorted, has a repetition or a gap, or is too long. An empty
    /// list is well-formed: what it lacks is a host, and that is the better answer.
    pub(super) fn parse(text: Cow<'a, str>) -> Option<Self> {
        if text.is_empty() {
            return Some(Self { text, known: 0 });
        }
        let (mut known, mut count, mut before) = (0, 0, &b""[..]);
        for name in text.as_bytes().split(|byte| *byte == b';') {
            count += 1;
            if name <= before || count > SIGNED_HEADERS_MAX {
                return None;
            }
            known |= bit(name);
            before = name;
        }
        let has_upper_case = text.bytes().fold(false, |any, byte| any | byte.is_ascii_uppercase());
        (!has_upper_case).then_some(Self { text, known })
    }

    /// The list as it was sent.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the name, one of [`KNOWN`], is in the list.
    pub(super) fn has(&self, name: &str) -> bool {
        self.known & bit(name.as_bytes()) != 0
    }
}

/// The bit of one of [`KNOWN`], none for other names.
fn bit(name: &[u8]) -> u16 {
    KNOWN.iter().position(|known| known.as_bytes() == name).map_or(0, |at| 1 << at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<SignedHeaderList<'_>> {
        SignedHeaderList::parse(Cow::Borrowed(text))
    }

    #[test]
    fn lists_are_sorted_lower_case_and_short() {
        let most: Vec<String> = (0..SIGNED_HEADERS_MAX).map(|n| format!("h{n:03}")).collect();
        for (list, fits) in [
            ("", true),
            ("host", true),
            ("host;x-amz-date", true),
            (most.join(";").as_str(), true),
            ((most.join(";") + ";i").as_str(), false),
            ("x-amz-date;host", false),
            ("host;host", false),
            ("Host", false),
            (";host", false),
            ("host;", false),
            ("host;;x-amz-date", false),
            (";", false),
        ] {
            assert_eq!(parse(list).is_some(), fits, "{list}");
        }
    }

    #[test]
    fn names_that_matter_are_found() {
        for name in KNOWN {
            assert!(parse(name).unwrap().has(name));
            assert!(!parse(&format!("{name}x;y{name};zz")).unwrap().has(name));
        }
        let all = KNOWN.join(";");
        assert!(KNOWN.iter().all(|name| parse(&all).unwrap().has(name)));
        assert!(!parse("").unwrap().has("host"));
    }
}
