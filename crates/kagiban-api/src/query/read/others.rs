//! Kinds of shapes that the protocol has, but no input of the present models. They are here so that a model which needs
//! them is no reason to touch the protocol.
#![cfg_attr(not(test), expect(dead_code, reason = "no input of the present models has such a shape"))]

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

use super::{Fault, Reader, elements, fault, mismatch, scalar, signed};
use crate::query::form::Node;
use crate::time;
use crate::validate::{Path, Range, Shown};

impl Reader {
    /// Bytes in base64 (RFC 4648, section 4: standard alphabet, padded, unused bits zero).
    pub(crate) fn blob(&mut self, node: Node<'_>, at: &Path<'_>, length: &Range) -> Result<Option<Vec<u8>>, Fault> {
        let bytes = STANDARD.decode(scalar(node, at)?).map_err(|_| fault(at, "Invalid base64"))?;
        self.violations.check_length(at, length, signed(bytes.len()), Shown::Hidden);
        Ok(Some(bytes))
    }

    /// Sensitive bytes in base64, decoded into memory that is wiped whatever happens.
    pub(crate) fn secret_blob(
        &mut self,
        node: Node<'_>,
        at: &Path<'_>,
        length: &Range,
    ) -> Result<Option<SecretBytes>, Fault> {
        let text = scalar(node, at)?;
        let mut bytes = SecretBytes::zeroed(base64::decoded_len_estimate(text.len()));
        let len = STANDARD.decode_slice(text, bytes.expose_mut()).map_err(|_| fault(at, "Invalid base64"))?;
        bytes.truncate(len);
        self.violations.check_length(at, length, signed(len), Shown::Hidden);
        Ok(Some(bytes))
    }

    /// ISO 8601 text, cut to milliseconds.
    pub(crate) fn timestamp(&mut self, node: Node<'_>, at: &Path<'_>) -> Result<Option<Timestamp>, Fault> {
        time::from_iso8601(scalar(node, at)?).map(Some).ok_or_else(|| mismatch(at, "a Timestamp"))
    }

    /// A map of strings to strings: `entry.1.key` and `entry.1.value`. A key twice is refused, as a name twice is.
    pub(crate) fn text_map(
        &mut self,
        node: Node<'_>,
        at: &Path<'_>,
    ) -> Result<Option<BTreeMap<String, String>>, Fault> {
        let mut map = BTreeMap::new();
        for entry in elements(node.list("entry"), at)? {
            let key = scalar(entry.member("key"), at)?;
            let value = scalar(entry.member("value"), &at.key(key))?;
            if map.insert(key.to_owned(), value.to_owned()).is_some() {
                return Err(fault(&at.key(key), "Duplicate member"));
            }
        }
        Ok(Some(map))
    }
}
