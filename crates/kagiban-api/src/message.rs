//! What an operation's input and output have in common, and the two functions that lead from bytes to types and back.

use crate::ErrorCode;

/// The input of one operation.
pub trait Input: Sized {
    /// The operations of its service.
    type Operation;
    /// The operation it belongs to.
    const OPERATION: Self::Operation;
    /// Whether it has a sensitive member: the body it came from is then to be wiped after use.
    const HOLDS_SECRETS: bool;
    /// What the operation answers; `()` where the model has no output shape.
    type Output: Output;

    /// Reads a request body; what comes out is within the model's limits.
    ///
    /// # Errors
    /// See [`DecodeError`].
    fn decode(body: &[u8]) -> Result<Self, DecodeError>;

    /// Writes the request body a client would send.
    fn encode(&self) -> Vec<u8>;
}

/// The output of an operation.
pub trait Output {
    /// Whether it has a sensitive member: the encoded bytes are then to be wiped after use.
    const HOLDS_SECRETS: bool;

    /// Writes the answer's body into one buffer that is allocated once, so that no copy of a secret stays behind.
    fn encode(&self) -> Vec<u8>;
}

/// Operations without an output shape answer with an empty body.
impl Output for () {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self) -> Vec<u8> {
        Vec::new()
    }
}

/// Something to be done with the input type of an operation that is known at run time only; see
/// `Operation::visit_input`.
pub trait InputVisitor<O> {
    /// What comes of it.
    type Value;

    /// Does it for the input type `I`.
    fn visit<I: Input<Operation = O>>(self) -> Self::Value;
}

/// Reads a request body as the input `I`. An empty body counts as `{}`.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode<I: Input>(body: &[u8]) -> Result<I, DecodeError> {
    I::decode(body)
}

/// Writes an answer's body. Where [`Output::HOLDS_SECRETS`], the caller wipes it after use.
pub fn encode<O: Output>(output: &O) -> Vec<u8> {
    output.encode()
}

/// A request body is not an input. The texts are for the client: they name members and repeat values that are neither
/// sensitive nor blobs, shortened.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DecodeError {
    /// No JSON object, or a value of the wrong type: `SerializationException`.
    #[error("{0}")]
    Serialization(String),
    /// Well-formed, but outside the model's limits; all violations in one text: `ValidationException`.
    #[error("{0}")]
    Validation(String),
}

impl DecodeError {
    /// The AWS error to answer with.
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Serialization(_) => ErrorCode::SerializationException,
            Self::Validation(_) => ErrorCode::ValidationException,
        }
    }

    /// The text for the client.
    pub fn message(&self) -> &str {
        match self {
            Self::Serialization(message) | Self::Validation(message) => message,
        }
    }
}
