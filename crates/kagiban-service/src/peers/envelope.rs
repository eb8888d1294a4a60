//! How messages between deployments are laid out, and what each is bound to.
//!
//! A question to a peer is `02`, the request id (16 bytes), the kind (1), the length of its subject (2), the subject, and a
//! sealed message; its answer is a sealed message alone. To an inviter it is `01`, the id of the invitation (16), and a sealed
//! message. What stands outside the seal is bound to it.

use kagiban_base::secret::SecretBytes;
use kagiban_keycore::channel::{CertificateFingerprint, MessageBinding};

/// Longest subject: more than any ARN of a key.
const SUBJECT_LEN_MAX: usize = 256;
const PAIRING: u8 = 1;
const QUESTION: u8 = 2;

/// What a message from another deployment is.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Envelope<'a> {
    /// Somebody accepts an invitation.
    Acceptance { invitation: [u8; 16], sealed: &'a [u8] },
    /// A peer asks for something.
    Question { header: QuestionHeader<'a>, sealed: &'a [u8] },
}

/// What a question is about, in the clear and bound to it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct QuestionHeader<'a> {
    /// Random, so that an answer belongs to its question.
    pub(super) request_id: [u8; 16],
    pub(super) kind: Kind,
    /// The ARN of the key that it is for; empty for what is about no key.
    pub(super) subject: &'a str,
}

/// What a peer asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Whether it is heard.
    Check,
    /// That a step of a multi-Region key be taken.
    Step,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Check => 0,
            Self::Step => 1,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Check, Self::Step].into_iter().find(|kind| kind.byte() == byte)
    }
}

impl<'a> Envelope<'a> {
    /// Reads a message; `None` for any other form.
    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let (&first, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_first_chunk::<16>()?;
        match first {
            PAIRING => Some(Self::Acceptance { invitation: *id, sealed: rest }),
            QUESTION => {
                let (&kind, rest) = rest.split_first()?;
                let (len, rest) = rest.split_first_chunk::<2>()?;
                let len = usize::from(u16::from_be_bytes(*len));
                let (subject, sealed) = rest.split_at_checked(len).filter(|_| len <= SUBJECT_LEN_MAX)?;
                let subject = std::str::from_utf8(subject).ok()?;
                Some(Self::Question {
                    header: QuestionHeader { request_id: *id, kind: Kind::from_byte(kind)?, subject },
                    sealed,
                })
            }
            _ => None,
        }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Acceptance { invitation, sealed } => [&[PAIRING], invitation.as_slice(), sealed].concat(),
            Self::Question { header: QuestionHeader { request_id, kind, subject }, sealed } => {
                let len = u16::try_from(subject.len()).unwrap_or(u16::MAX).to_be_bytes();
                [&[QUESTION], request_id.as_slice(), &[kind.byte()], &len, subject.as_bytes(), sealed].concat()
            }
        }
    }
}

/// The way of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'a> {
    pub(super) sender: &'a CertificateFingerprint,
    pub(super) receiver: &'a CertificateFingerprint,
}

impl Way<'_> {
    pub(super) fn acceptance(self, invitation: &[u8; 16]) -> MessageBinding {
        MessageBinding::new("acceptance", self.sender, self.receiver).part("invitation", invitation)
    }

    /// Of the answer to an acceptance; this is its way, not that of the acceptance.
    pub(super) fn reception(self, invitation: &[u8; 16]) -> MessageBinding {
        MessageBinding::new("reception", self.sender, self.receiver).part("invitation", invitation)
    }

    pub(super) fn question(self, header: &QuestionHeader<'_>) -> MessageBinding {
        header.bind(MessageBinding::new("question", self.sender, self.receiver))
    }

    /// Of the answer to a question; this is its way, not that of the question.
    pub(super) fn answer(self, header: &QuestionHeader<'_>) -> MessageBinding {
        header.bind(MessageBinding::new("answer", self.sender, self.receiver))
    }
}

