//! The one way from bytes to something believed.

use kagiban_base::time::Timestamp;

use crate::chain;
use crate::document::{Envelope, Payload, Platform};
use crate::error::{AttestationError, RecipientError};
use crate::recipient::RecipientKey;
use crate::roots::TrustedRoots;

/// How old a document may be, in milliseconds. AWS publishes no figure; a document is made for the call that carries
/// it, so five minutes (the tolerance of request signatures) leave room for retries and for clocks that differ.
pub const DOCUMENT_AGE_MS_MAX: i64 = 5 * 60 * 1000;

/// How far ahead of our clock a document's timestamp may be, in milliseconds.
pub const DOCUMENT_LEAD_MS_MAX: i64 = 5 * 60 * 1000;

/// What a verified document says. INVARIANT: made by [`verify`] alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attestation {
    platform: Platform,
    module_id: String,
    signed_at: Timestamp,
    pcrs: Vec<(u8, Vec<u8>)>,
    public_key: Option<Vec<u8>>,
    user_data: Option<Vec<u8>>,
    nonce: Option<Vec<u8>>,
}

/// Verifies a document: its form, its age, its chain up to one of `roots` and its signature.
///
/// Certificates must be valid at `now` (AWS's rule), not at the time the document names. The document's values are
/// then as true as the holder of the root's key is honest; nothing is said about whether it was presented before.
///
/// # Errors
/// [`AttestationError`], see its variants; the first that is found.
pub fn verify(document: &[u8], roots: &TrustedRoots, now: Timestamp) -> Result<Attestation, AttestationError> {
    let envelope = Envelope::parse(document)?;
    let payload = Payload::parse(envelope.payload)?;
    check_age(payload.timestamp, now)?;
    let signer = chain::check(&payload.cabundle, payload.certificate, roots, now)?;
    envelope.check_signature(signer.point())?;
    Ok(Attestation::from_checked(&payload))
}

fn check_age(signed_at: Timestamp, now: Timestamp) -> Result<(), AttestationError> {
    let age_ms = now.ms_since(signed_at);
    if age_ms > DOCUMENT_AGE_MS_MAX {
        return Err(AttestationError::TooOld { age_ms });
    }
    let lead_ms = signed_at.ms_since(now);
    if lead_ms > DOCUMENT_LEAD_MS_MAX {
        return Err(AttestationError::FromTheFuture { lead_ms });
    }
    Ok(())
}

impl Attestation {
    fn from_checked(payload: &Payload<'_>) -> Self {
        Self {
            platform: payload.platform,
            module_id: payload.module_id.to_owned(),
            signed_at: payload.timestamp,
            pcrs: payload.pcrs.iter().map(|(index, value)| (*index, value.to_vec())).collect(),
            public_key: payload.public_key.map(<[u8]>::to_vec),
            user_data: payload.user_data.map(<[u8]>::to_vec),
            nonce: payload.nonce.map(<[u8]>::to_vec),
        }
    }

    /// What attests. It decides which condition keys the registers are visible under: `PCRn` or `NitroTPMPCRn`.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// The hypervisor's name for the enclave or instance, such as `i-0123456789abcdef0-enc0123456789abcdef`.
    pub fn module_id(&self) -> &str {
        &self.module_id
    }

    /// When the hypervisor signed, by its own clock.
    pub fn signed_at(&self) -> Timestamp {
        self.signed_at
    }

    /// The registers in the document's order: index (0 to 31) and value (32, 48 or 64 bytes).
    pub fn pcrs(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.pcrs.iter().map(|(index, value)| (*index, value.as_slice()))
    }

    /// One register.
    pub fn pcr(&self, index: u8) -> Option<&[u8]> {
        self.pcrs().find(|(known, _)| *known == index).map(|(_, value)| value)
    }

    /// The measurement of an enclave's image (`kms:RecipientAttestation:ImageSha384`): register 0, and `None` for
    /// NitroTPM, which measures no image.
    pub fn image_sha384(&self) -> Option<&[u8]> {
        match self.platform {
            Platform::NitroEnclave => self.pcr(0),
            Platform::NitroTpm => None,
        }
    }

    /// Whether the enclave runs in debug mode, where register 0 is all zeros: its console and so its secrets are open
    /// to the parent instance.
    pub fn is_debug_mode(&self) -> bool {
        self.image_sha384().is_some_and(|image| image.iter().all(|byte| *byte == 0))
    }

    /// The public key that answers are encrypted to, as the enclave gave it: any 1 to 1024 bytes.
    pub fn public_key_der(&self) -> Option<&[u8]> {
        self.public_key.as_deref()
    }

    /// The public key, parsed and found fit to encrypt to.
    ///
    /// # Errors
    /// [`RecipientError`] when there is none, or it is not an RSA key of 2048 to 4096 bits.
    pub fn recipient_key(&self) -> Result<RecipientKey, RecipientError> {
        RecipientKey::from_spki_der(self.public_key_der().ok_or(RecipientError::NoPublicKey)?)
    }

    /// What else the enclave had signed.
    pub fn user_data(&self) -> Option<&[u8]> {
        self.user_data.as_deref()
    }

    /// The nonce that the enclave had signed.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }
}
