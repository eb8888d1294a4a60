//! The message of Sign and Verify, in the three forms of the API.

use kagiban_api::{MessageType, SigningAlgorithmSpec};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::message::{Message, UnfitMessage};

use crate::error::ServiceError;
use crate::records::key::KeyRecord;
use crate::spec::Counterpart;

/// How the message's bytes are meant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form(MessageType);

impl Form {
    pub(super) const fn message(self, bytes: &[u8]) -> Message<'_> {
        match self.0 {
            MessageType::Raw => Message::Raw(bytes),
            MessageType::Digest => Message::Digest(bytes),
            MessageType::ExternalMu => Message::ExternalMu(bytes),
        }
    }
}

/// A message and its form; RAW when the request does not say.
#[derive(Debug)]
pub(super) struct Signable<'a> {
    bytes: &'a SecretBytes,
    pub(super) form: Form,
}

impl<'a> Signable<'a> {
    pub(super) fn new(bytes: &'a SecretBytes, message_type: Option<MessageType>) -> Self {
        Self { bytes, form: Form(message_type.unwrap_or(MessageType::Raw)) }
    }

    pub(super) fn message(&self) -> Message<'a> {
        self.form.message(self.bytes.expose())
    }
}

/// Do algorithm, form and length of the message go with the key?
///
/// # Errors
/// InvalidKeyUsageException for an algorithm of other keys; ValidationException for the form or the length.
pub(super) fn require_fit(
    signable: &Signable<'_>,
    algorithm: SigningAlgorithmSpec,
    key: &KeyRecord,
) -> Result<(), ServiceError> {
    let spec = key.body.key_spec;
    signable.message().require_fit(spec.core()?, algorithm.core()?).map_err(|unfit| match unfit {
        UnfitMessage::Algorithm { .. } => {
            ServiceError::AlgorithmUnfit { key: key.arn, spec, algorithm: algorithm.as_str() }
        }
        UnfitMessage::MessageType { message_type, .. } => {
            ServiceError::Validation(format!("MessageType {message_type} is not valid for algorithm {algorithm}."))
        }
        UnfitMessage::WrongDigestLength { expected, .. } => ServiceError::Validation(format!(
            "Digest is invalid length for algorithm {algorithm}. The length must be {expected} bytes."
        )),
    })
}
