//! The edges of the JSON 1.1 protocol: target header, content type, error body.

use crate::json::{self, Encode, ObjectWriter, Sink};
use crate::{ErrorCode, Operation, TARGET_PREFIX};

/// Content type of requests and answers.
pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The target header is absent or names no operation of this service: `UnknownOperationException`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the target names no operation")]
pub struct UnknownOperation;

/// The operation that an `X-Amz-Target` header (`TrentService.Encrypt`) names. Case matters, as on the real service.
///
/// # Errors
/// [`UnknownOperation`] when the header is absent, not text, of another service or unknown.
pub fn operation_of(target: Option<&[u8]>) -> Result<Operation, UnknownOperation> {
    target
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.strip_prefix(TARGET_PREFIX)?.strip_prefix('.'))
        .and_then(Operation::from_name)
        .ok_or(UnknownOperation)
}

/// The body of an error answer. Without a message only `__type` is sent, as AWS does for several KMS errors.
///
/// The message member is `message`, but `Message` for AccessDeniedException (seen on the live service in 2025).
pub fn encode_error(code: ErrorCode, message: Option<&str>) -> Vec<u8> {
    json::encode(&ErrorBody { code: code.name(), message })
}

/// The same for an error of another service of this protocol.
pub fn encode_named_error(code: &'static str, message: &str) -> Vec<u8> {
    json::encode(&ErrorBody { code, message: Some(message) })
}

struct ErrorBody<'m> {
    code: &'static str,
    message: Option<&'m str>,
}

impl Encode for ErrorBody<'_> {
    fn encode_to<S: Sink>(&self, sink: &mut S) {
        let mut object = ObjectWriter::open(sink);
        object.text("__type", self.code);
        if let Some(text) = self.message {
            object.text(message_member(self.code), text);
        }
        object.close();
    }
}

fn message_member(code: &str) -> &'static str {
    if code == ErrorCode::AccessDeniedException.name() { "Message" } else { "message" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_name_operations_exactly() {
        assert_eq!(operation_of(Some(b"TrentService.Encrypt")), Ok(Operation::Encrypt));
        for bad in [
            &b""[..],
            b"TrentService",
            b"TrentService.",
            b"Encrypt",
            b".Encrypt",
            b"TrentService.encrypt",
            b"trentservice.Encrypt",
            b"TrentService.Encrypt ",
            b" TrentService.Encrypt",
            b"TrentService..Encrypt",
            b"TrentService.Encrypt.Encrypt",
            b"DynamoDB_20120810.Encrypt",
            b"TrentService.\xff",
        ] {
            assert_eq!(operation_of(Some(bad)), Err(UnknownOperation), "{bad:?}");
        }
        assert_eq!(operation_of(None), Err(UnknownOperation));
    }

    #[test]
    fn error_bodies_carry_type_and_message() {
        for (code, message, body) in [
            (ErrorCode::InvalidCiphertextException, None, r#"{"__type":"InvalidCiphertextException"}"#),
            (
                ErrorCode::NotFoundException,
                Some("a \"b\"\n"),
                r#"{"__type":"NotFoundException","message":"a \"b\"\n"}"#,
            ),
            (ErrorCode::AccessDeniedException, Some("no"), r#"{"__type":"AccessDeniedException","Message":"no"}"#),
        ] {
            assert_eq!(String::from_utf8(encode_error(code, message)).unwrap(), body);
        }
    }
}
