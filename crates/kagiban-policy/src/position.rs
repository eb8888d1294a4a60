//! Where each statement stands in a policy's text.
//!
//! The positions are those that IAM's simulate operations give, as far as its published examples show: an end is the
//! place after the closing brace; the start is the place after the bracket that opens the list, or for a single
//! statement after its own brace. From the second statement of a list on (no example shows one) it is the end of the
//! one before.

use crate::json;

/// A place in a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Start and end of each statement in the text, in its order. Empty when the text is no policy.
pub fn statement_positions(text: &str) -> Vec<(Position, Position)> {
    // The walk below trusts the text to be JSON.
    if json::read(text).is_err() {
        return Vec::new();
    }
    let mut walk = Walk::new(text);
    walk.run();
    walk.found
}

/// One pass over the text, which knows how deep it is and whether that is within the statements.
struct Walk<'a> {
    text: &'a str,
    chars: std::iter::Peekable<std::str::CharIndices<'a>>,
    at: Position,
    depth: usize,
    /// The last text at depth 1, with its quotes.
    name: &'a str,
    /// Where the next statement begins, and the depth within it.
    statement: Option<(Position, usize)>,
    found: Vec<(Position, Position)>,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        let at = Position { line: 1, column: 1 };
        Self { text, chars: text.char_indices().peekable(), at, depth: 0, name: "", statement: None, found: Vec::new() }
    }

    fn run(&mut self) {
        while let Some((start, char)) = self.next() {
            match char {
                '"' => self.quoted(start),
                '{' | '[' => self.open(char),
                '}' | ']' => self.close(char),
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Option<(usize, char)> {
        let (index, char) = self.chars.next()?;
        self.at = match char {
            '\n' => Position { line: self.at.line + 1, column: 1 },
            _ => Position { column: self.at.column + 1, ..self.at },
        };
        Some((index, char))
    }

    /// To the end of a text whose opening quote is read.
    fn quoted(&mut self, start: usize) {
        while let Some((end, char)) = self.next() {
            match char {
                '\\' => {
                    self.next();
                }
                '"' => {
                    if self.depth == 1 {
                        self.name = self.text.get(start..=end).unwrap_or_default();
                    }
                    return;
                }
                _ => {}
            }
        }
    }

    fn open(&mut self, char: char) {
        self.depth += 1;
        let is_statement = self.depth == 2 && serde_json::from_str::<String>(self.name).is_ok_and(|n| n == "Statement");
        if is_statement {
            self.statement = Some((self.at, if char == '[' { 3 } else { 2 }));
        }
    }

    fn close(&mut self, char: char) {
        if let Some((start, depth)) = self.statement
            && (char, depth) == ('}', self.depth)
        {
            self.found.push((start, self.at));
            self.statement = Some((self.at, depth));
        }
        self.depth = self.depth.saturating_sub(1);
        if self.depth <= 1 {
            self.statement = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(text: &str) -> Vec<[usize; 4]> {
        let flat = |(start, end): (Position, Position)| [start.line, start.column, end.line, end.column];
        statement_positions(text).into_iter().map(flat).collect()
    }

    /// The two published examples, and what follows from them.
    #[test]
    fn positions_are_those_of_iam() {
        let one = "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"dynamodb:*\",\
                   \"Resource\":\"*\",\"Condition\":{\"DateGreaterThan\":{\"aws:CurrentTime\":\"2018-08-16T12:00:00Z\"}}}}";
        let list = "{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": [\n        {\n            \"a\": 1,\n            \
                    \"b\": 1,\n            \"c\": 1,\n            \"d\": 1\n        }\n    ]\n}";
        for (text, expected) in [
            (one, vec![[1, 38, 1, 167]]),
            (list, vec![[3, 19, 9, 10]]),
            ("{\"Statement\":[{},{\"a\":[{}]}]}", vec![[1, 15, 1, 17], [1, 17, 1, 28]]),
            ("{\"\\u0053tatement\":{},\"Id\":\"}\"}", vec![[1, 20, 1, 21]]),
            ("{\"Id\":\"ä\\\"}\",\"Statement\":{}}", vec![[1, 27, 1, 28]]),
            ("{\"Id\":{\"Statement\":{}},\"Statement\":\"a\",\"b\":{}}", vec![]),
            ("{\"Statement\":[]}", vec![]),
            ("[{\"Statement\":{}}]", vec![]),
            ("{\"Statement\":{}", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(positions(text), expected, "{text}");
        }
    }
}
