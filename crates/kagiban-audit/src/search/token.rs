//! Where the next page begins, as a text that means nothing to others.

use std::fmt;
use std::str::FromStr;

use crate::recorder::Sequence;
use crate::search::{Order, Query};
use crate::sha256;

/// The first byte of a token.
const VERSION: u8 = 1;
/// Bytes of a token: version, place, fingerprint of the query.
const BYTES: usize = 17;

/// A place in the answer to one query. It grants nothing: whoever makes one up begins at another place of what his query
/// may show him.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Token {
    /// The next record to be looked at.
    pub(crate) place: Sequence,
    fingerprint: [u8; 8],
}

/// The text is no token, or a token of another query.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the token is not one of this search; repeat the search without it")]
pub struct InvalidToken;

impl Token {
    pub(crate) fn new(query: &Query, place: Sequence) -> Self {
        Self { place, fingerprint: fingerprint(query) }
    }

    /// The place, if the token is one of this query.
    pub(crate) fn place(&self, query: &Query) -> Result<Sequence, InvalidToken> {
        if self.fingerprint == fingerprint(query) { Ok(self.place) } else { Err(InvalidToken) }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION:02x}{:016x}{:016x}", self.place.0, u64::from_be_bytes(self.fingerprint))
    }
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let is_hexadecimal = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 2 * BYTES || !is_hexadecimal {
            return Err(InvalidToken);
        }
        let (version, rest) = text.split_at_checked(2).ok_or(InvalidToken)?;
        let (place, fingerprint) = rest.split_at_checked(16).ok_or(InvalidToken)?;
        let number = |digits| u64::from_str_radix(digits, 16).map_err(|_| InvalidToken);
        if number(version)? != u64::from(VERSION) {
            return Err(InvalidToken);
        }
        Ok(Self { place: Sequence(number(place)?), fingerprint: number(fingerprint)?.to_be_bytes() })
    }
}

/// What sets a query apart from others.
fn fingerprint(query: &Query) -> [u8; 8] {
    let mut text = Vec::new();
    text.push(u8::from(query.order == Order::OldestFirst));
    for moment in [query.from, query.until] {
        text.extend_from_slice(&moment.map_or(i64::MIN, |moment| moment.unix_ms()).to_le_bytes());
    }
    text.extend_from_slice(query.account.as_ref().map_or("-", |account| account.as_str()).as_bytes());
    for term in &query.terms {
        text.push(term.field as u8);
        text.extend_from_slice(&(term.value.len() as u64).to_le_bytes());
        text.extend_from_slice(term.value.as_bytes());
    }
    sha256::short(&[&text])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::{Field, Term};

    #[test]
    fn a_token_is_read_as_it_was_written_and_belongs_to_its_query() {
        let query = Query { terms: vec![Term::new(Field::Operation, "Decrypt")], ..Query::default() };
        let token = Token::new(&query, Sequence(77));
        let read: Token = token.to_string().parse().unwrap();
        assert_eq!((read, read.place(&query)), (token, Ok(Sequence(77))));
        let others = [
            Query::default(),
            Query { order: Order::OldestFirst, ..query.clone() },
            Query { account: Some("111122223333".parse().unwrap()), ..query.clone() },
            Query { from: Some(kagiban_base::time::Timestamp::from_unix_ms(1)), ..query.clone() },
            Query { terms: vec![Term::new(Field::Key, "Decrypt")], ..query.clone() },
        ];
        for other in others {
            assert_eq!(read.place(&other), Err(InvalidToken), "{other:?}");
        }
    }

    #[test]
    fn nothing_else_is_a_token() {
        let good = Token::new(&Query::default(), Sequence(1)).to_string();
        let long = format!("{good}0");
        for bad in ["", "x", &good[1..], &long, &good.replacen("01", "02", 1), &good.replace('0', "G"), "\u{e4}"] {
            assert_eq!(bad.parse::<Token>(), Err(InvalidToken), "{bad}");
        }
    }
}
