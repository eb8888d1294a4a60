//! A form body, and the tree that the points in its parameters' names make of it.

use std::fmt;

use zeroize::Zeroizing;

use super::QueryError;

/// More parameters than this are refused; the longest list that an operation takes needs a few hundred.
pub const PARAMETERS_MAX: usize = 2000;

/// A parsed form: names and values of UTF-8, no name twice. The values are wiped when it is dropped, since one of them
/// may be a secret; there is no telling before the operation is known.
pub struct Form {
    /// In the order of their names, which puts all parameters below a name next to each other.
    parameters: Vec<Parameter>,
}

pub(crate) struct Parameter {
    name: String,
    value: Zeroizing<String>,
}

impl Form {
    /// Reads a body of `name=value` pairs between `&`, with `+` for a space and `%` before two hexadecimal digits.
    ///
    /// DIFFERS: AWS takes one of two parameters with the same name. A proxy, an audit tool and this service could then
    /// see different requests in the same bytes, so such a form is refused.
    ///
    /// # Errors
    /// [`QueryError::Form`] for broken percent-encoding, bytes that are no UTF-8, a name that occurs twice, and more
    /// than [`PARAMETERS_MAX`] parameters.
    pub fn parse(body: &[u8]) -> Result<Self, QueryError> {
        let mut parameters = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if parameters.len() == PARAMETERS_MAX {
                return Err(QueryError::Form(format!("The request has more than {PARAMETERS_MAX} parameters")));
            }
            parameters.push(parameter(pair)?);
        }
        parameters.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let is_twice = |pair: &[Parameter]| matches!(pair, [one, other] if one.name == other.name);
        if parameters.windows(2).any(is_twice) {
            return Err(QueryError::Form("A parameter occurs twice".to_owned()));
        }
        Ok(Self { parameters })
    }

    /// The `Action` parameter: the operation's name.
    pub fn action(&self) -> Option<&str> {
        self.root().member("Action").text
    }

    /// The `Version` parameter: which version of the API the client means.
    pub fn version(&self) -> Option<&str> {
        self.root().member("Version").text
    }

    /// The node with all parameters below it.
    pub(crate) fn root(&self) -> Node<'_> {
        Node { text: None, inner: &self.parameters, skip: 0 }
    }
}

/// How many there are; no names or values.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Form({} parameters)", self.parameters.len())
    }
}

fn parameter(pair: &[u8]) -> Result<Parameter, QueryError> {
    let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
        Some(end) => (pair.get(..end).unwrap_or_default(), pair.get(end + 1..).unwrap_or_default()),
        None => (pair, &[][..]),
    };
    let name = std::mem::take(&mut *text(name)?);
    Ok(Parameter { name, value: text(value)? })
}

/// Undoes the encoding. The result is never longer, so the buffer does not grow and leaves no copy behind.
fn text(encoded: &[u8]) -> Result<Zeroizing<String>, QueryError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut rest = encoded;
    while let Some((first, tail)) = rest.split_first() {
        let (byte, tail) = match (first, tail) {
            (b'+', _) => (b' ', tail),
            (b'%', [high, low, tail @ ..]) => (hex(*high, *low).ok_or_else(broken_percent)?, tail),
            (b'%', _) => return Err(broken_percent()),
            (byte, _) => (*byte, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    if std::str::from_utf8(&bytes).is_err() {
        return Err(QueryError::Form("A parameter is not encoded in UTF-8".to_owned()));
    }
    // Checked above, so that the bytes are not in an error which nobody wipes.
    Ok(Zeroizing::new(String::from_utf8(std::mem::take(&mut *bytes)).unwrap_or_default()))
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? * 16 + digit(low)?)
}

#[cold]
fn broken_percent() -> QueryError {
    QueryError::Form("A percent sign is not followed by two hexadecimal digits".to_owned())
}

/// A name with the value it has, and what is below it: `Tags.member.1.Key` is below `Tags`.
#[derive(Clone, Copy)]
pub(crate) struct Node<'f> {
    /// The value of the parameter with exactly this name.
    pub(super) text: Option<&'f str>,
    inner: &'f [Parameter],
    /// Bytes of this node's name, and the point after it.
    skip: usize,
}

impl<'f> Node<'f> {
    /// What is called `name` below this node.
    pub(super) fn member(self, name: &str) -> Self {
        let text = self.inner.binary_search_by(|inner| self.rest(inner).cmp(name)).ok();
        let text = text.and_then(|at| self.inner.get(at)).map(|inner| inner.value.as_str());
        let dotted = || name.bytes().chain([b'.']);
        let start = self.inner.partition_point(|inner| self.rest(inner).bytes().lt(dotted()));
        let below = self.inner.get(start..).unwrap_or_default();
        let is_below =
            |inner: &Parameter| self.rest(inner).strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        let end = below.partition_point(is_below);
        Self { text, inner: below.get(..end).unwrap_or_default(), skip: self.skip + name.len() + 1 }
    }

    /// Whether neither a value was given nor anything below.
    pub(super) fn is_absent(self) -> bool {
        self.text.is_none() && self.is_leaf()
    }

    /// Whether nothing is below.
    pub(super) fn is_leaf(self) -> bool {
        self.inner.is_empty()
    }

    /// This node as a list whose elements stand below `wrapper`, or directly below it when that is empty.
    pub(crate) const fn list(self, wrapper: &'static str) -> List<'f> {
        List { node: self, wrapper }
    }

    /// The part of the name below this node.
    fn rest(self, inner: &'f Parameter) -> &'f str {
        inner.name.get(self.skip..).unwrap_or_default()
    }
}

/// A node that is a list: `Tags.member.1`, or `Tags.1` where the model says that it is flattened.
#[derive(Clone, Copy)]
pub(crate) struct List<'f> {
    node: Node<'f>,
    wrapper: &'static str,
}

impl<'f> List<'f> {
    /// The elements in the order of their numbers, which may have gaps. `None` if anything below is no element: were it
    /// passed over, a list of policies that a client misspelt would be shorter than meant.
    pub(super) fn elements(self) -> Option<Vec<Node<'f>>> {
        let all = if self.wrapper.is_empty() { self.node } else { self.node.member(self.wrapper) };
        if all.inner.len() != self.node.inner.len() {
            return None;
        }
        let numbers: Option<Vec<u32>> = all.inner.iter().map(|inner| number(all.rest(inner))).collect();
        let mut numbers = numbers?;
        numbers.sort_unstable();
        numbers.dedup();
        Some(numbers.into_iter().map(|number| all.member(&number.to_string())).collect())
    }

    /// The value of the list's own name; clients give an empty one for an empty list.
    pub(super) fn text(self) -> Option<&'f str> {
        self.node.text
    }
}

/// The number before the first point, in its shortest form.
fn number(name: &str) -> Option<u32> {
    let (digits, _) = name.split_once('.').unwrap_or((name, ""));
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}
