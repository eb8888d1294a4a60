//! Wildcards: `*` for any run of characters, `?` for one, everything else for itself.
//!
//! Never backtracks. The stars cut a pattern into pieces; the first and the last are held against the ends of the text,
//! and each other against the earliest place where it fits. Finding that place takes time linear in the text (for a
//! piece with `?`: times the piece's length over 64).

use std::collections::BTreeMap;

/// A part of a pattern, as written or after its variables have been replaced.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Token {
    /// Itself, whatever characters it has.
    Text(Box<str>),
    /// `?`
    AnyChar,
    /// `*`
    AnyRun,
}

/// A pattern, sorted by how cheaply it can be compared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Pattern {
    /// `*`
    Any,
    /// No wildcard.
    Exact(Box<str>),
    /// One star, at the end.
    Prefix(Box<str>),
    /// Anything else.
    Glob(Glob),
}

impl Pattern {
    /// From a text in which `*` and `?` are wildcards.
    pub(crate) fn with_wildcards(text: &str) -> Self {
        Self::from_tokens(tokens(text))
    }

    /// From tokens in the order of the text.
    pub(crate) fn from_tokens(tokens: impl IntoIterator<Item = Token>) -> Self {
        let glob = Glob::from_tokens(tokens);
        match (glob.head.as_text(), &glob.rest) {
            (Some(text), None) => Self::Exact(text.into()),
            (Some(text), Some(rest)) if rest.is_empty() && text.is_empty() => Self::Any,
            (Some(text), Some(rest)) if rest.is_empty() => Self::Prefix(text.into()),
            _ => Self::Glob(glob),
        }
    }

    /// Whether the whole text fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => **exact == *text,
            Self::Prefix(prefix) => text.starts_with(&**prefix),
            Self::Glob(glob) => glob.matches(text),
        }
    }

    /// The same without regard to the case of ASCII letters; the pattern must be in lower case.
    pub(crate) fn matches_any_case(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => exact.eq_ignore_ascii_case(text),
            Self::Prefix(prefix) => {
                text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
            }
            Self::Glob(glob) => glob.matches(&text.to_ascii_lowercase()),
        }
    }
}

/// The tokens of a text in which `*` and `?` are wildcards.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['*', '?']) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            tokens.push(Token::Text(before.into()));
        }
        tokens.push(if from.starts_with('*') { Token::AnyRun } else { Token::AnyChar });
        rest = from.get(1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        tokens.push(Token::Text(rest.into()));
    }
    tokens
}

/// A pattern cut at its stars.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Glob {
    /// What the text begins with.
    head: Piece,
    /// What follows the first star; `None` without any star.
    rest: Option<Rest>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Rest {
    /// Between two stars each; none is empty.
    middle: Box<[Piece]>,
    /// What the text ends with.
    tail: Piece,
}

impl Rest {
    fn is_empty(&self) -> bool {
        self.middle.is_empty() && self.tail.0.is_empty()
    }
}

/// A part of a pattern without stars.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Piece(Vec<Atom>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Atom {
    Text(String),
    /// So many characters, at least one.
    AnyChars(usize),
}

impl Glob {
    fn from_tokens(tokens: impl IntoIterator<Item = Token>) -> Self {
        let mut pieces = vec![Piece::default()];
        for token in tokens {
            match (token, pieces.last_mut()) {
                (Token::Text(text), Some(piece)) => piece.push_text(&text),
                (Token::AnyChar, Some(piece)) => piece.push_any_char(),
                (Token::AnyRun, _) | (_, None) => pieces.push(Piece::default()),
            }
        }
        let tail = if pieces.len() > 1 { pieces.pop() } else { None };
        let mut pieces = pieces.into_iter();
        let head = pieces.next().unwrap_or_default();
        let middle = pieces.filter(|piece| !piece.0.is_empty()).collect();
        Self { head, rest: tail.map(|tail| Rest { middle, tail }) }
    }

