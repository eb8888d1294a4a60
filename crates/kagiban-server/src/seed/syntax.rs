//! From the text of a seed file to its tables.

use kagiban_service::seed::SeedFile;

/// Bytes that a file may have.
pub(super) const FILE_BYTES_MAX: usize = 1 << 20;

/// A text is not a seed file.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SyntaxError {
    /// It is longer than 1 MiB.
    #[error("the file is longer than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// Not TOML, an unknown key, or a value of another type.
    #[error("line {line}, column {column}: {message}")]
    Toml {
        /// From 1; 0 when it is not known.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What is wrong. The line itself is not shown: it may hold a secret.
        message: String,
    },
}

/// Reads a file's text.
///
/// # Errors
/// [`SyntaxError`] with the first thing that is not as it must be.
pub(super) fn parse(text: &str) -> Result<SeedFile, SyntaxError> {
    if text.len() > FILE_BYTES_MAX {
        return Err(SyntaxError::TooLarge);
    }
    toml::from_str(text).map_err(|error| {
        let (line, column) = error.span().map_or((0, 0), |span| position(text, span.start));
        SyntaxError::Toml { line, column, message: error.message().to_owned() }
    })
}

/// Line and column of a byte, from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
    (line.saturating_add(1), column.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_says_where_and_never_shows_the_line() {
        for (text, line, message) in [
            ("[[accounts]]\nid = \"1\"\nusres = []", 3, "unknown field `usres`"),
            ("[[acounts]]", 1, "unknown field `acounts`"),
            ("[[accounts]]\nname = \"x\"", 1, "missing field `id`"),
            ("[[accounts]]\nid = 111122223333", 2, "invalid type: integer"),
            ("[[accounts]]\nid = \"1\"\n[[accounts.users]]\nname = \"a\"\npolicy = []", 5, "unknown field `policy`"),
            ("[[accounts]]\nid = \"1\"\n[[accounts.keys]]\nname = \"a\"", 4, "unknown field `name`"),
            ("[[accounts]]\nid = \"1\"\nid = \"2\"", 3, "duplicate key"),
            ("x = ", 1, ""),
        ] {
            match parse(text) {
                Err(SyntaxError::Toml { line: at, message: said, .. }) => {
                    assert_eq!(at, line, "{text}: {said}");
                    assert!(said.contains(message), "{text}: {said}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
        let key = "[[accounts]]\nid = \"1\"\n[[accounts.root_access_keys]]\nid = \"a\"\n";
        for secret in
            ["secret = 31337", "secret = 31337.5", "secret = true", "secret = \"hush31337", "secret = [31337]"]
        {
            let error = parse(&format!("{key}{secret}")).unwrap_err().to_string();
            assert!(!error.contains("31337") && error.contains("line 5"), "{error}");
        }
    }

    #[test]
    fn the_file_has_a_length() {
        let mut text = "#".repeat(FILE_BYTES_MAX);
        assert!(parse(&text).is_ok());
        text.push('#');
        assert_eq!(parse(&text).unwrap_err(), SyntaxError::TooLarge);
    }
}