impl QuestionHeader<'_> {
    fn bind(&self, binding: MessageBinding) -> MessageBinding {
        let binding = binding.part("request-id", &self.request_id).part("kind", &[self.kind.byte()]);
        binding.part("subject", self.subject.as_bytes())
    }
}

/// What comes back inside an answer.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was done.
    Done(SecretBytes),
    /// It will not be done, for this reason.
    Refused(String),
    /// It could not be done now.
    Failed,
}

impl Outcome {
    pub(super) fn encode(&self) -> SecretBytes {
        let (first, rest): (u8, &[u8]) = match self {
            Self::Done(bytes) => (0, bytes.expose()),
            Self::Refused(reason) => (1, reason.as_bytes()),
            Self::Failed => (2, &[]),
        };
        let mut bytes = SecretBytes::new(Vec::with_capacity(rest.len().saturating_add(1)));
        bytes.append(&[first]);
        bytes.append(rest);
        bytes
    }

    pub(super) fn decode(bytes: &SecretBytes) -> Option<Self> {
        match bytes.expose().split_first()? {
            (0, rest) => Some(Self::Done(SecretBytes::from_slice(rest))),
            (1, rest) => Some(Self::Refused(std::str::from_utf8(rest).ok()?.to_owned())),
            (2, []) => Some(Self::Failed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envelopes_are_read_as_they_were_written() {
        let header = |kind, subject| QuestionHeader { request_id: [3; 16], kind, subject };
        for envelope in [
            Envelope::Acceptance { invitation: [1; 16], sealed: b"sealed" },
            Envelope::Question { header: header(Kind::Check, ""), sealed: b"" },
            Envelope::Question { header: header(Kind::Step, "arn:aws:kms:eu-west-1:111122223333:key/x"), sealed: b"s" },
        ] {
            let bytes = envelope.encode();
            assert_eq!(Envelope::decode(&bytes), Some(envelope));
        }
        let question = Envelope::Question { header: header(Kind::Step, "subject"), sealed: b"" }.encode();
        for len in 0..question.len() {
            assert_eq!(Envelope::decode(&question[..len]), None, "{len}");
        }
        let changed = |at: usize, to: u8| {
            let mut bytes = question.clone();
            bytes[at] = to;
            bytes
        };
        let long = Envelope::Question { header: header(Kind::Step, &"a".repeat(257)), sealed: b"" }.encode();
        for bad in [changed(0, 0), changed(0, 3), changed(17, 2), changed(19, 99), changed(20, 0xff), long] {
            assert_eq!(Envelope::decode(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn outcomes_are_read_as_they_were_written() {
        for outcome in
            [Outcome::Done(SecretBytes::from_slice(b"x")), Outcome::Refused("no".to_owned()), Outcome::Failed]
        {
            let read = Outcome::decode(&outcome.encode()).unwrap();
            assert_eq!(read.encode().expose(), outcome.encode().expose());
        }
        for bad in [&[][..], &[3], &[2, 0], &[1, 0xff]] {
            assert!(Outcome::decode(&SecretBytes::from_slice(bad)).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn no_two_occasions_are_bound_alike() {
        let [here, there] = [1, 2].map(|byte| CertificateFingerprint::from_bytes([byte; 32]));
        let way = Way { sender: &here, receiver: &there };
        let back = Way { sender: &there, receiver: &here };
        let header = |byte, kind, subject| QuestionHeader { request_id: [byte; 16], kind, subject };
        let first = header(1, Kind::Step, "a");
        let bindings = [
            way.acceptance(&[1; 16]),
            way.acceptance(&[2; 16]),
            way.reception(&[1; 16]),
            way.question(&first),
            back.question(&first),
            way.answer(&first),
            way.question(&header(2, Kind::Step, "a")),
            way.question(&header(1, Kind::Check, "a")),
            way.question(&header(1, Kind::Step, "b")),
        ];
        for (at, one) in bindings.iter().enumerate() {
            assert!(!bindings[at + 1..].contains(one), "{at}");
        }
    }
}
