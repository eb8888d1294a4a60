//! A policy's text with some principals replaced: how deleted users and roles come to show as their unique ids.

use std::fmt::Write;

use crate::json::{self, Node};

/// The text with principals replaced in Principal and NotPrincipal elements. When nothing is replaced, the text itself,
/// byte for byte; else laid out as AWS does, with its order kept.
pub fn replace_principals(text: &str, replace: &dyn Fn(&str) -> Option<String>) -> String {
    let Ok(mut root) = json::read(text) else { return text.to_owned() };
    let mut count = 0;
    for statement in named(&mut root, &["Statement"]).flat_map(items) {
        for value in named(statement, &["Principal", "NotPrincipal"]).flat_map(members).flat_map(items) {
            count += usize::from(replace_text(value, replace));
        }
    }
    if count == 0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    write_node(&mut out, &root, 1);
    out
}

/// The values of an object's members with these names.
fn named<'n>(node: &'n mut Node, names: &[&str]) -> impl Iterator<Item = &'n mut Node> {
    let list = if let Node::Object(list) = node { list.as_mut_slice() } else { &mut [] };
    list.iter_mut().filter(|(name, _)| names.contains(&&**name)).map(|(_, node)| node)
}

/// The values of an object's members.
fn members(node: &mut Node) -> impl Iterator<Item = &mut Node> {
    let list = if let Node::Object(list) = node { list.as_mut_slice() } else { &mut [] };
    list.iter_mut().map(|(_, node)| node)
}

/// The items of a list, or the value itself.
fn items(node: &mut Node) -> impl Iterator<Item = &mut Node> {
    match node {
        Node::List(list) => list.iter_mut(),
        _ => std::slice::from_mut(node).iter_mut(),
    }
}

fn replace_text(node: &mut Node, replace: &dyn Fn(&str) -> Option<String>) -> bool {
    let Node::Text(text) = node else { return false };
    match replace(text) {
        Some(other) => {
            *text = other.into();
            true
        }
        None => false,
    }
}

/// The layout in which AWS shows its own policies: members on lines of their own, ` : ` after names, lists in line.
fn write_node(out: &mut String, node: &Node, level: usize) {
    let _infallible = match node {
        Node::Null | Node::TooDeep => write!(out, "null"),
        Node::Bool(value) => write!(out, "{value}"),
        Node::Number(text) => write!(out, "{text}"),
        Node::Text(text) => {
            write_text(out, text);
            Ok(())
        }
        Node::List(list) => {
            out.push('[');
            for (index, item) in list.iter().enumerate() {
                out.push_str(if index == 0 { " " } else { ", " });
                write_node(out, item, level);
            }
            write!(out, " ]")
        }
        Node::Object(list) => {
            out.push('{');
            for (index, (name, value)) in list.iter().enumerate() {
                let _infallible =
                    write!(out, "{}\n{:width$}", if index == 0 { "" } else { "," }, "", width = 2 * level);
                write_text(out, name);
                out.push_str(" : ");
                write_node(out, value, level + 1);
            }
            write!(out, "\n{:width$}}}", "", width = 2 * (level - 1))
        }
    };
}

/// A JSON text with its quotes.
fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        let _infallible = match char {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            _ if char < ' ' => write!(out, "\\u{:04x}", u32::from(char)),
            _ => write!(out, "{char}"),
        };
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{default_key_policy, parse_key_policy};

    fn replace(text: &str) -> String {
        replace_principals(text, &|principal| principal.strip_prefix("gone-").map(|rest| format!("ID-{rest}")))
    }

    #[test]
    fn without_a_replacement_the_text_stays() {
        for text in [
            "",
            "{",
            "[1]",
            " { \"Statement\" :[{\"Principal\":{\"AWS\": \"kept\"} ,\"Sid\":\"gone-1\"}]}\n",
            r#"{"Statement": {"Principal": "gone-1", "Resource": {"Principal": {"AWS": "gone-1"}}}}"#,
            r#"{"Id": {"Statement": {"Principal": {"AWS": "gone-1"}}}}"#,
        ] {
            assert_eq!(replace(text), text);
        }
    }

    #[test]
    fn replaced_principals_show_in_the_layout_of_aws() {
        let text = r#"{"Id":"a\"b\u000b","Statement":[{"Principal":{"AWS":["gone-1","kept"],"Service":"gone-2"},
            "Action":[],"Condition":{"Bool":{"gone-3":true}},"X":1.5,"Y":null},{"NotPrincipal":{"AWS":"gone-4"}}]}"#;
        let lines = [
            "{",
            r#"  "Id" : "a\"b\u000b","#,
            r#"  "Statement" : [ {"#,
            r#"    "Principal" : {"#,
            r#"      "AWS" : [ "ID-1", "kept" ],"#,
            r#"      "Service" : "ID-2""#,
            "    },",
            r#"    "Action" : [ ],"#,
            r#"    "Condition" : {"#,
            r#"      "Bool" : {"#,
            r#"        "gone-3" : true"#,
            "      }",
            "    },",
            r#"    "X" : 1.5,"#,
            r#"    "Y" : null"#,
            "  }, {",
            r#"    "NotPrincipal" : {"#,
            r#"      "AWS" : "ID-4""#,
            "    }",
            "  } ]",
            "}",
        ];
        assert_eq!(replace(text), lines.join("\n"));
    }

    /// The layout is that of the default policy, and what is laid out is still a policy.
    #[test]
    fn the_layout_is_stable() {
        let account = "111122223333".parse().unwrap();
        let text = default_key_policy(account, kagiban_base::id::Partition::Aws);
        let same = replace_principals(&text, &|principal| Some(principal.to_owned()));
        assert_eq!(same, text);
        let gone = replace_principals(&text, &|_| Some("AIDAEXAMPLEID1234567".to_owned()));
        assert_eq!(gone, text.replace("arn:aws:iam::111122223333:root", "AIDAEXAMPLEID1234567"));
        assert!(parse_key_policy(&gone).is_ok());
    }
}