    fn matches(&self, text: &str) -> bool {
        let Some(after) = self.head.strip_prefix(text) else { return false };
        let Some(rest) = &self.rest else { return after.is_empty() };
        let Some(between) = rest.tail.strip_suffix(after) else { return false };
        rest.middle.iter().try_fold(between, |text, piece| piece.after_first(text)).is_some()
    }
}

impl Piece {
    fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Atom::Text(last)) => last.push_str(text),
            _ => self.0.push(Atom::Text(text.to_owned())),
        }
    }

    fn push_any_char(&mut self) {
        match self.0.last_mut() {
            Some(Atom::AnyChars(count)) => *count = count.saturating_add(1),
            _ => self.0.push(Atom::AnyChars(1)),
        }
    }

    /// The text that the piece stands for, if it has no `?`.
    fn as_text(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Atom::Text(text)] => Some(text),
            _ => None,
        }
    }

    fn strip_prefix<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().try_fold(text, |text, atom| match atom {
            Atom::Text(start) => text.strip_prefix(start.as_str()),
            Atom::AnyChars(count) => {
                let mut chars = text.chars();
                chars.nth(count.saturating_sub(1)).map(|_| chars.as_str())
            }
        })
    }

    fn strip_suffix<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.0.iter().rev().try_fold(text, |text, atom| match atom {
            Atom::Text(end) => text.strip_suffix(end.as_str()),
            Atom::AnyChars(count) => {
                let mut chars = text.chars();
                chars.nth_back(count.saturating_sub(1)).map(|_| chars.as_str())
            }
        })
    }

    /// What follows the first place where the piece fits.
    fn after_first<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self.as_text() {
            Some(piece) => text.split_once(piece).map(|(_, after)| after),
            None => self.after_first_with_any_chars(text),
        }
    }

    /// Shift-And (Baeza-Yates and Gonnet, 1992): bit `i` of the state says whether the first `i + 1` characters of the
    /// piece fit the text before this place.
    fn after_first_with_any_chars<'t>(&self, text: &'t str) -> Option<&'t str> {
        let chars: Vec<Option<char>> = self.chars().collect();
        // Bytes are at least as many as characters.
        if chars.len() > text.len() {
            return None;
        }
        let masks = Masks::new(&chars);
        let mut state = vec![0; chars.len().div_ceil(64)];
        let last = chars.len().saturating_sub(1);
        let mut rest = text.chars();
        while let Some(char) = rest.next() {
            step(&mut state, masks.of(char));
            if state.get(last / 64).is_some_and(|word| word >> (last % 64) & 1 == 1) {
                return Some(rest.as_str());
            }
        }
        None
    }

    /// `None` stands for any character.
    fn chars(&self) -> impl Iterator<Item = Option<char>> {
        self.0.iter().flat_map(|atom| {
            let (text, count) = match atom {
                Atom::Text(text) => (text.as_str(), 0),
                Atom::AnyChars(count) => ("", *count),
            };
            text.chars().map(Some).chain(std::iter::repeat_n(None, count))
        })
    }
}

/// For each character the places of a piece where it may stand.
struct Masks {
    any: Vec<u64>,
    by_char: BTreeMap<char, Vec<u64>>,
}

impl Masks {
    fn new(chars: &[Option<char>]) -> Self {
        let mut any = vec![0; chars.len().div_ceil(64)];
        for (at, _) in chars.iter().enumerate().filter(|(_, char)| char.is_none()) {
            set(&mut any, at);
        }
        let mut by_char: BTreeMap<char, Vec<u64>> = BTreeMap::new();
        for (at, char) in chars.iter().enumerate() {
            if let Some(char) = char {
                set(by_char.entry(*char).or_insert_with(|| any.clone()), at);
            }
        }
        Self { any, by_char }
    }

    fn of(&self, char: char) -> &[u64] {
        self.by_char.get(&char).unwrap_or(&self.any)
    }
}

