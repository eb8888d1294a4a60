//! The model's limits, and the texts in which AWS reports their violation.
//!
//! Protocols differ in how values are read, not in what is allowed: this module knows limits, paths and texts, and
//! nothing about JSON. Every text is bounded, whatever the request was.

use std::fmt;

use crate::pattern::Pattern;
use crate::string_enum::StringEnum;

/// A reported value or path is cut after this many characters.
const SHOWN_CHARS_MAX: usize = 1024;

/// Further violations are not reported.
const VIOLATIONS_MAX: usize = 100;

/// Least and greatest length or value.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

impl Range {
    /// Whether the value is outside.
    pub(crate) fn excludes(&self, value: i64) -> bool {
        self.is_below(value) || self.is_above(value)
    }

    /// Whether a string of so many UTF-8 bytes is within, whatever it is: three of them make one UTF-16 unit at least.
    fn surely_holds(&self, bytes: usize) -> bool {
        i64::try_from(bytes).is_ok_and(|bytes| !self.is_above(bytes) && !self.is_below((bytes + 2) / 3))
    }

    fn is_below(&self, value: i64) -> bool {
        self.min.is_some_and(|min| value < min)
    }

    fn is_above(&self, value: i64) -> bool {
        self.max.is_some_and(|max| value > max)
    }
}

/// Limits of a string: length in UTF-16 code units, and pattern.
pub(crate) struct TextLimits {
    pub(crate) length: Range,
    pub(crate) pattern: Option<Pattern>,
}

impl TextLimits {
    /// Whether the text keeps all limits.
    pub(crate) fn fit(&self, text: &str) -> bool {
        let pattern_fits = self.pattern.is_none_or(|pattern| (pattern.matches)(text));
        pattern_fits && (self.length.surely_holds(text.len()) || !self.length.excludes(utf16_len(text)))
    }

    /// The texts of all limits, as they stand in the message about a list whose elements have them.
    pub(crate) fn texts(&self) -> Vec<String> {
        let max = self.length.max.map(|max| Limit::LengthMax(max).to_string());
        let min = self.length.min.map(|min| Limit::LengthMin(min).to_string());
        let pattern = self.pattern.as_ref().map(|pattern| Limit::Pattern(pattern.text).to_string());
        [max, min, pattern].into_iter().flatten().collect()
    }
}

/// Length as AWS counts it: UTF-16 code units, as in a Java string.
fn utf16_len(text: &str) -> i64 {
    // A character of four UTF-8 bytes takes two units, every other one; continuation bytes take none.
    let units = |byte: u8| if byte >= 0xF0 { 2 } else { i64::from(!(0x80..0xC0).contains(&byte)) };
    text.bytes().map(units).sum()
}

/// A limit as AWS words it.
pub(crate) enum Limit<'a> {
    Elements(&'a [String]),
    Enum(&'a str),
    LengthMax(i64),
    LengthMin(i64),
    NotNull,
    Pattern(&'a str),
    ValueMax(i64),
    ValueMin(i64),
}

impl fmt::Display for Limit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elements(texts) => write!(f, "Member must satisfy constraint: [{}]", texts.join(", ")),
            Self::Enum(names) => write!(f, "Member must satisfy enum value set: [{names}]"),
            Self::LengthMax(max) => write!(f, "Member must have length less than or equal to {max}"),
            Self::LengthMin(min) => write!(f, "Member must have length greater than or equal to {min}"),
            Self::NotNull => f.write_str("Member must not be null"),
            Self::Pattern(pattern) => write!(f, "Member must satisfy regular expression pattern: {pattern}"),
            Self::ValueMax(max) => write!(f, "Member must have value less than or equal to {max}"),
            Self::ValueMin(min) => write!(f, "Member must have value greater than or equal to {min}"),
        }
    }
}

/// The text of an enum's limit.
pub(crate) fn enum_text<T: StringEnum>() -> String {
    let names: Vec<_> = T::VALUES.iter().map(|value| value.name_of()).collect();
    Limit::Enum(&names.join(", ")).to_string()
}

/// Where in the input a value stands; lives on the stack of the reader, so that it costs nothing until it is shown.
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    segment: Segment<'p>,
}

