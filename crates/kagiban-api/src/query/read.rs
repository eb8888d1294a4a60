//! Reading values out of a form: each method reads one kind of the model's shapes, checks its limits, and notes
//! violations.
//!
//! Two outcomes besides a value: a [`Fault`] ends the reading (wrong type), `None` lets it go on, so that all violations
//! of a request are reported together.

use std::fmt::Display;

use kagiban_base::secret::SecretBytes;

use super::QueryError;
use super::form::{Form, List, Node};
use crate::string_enum::StringEnum;
use crate::validate::{Limit, Path, Range, Shortened, Shown, TextLimits, Violations, enum_text};

mod others;

/// A list is reported with this many bytes of its elements at most, before it is cut like any other value.
const SHOWN_LIST_BYTES_MAX: usize = 4096;

/// Why reading stops: the text of the `MalformedInput` error.
#[derive(Debug)]
pub(crate) struct Fault(String);

/// A structure of the model that can be read.
pub(crate) trait Decode: Sized {
    /// Reads it from what is below the node. `None` when violations were noted that leave no value.
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault>;
}

/// Reads a whole form.
pub(crate) fn decode<T: Decode>(form: &Form) -> Result<T, QueryError> {
    let mut reader = Reader::default();
    match T::decode(&mut reader, form.root(), &Path::TOP) {
        Err(Fault(message)) => Err(QueryError::Input(message)),
        Ok(Some(value)) if reader.violations.is_empty() => Ok(value),
        Ok(_) => Err(QueryError::Validation(reader.violations.message())),
    }
}

/// What was found wrong so far.
#[derive(Default)]
pub(crate) struct Reader {
    violations: Violations,
}

impl Reader {
    // Members.

