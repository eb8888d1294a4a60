//! The credential of a signature: `ACCESS-KEY-ID/DAY/REGION/SERVICE/aws4_request`, a stranger's text in five parts.

use std::borrow::Cow;

/// A credential with exactly five parts.
#[derive(Clone)]
pub(super) struct Credential<'a> {
    text: Cow<'a, str>,
    /// INVARIANT: where the four slashes are, ascending.
    slashes: [usize; 4],
}

impl<'a> Credential<'a> {
    /// Splits the text, or gives it back if it has fewer or more than five parts.
    pub(super) fn parse(text: Cow<'a, str>) -> Result<Self, Cow<'a, str>> {
        let mut slashes = [0; 4];
        let mut found = 0;
        for (at, _) in text.bytes().enumerate().filter(|(_, byte)| *byte == b'/') {
            match slashes.get_mut(found) {
                Some(slot) => *slot = at,
                None => return Err(text),
            }
            found += 1;
        }
        if found == slashes.len() { Ok(Self { text, slashes }) } else { Err(text) }
    }

    pub(super) fn access_key_id(&self) -> &str {
        let [end, ..] = self.slashes;
        self.text.get(..end).unwrap_or_default()
    }

    pub(super) fn day(&self) -> &str {
        let [before, end, ..] = self.slashes;
        self.between(before, end)
    }

    pub(super) fn region(&self) -> &str {
        let [_, before, end, _] = self.slashes;
        self.between(before, end)
    }

    pub(super) fn service(&self) -> &str {
        let [.., before, end] = self.slashes;
        self.between(before, end)
    }

    pub(super) fn terminator(&self) -> &str {
        let [.., before] = self.slashes;
        self.between(before, self.text.len())
    }

    fn between(&self, slash: usize, end: usize) -> &str {
        self.text.get(slash + 1..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_parts_and_no_other_number() {
        for text in ["", "a", "a/b/c/d", "a/b/c/d/e/f", "a/b/c/d/e/"] {
            assert_eq!(Credential::parse(Cow::Borrowed(text)).err().as_deref(), Some(text));
        }
        for (text, parts) in [
            ("a/bc/d/efg/h", ["a", "bc", "d", "efg", "h"]),
            ("////", ["", "", "", "", ""]),
            ("ä/ö///ü", ["ä", "ö", "", "", "ü"]),
        ] {
            let c = Credential::parse(Cow::Borrowed(text)).unwrap();
            assert_eq!([c.access_key_id(), c.day(), c.region(), c.service(), c.terminator()], parts);
        }
    }
}
