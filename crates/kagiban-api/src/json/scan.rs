//! Tokens: where a string or a number ends, and what a string with escapes stands for (RFC 8259, sections 6 and 7).

use std::ops::Deref;

use zeroize::Zeroizing;

/// The value of a JSON string. The unescaped copy is wiped when dropped: it may be a secret.
pub(crate) enum Text<'a> {
    Borrowed(&'a str),
    Unescaped(Zeroizing<String>),
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Unescaped(text) => text,
        }
    }
}

/// Splits `text`, which begins after the opening quote, into the string's value and what follows the closing quote.
/// `None` when it is no JSON string, or has half of a surrogate pair, which stands for no character.
pub(super) fn string(text: &str) -> Option<(Text<'_>, &str)> {
    let stop = plain_len(text.as_bytes());
    if text.as_bytes().get(stop) == Some(&b'"') {
        return Some((Text::Borrowed(text.get(..stop)?), text.get(stop + 1..)?));
    }
    let (raw, rest) = split_raw(text)?;
    Some((Text::Unescaped(unescape(raw)?), rest))
}

/// How many bytes come before the first that stands in no JSON string as it is, eight at a time: strings are most of a body.
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGHS: u64 = ONES * 0x80;
    // A byte of the result has its highest bit set if that byte of `word` is below `limit`; only the lowest such byte
    // is certain, as a borrow may spoil the ones above it.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGHS;
    let (words, tail) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found = below(word, 0x20) | below(word ^ (ONES * 0x22), 1) | below(word ^ (ONES * 0x5C), 1);
        if found != 0 {
            return number * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    bytes.len() - tail.len() + tail.iter().position(|byte| is_special(*byte)).unwrap_or(tail.len())
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1F)
}

/// Splits at the closing quote, without looking into escapes.
fn split_raw(text: &str) -> Option<(&str, &str)> {
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some((text.get(..at)?, text.get(at + 1..)?)),
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    None
}

fn unescape(raw: &str) -> Option<Zeroizing<String>> {
    // No escape is shorter than what it stands for, so this never grows and leaves no copy behind.
    let mut out = Zeroizing::new(String::with_capacity(raw.len()));
    let mut rest = raw;
    while let Some(stop) = Some(plain_len(rest.as_bytes())).filter(|stop| *stop < rest.len()) {
        out.push_str(rest.get(..stop)?);
        let (letter, after) = escape(rest.get(stop..)?.strip_prefix('\\')?)?;
        out.push(letter);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

/// The character of the escape that `text` begins with (after the backslash), and what follows.
fn escape(text: &str) -> Option<(char, &str)> {
    let (kind, rest) = text.split_at_checked(1)?;
    let letter = match kind {
        "\"" | "\\" | "/" => kind.chars().next()?,
        "b" => '\u{8}',
        "f" => '\u{C}',
        "n" => '\n',
        "r" => '\r',
        "t" => '\t',
        "u" => return unicode_escape(rest),
        _ => return None,
    };
    Some((letter, rest))
}

fn unicode_escape(text: &str) -> Option<(char, &str)> {
    let (high, rest) = hex4(text)?;
    if !(0xD800..0xDC00).contains(&high) {
        return Some((char::from_u32(high)?, rest));
    }
    let (low, rest) = hex4(rest.strip_prefix("\\u")?)?;
    let offset = low.checked_sub(0xDC00).filter(|offset| *offset < 0x400)?;
    Some((char::from_u32(0x10000 + ((high - 0xD800) << 10) + offset)?, rest))
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    // `from_str_radix` alone would accept a sign.
    let value = digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?;
    Some((value?, rest))
}

/// Length of the JSON number that `text` begins with; `None` when there is none.
pub(super) fn number_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.get(from..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    at += match bytes.get(at)? {
        b'0' => 1,
        b'1'..=b'9' => digits(at),
        _ => return None,
    };
    if bytes.get(at) == Some(&b'.') {
        at += 1 + Some(digits(at + 1)).filter(|count| *count > 0)?;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at += Some(digits(at)).filter(|count| *count > 0)?;
    }
    Some(at)
}
