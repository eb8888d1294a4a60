//! Sealing to the recipient and opening with the identity: files of the age format, version 1, binary, with one recipient.
//!
//! Whoever knows the recipient can seal, and it is public: that something opens says nothing about who made it. Callers that
//! need to know must check what they find inside against something that others cannot make.

use std::io::{self, BufRead, Chain, Cursor, Read, Write};
use std::iter;

use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor};
use kagiban_base::secret::SecretBytes;

use crate::identity::{RecoveryIdentity, RecoveryRecipient};

/// Bytes of a header at most. One with a single recipient takes some 200; whoever writes the file could make it endless.
const HEADER_LEN_MAX: usize = 16 * 1024;
/// What the last line of a header begins with.
const HEADER_END: &[u8] = b"---";

/// Something could not be sealed: the writer below failed.
#[derive(Debug, thiserror::Error)]
#[error("sealing to the recovery key failed")]
pub struct SealError(#[from] io::Error);

/// Something sealed could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Not a file of age at all, or of a version that is not known here.
    #[error("not a file that was encrypted to a recovery key (age, version 1)")]
    NotSealed,
    /// Sealed to somebody else.
    #[error("it was encrypted to another recovery key than the one that these shares or this identity make")]
    OtherRecipient,
    /// Changed or cut after it was sealed.
    #[error("it was changed or cut off since it was encrypted")]
    Changed,
    /// More inside than was to be read.
    #[error("there are more than {max} bytes in it")]
    TooLong {
        /// Bytes that were allowed.
        max: usize,
    },
    /// It could not be read.
    #[error("reading failed")]
    Read(#[source] io::Error),
}

impl RecoveryRecipient {
    /// Seals these bytes; some 200 bytes are added.
    ///
    /// # Errors
    /// [`SealError`]
    pub fn seal(&self, secret: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut sealing = self.encrypt(Vec::with_capacity(secret.len().saturating_add(256)))?;
        sealing.write_all(secret)?;
        Ok(sealing.finish()?)
    }

    /// A writer that encrypts what is written to it. Without [`Encrypting::finish`] the file is cut off and opens for nobody.
    ///
    /// # Errors
    /// What `output` fails with: the header is written at once.
    pub fn encrypt<W: Write>(&self, output: W) -> io::Result<Encrypting<W>> {
        let recipient: &dyn age::Recipient = self.seals();
        let encryptor = Encryptor::with_recipients(iter::once(recipient)).map_err(io::Error::other)?;
        encryptor.wrap_output(output).map(Encrypting)
    }
}

impl RecoveryIdentity {
    /// Opens what [`RecoveryRecipient::seal`] made of at most `max` bytes.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(&self, sealed: &[u8], max: usize) -> Result<SecretBytes, OpenError> {
        let mut opening = self.decrypt(sealed)?;
        // Of its full size at once, and one byte more: growing would leave copies behind.
        let mut opened = SecretBytes::zeroed(max.min(sealed.len()).saturating_add(1));
        let mut len = 0;
        while let Some(rest) = opened.expose_mut().get_mut(len..).filter(|rest| !rest.is_empty()) {
            match opening.read(rest).map_err(OpenError::of_reading)? {
                0 => {
                    opened.truncate(len);
                    return Ok(opened);
                }
                more => len = len.saturating_add(more),
            }
        }
        Err(OpenError::TooLong { max })
    }

    /// A reader of what was written to [`RecoveryRecipient::encrypt`]. Nothing that it gives out was changed; that nothing is
    /// missing at the end is known once it has been read to the end. [`OpenError::of_reading`] tells its errors apart.
    ///
    /// # Errors
    /// [`OpenError`], but not `TooLong`.
    pub fn decrypt<R: BufRead>(&self, input: R) -> Result<Decrypting<R>, OpenError> {
        let (header, input) = header(input)?;
        let decryptor = Decryptor::new_buffered(Cursor::new(header).chain(input))?;
        let identity: &dyn age::Identity = self.opens();
        Ok(Decrypting(decryptor.decrypt(iter::once(identity))?))
    }
}

/// The header, which has a bound here, and what comes after it.
fn header<R: BufRead>(mut input: R) -> Result<(Vec<u8>, R), OpenError> {
    let mut header = Vec::new();
    loop {
        let (before, room) = (header.len(), HEADER_LEN_MAX.saturating_sub(header.len()));
        let read = input.by_ref().take(room as u64).read_until(b'\n', &mut header).map_err(OpenError::Read)?;
        let line = header.get(before..).unwrap_or_default();
        if read == 0 || line.last() != Some(&b'\n') {
            return Err(OpenError::NotSealed);
        }
        if line.starts_with(HEADER_END) {
            return Ok((header, input));
        }
    }
}

impl OpenError {
    /// What an error of [`Decrypting`] means.
    pub fn of_reading(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => Self::Changed,
            _ => Self::Read(error),
        }
    }
}

impl From<DecryptError> for OpenError {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::Io(error) => Self::of_reading(error),
            DecryptError::NoMatchingKeys => Self::OtherRecipient,
            DecryptError::InvalidMac | DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
                Self::Changed
            }
            // Sealed to a passphrase.
            DecryptError::ExcessiveWork { .. } => Self::OtherRecipient,
            // Of no format that is known, or for a reason that is not.
            _ => Self::NotSealed,
        }
    }
}

/// Encrypts what is written to it.
pub struct Encrypting<W: Write>(StreamWriter<W>);

impl<W: Write> Encrypting<W> {
    /// Writes what is left and the mark of the end, and gives the writer below back.
    ///
    /// # Errors
    /// What the writer below fails with.
    pub fn finish(self) -> io::Result<W> {
        self.0.finish()
    }
}

impl<W: Write> Write for Encrypting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Decrypts what is read from it.
pub struct Decrypting<R: BufRead>(StreamReader<Chain<Cursor<Vec<u8>>, R>>);

impl<R: BufRead> Read for Decrypting<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}
