//! Which row of which table a wrapped value belongs to.
//!
//! Wrapped values lie in a store that is trusted to keep them, not to keep them in place. Each is therefore sealed
//! together with its row's name, and opens nowhere else.

/// The name of a row: its table and the labelled parts of its key, encoded so that no two names give the same bytes.
///
/// The encoding is a tag, then each text behind its length of 64 bits, big-endian: the table, then label and value of
/// each part in the order given.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowBinding(Vec<u8>);

impl RowBinding {
    const TAG: &[u8] = b"kagiban-row-v1";
    /// Room for the usual row, so that the hot path allocates once.
    const LEN_HINT: usize = 256;

    /// The binding to a row of `table` whose key has no parts yet.
    #[must_use]
    pub fn new(table: &'static str) -> Self {
        let mut bytes = Vec::with_capacity(Self::LEN_HINT);
        bytes.extend_from_slice(Self::TAG);
        Self(bytes).with(table.as_bytes())
    }

    /// Adds one part of the row's key: what it is, and its value.
    #[must_use]
    pub fn part(self, label: &'static str, value: &[u8]) -> Self {
        self.with(label.as_bytes()).with(value)
    }

    /// The bytes, as associated data of authenticated encryption. A root key outside this crate needs them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn with(mut self, text: &[u8]) -> Self {
        self.0.extend_from_slice(&(text.len() as u64).to_be_bytes());
        self.0.extend_from_slice(text);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_documented_one() {
        let binding = RowBinding::new("t").part("id", &[7, 8]);
        let expected = b"kagiban-row-v1\0\0\0\0\0\0\0\x01t\0\0\0\0\0\0\0\x02id\0\0\0\0\0\0\0\x02\x07\x08";
        assert_eq!(binding.as_bytes(), expected);
    }

    #[test]
    fn different_rows_have_different_bindings() {
        let bindings = [
            RowBinding::new("ab"),
            RowBinding::new("a").part("b", b""),
            RowBinding::new("a").part("", b"b"),
            RowBinding::new("a").part("b", b"c"),
            RowBinding::new("a").part("bc", b""),
            RowBinding::new("a").part("b", b"").part("c", b""),
            RowBinding::new("a").part("c", b"").part("b", b""),
            RowBinding::new("a").part("b", b"\0\0\0\0\0\0\0\x01c\0\0\0\0\0\0\0\0"),
        ];
        for (at, one) in bindings.iter().enumerate() {
            for other in &bindings[at + 1..] {
                assert_ne!(one, other);
            }
        }
    }
}
