//! The JSON 1.1 codec that generated code drives: one pass over the body, straight into the fields.
//!
//! Hand-written instead of a general library for four reasons: a secret must not pass through a scratch buffer that
//! nobody wipes; error texts are AWS's; member names that occur twice are refused; and limits are checked on the
//! borrowed text, while the place in the input is known. It refuses what RFC 8259 does not allow, and nesting deeper
//! than any input has.

mod object;
mod read;
mod scan;
mod write;

pub(crate) use crate::sink::Sink;
pub(crate) use object::Object;
pub(crate) use read::Reader;
pub(crate) use write::{ObjectWriter, encode, quote};

use crate::message::DecodeError;
use crate::validate::Path;

/// Why reading stops: the text of the `SerializationException`.
#[derive(Debug)]
pub(crate) struct Fault(String);

/// A structure of the model that can be read.
pub(crate) trait Decode: Sized {
    /// Reads it. `None` when violations were noted that leave no value.
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault>;
}

/// A structure of the model that can be written.
pub(crate) trait Encode {
    /// Writes it.
    fn encode_to<S: Sink>(&self, sink: &mut S);
}

/// Reads a whole body; an empty one counts as `{}`.
pub(crate) fn decode<T: Decode>(body: &[u8]) -> Result<T, DecodeError> {
    let body = if body.is_empty() { b"{}" } else { body };
    let text = std::str::from_utf8(body).map_err(|_| DecodeError::Serialization("Invalid UTF-8".to_owned()))?;
    let mut reader = Reader::new(text);
    match read_all(&mut reader) {
        Err(Fault(message)) => Err(DecodeError::Serialization(message)),
        Ok(Some(value)) if reader.violations.is_empty() => Ok(value),
        Ok(_) => Err(DecodeError::Validation(reader.violations.message())),
    }
}

fn read_all<T: Decode>(reader: &mut Reader<'_>) -> Result<Option<T>, Fault> {
    let value = T::decode(reader, &Path::TOP)?;
    reader.end()?;
    Ok(value)
}
