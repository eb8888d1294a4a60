//! From a configured root down to the certificate that signed the document.
//!
//! The chain is the bundle in the order in which it stands, root first, and then the signer: no path is searched, and
//! no certificate may be there for nothing. Revocation lists are not asked, as AWS prescribes; the certificates below
//! the root live for days, the signer's for three hours.

use kagiban_base::time::Timestamp;

use crate::certificate::Certificate;
use crate::error::{AttestationError, CertificateFault};
use crate::roots::TrustedRoots;

/// Checks the chain at `now` and gives the signer's key. What costs a signature check comes after all that does not.
pub(crate) fn check(
    cabundle: &[&[u8]],
    signer: &[u8],
    roots: &TrustedRoots,
    now: Timestamp,
) -> Result<Certificate, AttestationError> {
    if !cabundle.first().is_some_and(|root| roots.trust(root)) {
        return Err(AttestationError::UntrustedRoot);
    }
    let authorities = parse_all(cabundle)?;
    let place = authorities.len();
    let signer = Certificate::parse(signer).map_err(at(place))?;

    for (index, authority) in authorities.iter().enumerate() {
        authority.check_time(now).map_err(at(index))?;
        authority.check_authority(place - 1 - index).map_err(at(index))?;
    }
    signer.check_time(now).map_err(at(place))?;
    signer.check_signer().map_err(at(place))?;

    // The root itself is known by the hash of all its bytes; its own signature would add nothing.
    let issued = authorities.iter().skip(1).chain([&signer]);
    for (index, (issuer, subject)) in authorities.iter().zip(issued).enumerate() {
        subject.check_issued_by(issuer).map_err(at(index + 1))?;
    }
    Ok(signer)
}

fn parse_all(cabundle: &[&[u8]]) -> Result<Vec<Certificate>, AttestationError> {
    let parsed = cabundle.iter().enumerate().map(|(index, der)| Certificate::parse(der).map_err(at(index)));
    parsed.collect()
}

fn at(index: usize) -> impl Fn(CertificateFault) -> AttestationError {
    move |fault| AttestationError::Certificate { index, fault }
}
