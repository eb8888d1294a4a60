//! A public key as a file, for whoever verifies without this program or away from it: PEM that OpenSSL reads, with the
//! key's name and validity in lines before it (RFC 7468, section 5.2 lets there be such text).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::time::Timestamp;

use super::PublicKey;

/// Begin and end of PKCS#1 in PEM, as OpenSSL writes them.
const BEGIN: &str = "-----BEGIN RSA PUBLIC KEY-----";
const END: &str = "-----END RSA PUBLIC KEY-----";
/// Characters in a line of PEM.
const LINE: usize = 64;
/// Bytes of a key file, and more than enough.
const FILE_MAX: usize = 8 << 10;

/// A text is no file of a public key that was made here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotAKeyFile {
    /// No PEM of an RSA public key, or without the lines before it.
    #[error("it is no public key of an audit: PEM of an RSA public key with the lines Valid-From and Valid-Until")]
    Malformed,
    /// The fingerprint in it is another key's.
    #[error("the fingerprint in it is another key's")]
    OtherFingerprint,
}

impl PublicKey {
    /// The name of the key's file: `FINGERPRINT.pem`.
    pub fn file_name(&self) -> String {
        format!("{}.pem", self.fingerprint)
    }

    /// The text of the key's file. Times are to the whole second, the validity never shorter for it.
    pub fn to_file(&self) -> String {
        let (from, until) = (self.valid_from.to_basic_iso(), self.valid_until.plus_ms(999).to_basic_iso());
        let mut out = format!("Fingerprint: {}\nValid-From: {from}\nValid-Until: {until}\n{BEGIN}\n", self.fingerprint);
        let text = STANDARD.encode(&self.pkcs1);
        for line in text.as_bytes().chunks(LINE) {
            out.push_str(&String::from_utf8_lossy(line));
            out.push('\n');
        }
        out.push_str(END);
        out.push('\n');
        out
    }

    /// Reads what [`PublicKey::to_file`] wrote.
    ///
    /// # Errors
    /// [`NotAKeyFile`]
    pub fn parse_file(text: &str) -> Result<Self, NotAKeyFile> {
        let (head, rest) = text.get(..text.len().min(FILE_MAX)).and_then(|t| t.split_once(BEGIN)).ok_or(MALFORMED)?;
        let (body, _) = rest.split_once(END).ok_or(MALFORMED)?;
        let body: String = body.split_ascii_whitespace().collect();
        let pkcs1 = STANDARD.decode(body).map_err(|_| MALFORMED)?;
        let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).ok_or(MALFORMED);
        let time = |name: &str| Timestamp::parse_basic_iso(line(name)?.trim()).ok_or(MALFORMED);
        let key = Self::new(&pkcs1, time("Valid-From:")?, time("Valid-Until:")?);
        match line("Fingerprint:")?.trim() == &*key.fingerprint {
            true => Ok(key),
            false => Err(NotAKeyFile::OtherFingerprint),
        }
    }
}

const MALFORMED: NotAKeyFile = NotAKeyFile::Malformed;

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> PublicKey {
        PublicKey::new(&[7; 270], Timestamp::from_unix_s(1_800_000_000), Timestamp::from_unix_ms(1_900_000_000_001))
    }

    #[test]
    fn a_key_file_is_read_as_it_was_written() {
        let read = PublicKey::parse_file(&key().to_file()).unwrap();
        assert_eq!(
            (&read.pkcs1, &read.fingerprint, read.valid_from),
            (&key().pkcs1, &key().fingerprint, key().valid_from)
        );
        assert_eq!(read.valid_until, Timestamp::from_unix_s(1_900_000_001));
        assert_eq!(PublicKey::parse_file(&read.to_file()), Ok(read.clone()));
        assert!(read.to_file().lines().all(|line| line.len() <= 64));
    }

    #[test]
    fn other_files_are_refused() {
        let text = key().to_file();
        for (from, to) in [(BEGIN, "-----BEGIN PUBLIC KEY-----"), (END, ""), ("Valid-From", "From"), ("BwcH", "B!cH")] {
            assert_eq!(PublicKey::parse_file(&text.replace(from, to)), Err(MALFORMED), "{from}");
        }
        let other = text.replacen("BwcH", "BwcI", 1);
        assert_eq!(PublicKey::parse_file(&other), Err(NotAKeyFile::OtherFingerprint));
    }
}
