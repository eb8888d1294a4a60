//! Texts with asterisks that stand for any characters.

/// A text to compare with, cut at its asterisks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Wildcard {
    /// At least one; what is between two of them may be anything.
    pieces: Vec<String>,
}

impl Wildcard {
    /// `None` for two asterisks in a row, and for a backslash before anything but an asterisk or a backslash.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mut done, mut piece) = (Vec::new(), String::new());
        let mut was_star = false;
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            match character {
                '*' if was_star => return None,
                '*' => done.push(std::mem::take(&mut piece)),
                '\\' => piece.push(characters.next().filter(|next| matches!(next, '*' | '\\'))?),
                other => piece.push(other),
            }
            was_star = character == '*';
        }
        done.push(piece);
        Some(Self { pieces: done })
    }

    /// Whether the text is like that. The first place where a piece is found is as good as any later one.
    pub(super) fn matches(&self, text: &str) -> bool {
        let [first, middle @ .., last] = &self.pieces[..] else {
            return self.pieces.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for piece in middle {
            let Some((_, after)) = rest.split_once(piece.as_str()) else { return false };
            rest = after;
        }
        rest.ends_with(last.as_str())
    }
}
