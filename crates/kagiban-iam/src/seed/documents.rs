//! Policy documents, which stand in the file or in files of their own.

use std::path::Path;

use super::References;
use super::fault::{Faults, Place, Problem};

/// The longest text that an operation takes as a document.
const DOCUMENT_LEN_MAX: usize = 131_072;

/// Where a table has its document.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// The two keys of the table, of which one must be given.
    pub keys: &'static [&'static str; 2],
    /// The document.
    pub text: Option<&'a str>,
    /// A file that has it.
    pub file: Option<&'a Path>,
}

impl<'a> Document<'a> {
    /// The document of a managed or inline policy.
    pub(super) const fn of_policy(text: Option<&'a str>, file: Option<&'a Path>) -> Self {
        Self { keys: &["document", "document_file"], text, file }
    }

    /// Whether the table has one.
    pub const fn is_given(&self) -> bool {
        self.text.is_some() || self.file.is_some()
    }

    /// Its text, and the place that it has in the file.
    pub fn read(&self, place: &Place, references: &dyn References, faults: &mut Faults) -> Option<(String, Place)> {
        let [text_key, file_key] = self.keys;
        let (text, place) = match (self.text, self.file) {
            (Some(text), None) => (text.to_owned(), place.key(text_key)),
            (None, Some(file)) => {
                let place = place.key(file_key);
                (faults.take(&place, references.document(file).map_err(Problem::Reference))?, place)
            }
            _ => {
                faults.add(place, Problem::OneOf(self.keys));
                return None;
            }
        };
        let len = text.chars().count();
        if len > DOCUMENT_LEN_MAX {
            faults.add(&place, Problem::TooLong { len, max: DOCUMENT_LEN_MAX });
            return None;
        }
        Some((text, place))
    }
}
