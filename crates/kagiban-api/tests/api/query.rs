//! The Query protocol: forms as IAM and STS get them, and refusals in their words.

use kagiban_api::query::{Form, PARAMETERS_MAX, QueryError, QueryInput};
use kagiban_api::{iam, sts};

use crate::model::{decode_iam, decode_sts};

fn decoded<I: QueryInput>(body: &str) -> I {
    I::decode(&Form::parse(body.as_bytes()).unwrap()).unwrap()
}

fn refusal(operation: iam::Operation, body: &str) -> QueryError {
    decode_iam(operation, body.as_bytes()).unwrap_err()
}

#[test]
fn action_and_version_are_read_before_anything_else() {
    for (body, action, version) in [
        ("Action=GetUser&Version=2010-05-08", Some("GetUser"), Some("2010-05-08")),
        ("Version=2010-05-08&UserName=a", None, Some("2010-05-08")),
        ("Action=&action=GetUser", Some(""), None),
        ("Action", Some(""), None),
        ("", None, None),
        ("&&", None, None),
    ] {
        let form = Form::parse(body.as_bytes()).unwrap();
        assert_eq!((form.action(), form.version()), (action, version), "{body}");
    }
}

#[test]
fn what_is_no_form_is_refused() {
    let percent = "A percent sign is not followed by two hexadecimal digits";
    let utf8 = "A parameter is not encoded in UTF-8";
    let twice = "A parameter occurs twice";
    for (body, message) in [
        (&b"UserName=%"[..], percent),
        (b"UserName=a%4", percent),
        (b"UserName=%4g", percent),
        (b"UserName=%+4", percent),
        (b"User%zzName=a", percent),
        (b"UserName=%FF", utf8),
        (b"UserName=%C3", utf8),
        (b"UserName=%ED%A0%80", utf8),
        (b"UserName=\xff", utf8),
        (b"%FF=a", utf8),
        (b"UserName=a&UserName=b", twice),
        (b"UserName=a&UserName=a", twice),
        (b"UserName=a&User%4eame=b", twice),
        (b"UserName=a&Path=/&UserName", twice),
        (b"=a&=b", twice),
    ] {
        let refusal = Form::parse(body).unwrap_err();
        assert_eq!(refusal, QueryError::Form(message.to_owned()), "{}", body.escape_ascii());
        assert_eq!(refusal.code(), "MalformedQueryString");
    }
}

#[test]
fn the_number_of_parameters_is_bounded() {
    let body = |count: usize| (0..count).map(|number| format!("Other{number}=&")).collect::<String>();
    assert!(Form::parse(body(PARAMETERS_MAX).as_bytes()).is_ok());
    let refusal = Form::parse(body(PARAMETERS_MAX + 1).as_bytes()).unwrap_err();
    assert_eq!(refusal.message(), "The request has more than 2000 parameters");
}

#[test]
fn a_form_shows_none_of_its_values() {
    let form = Form::parse(b"Action=AssumeRoleWithWebIdentity&WebIdentityToken=hush").unwrap();
    assert_eq!(format!("{form:?}"), "Form(2 parameters)");
}

#[test]
fn members_land_in_their_fields() {
    let input: iam::CreateUserRequest = decoded(
        "Action=CreateUser&Version=2010-05-08&UserName=Jorgen%2b1&Path=%2Fab%2f&Unknown=1&Un.known.7=1\
         &Tags.member.1.Key=team+a&Tags.member.1.Value=&Tags.member.2.Value=%C3%A9&Tags.member.2.Key=k&",
    );
    let tag = |key: &str, value: &str| iam::Tag { key: key.to_owned(), value: value.to_owned() };
    let expected = iam::CreateUserRequest {
        path: Some("/ab/".to_owned()),
        user_name: "Jorgen+1".to_owned(),
        permissions_boundary: None,
        tags: Some(vec![tag("team a", ""), tag("k", "é")]),
    };
    assert_eq!(input, expected);
}

