//! As much HTTP/1.1 as a client needs whose server answers with a Content-Length.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use memchr::memmem;

use crate::Failure;

/// Longest wait for one answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// Longest answer.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Where the parts of an answer are, once it is there as a whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Bytes of status line and header, with the empty line.
    pub head_len: usize,
    /// Bytes of the body.
    pub body_len: usize,
}

impl Answer {
    /// Reads the answer at the start of `bytes`. `Ok(None)` while it is not complete.
    ///
    /// # Errors
    /// When this can never become an answer.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, Failure> {
        let Some(head_len) = memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4) else {
            return if bytes.len() > ANSWER_BYTES_MAX { Err("an answer's head is too long".into()) } else { Ok(None) };
        };
        let head = &bytes[..head_len];
        let status = head.get(9..12).ok_or("no status line")?;
        let status = str::from_utf8(status)?.parse()?;
        let body_len = content_length(head).ok_or("an answer without Content-Length")?;
        if body_len > ANSWER_BYTES_MAX {
            return Err("an answer is too long".into());
        }
        Ok((bytes.len() >= head_len + body_len).then_some(Self { status, head_len, body_len }))
    }

    /// Bytes of the whole answer.
    pub const fn len(&self) -> usize {
        self.head_len + self.body_len
    }

    /// Never: an answer has a head.
    pub const fn is_empty(&self) -> bool {
        false
    }
}

/// hyper writes header names in lower case.
fn content_length(head: &[u8]) -> Option<usize> {
    let at = memmem::find(head, b"\r\ncontent-length: ")? + 18;
    let mut digits = head[at..].iter().take_while(|b| b.is_ascii_digit());
    digits.try_fold(0_usize, |sum, digit| sum.checked_mul(10)?.checked_add(usize::from(digit - b'0')))
}

/// Sends a finished message over a connection of its own and gives the whole answer.
///
/// # Errors
/// When the server cannot be reached or its answer not be read.
pub fn exchange(address: SocketAddr, message: &[u8]) -> Result<(Answer, Vec<u8>), Failure> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_TIME_MAX)?;
    stream.set_read_timeout(Some(ANSWER_TIME_MAX))?;
    stream.write_all(message)?;
    let (mut bytes, mut piece) = (Vec::new(), [0; 16 * 1024]);
    loop {
        if let Some(answer) = Answer::read(&bytes)? {
            bytes.truncate(answer.len());
            return Ok((answer, bytes));
        }
        match stream.read(&mut piece)? {
            0 => return Err("the server closed the connection without an answer".into()),
            len => bytes.extend_from_slice(&piece[..len]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_whole_or_not_yet() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ndate: x\r\n\r\nhi";
        for len in 0..whole.len() {
            assert_eq!(Answer::read(&whole[..len]).unwrap(), None);
        }
        let answer = Answer { status: 200, head_len: whole.len() - 2, body_len: 2 };
        assert_eq!(Answer::read(whole).unwrap(), Some(answer));
        assert!(Answer::read(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
