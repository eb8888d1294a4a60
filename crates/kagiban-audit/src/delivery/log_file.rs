//! A log file: `{"Records":[...]}`, compressed, and what a digest says of it.

use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};
use flate2::{Compression, GzBuilder, write::GzEncoder};
use kagiban_base::time::Timestamp;

use super::digest::hex;
use crate::cloudtrail;
use crate::record::Record;

use kagiban_base::id::AccountId;

/// A log file that is whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogFile {
    /// The file: gzip (RFC 1952).
    pub bytes: Vec<u8>,
    /// SHA-256 of what was compressed, in lower-case hexadecimal digits.
    pub hash: String,
    /// Records in it.
    pub records: usize,
    /// The time of the earliest record.
    pub oldest: Timestamp,
    /// The time of the latest record.
    pub newest: Timestamp,
}

impl LogFile {
    /// The copies of these records that `recipient` gets, in their order.
    ///
    /// # Errors
    /// Those of the compression, which has none in memory.
    pub fn of<'a>(recipient: AccountId, records: impl IntoIterator<Item = Record<'a>>) -> io::Result<Self> {
        let mut out = Packer::new();
        out.write_all(b"{\"Records\":[")?;
        let (mut count, mut oldest, mut newest) = (0, i64::MAX, i64::MIN);
        for record in records {
            if count > 0 {
                out.write_all(b",")?;
            }
            out.write_all(cloudtrail::render(&record, recipient).as_bytes())?;
            count += 1;
            oldest = oldest.min(record.time.unix_ms());
            newest = newest.max(record.time.unix_ms());
        }
        out.write_all(b"]}")?;
        let (bytes, hash) = out.end()?;
        let (oldest, newest) = (Timestamp::from_unix_ms(oldest), Timestamp::from_unix_ms(newest));
        Ok(Self { bytes, hash, records: count, oldest, newest })
    }
}

/// `content` compressed, and the SHA-256 of it before that in lower-case hexadecimal digits.
///
/// # Errors
/// Those of the compression, which has none in memory.
pub fn packed(content: &[u8]) -> io::Result<(Vec<u8>, String)> {
    let mut out = Packer::new();
    out.write_all(content)?;
    out.end()
}

/// Compresses and hashes what is written to it. The same content gives the same bytes: no name and no time is in them.
struct Packer {
    file: GzEncoder<Vec<u8>>,
    hash: Context,
}

impl Packer {
    fn new() -> Self {
        Self { file: GzBuilder::new().write(Vec::new(), Compression::default()), hash: Context::new(&SHA256) }
    }

    fn end(self) -> io::Result<(Vec<u8>, String)> {
        Ok((self.file.finish()?, hex(self.hash.finish().as_ref())))
    }
}

impl Write for Packer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use serde_json::Value;

    use super::*;
    use crate::record::sample;
    use crate::sha256;

    #[test]
    fn a_log_file_holds_the_copies_of_one_account() {
        let early = Record { time: Timestamp::from_unix_s(1), ..sample() };
        let owner = sample().other_account.unwrap();
        let file = LogFile::of(owner, [sample(), early.clone()]).unwrap();
        let mut content = String::new();
        GzDecoder::new(&*file.bytes).read_to_string(&mut content).unwrap();
        let read: Value = serde_json::from_str(&content).unwrap();
        assert_eq!(read["Records"].as_array().unwrap().len(), 2);
        assert_eq!(read["Records"][0]["recipientAccountId"], owner.as_str());
        assert_eq!(read["Records"][0]["userIdentity"]["type"], "AWSAccount");
        assert_eq!(file.hash, hex(&sha256::hash(&[content.as_bytes()])));
        assert_eq!((file.records, file.oldest, file.newest), (2, early.time, sample().time));
        assert_eq!(LogFile::of(owner, [sample(), early]).unwrap(), file);
    }
}
