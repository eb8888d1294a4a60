//! A form of the Query protocol, decoded as the input of the operation of IAM or STS that it names; if it names none, of one
//! chosen by the length, so that every decoder is reached.
//!
//! Property: nothing panics; a refusal has a text of bounded length and one of three codes.
#![no_main]

use kagiban_api::query::{Form, InputVisitor, QueryError, QueryInput};
use kagiban_api::{iam, sts};
use libfuzzer_sys::fuzz_target;

/// Violations are cut and counted; this is far above what the models' largest input can bring about.
const MESSAGE_LEN_MAX: usize = 256 * 1024;

struct Decode<'f>(&'f Form);

impl<O> InputVisitor<O> for Decode<'_> {
    type Value = Result<(), QueryError>;

    fn visit<I: QueryInput<Operation = O>>(self) -> Self::Value {
        I::decode(self.0).map(drop)
    }
}

fn assert_readable(outcome: Result<(), QueryError>) {
    if let Err(error) = outcome {
        assert!(error.message().len() <= MESSAGE_LEN_MAX, "a text of {} bytes", error.message().len());
        assert!(matches!(error.code(), "MalformedQueryString" | "MalformedInput" | "ValidationError"));
    }
}

fuzz_target!(|data: &[u8]| {
    let form = match Form::parse(data) {
        Ok(form) => form,
        Err(error) => return assert_readable(Err(error)),
    };
    let action = form.action().unwrap_or_default();
    let of_iam =
        iam::Operation::from_name(action).unwrap_or(iam::Operation::ALL[data.len() % iam::Operation::ALL.len()]);
    assert_readable(of_iam.visit_input(Decode(&form)));
    let of_sts =
        sts::Operation::from_name(action).unwrap_or(sts::Operation::ALL[data.len() % sts::Operation::ALL.len()]);
    assert_readable(of_sts.visit_input(Decode(&form)));
});