enum Segment<'p> {
    Element(usize),
    Key(&'p str),
    Member(&'static str),
    Top,
}

impl<'p> Path<'p> {
    /// The input itself.
    pub(crate) const TOP: Path<'static> = Path { parent: None, segment: Segment::Top };

    /// The member with this wire name.
    pub(crate) const fn member(&'p self, name: &'static str) -> Self {
        Self { parent: Some(self), segment: Segment::Member(name) }
    }

    /// The list element with this number, counted from 1.
    pub(crate) const fn element(&'p self, number: usize) -> Self {
        Self { parent: Some(self), segment: Segment::Element(number) }
    }

    /// The map value with this key.
    pub(crate) const fn key(&'p self, key: &'p str) -> Self {
        Self { parent: Some(self), segment: Segment::Key(key) }
    }

    /// Whether this is the input itself, which has no name.
    pub(crate) const fn is_top(&self) -> bool {
        matches!(self.segment, Segment::Top)
    }
}

/// AWS's form: member names with a lower first letter, `tags.1.member.tagKey` for list elements, keys as they are.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent.filter(|parent| !parent.is_top()) {
            write!(f, "{parent}.")?;
        }
        match self.segment {
            Segment::Element(number) => write!(f, "{number}.member"),
            Segment::Key(key) => Shortened(key).fmt(f),
            Segment::Member(name) => {
                let mut letters = name.chars();
                let first = letters.next().map(|letter| letter.to_ascii_lowercase());
                write!(f, "{}{}", first.unwrap_or_default(), letters.as_str())
            }
            Segment::Top => Ok(()),
        }
    }
}

/// A text of the request, cut to a bounded length.
pub(crate) struct Shortened<'t>(pub(crate) &'t str);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN_CHARS_MAX).and_then(|(end, _)| self.0.get(..end)) {
            Some(head) => write!(f, "{head}..."),
            None => f.write_str(self.0),
        }
    }
}

/// How a violating value is reported.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'v> {
    /// Sensitive, or a blob, or a structure: left out.
    Hidden,
    Null,
    Number(i32),
    Text(&'v str),
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hidden => f.write_str("Value"),
            Self::Null => f.write_str("Value null"),
            Self::Number(number) => write!(f, "Value '{number}'"),
            Self::Text(text) => write!(f, "Value '{}'", Shortened(text)),
        }
    }
}

/// The violations found so far in one input.
#[derive(Default)]
pub(crate) struct Violations(Vec<String>);

impl Violations {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes one; ignored when there are too many already.
    #[cold]
    pub(crate) fn record(&mut self, at: &Path<'_>, value: Shown<'_>, limit: impl fmt::Display) {
        if self.0.len() < VIOLATIONS_MAX {
            self.0.push(format!("{value} at '{at}' failed to satisfy constraint: {limit}"));
        }
    }

    /// Checks a length: of a string, blob, list or map.
    pub(crate) fn check_length(&mut self, at: &Path<'_>, range: &Range, length: i64, value: Shown<'_>) {
        if let Some(max) = range.max.filter(|_| range.is_above(length)) {
            self.record(at, value, Limit::LengthMax(max));
        }
        if let Some(min) = range.min.filter(|_| range.is_below(length)) {
            self.record(at, value, Limit::LengthMin(min));
        }
    }

    /// Checks a string.
    pub(crate) fn check_text(&mut self, at: &Path<'_>, limits: &TextLimits, text: &str, value: Shown<'_>) {
        if !limits.length.surely_holds(text.len()) {
            self.check_length(at, &limits.length, utf16_len(text), value);
        }
        if let Some(pattern) = limits.pattern.as_ref().filter(|pattern| !(pattern.matches)(text)) {
            self.record(at, value, Limit::Pattern(pattern.text));
        }
    }

    /// Checks a number.
    pub(crate) fn check_number(&mut self, at: &Path<'_>, range: &Range, number: i32) {
        if let Some(max) = range.max.filter(|_| range.is_above(number.into())) {
            self.record(at, Shown::Number(number), Limit::ValueMax(max));
        }
        if let Some(min) = range.min.filter(|_| range.is_below(number.into())) {
            self.record(at, Shown::Number(number), Limit::ValueMin(min));
        }
    }

    /// All of them in AWS's frame.
    pub(crate) fn message(&self) -> String {
        let count = self.0.len();
        let errors = if count == 1 { "error" } else { "errors" };
        format!("{count} validation {errors} detected: {}", self.0.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_utf16_code_units() {
        for text in ["", "a", "ä", "€", "😀", "a😀€ä\u{FFFF}\u{10FFFF}"] {
            assert_eq!(utf16_len(text), i64::try_from(text.encode_utf16().count()).unwrap(), "{text}");
        }
    }

    #[test]
    fn shown_texts_are_cut_between_characters() {
        let exact = "€".repeat(SHOWN_CHARS_MAX);
        assert_eq!(Shortened(&exact).to_string(), exact);
        assert_eq!(Shortened(&format!("{exact}€")).to_string(), format!("{exact}..."));
    }

    #[test]
    fn violations_are_counted_and_capped() {
        let mut violations = Violations::default();
        for _ in 0..=VIOLATIONS_MAX {
            violations.record(&Path::TOP.member("KeyId"), Shown::Null, Limit::NotNull);
        }
        let message = violations.message();
        assert!(message.starts_with("100 validation errors detected: Value null at 'keyId' failed"));
        assert_eq!(message.matches("; ").count(), VIOLATIONS_MAX - 1);
    }
}
