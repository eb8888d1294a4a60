//! The generated names agree with the model, read by other code than the generator's.

use std::collections::BTreeMap;

use kagiban_api::{ErrorCode, KeySpec, KeyState, KeyUsageType, Operation, iam, sts};
use serde_json::Value;

use crate::model::Model;

#[test]
fn operations_are_those_of_the_model() {
    let model = Model::load();
    let names: Vec<_> = Operation::ALL.iter().map(|operation| operation.name()).collect();
    assert_eq!(names, model.operation_names());
    assert_eq!(names.len(), 56);
    for operation in Operation::ALL {
        assert_eq!(Operation::from_name(operation.name()), Some(operation));
        let errors: Vec<_> = operation.declared_errors().iter().map(|code| code.name()).collect();
        assert_eq!(errors, model.declared_errors(operation), "{operation}");
    }
    assert_eq!(Operation::from_name("encrypt"), None);
}

#[test]
fn errors_have_the_status_that_is_used_on_the_wire() {
    let model = Model::load();
    let mut modelled = 0;
    for (name, shape) in model.shapes().iter().filter(|(_, shape)| shape["exception"] == true) {
        let code = ErrorCode::ALL.into_iter().find(|code| code.name() == name).unwrap();
        assert_eq!(u64::from(code.http_status()), shape["httpStatus"], "{name}");
        modelled += 1;
    }
    assert_eq!((modelled, ErrorCode::ALL.len()), (48, 48 + 17));
    for (code, status) in [
        (ErrorCode::AccessDeniedException, 400),
        (ErrorCode::DependencyTimeoutException, 500),
        (ErrorCode::InternalFailure, 500),
        (ErrorCode::KMSInternalException, 500),
        (ErrorCode::KeyUnavailableException, 500),
        (ErrorCode::OptInRequired, 403),
        (ErrorCode::RequestEntityTooLargeException, 413),
        (ErrorCode::RequestTimeoutException, 408),
        (ErrorCode::ServiceUnavailable, 503),
        (ErrorCode::UnknownOperationException, 400),
    ] {
        assert_eq!(code.http_status(), status, "{code:?}");
    }
}

/// What a service has: operations with the errors they declare, statuses by error code.
struct Names {
    operations: Vec<(&'static str, Vec<&'static str>)>,
    statuses: BTreeMap<&'static str, u16>,
}

fn names_of_iam() -> Names {
    let declared = |operation: iam::Operation| operation.declared_errors().iter().map(|code| code.name()).collect();
    let operations = iam::Operation::ALL.map(|operation| (operation.name(), declared(operation)));
    let statuses = iam::ErrorCode::ALL.map(|code| (code.name(), code.http_status()));
    Names { operations: operations.into(), statuses: statuses.into() }
}

fn names_of_sts() -> Names {
    let declared = |operation: sts::Operation| operation.declared_errors().iter().map(|code| code.name()).collect();
    let operations = sts::Operation::ALL.map(|operation| (operation.name(), declared(operation)));
    let statuses = sts::ErrorCode::ALL.map(|code| (code.name(), code.http_status()));
    Names { operations: operations.into(), statuses: statuses.into() }
}

/// Operations and errors agree with the model; gives the numbers of operations, shapes and errors in it.
fn check_names(model: &Model, names: &Names) -> (usize, usize, usize) {
    let declared = |name| (name, model.declared_errors(name));
    assert_eq!(names.operations, model.operation_names().into_iter().map(declared).collect::<Vec<_>>());
    let is_error = |shape: &&Value| shape["exception"] == true;
    let errors: Vec<_> = model.shapes().values().filter(is_error).map(|shape| &shape["error"]).collect();
    for error in &errors {
        let code = error["code"].as_str().unwrap();
        assert_eq!(
            names.statuses.get(code).map(|status| u64::from(*status)),
            error["httpStatusCode"].as_u64(),
            "{code}"
        );
    }
    (names.operations.len(), model.shapes().len(), errors.len())
}

#[test]
fn services_of_the_query_protocol_are_those_of_their_models() {
    // One shape more than in the file: that of an input without members.
    assert_eq!(check_names(&Model::iam(), &names_of_iam()), (101, 293, 14));
    assert_eq!(check_names(&Model::sts(), &names_of_sts()), (5, 53, 7));
    assert_eq!((iam::VERSION, sts::VERSION), ("2010-05-08", "2011-06-15"));
    assert_eq!(iam::Operation::from_name("CreateUser"), Some(iam::Operation::CreateUser));
    assert_eq!(sts::Operation::from_name("assumeRole"), None);
}

#[test]
fn services_of_the_query_protocol_share_their_common_errors() {
    const COMMON: &[(&str, u16)] = &[
        ("AccessDenied", 403),
        ("ExpiredToken", 403),
        ("IncompleteSignature", 400),
        ("InternalFailure", 500),
        ("InvalidAction", 400),
        ("InvalidClientTokenId", 403),
        ("InvalidParameterValue", 400),
        ("MalformedInput", 400),
        ("MalformedQueryString", 400),
        ("MissingAction", 400),
        ("MissingAuthenticationToken", 403),
        ("MissingParameter", 400),
        ("OptInRequired", 403),
        ("RequestExpired", 400),
        ("ServiceUnavailable", 503),
        ("SignatureDoesNotMatch", 403),
        ("Throttling", 400),
        ("ValidationError", 400),
    ];
    for (names, modelled) in [(names_of_iam(), 14), (names_of_sts(), 7)] {
        assert_eq!(names.statuses.len(), modelled + COMMON.len());
        for (code, status) in COMMON {
            assert_eq!(names.statuses.get(code), Some(status), "{code}");
        }
    }
}

#[test]
fn enums_are_stored_by_their_wire_name() {
    for spec in KeySpec::ALL {
        let stored = serde_json::to_string(&spec).unwrap();
        assert_eq!(stored, format!("\"{}\"", spec.as_str()));
        assert_eq!(serde_json::from_str::<KeySpec>(&stored).unwrap(), spec);
        assert_eq!(KeySpec::parse(&spec.to_string()), Some(spec));
    }
    assert_eq!(KeySpec::SymmetricDefault.as_str(), "SYMMETRIC_DEFAULT");
    assert_eq!(KeySpec::EccSecgP256k1.as_str(), "ECC_SECG_P256K1");
    assert_eq!(KeyState::PendingDeletion.as_str(), "PendingDeletion");
    assert!(serde_json::from_str::<KeyUsageType>("\"encrypt_decrypt\"").is_err());
    assert!(serde_json::from_str::<KeyUsageType>("7").is_err());
}

#[test]
fn enums_have_the_models_values_in_its_order() {
    let model = Model::load();
    let names: Vec<_> = KeySpec::ALL.iter().map(|spec| spec.as_str()).collect();
    assert_eq!(Some(names), model.shape("KeySpec").names());
}
