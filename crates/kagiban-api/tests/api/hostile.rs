//! Bodies that nobody would send on purpose: decoding always ends in a value or a bounded refusal.

use kagiban_api::query::{Form, QueryError};
use kagiban_api::{DecodeError, ListKeysRequest, Operation, decode, iam, sts};
use proptest::prelude::*;
use serde::de::IgnoredAny;

use crate::model::{Model, decode_iam, decode_sts, form_text, full_body, percent_encoded, recode};

/// Texts of JSON's own characters: far more often near to JSON than arbitrary bytes are.
const NEAR_JSON: &str = "(\\{|\\}|\\[|\\]|:|,|\"|\\\\|null|true|false|0|1|-|\\.|e|E|\\+|a|\"a\"|\"a\":|\\{\"a\":|\\u0020|\\\\n|\\\\u00e9|é){0,24}";

fn any_operation() -> impl Strategy<Value = Operation> {
    (0..Operation::ALL.len()).prop_map(|number| Operation::ALL[number])
}

/// One change of a body's bytes.
#[derive(Clone, Debug)]
enum Mutation {
    Cut,
    Insert(u8),
    Replace(u8),
    Repeat(usize),
}

fn any_mutation() -> impl Strategy<Value = Mutation> {
    let byte = || prop_oneof![any::<u8>(), prop::sample::select(b"{}[]:,\"\\0-.et \n".to_vec())];
    prop_oneof![
        Just(Mutation::Cut),
        byte().prop_map(Mutation::Insert),
        byte().prop_map(Mutation::Replace),
        (1_usize..50).prop_map(Mutation::Repeat),
    ]
}

fn mutate(body: &mut Vec<u8>, at: prop::sample::Index, mutation: &Mutation) {
    let at = if body.is_empty() { return } else { at.index(body.len()) };
    match mutation {
        Mutation::Cut => body.truncate(at),
        Mutation::Insert(byte) => body.insert(at, *byte),
        Mutation::Replace(byte) => body[at] = *byte,
        Mutation::Repeat(len) => {
            let part = body[at..body.len().min(at + len)].to_vec();
            body.splice(at..at, part);
        }
    }
}

fn check_bounded(outcome: Result<Vec<u8>, DecodeError>) {
    if let Err(refusal) = outcome {
        assert!(refusal.message().len() < 1_000_000 && !refusal.message().is_empty());
    }
}

fn check_form(outcome: Result<(), QueryError>) {
    if let Err(refusal) = outcome {
        assert!(refusal.message().len() < 1_000_000 && !refusal.message().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_no_harm(operation in any_operation(), body in prop::collection::vec(any::<u8>(), 0..200)) {
        check_bounded(recode(operation, &body));
    }

    #[test]
    fn mutated_bodies_do_no_harm(
        operation in any_operation(),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any_mutation()), 1..8),
    ) {
        let mut body = full_body(&Model::load(), operation).to_string().into_bytes();
        for (at, mutation) in &mutations {
            mutate(&mut body, *at, mutation);
        }
        check_bounded(recode(operation, &body));
    }

    #[test]
    fn what_is_accepted_is_stable(
        operation in any_operation(),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any_mutation()), 0..3),
    ) {
        let mut body = full_body(&Model::load(), operation).to_string().into_bytes();
        for (at, mutation) in &mutations {
            mutate(&mut body, *at, mutation);
        }
        if let Ok(once) = recode(operation, &body) {
            prop_assert_eq!(recode(operation, &once), Ok(once));
        }
    }

    #[test]
    fn arbitrary_forms_do_no_harm(
        body in "(Tags|member|UserName|TagKeys|Action|[.]|=|&|%|%4|%41|[+]|1|2|01|é|.){0,40}",
        number in 0..iam::Operation::ALL.len(),
    ) {
        check_form(decode_iam(iam::Operation::ALL[number], body.as_bytes()));
        check_form(decode_sts(sts::Operation::ALL[number % sts::Operation::ALL.len()], body.as_bytes()));
    }

    #[test]
    fn mutated_forms_do_no_harm(
        number in 0..iam::Operation::ALL.len(),
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any_mutation()), 1..8),
    ) {
        let operation = iam::Operation::ALL[number];
        let mut body = form_text(operation, &full_body(&Model::iam(), operation)).into_bytes();
        for (at, mutation) in &mutations {
            mutate(&mut body, *at, mutation);
        }
        check_form(decode_iam(operation, &body));
    }

    /// Every text comes through the form's encoding as it is.
    #[test]
    fn form_values_come_back(text in ".{0,40}") {
        let form = Form::parse(format!("Action={}&Version={}", percent_encoded(&text), percent_encoded("é+ &="))
            .as_bytes()).unwrap();
        prop_assert_eq!((form.action(), form.version()), (Some(text.as_str()), Some("é+ &=")));
    }

    /// Whether a text is JSON at all is judged as another parser judges it.
    #[test]
    fn json_is_what_another_parser_takes_for_it(value in NEAR_JSON) {
        let body = format!("{{\"Other\":{value}}}");
        let ours = decode::<ListKeysRequest>(body.as_bytes()).is_ok();
        prop_assert_eq!(ours, serde_json::from_str::<IgnoredAny>(&body).is_ok(), "{}", body);
    }

    #[test]
    fn strings_are_what_another_parser_takes_them_for(text in "([a-z]{0,9}|\\\\[\"\\\\/bfnrtu]|\\\\u[0-9a-fA-F]{4}|\\\\ud8[0-9]{2}\\\\udc[0-9]{2}|é|🔑|\u{1}){0,12}") {
        let body = format!("{{\"Marker\":\"{text}\"}}");
        let theirs = serde_json::from_str::<serde_json::Value>(&body).ok();
        let theirs = theirs.and_then(|value| Some(value["Marker"].as_str()?.to_owned()));
        let ours = match decode::<ListKeysRequest>(body.as_bytes()) {
            Ok(input) => input.marker,
            // The marker's own limits do not matter here.
            Err(DecodeError::Validation(_)) => theirs.clone(),
            Err(DecodeError::Serialization(_)) => None,
        };
        prop_assert_eq!(ours, theirs, "{}", body);
    }
}