fn set(words: &mut [u64], at: usize) {
    if let Some(word) = words.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

/// Every prefix that fits grows by the character, and a new one begins.
fn step(state: &mut [u64], mask: &[u64]) {
    let mut carry = 1;
    for (word, mask) in state.iter_mut().zip(mask) {
        let next = *word >> 63;
        *word = (*word << 1 | carry) & mask;
        carry = next;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether the text fits, by trying everything.
    fn obviously_matches(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            (['*', rest @ ..], text) => (0..=text.len()).any(|skipped| obviously_matches(rest, &text[skipped..])),
            ([first, rest @ ..], [char, others @ ..]) => {
                (first == char || *first == '?') && obviously_matches(rest, others)
            }
            (_, []) => false,
        }
    }

    #[test]
    fn patterns_are_sorted_by_cost() {
        let text = |text: &str| Token::Text(text.into());
        for (pattern, expected) in [
            ("*", Pattern::Any),
            ("**", Pattern::Any),
            ("", Pattern::Exact("".into())),
            ("a", Pattern::Exact("a".into())),
            ("a*", Pattern::Prefix("a".into())),
            ("a**", Pattern::Prefix("a".into())),
        ] {
            assert_eq!(Pattern::with_wildcards(pattern), expected, "{pattern}");
        }
        for pattern in ["*a", "a*b", "?", "a?*", "?*"] {
            assert!(matches!(Pattern::with_wildcards(pattern), Pattern::Glob(_)), "{pattern}");
        }
        // Texts side by side are one text, and their wildcards are none.
        let pattern = Pattern::from_tokens([text("a"), text("*"), text(""), text("?b")]);
        assert_eq!(pattern, Pattern::Exact("a*?b".into()));
    }

    #[test]
    fn case_is_ignored_on_request() {
        for (pattern, text, whether) in [
            ("kms:decrypt", "KMS:Decrypt", true),
            ("kms:de*", "kms:DEcrypt", true),
            ("kms:de*", "kms:D", false),
            ("kms:*key", "kms:ListKEY", true),
            ("kms:?ecrypt", "kms:Decrypt", true),
            ("*", "", true),
            ("kms:ä*", "kms:Ä", false),
            ("kmsä*", "kms\u{e3}", false),
        ] {
            assert_eq!(Pattern::with_wildcards(pattern).matches_any_case(text), whether, "{pattern} {text}");
        }
    }

    /// Pieces longer than a machine word, and one that begins again within itself.
    #[test]
    fn long_pieces_with_any_chars_are_found() {
        for len in [1, 62, 63, 64, 65, 127, 128, 129, 300] {
            let piece = format!("{}?b", "a".repeat(len));
            let pattern = Pattern::with_wildcards(&format!("*{piece}*"));
            assert!(pattern.matches(&format!("{}b", "a".repeat(len + 1))), "{len}");
            assert!(pattern.matches(&format!("{}xb", "a".repeat(3 * len))), "{len}");
            assert!(pattern.matches(&format!("xä{}äb{}", "a".repeat(len), "y".repeat(len))), "{len}");
            assert!(!pattern.matches(&"a".repeat(4 * len)), "{len}");
            assert!(!pattern.matches(&format!("{}xb", "a".repeat(len - 1))), "{len}");
        }
    }

    /// Would take years by backtracking.
    #[test]
    fn hostile_patterns_take_no_time() {
        let text = "a".repeat(8192);
        for pattern in ["*a".repeat(4000), "*a?".repeat(2000), format!("*{}b*", "a?".repeat(2000)), "*?".repeat(4000)] {
            let is_last = pattern.ends_with('b') || pattern.ends_with("b*");
            assert_eq!(Pattern::with_wildcards(&pattern).matches(&text), !is_last);
            assert!(!Pattern::with_wildcards(&format!("{pattern}*b")).matches(&text));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn matching_agrees_with_trying_everything(pattern in "[abä*?]{0,10}", text in "[abä]{0,12}") {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            let expected = obviously_matches(&chars(&pattern), &chars(&text));
            prop_assert_eq!(Pattern::with_wildcards(&pattern).matches(&text), expected);
        }
    }
}
