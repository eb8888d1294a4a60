//! Any row, as a format has it.

use kagiban_iam::rows;
use kagiban_storage::format::Format;
use kagiban_storage::{RowError, Table};

use crate::records::examine;

/// What the row with this key is to be in a format; `None` when it is that already, or of a table that is not known here.
pub(super) fn convert(key: &[u8], stored: &[u8], format: Format) -> Result<Option<Vec<u8>>, RowError> {
    let table = Table::name_in(key).unwrap_or_default();
    match rows::convert(table, stored, format) {
        Some(converted) => converted,
        None => examine::convert(table, stored, format),
    }
}