#[test]
fn lists_are_in_the_order_of_their_numbers() {
    for (parameters, keys) in [
        ("&TagKeys.member.1=a&TagKeys.member.2=b", vec!["a", "b"]),
        ("&TagKeys.member.10=c&TagKeys.member.9=b&TagKeys.member.2=a", vec!["a", "b", "c"]),
        ("&TagKeys.member.4294967295=b&TagKeys.member.0=a", vec!["a", "b"]),
        ("&TagKeys=", vec![]),
        ("&TagKeys=&TagKeys.member.7=a", vec!["a"]),
        ("&TagKeys.member.1=a&TagKeys-member.2=b&TagKeysmember.2=b&TagKey.member.2=b", vec!["a"]),
    ] {
        let input: iam::UntagUserRequest = decoded(&format!("UserName=u{parameters}"));
        assert_eq!(input.tag_keys, keys, "{parameters}");
    }
}

#[test]
fn structures_nest_in_lists() {
    let input: iam::SimulateCustomPolicyRequest = decoded(
        "PolicyInputList.member.1=%7B%7D&ActionNames.member.1=kms%3ADecrypt&MaxItems=100\
         &ContextEntries.member.1.ContextKeyName=aws%3Atag&ContextEntries.member.1.ContextKeyType=stringList\
         &ContextEntries.member.1.ContextKeyValues.member.2=y&ContextEntries.member.1.ContextKeyValues.member.1=x\
         &ContextEntries.member.3.ContextKeyValues=&ContextEntries.member.2=",
    );
    let entries = vec![
        iam::ContextEntry {
            context_key_name: Some("aws:tag".to_owned()),
            context_key_values: Some(vec!["x".to_owned(), "y".to_owned()]),
            context_key_type: Some(iam::ContextKeyTypeEnum::StringList),
        },
        iam::ContextEntry { context_key_name: None, context_key_values: None, context_key_type: None },
        iam::ContextEntry { context_key_name: None, context_key_values: Some(vec![]), context_key_type: None },
    ];
    assert_eq!(input.context_entries, Some(entries));
    assert_eq!((input.max_items, input.policy_input_list), (Some(100), vec!["{}".to_owned()]));
}

#[test]
fn booleans_names_and_secrets_are_read() {
    let input: iam::ListPoliciesRequest = decoded("OnlyAttached=true&Scope=Local");
    assert_eq!((input.only_attached, input.scope), (Some(true), Some(iam::PolicyScopeType::Local)));
    let input: iam::ListPoliciesRequest = decoded("OnlyAttached=false");
    assert_eq!((input.only_attached, input.scope), (Some(false), None));
    let arn = "arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Fr";
    let input: sts::AssumeRoleWithWebIdentityRequest =
        decoded(&format!("RoleArn={arn}&RoleSessionName=pod&WebIdentityToken=a.b%2Ec"));
    assert_eq!(input.web_identity_token.expose(), b"a.b.c");
    const {
        assert!(sts::AssumeRoleWithWebIdentityRequest::HOLDS_SECRETS && !sts::AssumeRoleRequest::HOLDS_SECRETS);
    };
}

#[test]
fn operations_without_parameters_take_any() {
    decoded::<iam::GetAccountSummaryRequest>("Action=GetAccountSummary&Other=1");
    decoded::<sts::GetCallerIdentityRequest>("");
}

