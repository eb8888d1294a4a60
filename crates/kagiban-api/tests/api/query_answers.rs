//! Answers of the Query protocol, letter by letter.

use std::collections::BTreeMap;

use kagiban_api::query::{QueryInput, QueryOutput, encode_error};
use kagiban_api::{iam, sts};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

const REQUEST_ID: &str = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";

/// Elements of the request id and the end, which all answers share.
fn metadata(operation: &str) -> String {
    format!("<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{operation}Response>")
}

fn check<I: QueryInput>(namespace: &str, operation: &str, output: &I::Output, result: &str) {
    let expected = format!("<{operation}Response xmlns=\"{namespace}\">{result}{}", metadata(operation));
    assert_eq!(String::from_utf8(I::encode_output(output, REQUEST_ID)).unwrap(), expected);
}

fn check_iam<I: QueryInput<Operation = iam::Operation>>(output: &I::Output, result: &str) {
    check::<I>("https://iam.amazonaws.com/doc/2010-05-08/", I::OPERATION.name(), output, result);
}

fn check_sts<I: QueryInput<Operation = sts::Operation>>(output: &I::Output, result: &str) {
    check::<I>("https://sts.amazonaws.com/doc/2011-06-15/", I::OPERATION.name(), output, result);
}

fn at() -> Timestamp {
    Timestamp::parse_basic_iso("20261122T025313Z").unwrap().plus_ms(999)
}

fn user() -> iam::User {
    iam::User {
        path: "/".to_owned(),
        user_name: "Bob".to_owned(),
        user_id: "AIDAIAAAAAAAAAAAAAAAA".to_owned(),
        arn: "arn:aws:iam::111122223333:user/Bob".to_owned(),
        create_date: at(),
        password_last_used: None,
        permissions_boundary: None,
        tags: None,
    }
}

const USER: &str = "<Path>/</Path><UserName>Bob</UserName><UserId>AIDAIAAAAAAAAAAAAAAAA</UserId>\
    <Arn>arn:aws:iam::111122223333:user/Bob</Arn><CreateDate>2026-11-22T02:53:13Z</CreateDate>";

#[test]
fn structures_and_lists_nest() {
    let tags = vec![
        iam::Tag { key: "a&b".to_owned(), value: "<é>\"'\r\n\u{1}\u{FFFF}".to_owned() },
        iam::Tag { key: "empty".to_owned(), value: String::new() },
    ];
    check_iam::<iam::CreateUserRequest>(
        &iam::CreateUserResponse { user: Some(iam::User { tags: Some(tags), ..user() }) },
        &format!(
            "<CreateUserResult><User>{USER}<Tags>\
             <member><Key>a&amp;b</Key><Value>&lt;é&gt;&quot;'&#13;\n\u{FFFD}\u{FFFD}</Value></member>\
             <member><Key>empty</Key><Value></Value></member></Tags></User></CreateUserResult>"
        ),
    );
    check_iam::<iam::CreateUserRequest>(
        &iam::CreateUserResponse { user: None },
        "<CreateUserResult></CreateUserResult>",
    );
    let users = iam::ListUsersResponse { users: vec![user(), user()], is_truncated: Some(true), marker: None };
    check_iam::<iam::ListUsersRequest>(
        &users,
        &format!(
            "<ListUsersResult><Users><member>{USER}</member><member>{USER}</member></Users>\
             <IsTruncated>true</IsTruncated></ListUsersResult>"
        ),
    );
    let users = iam::ListUsersResponse { users: vec![], is_truncated: Some(false), marker: Some("m".to_owned()) };
    check_iam::<iam::ListUsersRequest>(
        &users,
        "<ListUsersResult><Users></Users><IsTruncated>false</IsTruncated><Marker>m</Marker></ListUsersResult>",
    );
}

#[test]
fn operations_without_output_answer_with_the_request_id() {
    check_iam::<iam::DeleteUserRequest>(&(), "");
    check_iam::<iam::UpdateRoleRequest>(&iam::UpdateRoleResponse {}, "<UpdateRoleResult></UpdateRoleResult>");
}

