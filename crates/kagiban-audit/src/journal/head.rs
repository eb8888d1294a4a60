//! The head: how far the journal goes and what its chain comes to, signed.
//!
//! It is text, so that a person can read it and a line of it can be kept elsewhere. Whoever cuts off the journal's end
//! cannot make the head that would go with it.

use std::fmt::Write as _;

use kagiban_base::time::Timestamp;

use crate::journal::blocks::ChainPoint;
use crate::journal::{JournalId, hex};
use crate::recorder::Sequence;
use crate::signing::{PublicKey, Signer, SigningFailed, verify};

/// The first line.
const TITLE: &str = "kagiban audit head 1";
/// Stands for a key or a signature that is not there.
const NONE: &str = "-";
/// Bytes of a head's text at most.
pub const HEAD_TEXT_MAX: usize = 4096;

/// Where a journal stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// Which journal.
    pub journal: JournalId,
    /// The last record that the chain covers, the number of blocks and the chain's hash.
    pub at: ChainPoint,
    /// Records up to this one need not be in the journal any more: they are in the archive, or their loss was accepted.
    pub forgotten: Sequence,
    /// When this was said.
    pub time: Timestamp,
}

/// A head with its signature. The head of a journal that was just made has none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignedHead {
    /// What is signed.
    pub head: Head,
    /// The key that signed, and its signature; `None` only for a journal in which nothing is.
    pub signature: Option<HeadSignature>,
}

/// Who signed a head.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HeadSignature {
    /// [`PublicKey::fingerprint`]
    pub fingerprint: Box<str>,
    /// RSASSA-PKCS1-v1_5 with SHA-256 over the text's lines before the signature's.
    pub signature: Box<[u8]>,
}

/// A text is no head of a version that is known here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a head of an audit journal, or one of a later version")]
pub struct NotAHead;

/// A head is not signed by any of the keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the audit journal's head is not signed by a key of this deployment")]
pub struct HeadForged;

impl Head {
    /// Signs.
    ///
    /// # Errors
    /// [`SigningFailed`]
    pub fn sign(self, signer: &dyn Signer) -> Result<SignedHead, SigningFailed> {
        let fingerprint = signer.public_key().fingerprint;
        let signature = signer.sign_as(&fingerprint, self.message(&fingerprint).as_bytes())?.into();
        Ok(SignedHead { head: self, signature: Some(HeadSignature { fingerprint, signature }) })
    }

    fn message(&self, fingerprint: &str) -> String {
        format!(
            "{TITLE}\njournal {}\nsequence {}\nblocks {}\nchain {}\nforgotten {}\ntime {}\nkey {fingerprint}\n",
            hex::encode(&self.journal.0),
            self.at.sequence,
            self.at.blocks,
            hex::encode(&self.at.chain),
            self.forgotten,
            self.time.unix_ms(),
        )
    }
}

impl SignedHead {
    /// The text of the head file.
    pub fn to_text(&self) -> String {
        let (key, signature) = match &self.signature {
            Some(signed) => (&*signed.fingerprint, hex::encode(&signed.signature)),
            None => (NONE, NONE.to_owned()),
        };
        let mut text = self.head.message(key);
        // Writing to a String cannot fail.
        _ = writeln!(text, "signature {signature}");
        text
    }

    /// Reads the text of a head file. The signature is not checked: see [`SignedHead::check`].
    ///
    /// # Errors
    /// [`NotAHead`]
    pub fn parse(text: &str) -> Result<Self, NotAHead> {
        let mut lines = text.get(..text.len().min(HEAD_TEXT_MAX)).ok_or(NotAHead)?.lines();
        let mut value = |name: &str| lines.next().and_then(|line| line.strip_prefix(name)).ok_or(NotAHead);
        value(TITLE)?;
        let head = Head {
            journal: JournalId(fixed(value("journal ")?)?),
            at: ChainPoint {
                sequence: Sequence(number(value("sequence ")?)?),
                blocks: number(value("blocks ")?)?,
                chain: fixed(value("chain ")?)?,
            },
            forgotten: Sequence(number(value("forgotten ")?)?),
            time: Timestamp::from_unix_ms(value("time ")?.parse().map_err(|_| NotAHead)?),
        };
        let (fingerprint, signature) = (value("key ")?, value("signature ")?);
        let signature = match (fingerprint, signature) {
            (NONE, NONE) => None,
            _ => Some(HeadSignature {
                fingerprint: fingerprint.into(),
                signature: hex::decode(signature).ok_or(NotAHead)?.into(),
            }),
        };
        let parsed = Self { head, signature };
        // There is one text for each head.
        if parsed.to_text() == text { Ok(parsed) } else { Err(NotAHead) }
    }

    /// Whether it says nothing but that there is a journal: all that a head without a signature may say.
    pub(crate) fn is_of_nothing(&self) -> bool {
        self.head.at == ChainPoint::genesis(self.head.journal) && self.head.forgotten == Sequence(0)
    }

    /// Whether one of `keys` signed, or there is nothing yet to sign.
    ///
    /// # Errors
    /// [`HeadForged`]
    pub fn check(&self, keys: &[PublicKey]) -> Result<(), HeadForged> {
        let Some(signed) = &self.signature else {
            return if self.is_of_nothing() { Ok(()) } else { Err(HeadForged) };
        };
        let key = keys.iter().find(|key| key.fingerprint == signed.fingerprint).ok_or(HeadForged)?;
        let message = self.head.message(&signed.fingerprint);
        verify(key, message.as_bytes(), &signed.signature).map_err(|_| HeadForged)
    }
}

impl SignedHead {
    /// Whether this one may come after `kept`: of the same journal, and the same or later.
    pub fn follows(&self, kept: &Self) -> bool {
        let (kept, head) = (&kept.head, &self.head);
        let is_same = kept.at.blocks == head.at.blocks && kept.at == head.at;
        kept.journal == head.journal && (is_same || kept.at.blocks < head.at.blocks)
    }
}

fn number(text: &str) -> Result<u64, NotAHead> {
    text.parse().map_err(|_| NotAHead)
}

fn fixed<const N: usize>(text: &str) -> Result<[u8; N], NotAHead> {
    hex::decode(text).and_then(|bytes| bytes.try_into().ok()).ok_or(NotAHead)
}