#[test]
fn values_of_another_type_are_refused() {
    use iam::Operation as O;
    for (operation, body, message) in [
        (O::ListUsers, "MaxItems=", "STRING_VALUE can not be converted to an Integer at 'maxItems'"),
        (O::ListUsers, "MaxItems=ten", "STRING_VALUE can not be converted to an Integer at 'maxItems'"),
        (O::ListUsers, "MaxItems=1.0", "STRING_VALUE can not be converted to an Integer at 'maxItems'"),
        (O::ListUsers, "MaxItems=2147483648", "STRING_VALUE can not be converted to an Integer at 'maxItems'"),
        (O::ListUsers, "MaxItems=10+", "STRING_VALUE can not be converted to an Integer at 'maxItems'"),
        (O::ListUsers, "Marker.member.1=a", "Start of structure or map found where not expected at 'marker'"),
        (O::GetUser, "UserName.x=a", "Start of structure or map found where not expected at 'userName'"),
        (O::GetUser, "UserName=a&UserName.x=a", "Start of structure or map found where not expected at 'userName'"),
        (O::ListPolicies, "OnlyAttached=True", "STRING_VALUE can not be converted to a Boolean at 'onlyAttached'"),
        (O::ListPolicies, "OnlyAttached=1", "STRING_VALUE can not be converted to a Boolean at 'onlyAttached'"),
        (O::UntagUser, "TagKeys=a", "STRING_VALUE can not be converted to a List at 'tagKeys'"),
        (O::UntagUser, "TagKeys.1=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.Member.1=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.member=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.member.=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.member.one=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.member.01=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.member.%2B1=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.member.-1=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.member.4294967296=a", "Unexpected name of a list element at 'tagKeys'"),
        (O::UntagUser, "TagKeys.member.1=a&TagKeys.2=b", "Unexpected name of a list element at 'tagKeys'"),
        (
            O::UntagUser,
            "TagKeys.member.1.Key=a",
            "Start of structure or map found where not expected at 'tagKeys.1.member'",
        ),
        (O::TagUser, "Tags.member.1=a", "STRING_VALUE can not be converted to a Structure at 'tags.1.member'"),
    ] {
        let refusal = refusal(operation, body);
        assert_eq!(refusal, QueryError::Input(message.to_owned()), "{body}");
        assert_eq!(refusal.code(), "MalformedInput");
    }
}

#[test]
fn violations_are_reported_in_the_words_of_aws() {
    use iam::Operation as O;
    for (operation, body, message) in [
        (
            O::CreateUser,
            "",
            "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::CreateUser,
            "username=a",
            "1 validation error detected: Value null at 'userName' failed to satisfy constraint: Member must not be null",
        ),
        (
            O::CreateUser,
            "UserName=a+b",
            "1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
        ),
        (
            O::GetUser,
            "UserName=",
            "2 validation errors detected: Value '' at 'userName' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
        ),
        (
            O::ListUsers,
            "MaxItems=1001",
            "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
        ),
        (
            O::ListPolicies,
            "Scope=all",
            "1 validation error detected: Value 'all' at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS, Local]",
        ),
        (
            O::TagUser,
            "UserName=u&Tags.member.5.Value=a%3Cb",
            "2 validation errors detected: Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null; Value 'a<b' at 'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*",
        ),
        (
            O::UntagUser,
            "UserName=u&TagKeys.member.2=&TagKeys.member.1=ok",
            "1 validation error detected: Value '[ok, ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+]",
        ),
    ] {
        let refusal = refusal(operation, body);
        assert_eq!(refusal, QueryError::Validation(message.to_owned()), "{body}");
        assert_eq!(refusal.code(), "ValidationError");
    }
}

#[test]
fn a_sensitive_value_is_not_repeated() {
    let arn = "arn%3Aaws%3Aiam%3A%3A000000000000%3Arole%2Fr";
    let body = format!("RoleArn={arn}&RoleSessionName=pod&WebIdentityToken=xyz");
    let refusal = decode_sts(sts::Operation::AssumeRoleWithWebIdentity, body.as_bytes()).unwrap_err();
    assert_eq!(
        refusal.message(),
        "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4"
    );
}

#[test]
fn codes_of_refusals_are_codes_of_both_services() {
    for refusal in
        [QueryError::Form(String::new()), QueryError::Input(String::new()), QueryError::Validation(String::new())]
    {
        let iam = iam::ErrorCode::ALL.into_iter().find(|code| code.name() == refusal.code());
        let sts = sts::ErrorCode::ALL.into_iter().find(|code| code.name() == refusal.code());
        assert_eq!((iam.unwrap().http_status(), sts.unwrap().http_status()), (400, 400), "{refusal:?}");
    }
}