#[test]
fn secrets_are_written_where_they_belong() {
    let access_key = iam::AccessKey {
        user_name: "Bob".to_owned(),
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        status: iam::StatusType::Active,
        secret_access_key: SecretBytes::from_slice(b"wJalrXUtnFEMI/K7MDENG/bPx<fiCYEXAMPLEKEY"),
        create_date: Some(at()),
    };
    check_iam::<iam::CreateAccessKeyRequest>(
        &iam::CreateAccessKeyResponse { access_key },
        "<CreateAccessKeyResult><AccessKey><UserName>Bob</UserName><AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId>\
         <Status>Active</Status><SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPx&lt;fiCYEXAMPLEKEY</SecretAccessKey>\
         <CreateDate>2026-11-22T02:53:13Z</CreateDate></AccessKey></CreateAccessKeyResult>",
    );
    let virtual_mfa_device = iam::VirtualMFADevice {
        serial_number: "arn:aws:iam::111122223333:mfa/Bob".to_owned(),
        base32_string_seed: Some(SecretBytes::from_slice(b"2K5K5XTLA7GGE75TQLYEXAMPLE")),
        qr_code_png: Some(SecretBytes::from_slice(b"\x89PNG")),
        user: None,
        enable_date: None,
        tags: None,
    };
    check_iam::<iam::CreateVirtualMFADeviceRequest>(
        &iam::CreateVirtualMFADeviceResponse { virtual_mfa_device },
        "<CreateVirtualMFADeviceResult><VirtualMFADevice><SerialNumber>arn:aws:iam::111122223333:mfa/Bob</SerialNumber>\
         <Base32StringSeed>Mks1SzVYVExBN0dHRTc1VFFMWUVYQU1QTEU=</Base32StringSeed><QRCodePNG>iVBORw==</QRCodePNG>\
         </VirtualMFADevice></CreateVirtualMFADeviceResult>",
    );
    const {
        assert!(iam::CreateAccessKeyResponse::HOLDS_SECRETS && iam::CreateVirtualMFADeviceResponse::HOLDS_SECRETS);
        assert!(sts::AssumeRoleResponse::HOLDS_SECRETS && !iam::CreateUserResponse::HOLDS_SECRETS);
    };
}

#[test]
fn bytes_that_are_no_text_are_replaced_in_a_secret_text() {
    let credentials = sts::Credentials {
        access_key_id: "ASIA".to_owned(),
        secret_access_key: SecretBytes::from_slice(b"a\xff\x00b"),
        session_token: "t".to_owned(),
        expiration: at(),
    };
    check_sts::<sts::GetSessionTokenRequest>(
        &sts::GetSessionTokenResponse { credentials: Some(credentials) },
        "<GetSessionTokenResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
         <SecretAccessKey>a\u{FFFD}\u{FFFD}b</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2026-11-22T02:53:13Z</Expiration></Credentials></GetSessionTokenResult>",
    );
}

#[test]
fn maps_are_entries_of_key_and_value() {
    let summary = [(iam::SummaryKeyType::Users, 27), (iam::SummaryKeyType::AccountMFAEnabled, 0)];
    check_iam::<iam::GetAccountSummaryRequest>(
        &iam::GetAccountSummaryResponse { summary_map: Some(BTreeMap::from(summary)) },
        "<GetAccountSummaryResult><SummaryMap><entry><key>Users</key><value>27</value></entry>\
         <entry><key>AccountMFAEnabled</key><value>0</value></entry></SummaryMap></GetAccountSummaryResult>",
    );
    let device = iam::GetMFADeviceResponse {
        user_name: None,
        serial_number: "arn:aws:iam::111122223333:mfa/Bob".to_owned(),
        enable_date: None,
        certifications: Some(BTreeMap::from([("FIPS<140>".to_owned(), "L&2".to_owned())])),
    };
    check_iam::<iam::GetMFADeviceRequest>(
        &device,
        "<GetMFADeviceResult><SerialNumber>arn:aws:iam::111122223333:mfa/Bob</SerialNumber><Certifications><entry>\
         <key>FIPS&lt;140&gt;</key><value>L&amp;2</value></entry></Certifications></GetMFADeviceResult>",
    );
}

