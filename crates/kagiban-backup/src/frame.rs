//! Frames: what the stream is cut into, each with its lengths and a checksum, compressed by itself.
//!
//! | Bytes | Content |
//! |---|---|
//! | 1 | kind: `H` header, `R` rows, `E` end |
//! | 4 | bytes of the body as it is stored, big-endian |
//! | 4 | bytes of the body as it was, big-endian |
//! | 4 | CRC-32 (ISO 3309) of the 9 bytes before it and of the stored body, big-endian |
//! | n | the body: zlib (RFC 1950) |

use std::io::{self, Read, Write};

use crc32fast::Hasher;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use crate::{KEY_BYTES_MAX, VALUE_BYTES_MAX};

/// Bytes before the body.
pub(crate) const HEAD_BYTES: usize = 13;
/// Longest body: the longest row and what other rows were before it.
pub(crate) const BODY_BYTES_MAX: usize = KEY_BYTES_MAX + VALUE_BYTES_MAX + (512 << 10);
/// Longest stored body: what does not compress grows by some bytes for each block of 16 KiB.
const STORED_BYTES_MAX: usize = BODY_BYTES_MAX + (BODY_BYTES_MAX >> 10) + 64;

/// What is in a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    End,
    Header,
    Rows,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::End => b'E',
            Self::Header => b'H',
            Self::Rows => b'R',
        }
    }

    const fn of(byte: u8) -> Option<Self> {
        match byte {
            b'E' => Some(Self::End),
            b'H' => Some(Self::Header),
            b'R' => Some(Self::Rows),
            _ => None,
        }
    }
}

/// The frame is not what was written.
#[derive(Debug)]
pub(crate) enum FrameError {
    /// The stream ends within it.
    Cut,
    /// Its bytes do not fit together.
    Damaged,
    Io(io::Error),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Cut } else { Self::Io(error) }
    }
}

/// The bytes of a frame with this body.
pub(crate) fn encode(kind: Kind, body: &[u8]) -> io::Result<Vec<u8>> {
    let too_long = |_| io::Error::new(io::ErrorKind::InvalidInput, "a frame is too long");
    let mut compressed = ZlibEncoder::new(Vec::with_capacity(body.len() / 2), Compression::fast());
    compressed.write_all(body)?;
    let stored = compressed.finish()?;
    let mut frame = Vec::with_capacity(HEAD_BYTES.saturating_add(stored.len()));
    frame.push(kind.byte());
    frame.extend_from_slice(&u32::try_from(stored.len()).map_err(too_long)?.to_be_bytes());
    frame.extend_from_slice(&u32::try_from(body.len()).map_err(too_long)?.to_be_bytes());
    let checksum = checksum(&frame, &stored);
    frame.extend_from_slice(&checksum.to_be_bytes());
    frame.extend_from_slice(&stored);
    Ok(frame)
}

/// A frame as it was read.
pub(crate) struct Frame {
    pub(crate) kind: Kind,
    pub(crate) body: Vec<u8>,
    /// All its bytes, for the digest.
    pub(crate) bytes: Vec<u8>,
}

/// Reads the next frame. What it says of its length is not believed before as many bytes are there.
pub(crate) fn read(input: &mut impl Read) -> Result<Frame, FrameError> {
    let mut head = [0; HEAD_BYTES];
    input.read_exact(&mut head)?;
    let Head { kind, stored_len, body_len, checksum: expected } = Head::parse(&head).ok_or(FrameError::Damaged)?;
    let mut bytes = head.to_vec();
    let wanted = u64::try_from(stored_len).unwrap_or(u64::MAX);
    if input.take(wanted).read_to_end(&mut bytes)? < stored_len {
        return Err(FrameError::Cut);
    }
    let (head, stored) = bytes.split_at_checked(HEAD_BYTES).ok_or(FrameError::Damaged)?;
    if checksum(head.get(..HEAD_BYTES - 4).unwrap_or_default(), stored) != expected {
        return Err(FrameError::Damaged);
    }
    let body = inflate(stored, body_len).ok_or(FrameError::Damaged)?;
    Ok(Frame { kind, body, bytes })
}

struct Head {
    kind: Kind,
    stored_len: usize,
    body_len: usize,
    checksum: u32,
}

impl Head {
    fn parse(head: &[u8; HEAD_BYTES]) -> Option<Self> {
        let (kind, rest) = head.split_first()?;
        let (stored_len, rest) = rest.split_first_chunk()?;
        let (body_len, rest) = rest.split_first_chunk()?;
        let checksum = u32::from_be_bytes(*rest.first_chunk()?);
        let len =
            |bytes: &[u8; 4], max: usize| usize::try_from(u32::from_be_bytes(*bytes)).ok().filter(|len| *len <= max);
        let (stored_len, body_len) = (len(stored_len, STORED_BYTES_MAX)?, len(body_len, BODY_BYTES_MAX)?);
        Some(Self { kind: Kind::of(*kind)?, stored_len, body_len, checksum })
    }
}

fn checksum(head: &[u8], stored: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(head);
    hasher.update(stored);
    hasher.finalize()
}

/// The body, if it has exactly this length and nothing stands behind it.
fn inflate(stored: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(len);
    let mut decoder = ZlibDecoder::new(stored);
    // One byte more than it may have, so that a longer one is noticed.
    let limit = u64::try_from(len).ok()?.saturating_add(1);
    decoder.by_ref().take(limit).read_to_end(&mut body).ok()?;
    let is_whole = body.len() == len && usize::try_from(decoder.total_in()).ok()? == stored.len();
    is_whole.then_some(body)
}
