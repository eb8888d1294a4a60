//! For each limit of each member of each input of each service: the last value within is accepted, the first beyond
//! refused.

use kagiban_api::query::QueryError;
use kagiban_api::{DecodeError, Operation, iam, sts};
use serde_json::{Value, json};

use crate::model::{Model, Shape, blob, decode_iam, decode_sts, form_text, full_body, recode};

/// How values travel. A form has no null: what is absent stands nowhere.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Wire {
    Form,
    Json,
}

/// A value to put in a place of an otherwise valid body, and the entry that must be reported for it.
struct Violation {
    pointer: String,
    value: Option<Value>,
    entry: String,
}

/// All violations of, and all border values within, one input.
struct Cases {
    wire: Wire,
    violations: Vec<Violation>,
    borders: Vec<(String, Value)>,
}

/// The outcome of decoding a body: `None` stands for a refusal that is no violation.
type Outcome = Result<(), Option<String>>;

#[test]
fn every_limit_holds_at_its_border_and_not_beyond() {
    let (model, mut counts) = (Model::load(), (0, 0));
    for operation in Operation::ALL {
        let decode = |body: &Value| match recode(operation, body.to_string().as_bytes()) {
            Err(DecodeError::Validation(message)) => Err(Some(message)),
            other => other.map(drop).map_err(|_| None),
        };
        check_all(&model, Wire::Json, operation.name(), &decode, &mut counts);
    }
    // So that a slip in this test cannot make cases vanish unseen; a new model changes the figures.
    assert_eq!(counts, (754, 653));
}

#[test]
fn every_limit_of_a_form_holds_at_its_border_and_not_beyond() {
    let (iam, sts, mut counts) = (Model::iam(), Model::sts(), (0, 0));
    let violations = |outcome| match outcome {
        Err(QueryError::Validation(message)) => Err(Some(message)),
        other => other.map_err(|_| None),
    };
    for operation in iam::Operation::ALL {
        let decode = |body: &Value| violations(decode_iam(operation, form_text(operation, body).as_bytes()));
        check_all(&iam, Wire::Form, operation.name(), &decode, &mut counts);
    }
    for operation in sts::Operation::ALL {
        let decode = |body: &Value| violations(decode_sts(operation, form_text(operation, body).as_bytes()));
        check_all(&sts, Wire::Form, operation.name(), &decode, &mut counts);
    }
    assert_eq!(counts, (999, 607));
}

/// Tries all cases of one operation and adds their numbers.
fn check_all(
    model: &Model,
    wire: Wire,
    operation: &str,
    decode: &dyn Fn(&Value) -> Outcome,
    (violation_count, border_count): &mut (usize, usize),
) {
    let mut cases = Cases { wire, violations: Vec::new(), borders: Vec::new() };
    cases.structure(model.input(operation), "", "");
    assert_eq!(decode(&full_body(model, operation)), Ok(()), "{operation}");
    for violation in &cases.violations {
        check_violation(operation, decode, full_body(model, operation), violation);
    }
    for (pointer, value) in &cases.borders {
        let mut body = full_body(model, operation);
        *body.pointer_mut(pointer).unwrap() = value.clone();
        assert_eq!(decode(&body), Ok(()), "{operation} {pointer} {value:.60}");
    }
    *violation_count += cases.violations.len();
    *border_count += cases.borders.len();
}

fn check_violation(operation: &str, decode: &dyn Fn(&Value) -> Outcome, mut body: Value, violation: &Violation) {
    let what = format!("{operation} {} {:.60?}", violation.pointer, violation.value);
    match &violation.value {
        Some(value) => *body.pointer_mut(&violation.pointer).unwrap() = value.clone(),
        None => {
            let (parent, name) = violation.pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        }
    }
    let Err(Some(message)) = decode(&body) else { panic!("{what} was not refused as a violation") };
    let alone = format!("1 validation error detected: {}", violation.entry);
    // What is too short often breaks the pattern, too.
    let second =
        message.starts_with("2 validation errors detected: ") && message.contains("regular expression pattern");
    assert!(
        message == alone || second && message.contains(&violation.entry),
        "{what}:\n{message}\n{}",
        violation.entry
    );
}

impl Cases {
    fn violation(&mut self, pointer: &str, value: impl Into<Option<Value>>, path: &str, shown: &str, text: &str) {
        let entry = format!("{shown} at '{path}' failed to satisfy constraint: {text}");
        self.violations.push(Violation { pointer: pointer.to_owned(), value: value.into(), entry });
    }

    fn border(&mut self, pointer: &str, value: Value) {
        self.borders.push((pointer.to_owned(), value));
    }

    fn structure(&mut self, shape: Shape<'_>, pointer: &str, path: &str) {
        for (name, member, required) in shape.members() {
            let pointer = format!("{pointer}/{name}");
            let lower = format!("{}{}", name[..1].to_lowercase(), &name[1..]);
            let path = if path.is_empty() { lower } else { format!("{path}.{lower}") };
            if required {
                self.violation(&pointer, None, &path, "Value null", "Member must not be null");
            }
            match self.wire {
                Wire::Json if required => {
                    self.violation(&pointer, Value::Null, &path, "Value null", "Member must not be null");
                }
                Wire::Json => self.border(&pointer, Value::Null),
                Wire::Form => {}
            }
            self.value(member, &pointer, &path);
        }
    }

    fn value(&mut self, shape: Shape<'_>, pointer: &str, path: &str) {
        match shape.kind() {
            "blob" => self.blob(shape, pointer, path),
            "integer" => self.integer(shape, pointer, path),
            "list" => self.list(shape, pointer, path),
            "map" => self.map(pointer, path),
            "string" if shape.names().is_some() => self.name(shape, pointer, path),
            "string" => self.text(shape, pointer, path),
            "structure" => self.structure(shape, pointer, path),
            "boolean" | "timestamp" => {}
            kind => panic!("{kind}"),
        }
    }