#[test]
fn an_output_of_two_operations_is_named_after_each() {
    let statement = iam::Statement {
        source_policy_id: Some("inline".to_owned()),
        source_policy_type: Some(iam::PolicySourceType::AwsManaged),
        start_position: Some(iam::Position { line: Some(1), column: Some(-2) }),
        end_position: None,
    };
    let result = iam::EvaluationResult {
        eval_action_name: "kms:Decrypt".to_owned(),
        eval_resource_name: None,
        eval_decision: iam::PolicyEvaluationDecisionType::ExplicitDeny,
        matched_statements: Some(vec![statement]),
        missing_context_values: Some(vec!["aws:a".to_owned(), "aws:b".to_owned()]),
        organizations_decision_detail: Some(iam::OrganizationsDecisionDetail { allowed_by_organizations: Some(true) }),
        permissions_boundary_decision_detail: None,
        eval_decision_details: Some(BTreeMap::from([("IAM".to_owned(), iam::PolicyEvaluationDecisionType::Allowed)])),
        resource_specific_results: None,
    };
    let output =
        iam::SimulatePolicyResponse { evaluation_results: Some(vec![result]), is_truncated: None, marker: None };
    let inside = "<EvaluationResults><member><EvalActionName>kms:Decrypt</EvalActionName>\
        <EvalDecision>explicitDeny</EvalDecision><MatchedStatements><member><SourcePolicyId>inline</SourcePolicyId>\
        <SourcePolicyType>aws-managed</SourcePolicyType><StartPosition><Line>1</Line><Column>-2</Column></StartPosition>\
        </member></MatchedStatements><MissingContextValues><member>aws:a</member><member>aws:b</member>\
        </MissingContextValues><OrganizationsDecisionDetail><AllowedByOrganizations>true</AllowedByOrganizations>\
        </OrganizationsDecisionDetail><EvalDecisionDetails><entry><key>IAM</key><value>allowed</value></entry>\
        </EvalDecisionDetails></member></EvaluationResults>";
    let of = |name: &str| format!("<{name}Result>{inside}</{name}Result>");
    check_iam::<iam::SimulatePrincipalPolicyRequest>(&output, &of("SimulatePrincipalPolicy"));
    check_iam::<iam::SimulateCustomPolicyRequest>(&output, &of("SimulateCustomPolicy"));
}

#[test]
fn sts_answers_in_its_own_namespace() {
    let output = sts::GetCallerIdentityResponse {
        user_id: Some("AIDAIAAAAAAAAAAAAAAAA".to_owned()),
        account: Some("111122223333".to_owned()),
        arn: Some("arn:aws:iam::111122223333:user/Bob".to_owned()),
    };
    check_sts::<sts::GetCallerIdentityRequest>(
        &output,
        "<GetCallerIdentityResult><UserId>AIDAIAAAAAAAAAAAAAAAA</UserId><Account>111122223333</Account>\
         <Arn>arn:aws:iam::111122223333:user/Bob</Arn></GetCallerIdentityResult>",
    );
}

#[test]
fn errors_say_who_is_at_fault() {
    for (namespace, code, message, is_senders_fault, expected) in [
        (
            iam::NAMESPACE,
            iam::ErrorCode::NoSuchEntity.name(),
            "The user with name <Bob> & \"co\" cannot be found.",
            true,
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>\
             <Code>NoSuchEntity</Code><Message>The user with name &lt;Bob&gt; &amp; &quot;co&quot; cannot be found.</Message>\
             </Error><RequestId>r-1</RequestId></ErrorResponse>",
        ),
        (
            sts::NAMESPACE,
            sts::ErrorCode::InternalFailure.name(),
            "a\u{0}]]>b",
            false,
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Receiver</Type>\
             <Code>InternalFailure</Code><Message>a\u{FFFD}]]&gt;b</Message></Error><RequestId>r-1</RequestId></ErrorResponse>",
        ),
    ] {
        let body = encode_error(namespace, code, message, is_senders_fault, "r-1");
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}

/// A buffer that grew would have left a copy of the secret behind.
#[test]
fn the_buffer_of_an_answer_is_allocated_once() {
    let output = iam::ListUsersResponse { users: vec![user()], is_truncated: Some(false), marker: None };
    let body = iam::ListUsersRequest::encode_output(&output, REQUEST_ID);
    assert_eq!(body.capacity(), body.len());
}
