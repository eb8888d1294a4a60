//! Attestation documents: what an enclave or an instance shows to prove what runs in it, and how it is answered.
//!
//! A request with `Recipient` carries a document signed by the Nitro hypervisor. [`verify`] turns it into an
//! [`Attestation`], whose values policies may compare; [`RecipientKey`] encrypts the answer so that only the attested
//! program can read it. [`issue`] makes such documents under a root of one's own, for people without an enclave.
//!
//! Bytes in, bytes out: no clock, no disk, no network, no log. What a document says is believed only after its chain
//! ended in a configured root: an [`Attestation`] cannot be made otherwise. Whatever is not exactly as documented is
//! refused: unknown fields, repeated fields, other algorithms, bytes left over.
//!
//! Sources: "Attestation process" of the Nitro Secure Module API, "Validate a NitroTPM Attestation Document" of the
//! EC2 user guide, RFC 8949 (CBOR), RFC 9052 (COSE), RFC 5280 (certificates), RFC 5652 and RFC 4055 (the answer).

mod attestation;
mod cbor;
mod certificate;
mod chain;
mod document;
mod enveloped_data;
mod error;
pub mod issue;
mod recipient;
mod roots;
#[cfg(test)]
mod tests;

pub use attestation::{Attestation, DOCUMENT_AGE_MS_MAX, DOCUMENT_LEAD_MS_MAX, verify};
pub use document::{DOCUMENT_LEN_MAX, Platform};
pub use error::{AttestationError, CborFault, CertificateFault, Field, RecipientError};
pub use recipient::RecipientKey;
pub use roots::{RootError, TrustedRoots};
