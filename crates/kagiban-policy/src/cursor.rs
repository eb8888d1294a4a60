//! A way through the document that remembers where it is, and the questions asked at every place of it: is this an
//! object, a text, a list, and does a name occur twice.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::fault::{MalformedPolicy, Reason};
use crate::json::Node;

/// A place in the document. Knows the way back, so that a fault can say where it is.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    node: &'a Node,
    parent: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Name(&'a str),
    Index(usize),
}

impl<'a> Cursor<'a> {
    /// The whole document.
    pub(crate) const fn root(node: &'a Node) -> Self {
        Self { node, parent: None, step: Step::Root }
    }

    /// What stands here.
    pub(crate) const fn node(&self) -> &'a Node {
        self.node
    }

    /// The fault, with the way here.
    pub(crate) fn fault(&self, reason: Reason) -> MalformedPolicy {
        let mut path = String::new();
        self.push_path(&mut path);
        MalformedPolicy::new(reason, path)
    }

    fn push_path(&self, path: &mut String) {
        if let Some(parent) = self.parent {
            parent.push_path(path);
        }
        match self.step {
            Step::Root => {}
            Step::Index(index) => {
                let _infallible = write!(path, "[{index}]");
            }
            Step::Name(name) if name.bytes().all(|b| b.is_ascii_alphanumeric()) && name.len() <= NAME_LEN_MAX => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Step::Name(name) => {
                let shown: String = name.chars().take(NAME_LEN_MAX).collect();
                let _infallible = write!(path, "[{shown:?}]");
            }
        }
    }

    /// The member's name under which this stands; empty elsewhere.
    pub(crate) fn name(&self) -> &'a str {
        match self.step {
            Step::Name(name) => name,
            Step::Root | Step::Index(_) => "",
        }
    }

    /// Text and nothing else.
    pub(crate) fn text(&self) -> Result<&'a str, MalformedPolicy> {
        match self.node {
            Node::Text(text) => Ok(text),
            _ => Err(self.fault(Reason::WrongType("text"))),
        }
    }

    /// Text, a number or a truth value, in JSON's spelling.
    pub(crate) fn scalar(&self) -> Result<&'a str, MalformedPolicy> {
        match self.node {
            Node::Text(text) | Node::Number(text) => Ok(text),
            Node::Bool(true) => Ok("true"),
            Node::Bool(false) => Ok("false"),
            Node::Null | Node::List(_) | Node::Object(_) | Node::TooDeep => {
                Err(self.fault(Reason::WrongType("text, a number, true or false")))
            }
        }
    }

    /// The items of a list that is not empty, or this itself if it is no list.
    pub(crate) fn one_or_more<'s>(&'s self, expected: &'static str) -> Result<Vec<Cursor<'s>>, MalformedPolicy> {
        match self.node {
            Node::Null | Node::TooDeep => Err(self.fault(Reason::WrongType(expected))),
            Node::List(items) if items.is_empty() => Err(self.fault(Reason::Empty)),
            Node::List(items) => Ok(items
                .iter()
                .enumerate()
                .map(|(index, node)| Cursor { node, parent: Some(self), step: Step::Index(index) })
                .collect()),
            Node::Bool(_) | Node::Number(_) | Node::Text(_) | Node::Object(_) => Ok(vec![*self]),
        }
    }

    /// The members of an object that is not empty and in which no name occurs twice.
    pub(crate) fn members<'s>(&'s self, expected: &'static str) -> Result<Members<'s>, MalformedPolicy> {
        let Node::Object(list) = self.node else { return Err(self.fault(Reason::WrongType(expected))) };
        if list.is_empty() {
            return Err(self.fault(Reason::Empty));
        }
        let members = Members { at: self, list };
        let mut names = BTreeSet::new();
        match members.iter().find(|member| !names.insert(member.name())) {
            Some(again) => Err(again.fault(Reason::Duplicate)),
            None => Ok(members),
        }
    }

    /// As [`Cursor::members`], with these names only; here emptiness shows as what is missing.
    pub(crate) fn object<'s>(&'s self, known: &[&str]) -> Result<Members<'s>, MalformedPolicy> {
        let members = match self.node {
            Node::Object(list) if list.is_empty() => Members { at: self, list },
            _ => self.members("an object")?,
        };
        match members.iter().find(|member| !known.contains(&member.name())) {
            Some(unknown) => Err(unknown.fault(Reason::UnknownElement)),
            None => Ok(members),
        }
    }
}

/// Longest name shown in a path, in characters.
const NAME_LEN_MAX: usize = 64;

/// The members of an object.
#[derive(Clone, Copy)]
pub(crate) struct Members<'a> {
    at: &'a Cursor<'a>,
    list: &'a [(Box<str>, Node)],
}

impl<'a> Members<'a> {
    /// The object itself.
    pub(crate) const fn at(self) -> &'a Cursor<'a> {
        self.at
    }

    /// One by one.
    pub(crate) fn iter(self) -> impl Iterator<Item = Cursor<'a>> {
        let parent = Some(self.at);
        self.list.iter().map(move |(name, node)| Cursor { node, parent, step: Step::Name(name) })
    }

    /// The member of this name.
    pub(crate) fn find(self, name: &str) -> Option<Cursor<'a>> {
        self.iter().find(|member| member.name() == name)
    }

    /// The one of two that exclude each other, and whether it is the second.
    pub(crate) fn either(
        self,
        name: &'static str,
        not_name: &'static str,
    ) -> Result<Option<(bool, Cursor<'a>)>, MalformedPolicy> {
        match (self.find(name), self.find(not_name)) {
            (Some(_), Some(_)) => Err(self.at.fault(Reason::Both(name, not_name))),
            (Some(at), None) => Ok(Some((false, at))),
            (None, at) => Ok(at.map(|at| (true, at))),
        }
    }
}
