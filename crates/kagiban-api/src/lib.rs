//! The AWS KMS API as types: operations, inputs, outputs, errors, and the JSON 1.1 codec.
