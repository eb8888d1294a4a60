//! SHA-256 (FIPS 180-4) of a file as it is written, or read.

use std::io::{self, Read, Write};

use aws_lc_rs::digest::{Context, SHA256};

use crate::writer::hex;

/// Passes bytes on and hashes them.
pub struct HashingWriter<W> {
    output: W,
    context: Context,
}

impl<W: Write> HashingWriter<W> {
    /// Hashes what goes to `output` from now on.
    pub fn new(output: W) -> Self {
        Self { output, context: Context::new(&SHA256) }
    }

    /// The writer below, and the hash of what went there in lower-case hex digits.
    pub fn finish(self) -> (W, String) {
        (self.output, hex(self.context.finish().as_ref()))
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.context.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// The hash of all that is left to read, in lower-case hex digits.
///
/// # Errors
/// Those of reading.
pub fn sha256_of(mut input: impl Read) -> io::Result<String> {
    let mut hashing = HashingWriter::new(io::sink());
    io::copy(&mut input, &mut hashing)?;
    Ok(hashing.finish().1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standard() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of(&b"abc"[..]).unwrap(), expected);
        let mut writer = HashingWriter::new(Vec::new());
        writer.write_all(b"a").unwrap();
        writer.write_all(b"bc").unwrap();
        assert_eq!(writer.finish(), (b"abc".to_vec(), expected.to_owned()));
    }
}
