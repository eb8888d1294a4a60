//! A document, as the Nitro hypervisor would write and sign it.

use kagiban_base::random::Random;
use kagiban_base::time::Timestamp;

use crate::attestation;
use crate::cbor::{ARRAY, MAP, UNSIGNED, push_bytes, push_head, push_text};
use crate::document::{PROTECTED_HEADER, Platform, signed_bytes};
use crate::issue::certificate::{Role, Template};
use crate::issue::signing_key::SigningKey;
use crate::issue::{IssueError, LEAD_MS, ROOT_NAME, TestRoot};

/// The certificate between root and signer.
const INTERMEDIATE_NAME: &str = "CN=test.zonal.nitro-enclaves,O=Kagiban test root";
const SIGNER_NAME: &str = "CN=test.hypervisor,O=Kagiban test root";
const INTERMEDIATE_MS: i64 = 24 * 60 * 60 * 1000;
/// A real signer's certificate lives as long.
const SIGNER_MS: i64 = 3 * 60 * 60 * 1000;
const MODULE_ID: &str = "i-00000000000000000-enc0000000000000000";

/// What a document is to say. Without a public key it can meet conditions, but no answer can be encrypted to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TestDocument {
    platform: Platform,
    module_id: String,
    pcrs: Vec<(u8, Vec<u8>)>,
    public_key: Option<Vec<u8>>,
    user_data: Option<Vec<u8>>,
    nonce: Option<Vec<u8>>,
}

impl TestDocument {
    /// A document of this platform with nothing in it yet; it needs one register at least.
    pub fn new(platform: Platform) -> Self {
        Self {
            platform,
            module_id: MODULE_ID.to_owned(),
            pcrs: Vec::new(),
            public_key: None,
            user_data: None,
            nonce: None,
        }
    }

    /// Names the enclave or instance: 1 to 256 bytes.
    #[must_use]
    pub fn module_id(mut self, module_id: &str) -> Self {
        module_id.clone_into(&mut self.module_id);
        self
    }

    /// Adds a register: index 0 to 31; 48 bytes, or 32 or 64.
    #[must_use]
    pub fn pcr(mut self, index: u8, value: &[u8]) -> Self {
        self.pcrs.push((index, value.to_vec()));
        self
    }

    /// The key that answers are to be encrypted to: SubjectPublicKeyInfo in DER, of RSA. Not looked at here.
    #[must_use]
    pub fn public_key(mut self, spki_der: &[u8]) -> Self {
        self.public_key = Some(spki_der.to_vec());
        self
    }

    /// Adds data to be signed, at most 1024 bytes.
    #[must_use]
    pub fn user_data(mut self, user_data: &[u8]) -> Self {
        self.user_data = Some(user_data.to_vec());
        self
    }

    /// Adds a nonce to be signed, at most 1024 bytes.
    #[must_use]
    pub fn nonce(mut self, nonce: &[u8]) -> Self {
        self.nonce = Some(nonce.to_vec());
        self
    }

    /// The document, signed at `now` by a fresh key that `root` vouches for through one authority.
    ///
    /// # Errors
    /// [`IssueError::Refused`] when no server would accept it, because of what it says or of the root's dates.
    pub fn sign(&self, root: &TestRoot, now: Timestamp, random: &dyn Random) -> Result<Vec<u8>, IssueError> {
        let chain = Chain::generate(root, now, random)?;
        let payload = self.payload(now, chain.cabundle(root), &chain.signer);
        let document = envelope(&payload, &chain.key)?;
        attestation::verify(&document, &root.trusted(), now)?;
        Ok(document)
    }

    /// The payload: an open map, as real ones are.
    pub(crate) fn payload(&self, signed_at: Timestamp, cabundle: [&[u8]; 2], signer: &[u8]) -> Vec<u8> {
        let mut out = vec![MAP << 5 | 31];
        push_text(&mut out, "module_id");
        push_text(&mut out, &self.module_id);
        push_text(&mut out, "digest");
        push_text(&mut out, "SHA384");
        push_text(&mut out, "timestamp");
        push_head(&mut out, UNSIGNED, u64::try_from(signed_at.unix_ms()).unwrap_or(0));
        self.push_pcrs(&mut out);
        push_text(&mut out, "certificate");
        push_bytes(&mut out, signer);
        push_text(&mut out, "cabundle");
        push_head(&mut out, ARRAY, cabundle.len() as u64);
        cabundle.iter().for_each(|certificate| push_bytes(&mut out, certificate));
        for (name, value) in [("public_key", &self.public_key), ("user_data", &self.user_data), ("nonce", &self.nonce)]
        {
            if let Some(value) = value {
                push_text(&mut out, name);
                push_bytes(&mut out, value);
            }
        }
        out.push(0xff);
        out
    }

    fn push_pcrs(&self, out: &mut Vec<u8>) {
        push_text(
            out,
            match self.platform {
                Platform::NitroEnclave => "pcrs",
                Platform::NitroTpm => "nitrotpm_pcrs",
            },
        );
        push_head(out, MAP, self.pcrs.len() as u64);
        for (index, value) in &self.pcrs {
            push_head(out, UNSIGNED, u64::from(*index));
            push_bytes(out, value);
        }
    }
}

/// The COSE_Sign1 around a payload (RFC 9052, section 4.2), untagged as real ones are.
pub(crate) fn envelope(payload: &[u8], key: &SigningKey) -> Result<Vec<u8>, IssueError> {
    let signature = key.sign_document(&signed_bytes(payload))?;
    let mut out = Vec::with_capacity(payload.len() + signature.len() + 16);
    push_head(&mut out, ARRAY, 4);
    push_bytes(&mut out, &PROTECTED_HEADER);
    push_head(&mut out, MAP, 0);
    push_bytes(&mut out, payload);
    push_bytes(&mut out, &signature);
    Ok(out)
}

/// What a document needs below its root, made for this document.
pub(crate) struct Chain {
    pub(crate) intermediate: Vec<u8>,
    pub(crate) signer: Vec<u8>,
    pub(crate) key: SigningKey,
}

impl Chain {
    pub(crate) fn generate(root: &TestRoot, now: Timestamp, random: &dyn Random) -> Result<Self, IssueError> {
        let intermediate_key = SigningKey::generate()?;
        let key = SigningKey::generate()?;
        let intermediate = Template {
            issuer: ROOT_NAME,
            subject: INTERMEDIATE_NAME,
            not_before: now.plus_ms(-LEAD_MS),
            not_after: now.plus_ms(INTERMEDIATE_MS),
            point: intermediate_key.point(),
            role: Role::Authority { path_len: Some(0) },
        };
        let signer = Template {
            issuer: INTERMEDIATE_NAME,
            subject: SIGNER_NAME,
            not_before: now.plus_ms(-LEAD_MS),
            not_after: now.plus_ms(SIGNER_MS),
            point: key.point(),
            role: Role::Signer,
        };
        Ok(Self {
            intermediate: intermediate.sign(root.key(), random)?,
            signer: signer.sign(&intermediate_key, random)?,
            key,
        })
    }

    pub(crate) fn cabundle<'a>(&'a self, root: &'a TestRoot) -> [&'a [u8]; 2] {
        [root.certificate_der(), &self.intermediate]
    }
}
