//! The generated names agree with the model, read by other code than the generator's.

use kagiban_api::{ErrorCode, KeySpec, KeyState, KeyUsageType, Operation};

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
