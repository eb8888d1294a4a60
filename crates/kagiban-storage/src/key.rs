//! Keys of rows: a table's name and typed parts, as bytes that sort as the parts do.
//!
//! A text part ends with a zero byte and holds none, a fixed part has a length both sides know; so no two keys share
//! their bytes, a shorter text sorts before a longer one, and a prefix of whole parts selects exactly the rows that
//! start with them.

use kagiban_base::id::InvalidId;

use crate::batch::KEY_BYTES_MAX;

/// The name of a table, the first part of its rows' keys.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Table(&'static str);

impl Table {
    /// The table with this name: 1 to 32 lower-case letters, digits and hyphens. Any other name stops the build when
    /// the table is a constant, as [`crate::row::Row::TABLE`] is.
    pub const fn new(name: &'static str) -> Self {
        let mut rest = name.as_bytes();
        assert!(!rest.is_empty() && rest.len() <= 32, "a table's name has 1 to 32 characters");
        while let [first, tail @ ..] = rest {
            assert!(matches!(first, b'a'..=b'z' | b'0'..=b'9' | b'-'), "lower-case letters, digits and hyphens only");
            rest = tail;
        }
        Self(name)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.0
    }

    /// The name of the table that a stored key belongs to; `None` if the bytes are no row's key.
    pub fn name_in(key: &[u8]) -> Option<&str> {
        KeyReader { rest: key }.text().ok()
    }
}

/// Parts and bytes of a key do not fit each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// A part is not the identifier it should be.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// The bytes end within a part, or go on after the last one.
    #[error("a key has a length its table does not know")]
    Length,
    /// A text part is not UTF-8.
    #[error("a key's text is not UTF-8")]
    NotText,
    /// The key belongs to another table.
    #[error("a key is not one of table {table}")]
    OtherTable {
        /// The table it was taken for.
        table: &'static str,
    },
    /// The key would be longer than [`KEY_BYTES_MAX`].
    #[error("a key of {bytes} bytes is over the limit of {KEY_BYTES_MAX}")]
    TooLong {
        /// Length of the key.
        bytes: usize,
    },
    /// A text part holds a zero byte.
    #[error("a key's text holds a zero byte")]
    ZeroInText,
}

/// The parts of a row's key.
pub trait RowKey: Sized {
    /// Writes the parts in order.
    fn write(&self, key: &mut KeyWriter);

    /// Reads the parts back, all of them.
    ///
    /// # Errors
    /// [`KeyError`] when the bytes are not such a key.
    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError>;
}

/// Builds a key part by part. A part that cannot be written is reported by [`KeyWriter::finish`].
#[derive(Clone, Debug)]
pub struct KeyWriter {
    bytes: Vec<u8>,
    refused: Option<KeyError>,
}

impl KeyWriter {
    /// A key of this table, without parts yet.
    pub fn new(table: Table) -> Self {
        let mut writer = Self { bytes: Vec::with_capacity(96), refused: None };
        writer.text(table.0);
        writer
    }

    /// Adds a text of any length; it must not hold a zero byte.
    pub fn text(&mut self, part: &str) -> &mut Self {
        if part.as_bytes().contains(&0) {
            self.refused.get_or_insert(KeyError::ZeroInText);
        }
        self.bytes.extend_from_slice(part.as_bytes());
        self.bytes.push(0);
        self
    }

    /// Adds bytes whose number is the same in every key of the table.
    pub fn fixed<const N: usize>(&mut self, part: &[u8; N]) -> &mut Self {
        self.bytes.extend_from_slice(part);
        self
    }

    /// Adds a number; keys sort by it.
    pub fn number(&mut self, part: u64) -> &mut Self {
        self.fixed(&part.to_be_bytes())
    }

    /// The key's bytes.
    ///
    /// # Errors
    /// [`KeyError::ZeroInText`], [`KeyError::TooLong`].
    pub fn finish(self) -> Result<Vec<u8>, KeyError> {
        match self.refused {
            Some(error) => Err(error),
            None if self.bytes.len() > KEY_BYTES_MAX => Err(KeyError::TooLong { bytes: self.bytes.len() }),
            None => Ok(self.bytes),
        }
    }
}

/// Reads a key part by part, in the order it was written.
#[derive(Clone, Debug)]
pub struct KeyReader<'a> {
    rest: &'a [u8],
}

