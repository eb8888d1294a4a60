//! Shares as people give them: lines of a text, which may be those of a sheet.

use crate::share::{InvalidShare, Share};

/// A line is no share.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line} is not a share")]
pub struct InvalidLine {
    /// Which, from 1.
    pub line: usize,
    /// Why not.
    pub source: InvalidShare,
}

/// The shares in a text: the last word of each line. Empty lines and those that begin with `#` are none.
///
/// # Errors
/// [`InvalidLine`], of the first that is something else.
pub fn shares_in(text: &str) -> Result<Vec<Share>, InvalidLine> {
    let lines = (1..).zip(text.lines()).filter(|(_, text)| !text.trim_start().starts_with('#'));
    let words = lines.filter_map(|(line, text)| Some((line, text.split_whitespace().last()?)));
    words.map(|(line, word)| word.parse().map_err(|source| InvalidLine { line, source })).collect()
}

#[cfg(test)]
mod tests {
    use kagiban_base::os::OsRandom;

    use super::*;
    use crate::identity::RecoveryIdentity;
    use crate::split::split;

    #[test]
    fn shares_are_found_in_lists_and_sheets_and_not_in_comments() {
        let shares = split(&RecoveryIdentity::generate(&OsRandom).unwrap(), 2, 2, &OsRandom).unwrap();
        let [one, two] = [0, 1].map(|at| String::from_utf8(shares[at].text().expose().to_vec()).unwrap());
        let numbers = |given: &str| shares_in(given).map(|shares| shares.iter().map(Share::number).collect::<Vec<_>>());
        for (given, expected) in [
            (String::new(), vec![]),
            ("\n  \n# nothing\n".to_owned(), vec![]),
            (one.clone(), vec![1]),
            (format!("{two}\r\n\n    1  {one}\n"), vec![2, 1]),
            (format!(" # {one}\n{two}"), vec![2]),
        ] {
            assert_eq!(numbers(&given), Ok(expected), "{given}");
        }
        for (given, line) in [(format!("{one}\n\n# x\nword"), 4), (format!("{one} and more"), 1)] {
            assert_eq!(numbers(&given), Err(InvalidLine { line, source: InvalidShare::NotAShare }), "{given}");
        }
    }
}