    /// A member that may be absent.
    pub(crate) fn optional<T>(
        &mut self,
        node: Node<'_>,
        at: &Path<'_>,
        name: &'static str,
        read: impl FnOnce(&mut Self, Node<'_>, &Path<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Option<T>, Fault> {
        let member = node.member(name);
        if member.is_absent() { Ok(None) } else { read(self, member, &at.member(name)) }
    }

    /// A member whose absence is a violation.
    pub(crate) fn required<T>(
        &mut self,
        node: Node<'_>,
        at: &Path<'_>,
        name: &'static str,
        read: impl FnOnce(&mut Self, Node<'_>, &Path<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Option<T>, Fault> {
        if node.member(name).is_absent() {
            self.violations.record(&at.member(name), Shown::Null, Limit::NotNull);
        }
        self.optional(node, at, name, read)
    }

    // Scalars.

    /// A string with limits.
    pub(crate) fn text(&mut self, node: Node<'_>, at: &Path<'_>, limits: &TextLimits) -> Result<Option<String>, Fault> {
        let text = scalar(node, at)?;
        self.violations.check_text(at, limits, text, Shown::Text(text));
        Ok(Some(text.to_owned()))
    }

    /// A sensitive string with limits, as its UTF-8 bytes.
    pub(crate) fn secret_text(
        &mut self,
        node: Node<'_>,
        at: &Path<'_>,
        limits: &TextLimits,
    ) -> Result<Option<SecretBytes>, Fault> {
        let text = scalar(node, at)?;
        self.violations.check_text(at, limits, text, Shown::Hidden);
        Ok(Some(SecretBytes::from_slice(text.as_bytes())))
    }

    /// A string of a closed set.
    pub(crate) fn name<T: StringEnum>(&mut self, node: Node<'_>, at: &Path<'_>) -> Result<Option<T>, Fault> {
        let text = scalar(node, at)?;
        let value = T::parse_name(text);
        if value.is_none() {
            self.violations.record(at, Shown::Text(text), enum_text::<T>());
        }
        Ok(value)
    }

    /// A whole number of 32 bits.
    pub(crate) fn integer(&mut self, node: Node<'_>, at: &Path<'_>, range: &Range) -> Result<Option<i32>, Fault> {
        let number = scalar(node, at)?.parse().map_err(|_| mismatch(at, "an Integer"))?;
        self.violations.check_number(at, range, number);
        Ok(Some(number))
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, node: Node<'_>, at: &Path<'_>) -> Result<Option<bool>, Fault> {
        match scalar(node, at)? {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(mismatch(at, "a Boolean")),
        }
    }

    // Collections.

    /// A structure of the model. An empty value of its own name says that nothing is below.
    pub(crate) fn structure<T: Decode>(&mut self, node: Node<'_>, at: &Path<'_>) -> Result<Option<T>, Fault> {
        if node.text.is_some_and(|text| !text.is_empty()) {
            return Err(mismatch(at, "a Structure"));
        }
        T::decode(self, node, at)
    }

    /// A list of structures.
    pub(crate) fn structures<T: Decode>(
        &mut self,
        list: List<'_>,
        at: &Path<'_>,
        size: &Range,
    ) -> Result<Option<Vec<T>>, Fault> {
        let nodes = elements(list, at)?;
        let mut items = Vec::with_capacity(nodes.len());
        for (number, node) in (1..).zip(&nodes) {
            items.extend(self.structure(*node, &at.element(number))?);
        }
        self.violations.check_length(at, size, signed(nodes.len()), Shown::Hidden);
        Ok(Some(items))
    }

    /// A list of strings; what its elements violate is one violation of the list.
    pub(crate) fn texts(
        &mut self,
        list: List<'_>,
        at: &Path<'_>,
        size: &Range,
        element: &TextLimits,
    ) -> Result<Option<Vec<String>>, Fault> {
        self.strings(list, at, size, |text| element.fit(text).then(|| text.to_owned()), || element.texts())
    }

    /// A list of strings of a closed set.
    pub(crate) fn names<T: StringEnum>(
        &mut self,
        list: List<'_>,
        at: &Path<'_>,
        size: &Range,
    ) -> Result<Option<Vec<T>>, Fault> {
        self.strings(list, at, size, T::parse_name, || vec![enum_text::<T>()])
    }

    fn strings<T>(
        &mut self,
        list: List<'_>,
        at: &Path<'_>,
        size: &Range,
        parse: impl Fn(&str) -> Option<T>,
        limit_texts: impl Fn() -> Vec<String>,
    ) -> Result<Option<Vec<T>>, Fault> {
        let nodes = elements(list, at)?.into_iter();
        let texts: Vec<_> =
            (1..).zip(nodes).map(|(number, node)| scalar(node, &at.element(number))).collect::<Result<_, _>>()?;
        let items: Vec<_> = texts.iter().filter_map(|text| parse(text)).collect();
        let all_fit = items.len() == texts.len();
        if !all_fit || size.excludes(signed(texts.len())) {
            let shown = list_text(&texts);
            self.violations.check_length(at, size, signed(texts.len()), Shown::Text(&shown));
            if !all_fit {
                self.violations.record(at, Shown::Text(&shown), Limit::Elements(&limit_texts()));
            }
        }
        Ok(Some(items))
    }
}

/// The value of a node below which nothing may be.
fn scalar<'f>(node: Node<'f>, at: &Path<'_>) -> Result<&'f str, Fault> {
    if node.is_leaf() {
        Ok(node.text.unwrap_or_default())
    } else {
        Err(fault(at, "Start of structure or map found where not expected"))
    }
}

/// The nodes of a list's elements.
fn elements<'f>(list: List<'f>, at: &Path<'_>) -> Result<Vec<Node<'f>>, Fault> {
    if list.text().is_some_and(|text| !text.is_empty()) {
        return Err(mismatch(at, "a List"));
    }
    list.elements().ok_or_else(|| fault(at, "Unexpected name of a list element"))
}

#[cold]
fn mismatch(at: &Path<'_>, expected: &str) -> Fault {
    fault(at, format_args!("STRING_VALUE can not be converted to {expected}"))
}

#[cold]
fn fault(at: &Path<'_>, what: impl Display) -> Fault {
    Fault(format!("{what} at '{at}'"))
}

/// A list of strings in the form `[a, b]`.
#[cold]
fn list_text(texts: &[&str]) -> String {
    let mut shown = String::from("[");
    for (number, text) in texts.iter().enumerate() {
        shown.push_str(if number == 0 { "" } else { ", " });
        shown.push_str(&Shortened(text).to_string());
        if shown.len() > SHOWN_LIST_BYTES_MAX {
            return shown;
        }
    }
    shown + "]"
}

/// A length as a signed number; forms are far smaller than its range.
fn signed(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}