impl<'a> KeyReader<'a> {
    /// Reads the parts after the table's name.
    ///
    /// # Errors
    /// [`KeyError::OtherTable`].
    pub fn new(table: Table, key: &'a [u8]) -> Result<Self, KeyError> {
        let mut reader = Self { rest: key };
        if reader.text() == Ok(table.0) { Ok(reader) } else { Err(KeyError::OtherTable { table: table.0 }) }
    }

    /// The next part, a text.
    ///
    /// # Errors
    /// [`KeyError::Length`], [`KeyError::NotText`].
    pub fn text(&mut self) -> Result<&'a str, KeyError> {
        let end = self.rest.iter().position(|byte| *byte == 0).ok_or(KeyError::Length)?;
        let (part, rest) = self.rest.split_at_checked(end).ok_or(KeyError::Length)?;
        self.rest = rest.get(1..).unwrap_or_default();
        str::from_utf8(part).map_err(|_| KeyError::NotText)
    }

    /// The next part, a text that is parsed.
    ///
    /// # Errors
    /// As [`KeyReader::text`], and what the parser says.
    pub fn parse<T: std::str::FromStr<Err = InvalidId>>(&mut self) -> Result<T, KeyError> {
        Ok(self.text()?.parse()?)
    }

    /// The next part, bytes of a known number.
    ///
    /// # Errors
    /// [`KeyError::Length`].
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], KeyError> {
        let (part, rest) = self.rest.split_first_chunk().ok_or(KeyError::Length)?;
        self.rest = rest;
        Ok(*part)
    }

    /// The next part, a number.
    ///
    /// # Errors
    /// [`KeyError::Length`].
    pub fn number(&mut self) -> Result<u64, KeyError> {
        self.fixed().map(u64::from_be_bytes)
    }

    /// Ends the key.
    ///
    /// # Errors
    /// [`KeyError::Length`] when parts are left.
    pub fn finish(self) -> Result<(), KeyError> {
        if self.rest.is_empty() { Ok(()) } else { Err(KeyError::Length) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TABLE: Table = Table::new("thing");

    fn key(text: &str, number: u64, other: &str) -> Result<Vec<u8>, KeyError> {
        let mut writer = KeyWriter::new(TABLE);
        writer.text(text).number(number).text(other);
        writer.finish()
    }

    fn parts(key: &[u8]) -> Result<(String, u64, String), KeyError> {
        let mut reader = KeyReader::new(TABLE, key)?;
        let parts = (reader.text()?.to_owned(), reader.number()?, reader.text()?.to_owned());
        reader.finish().map(|()| parts)
    }

    proptest! {
        #[test]
        fn keys_read_back_and_sort_as_their_parts(
            a in ("[^\0]{0,8}", any::<u64>(), "[^\0]{0,8}"),
            b in ("[^\0]{0,8}", any::<u64>(), "[^\0]{0,8}"),
        ) {
            let (left, right) = (key(&a.0, a.1, &a.2).unwrap(), key(&b.0, b.1, &b.2).unwrap());
            prop_assert_eq!(parts(&left).unwrap(), a.clone());
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        }

        #[test]
        fn no_bytes_make_the_reader_stumble(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok((text, number, other)) = parts(&bytes) {
                prop_assert_eq!(key(&text, number, &other).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn malformed_parts_are_refused() {
        assert_eq!(key("a\0b", 1, ""), Err(KeyError::ZeroInText));
        assert_eq!(key(&"x".repeat(1010), 1, ""), Err(KeyError::TooLong { bytes: 1026 }));
        assert!(key(&"x".repeat(1008), 1, "").is_ok());
        let good = key("a", 1, "b").unwrap();
        for (bytes, error) in [
            (&b"other\0a\0"[..], KeyError::OtherTable { table: "thing" }),
            (&b"thing"[..], KeyError::OtherTable { table: "thing" }),
            (&b"thing\0"[..], KeyError::Length),
            (&b"thing\0a\x001234567"[..], KeyError::Length),
            (&good[..good.len() - 1], KeyError::Length),
            (&[&good[..], b"x"].concat(), KeyError::Length),
            (&b"thing\0\xff\0"[..], KeyError::NotText),
        ] {
            assert_eq!(parts(bytes), Err(error), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_key_names_its_table() {
        assert_eq!(Table::name_in(&key("a", 1, "b").unwrap()), Some("thing"));
        assert_eq!(Table::name_in(b"thing"), None);
    }
}
