//! Where encoded bytes go. The same code runs twice, first to count bytes and then to write them, so that the buffer is
//! allocated once at its exact size. A buffer that grew would leave copies of a plaintext behind.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Where encoded bytes go.
pub(crate) trait Sink {
    /// Takes text that is already in the form of the protocol.
    fn raw(&mut self, text: &str);

    /// Takes bytes to be put in base64.
    fn base64(&mut self, bytes: &[u8]);
}

/// The first pass: how many bytes.
#[derive(Default)]
pub(crate) struct Counter(usize);

impl Sink for Counter {
    fn raw(&mut self, text: &str) {
        self.0 += text.len();
    }

    fn base64(&mut self, bytes: &[u8]) {
        self.0 += base64_len(bytes);
    }
}

/// The second pass.
pub(crate) struct Buffer(Vec<u8>);

impl Buffer {
    /// An empty one with room for what was counted.
    pub(crate) fn with_capacity(counter: &Counter) -> Self {
        Self(Vec::with_capacity(counter.0))
    }

    /// What was written.
    pub(crate) fn into_full(self, counter: &Counter) -> Vec<u8> {
        debug_assert_eq!(self.0.len(), counter.0, "both passes write the same");
        self.0
    }
}

impl Sink for Buffer {
    fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn base64(&mut self, bytes: &[u8]) {
        let start = self.0.len();
        self.0.resize(start + base64_len(bytes), 0);
        let tail = self.0.get_mut(start..).unwrap_or_default();
        let written = STANDARD.encode_slice(bytes, tail);
        debug_assert_eq!(written, Ok(base64_len(bytes)), "the tail is as long as the encoding");
    }
}

/// One pass, for what is no secret and goes into a buffer that is used again.
impl Sink for String {
    fn raw(&mut self, text: &str) {
        self.push_str(text);
    }

    fn base64(&mut self, bytes: &[u8]) {
        STANDARD.encode_string(bytes, self);
    }
}

const fn base64_len(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(3) * 4
}

/// Writes formatted numbers without a string in between.
pub(crate) fn format<S: Sink + ?Sized>(sink: &mut S, numbers: fmt::Arguments<'_>) {
    struct Adapter<'s, S: ?Sized>(&'s mut S);
    impl<S: Sink + ?Sized> Write for Adapter<'_, S> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.raw(text);
            Ok(())
        }
    }
    // The adapter never fails.
    let _ = Adapter(sink).write_fmt(numbers);
}
