//! Writing JSON. The names are the model's, which need no escaping.

use std::collections::BTreeMap;

use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

use super::Encode;
use super::scan::plain_len;
use crate::sink::{Buffer, Counter, Sink, format};
use crate::string_enum::StringEnum;

/// Writes a whole body.
pub(crate) fn encode<T: Encode>(value: &T) -> Vec<u8> {
    let mut counter = Counter::default();
    value.encode_to(&mut counter);
    let mut buffer = Buffer::with_capacity(&counter);
    value.encode_to(&mut buffer);
    buffer.into_full(&counter)
}

/// An object that is being written. The names are the model's, which need no escaping.
pub(crate) struct ObjectWriter<'s, S> {
    sink: &'s mut S,
    first: bool,
}

impl<'s, S: Sink> ObjectWriter<'s, S> {
    /// Writes the opening brace.
    pub(crate) fn open(sink: &'s mut S) -> Self {
        sink.raw("{");
        Self { sink, first: true }
    }

    /// Writes the closing brace.
    pub(crate) fn close(self) {
        self.sink.raw("}");
    }

    /// Whether nothing was written yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.first
    }

    /// Writes a name; its value is to follow.
    pub(crate) fn name(&mut self, name: &str) -> &mut S {
        self.sink.raw(if std::mem::take(&mut self.first) { "\"" } else { ",\"" });
        self.sink.raw(name);
        self.sink.raw("\":");
        self.sink
    }

    /// A string member.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        quote(self.name(name), value);
    }

    /// A sensitive string member. It is UTF-8 if it was decoded here; anything else is written as U+FFFD.
    pub(crate) fn secret_text(&mut self, name: &str, value: &SecretBytes) {
        let sink = self.name(name);
        sink.raw("\"");
        for chunk in value.expose().utf8_chunks() {
            escape(sink, chunk.valid());
            sink.raw(if chunk.invalid().is_empty() { "" } else { "\u{FFFD}" });
        }
        sink.raw("\"");
    }

    /// A member of a closed set of names, which need no escaping.
    pub(crate) fn word(&mut self, name: &str, value: &str) {
        write_word(self.name(name), value);
    }

    /// A blob member.
    pub(crate) fn blob(&mut self, name: &str, value: &[u8]) {
        let sink = self.name(name);
        sink.raw("\"");
        sink.base64(value);
        sink.raw("\"");
    }

    /// A sensitive blob member.
    pub(crate) fn secret_blob(&mut self, name: &str, value: &SecretBytes) {
        self.blob(name, value.expose());
    }

    /// An integer member.
    pub(crate) fn integer(&mut self, name: &str, value: i32) {
        format(self.name(name), format_args!("{value}"));
    }

    /// A boolean member.
    pub(crate) fn boolean(&mut self, name: &str, value: bool) {
        self.name(name).raw(if value { "true" } else { "false" });
    }

    /// A timestamp member: epoch seconds, with up to three digits after the point.
    pub(crate) fn timestamp(&mut self, name: &str, value: Timestamp) {
        write_seconds(self.name(name), value.unix_ms());
    }

    /// A structure member.
    pub(crate) fn structure<T: Encode>(&mut self, name: &str, value: &T) {
        value.encode_to(self.name(name));
    }

    /// A member that is a list of structures.
    pub(crate) fn structures<T: Encode>(&mut self, name: &str, values: &[T]) {
        list(self.name(name), values, |sink, value| value.encode_to(sink));
    }

    /// A member that is a list of strings.
    pub(crate) fn texts(&mut self, name: &str, values: &[String]) {
        list(self.name(name), values, |sink, value| quote(sink, value));
    }

    /// A member that is a list of names of a closed set.
    pub(crate) fn names<T: StringEnum>(&mut self, name: &str, values: &[T]) {
        list(self.name(name), values, |sink, value| write_word(sink, value.name_of()));
    }

    /// A member that is a map of strings.
    pub(crate) fn text_map(&mut self, name: &str, values: &BTreeMap<String, String>) {
        let sink = self.name(name);
        sink.raw("{");
        for (number, (key, value)) in values.iter().enumerate() {
            sink.raw(if number == 0 { "" } else { "," });
            quote(sink, key);
            sink.raw(":");
            quote(sink, value);
        }
        sink.raw("}");
    }
}

fn list<S: Sink, T>(sink: &mut S, values: &[T], write: impl Fn(&mut S, &T)) {
    sink.raw("[");
    for (number, value) in values.iter().enumerate() {
        sink.raw(if number == 0 { "" } else { "," });
        write(sink, value);
    }
    sink.raw("]");
}

fn write_word<S: Sink>(sink: &mut S, word: &str) {
    sink.raw("\"");
    sink.raw(word);
    sink.raw("\"");
}

/// Writes a string.
pub(crate) fn quote<S: Sink>(sink: &mut S, text: &str) {
    sink.raw("\"");
    escape(sink, text);
    sink.raw("\"");
}

/// Writes the text without quotes, with the escapes of RFC 8259, section 7.
fn escape<S: Sink>(sink: &mut S, text: &str) {
    let mut rest = text;
    while let Some((plain, tail)) = rest.split_at_checked(plain_len(rest.as_bytes())) {
        sink.raw(plain);
        let Some((special, tail)) = tail.split_at_checked(1) else { break };
        match special {
            "\"" => sink.raw("\\\""),
            "\\" => sink.raw("\\\\"),
            "\n" => sink.raw("\\n"),
            "\r" => sink.raw("\\r"),
            "\t" => sink.raw("\\t"),
            _ => special.bytes().for_each(|byte| format(sink, format_args!("\\u{byte:04x}"))),
        }
        rest = tail;
    }
}

fn write_seconds<S: Sink>(sink: &mut S, ms: i64) {
    let (sign, ms) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs());
    let (seconds, fraction) = (ms / 1000, ms % 1000);
    if fraction == 0 {
        format(sink, format_args!("{sign}{seconds}"));
    } else {
        format(sink, format_args!("{sign}{seconds}.{fraction:03}"));
    }
}
