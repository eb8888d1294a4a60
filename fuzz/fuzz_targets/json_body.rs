//! A target header on the first line and a request body in the rest, decoded as the input of the operation it names; if
//! it names none, of one chosen by the length, so that every decoder is reached.
//!
//! Property: nothing panics; a target that is taken is exactly an operation's; a body that is no JSON is never taken;
//! what is taken can be written down again and reads back as the same; a refusal has a text of bounded length.
#![no_main]

use kagiban_api::{DecodeError, Input, InputVisitor, Operation, decode, wire};
use kagiban_fuzz::is_json;
use libfuzzer_sys::fuzz_target;

/// Violations are cut and counted; this is far above what the model's largest input can bring about.
const MESSAGE_LEN_MAX: usize = 256 * 1024;

struct Decode<'b>(&'b [u8]);

impl InputVisitor for Decode<'_> {
    type Value = Result<(), DecodeError>;

    fn visit<I: Input>(self) -> Self::Value {
        let input = decode::<I>(self.0)?;
        let written = input.encode();
        let again = decode::<I>(&written).expect("reads what it wrote").encode();
        assert!(again == written, "what was read back is not the same");
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or_default();
    let (target, body) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let operation = match wire::operation_of(Some(target)) {
        Ok(operation) => {
            assert_eq!(target, format!("TrentService.{}", operation.name()).as_bytes());
            operation
        }
        Err(_) => Operation::ALL[data.len() % Operation::ALL.len()],
    };
    match operation.visit_input(Decode(body)) {
        Ok(()) => assert!(body.is_empty() || is_json(body), "takes what is no JSON"),
        Err(error) => assert!((1..MESSAGE_LEN_MAX).contains(&error.message().len())),
    }
});
