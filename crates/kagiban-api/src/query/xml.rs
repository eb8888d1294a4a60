//! Writing answers and errors in XML 1.0, in one line and without a declaration, as AWS does.

use std::collections::BTreeMap;

use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

use super::Envelope;
use crate::sink::{Buffer, Counter, Sink, format};

/// A structure of the model that can be written.
pub(crate) trait Encode {
    /// Writes its members, each in an element of its own.
    fn encode_to(&self, xml: &mut XmlWriter<'_>);
}

/// Writes an answer: the output in its elements, and the request id.
pub(crate) fn encode_answer(envelope: &Envelope, output: Option<&dyn Encode>, request_id: &str) -> Vec<u8> {
    let Envelope { operation, namespace } = *envelope;
    encode(&|xml| {
        xml.open_in(namespace, &[operation, "Response"]);
        if let Some(output) = output {
            xml.tag("<", &[operation, "Result"]);
            output.encode_to(xml);
            xml.tag("</", &[operation, "Result"]);
        }
        xml.element("ResponseMetadata", |xml| xml.element("RequestId", |xml| xml.text(request_id)));
        xml.tag("</", &[operation, "Response"]);
    })
}

/// The body of an error answer, for the service whose namespace is given.
pub fn encode_error(namespace: &str, code: &str, message: &str, is_senders_fault: bool, request_id: &str) -> Vec<u8> {
    let fault = if is_senders_fault { "Sender" } else { "Receiver" };
    encode(&|xml| {
        xml.open_in(namespace, &["ErrorResponse"]);
        xml.element("Error", |xml| {
            xml.element("Type", |xml| xml.text(fault));
            xml.element("Code", |xml| xml.text(code));
            xml.element("Message", |xml| xml.text(message));
        });
        xml.element("RequestId", |xml| xml.text(request_id));
        xml.tag("</", &["ErrorResponse"]);
    })
}

fn encode(write: &dyn Fn(&mut XmlWriter<'_>)) -> Vec<u8> {
    let mut counter = Counter::default();
    write(&mut XmlWriter { sink: &mut counter });
    let mut buffer = Buffer::with_capacity(&counter);
    write(&mut XmlWriter { sink: &mut buffer });
    buffer.into_full(&counter)
}

/// A document that is being written. Element names are the model's, which need no escaping.
///
/// The sink is known at run time only, so that the code of two hundred structures is compiled once, not twice.
pub(crate) struct XmlWriter<'s> {
    sink: &'s mut dyn Sink,
}

impl XmlWriter<'_> {
    /// Opens the outermost element, in its namespace.
    fn open_in(&mut self, namespace: &str, name: &[&str]) {
        self.sink.raw("<");
        name.iter().for_each(|part| self.sink.raw(part));
        self.sink.raw(" xmlns=\"");
        self.text(namespace);
        self.sink.raw("\">");
    }

    /// Opens or closes an element whose name consists of these parts.
    fn tag(&mut self, start: &str, name: &[&str]) {
        self.sink.raw(start);
        name.iter().for_each(|part| self.sink.raw(part));
        self.sink.raw(">");
    }

    /// An element with something inside.
    pub(crate) fn element(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.tag("<", &[name]);
        write(self);
        self.tag("</", &[name]);
    }

    /// An element for each value.
    pub(crate) fn elements<T>(&mut self, name: &str, values: &[T], write: impl Fn(&mut Self, &T)) {
        for value in values {
            self.element(name, |xml| write(xml, value));
        }
    }

    /// The entries of a map.
    pub(crate) fn entries<K, V>(
        &mut self,
        map: &BTreeMap<K, V>,
        write_key: impl Fn(&mut Self, &K),
        write_value: impl Fn(&mut Self, &V),
    ) {
        for (key, value) in map {
            self.element("entry", |xml| {
                xml.element("key", |xml| write_key(xml, key));
                xml.element("value", |xml| write_value(xml, value));
            });
        }
    }

    /// A text, also within the quotes of an attribute.
    pub(crate) fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some((at, special)) = rest.char_indices().find(|(_, letter)| escape(*letter).is_some()) {
            self.sink.raw(rest.get(..at).unwrap_or_default());
            self.sink.raw(escape(special).unwrap_or_default());
            rest = rest.get(at + special.len_utf8()..).unwrap_or_default();
        }
        self.sink.raw(rest);
    }

    /// A sensitive text. It is UTF-8 if it was decoded here; anything else is written as U+FFFD.
    pub(crate) fn secret_text(&mut self, text: &SecretBytes) {
        for chunk in text.expose().utf8_chunks() {
            self.text(chunk.valid());
            self.text(if chunk.invalid().is_empty() { "" } else { "\u{FFFD}" });
        }
    }

    /// Bytes in base64.
    pub(crate) fn blob(&mut self, bytes: &[u8]) {
        self.sink.base64(bytes);
    }

    /// An integer.
    pub(crate) fn integer(&mut self, number: i32) {
        format(self.sink, format_args!("{number}"));
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, value: bool) {
        self.sink.raw(if value { "true" } else { "false" });
    }

    /// A point in time: ISO 8601 in UTC, whole seconds.
    pub(crate) fn timestamp(&mut self, value: Timestamp) {
        self.sink.raw(&value.to_rfc3339());
    }
}

/// What stands for a character that has a meaning in XML, that a parser would change (section 2.11 of XML 1.0), or that
/// no document may hold in any form (section 2.2).
const fn escape(letter: char) -> Option<&'static str> {
    match letter {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\r' => Some("&#13;"),
        '\t' | '\n' => None,
        '\0'..'\u{20}' | '\u{FFFE}' | '\u{FFFF}' => Some("\u{FFFD}"),
        _ => None,
    }
}
