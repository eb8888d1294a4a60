//! The Query protocol of IAM and STS: a form goes in, XML comes out.
//!
//! What an operation's input and output have in common, and the bodies of errors. Generated
//! code drives the reader and the writer. As for the JSON protocol, reading and enforcing the model's limits is one act. What the
//! protocol leaves open is refused here: parameters that occur twice, lists whose numbers are no numbers, bytes that are
//! no UTF-8. Policy documents are strings like others; that IAM sends them percent-encoded is its handlers' business.

pub(crate) mod form;
pub(crate) mod read;
pub(crate) mod xml;

pub use form::{Form, PARAMETERS_MAX};
pub use xml::encode_error;

/// Content type of requests; answers have [`ANSWER_TYPE`].
pub const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Content type of answers and errors.
pub const ANSWER_TYPE: &str = "text/xml";

/// The input of one operation.
pub trait QueryInput: Sized {
    /// The service's enum of operations.
    type Operation: Copy;
    /// The operation it belongs to.
    const OPERATION: Self::Operation;
    /// Whether it has a sensitive member: the body it came from is then to be wiped after use.
    const HOLDS_SECRETS: bool;
    /// What stands around the output.
    const ENVELOPE: Envelope;
    /// What the operation answers; `()` where the model has no output shape.
    type Output: QueryOutput;

    /// Reads the parameters; what comes out is within the model's limits. Parameters that the operation does not have
    /// are passed over, as AWS does.
    ///
    /// # Errors
    /// See [`QueryError`].
    fn decode(form: &Form) -> Result<Self, QueryError>;

    /// Writes the whole answer of this operation: the output, if there is one, and the request id. Where the output
    /// [`HOLDS_SECRETS`](QueryOutput::HOLDS_SECRETS), the caller wipes it after use.
    fn encode_output(output: &Self::Output, request_id: &str) -> Vec<u8> {
        output.encode(&Self::ENVELOPE, request_id)
    }
}

/// The output of an operation, or of several that answer alike.
pub trait QueryOutput {
    /// Whether it has a sensitive member: the encoded bytes are then to be wiped after use.
    const HOLDS_SECRETS: bool;

    /// Writes the answer's body into one buffer that is allocated once, so that no copy of a secret stays behind.
    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8>;
}

/// Operations without an output shape answer with the request id only.
impl QueryOutput for () {
    const HOLDS_SECRETS: bool = false;

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {
        xml::encode_answer(envelope, None, request_id)
    }
}

/// The elements around an output, which are named after the operation.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    operation: &'static str,
    namespace: &'static str,
}

impl Envelope {
    pub(crate) const fn new(operation: &'static str, namespace: &'static str) -> Self {
        Self { operation, namespace }
    }
}

/// Something to be done with the input type of an operation of the service `O` that is known at run time only.
pub trait InputVisitor<O> {
    /// What comes of it.
    type Value;

    /// Does it for the input type `I`.
    fn visit<I: QueryInput<Operation = O>>(self) -> Self::Value;
}

/// A request body is not an input. The texts are for the client: they name members and repeat values that are neither
/// sensitive nor blobs, shortened.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum QueryError {
    /// No form: `MalformedQueryString`.
    #[error("{0}")]
    Form(String),
    /// A parameter is no value of its member's type: `MalformedInput`.
    #[error("{0}")]
    Input(String),
    /// Well-formed, but outside the model's limits; all violations in one text: `ValidationError`.
    #[error("{0}")]
    Validation(String),
}

impl QueryError {
    /// The code to answer with, which both services have; its status is 400.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Form(_) => "MalformedQueryString",
            Self::Input(_) => "MalformedInput",
            Self::Validation(_) => "ValidationError",
        }
    }

    /// The text for the client.
    pub fn message(&self) -> &str {
        match self {
            Self::Form(message) | Self::Input(message) | Self::Validation(message) => message,
        }
    }
}

#[cfg(test)]
mod tests;