    fn blob(&mut self, shape: Shape<'_>, pointer: &str, path: &str) {
        let (min, max) =
            (usize::try_from(shape.min().unwrap()).unwrap(), usize::try_from(shape.max().unwrap()).unwrap());
        self.violation(pointer, blob(min - 1), path, "Value", &at_least_long(shape));
        self.violation(pointer, blob(max + 1), path, "Value", &at_most_long(shape));
        self.border(pointer, blob(min));
        self.border(pointer, blob(max));
    }

    fn integer(&mut self, shape: Shape<'_>, pointer: &str, path: &str) {
        let (min, max) = (shape.min().unwrap(), shape.max().unwrap());
        for (value, text) in [
            (min - 1, format!("Member must have value greater than or equal to {min}")),
            (i64::from(i32::MIN), format!("Member must have value greater than or equal to {min}")),
            (max + 1, format!("Member must have value less than or equal to {max}")),
            (i64::from(i32::MAX), format!("Member must have value less than or equal to {max}")),
        ] {
            self.violation(pointer, json!(value), path, &format!("Value '{value}'"), &text);
        }
        self.border(pointer, json!(min));
        self.border(pointer, json!(max));
    }

    fn name(&mut self, shape: Shape<'_>, pointer: &str, path: &str) {
        let names = shape.names().unwrap();
        let flipped = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
        let in_other_case: String = names[0].chars().map(flipped).collect();
        for bad in ["", "NO_SUCH_NAME", &in_other_case, &format!("{} ", names[0])] {
            self.violation(pointer, json!(bad), path, &format!("Value '{bad}'"), &shape.limit_texts());
        }
        for name in names {
            self.border(pointer, json!(name));
        }
    }

    fn text(&mut self, shape: Shape<'_>, pointer: &str, path: &str) {
        if let Some(min) = shape.min().filter(|min| *min > 0) {
            let short = shape.text_by_pattern(min - 1).unwrap_or("x".repeat(usize::try_from(min - 1).unwrap()));
            self.violation(pointer, json!(short), path, &shown(shape, &short), &at_least_long(shape));
        }
        if let Some(max) = shape.max() {
            // An account id has one length only, so that a longer one breaks its pattern, too.
            let long = shape.text_by_pattern(max + 1).unwrap_or("0".repeat(usize::try_from(max + 1).unwrap()));
            self.violation(pointer, json!(long), path, &shown(shape, &long), &at_most_long(shape));
        }
        if let Some(pattern) = shape.pattern() {
            let text = shape.full().as_str().unwrap().to_owned();
            let bad = text[..text.len() - text.chars().last().unwrap().len_utf8()].to_owned() + "\u{2}";
            let limit = format!("Member must satisfy regular expression pattern: {pattern}");
            let is_any_text = pattern.starts_with("^arn:");
            if !is_any_text {
                self.violation(pointer, json!(bad), path, &shown(shape, &bad), &limit);
            }
        }
        for text in [shape.min(), shape.max()].into_iter().flatten().filter_map(|len| shape.text(len)) {
            self.border(pointer, json!(text));
        }
    }

    fn list(&mut self, shape: Shape<'_>, pointer: &str, path: &str) {
        let (element, one) = (shape.element(), shape.element().full());
        let list = |len: i64| json!(vec![one.clone(); usize::try_from(len).unwrap()]);
        let list_shown = |len: i64| {
            if element.kind() == "structure" {
                return "Value".to_owned();
            }
            let texts = vec![one.as_str().unwrap_or_default(); usize::try_from(len).unwrap()];
            format!("Value '[{}]'", texts.join(", "))
        };
        if let Some(min) = shape.min().filter(|min| *min > 0) {
            self.violation(pointer, list(min - 1), path, &list_shown(min - 1), &at_least_long(shape));
        }
        if let Some(max) = shape.max() {
            self.violation(pointer, list(max + 1), path, &list_shown(max + 1), &at_most_long(shape));
            self.border(pointer, list(max));
        }
        self.border(pointer, list(shape.min().unwrap_or(0)));
        let (here, inside) = (format!("{path}.1.member"), format!("{pointer}/0"));
        if self.wire == Wire::Json {
            self.violation(&inside, Value::Null, &here, "Value null", "Member must not be null");
        }
        if element.kind() == "structure" {
            self.structure(element, &inside, &here);
        } else if element.limit_texts().is_empty() {
            self.border(&inside, json!(""));
        } else {
            let text = format!("Member must satisfy constraint: [{}]", element.limit_texts());
            self.violation(&inside, json!(""), path, "Value '[]'", &text);
        }
    }

    fn map(&mut self, pointer: &str, path: &str) {
        self.violation(
            pointer,
            json!({"a": "b", "c": null}),
            &format!("{path}.c"),
            "Value null",
            "Member must not be null",
        );
        self.border(pointer, json!({}));
    }
}

fn at_least_long(shape: Shape<'_>) -> String {
    format!("Member must have length greater than or equal to {}", shape.min().unwrap())
}

fn at_most_long(shape: Shape<'_>) -> String {
    format!("Member must have length less than or equal to {}", shape.max().unwrap())
}

/// A value as it is reported: not at all when sensitive, and no more than 1,024 characters of it.
fn shown(shape: Shape<'_>, text: &str) -> String {
    if shape.is_sensitive() {
        return "Value".to_owned();
    }
    let head: String = text.chars().take(1024).collect();
    format!("Value '{head}{}'", if head == text { "" } else { "..." })
}
