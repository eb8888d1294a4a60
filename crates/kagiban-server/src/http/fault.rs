//! The errors that the front itself answers with, in the JSON protocol's form.

use bytes::Bytes;
use http::StatusCode;
use kagiban_service::Refusal;

/// One error answer: everything about it is known at compile time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    /// Its name in metrics.
    pub(super) name: &'static str,
    /// `{"__type":...,"message":...}`
    body: &'static str,
    /// What its record says.
    pub(super) refusal: Refusal,
    /// Whether the connection is of no use afterwards: part of the request may still be on its way.
    pub(super) closes: bool,
    /// Value of `allow`, for status 405.
    pub(super) allow: Option<&'static str>,
}

impl Fault {
    pub(super) fn body(&self) -> Bytes {
        Bytes::from_static(self.body.as_bytes())
    }
}

/// One fault: name, status, error code, message.
macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:ident, $code:literal, $message:literal, closes: $closes:literal;)*) => { $(
        $(#[$doc])*
        pub(super) const $name: Fault = Fault {
            status: StatusCode::$status,
            name: $text,
            body: concat!("{\"__type\":\"", $code, "\",\"message\":\"", $message, "\"}"),
            refusal: Refusal { code: $code, message: $message },
            closes: $closes,
            allow: None,
        };
    )* };
}

faults! {
    TOO_LARGE = "body_too_large", PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", "The request body is too large.", closes: true;
    BODY_LATE = "body_late", REQUEST_TIMEOUT, "RequestTimeoutException", "The request body did not arrive in time.", closes: true;
    MALFORMED = "malformed", BAD_REQUEST, "MalformedHttpRequestException", "The request is not well-formed HTTP.", closes: true;
    HEAD_TOO_LARGE = "head_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "MalformedHttpRequestException",
        "The request line or the header fields are too large.", closes: true;
    URI_TOO_LONG = "uri_too_long", URI_TOO_LONG, "MalformedHttpRequestException", "The request target is too long.", closes: true;
    MALFORMED_FORWARDING = "malformed_forwarding", BAD_REQUEST, "MalformedHttpRequestException",
        "The proxy sent an X-Forwarded-For or X-Forwarded-Proto that is not well-formed.", closes: false;
    /// What [`Limits::all_bodies_bytes`](super::Limits::all_bodies_bytes) is for.
    NO_ROOM = "no_room", SERVICE_UNAVAILABLE, "ServiceUnavailable", "The service is busy. Try again later.", closes: true;
    ANSWER_LATE = "answer_late", SERVICE_UNAVAILABLE, "ServiceUnavailable", "The request could not be answered in time.", closes: false;
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "InternalFailure", "An internal error occurred.", closes: false;
    /// What is refused and cannot be recorded.
    UNRECORDED = "unrecorded", SERVICE_UNAVAILABLE, "ServiceUnavailableException", "The audit journal cannot be written, so requests are not answered.", closes: true;
    UNKNOWN_PATH = "unknown_path", NOT_FOUND, "UnknownOperationException", "There is nothing at this path.", closes: false;
    WRONG_METHOD = "wrong_method", METHOD_NOT_ALLOWED, "UnknownOperationException", "This path does not take this method.", closes: false;
}

/// [`WRONG_METHOD`], with what the path does take.
pub(super) const fn wrong_method(allow: &'static str) -> Fault {
    Fault { allow: Some(allow), ..WRONG_METHOD }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_json_with_type_and_message() {
        for fault in [
            TOO_LARGE,
            BODY_LATE,
            MALFORMED,
            MALFORMED_FORWARDING,
            HEAD_TOO_LARGE,
            URI_TOO_LONG,
            NO_ROOM,
            ANSWER_LATE,
            INTERNAL,
            UNKNOWN_PATH,
            UNRECORDED,
        ] {
            let body: serde_json::Value = serde_json::from_slice(&fault.body()).unwrap();
            assert!(body["__type"].is_string() && body["message"].is_string(), "{fault:?}");
        }
    }
}
