//! The simulate operations answer as the engine would decide.

use crate::support::{Answer, Client, World, allow};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const FOREIGN_KEY: &str = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ANN: &str = "arn:aws:iam::111122223333:user/ann";

/// Parameters with names made at run time.
type Owned = Vec<(String, String)>;

fn with(list: &str, values: &[&str]) -> Owned {
    let member = |(at, value): (usize, &&str)| (format!("{list}.member.{}", at + 1), (*value).to_owned());
    values.iter().enumerate().map(member).collect()
}

fn one(name: &str, value: &str) -> Owned {
    vec![(name.to_owned(), value.to_owned())]
}

/// Context entries: name, type, values with commas between them.
fn context(entries: &[(&str, &str, &str)]) -> Owned {
    let entry = |(at, (name, kind, values)): (usize, &(&str, &str, &str))| {
        let head = format!("ContextEntries.member.{}", at + 1);
        let values: Vec<&str> = values.split(',').filter(|value| !value.is_empty()).collect();
        let mut parameters = one(&format!("{head}.ContextKeyName"), name);
        parameters.extend(one(&format!("{head}.ContextKeyType"), kind));
        parameters.extend(with(&format!("{head}.ContextKeyValues"), &values));
        parameters
    };
    entries.iter().enumerate().flat_map(entry).collect()
}

async fn call(client: &Client<'_>, operation: &str, parameters: &[Owned]) -> Result<Answer, String> {
    let parameters: Owned = parameters.concat();
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.iam(operation, &parameters).await.map_err(|refused| format!("{}: {}", refused.code, refused.message))
}

async fn decisions(client: &Client<'_>, operation: &str, parameters: &[Owned]) -> Vec<String> {
    call(client, operation, parameters).await.unwrap().texts("EvaluationResults/member/EvalDecision")
}

fn statement(effect: &str, action: &str, rest: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"{action}","Resource":"*"{rest}}}]}}"#
    )
}

#[tokio::test]
async fn custom_policies_are_decided() {
    let world = World::new().await;
    let root = world.root();
    let sign = || with("ActionNames", &["kms:Sign"]);
    let policies = |texts: &[&str]| with("PolicyInputList", texts);
    let (yes, no) = (statement("Allow", "kms:*", ""), statement("Deny", "kms:Sign", ""));
    let tagged = statement(
        "Allow",
        "kms:*",
        r#","Condition":{"StringEquals":{"aws:ResourceTag/Team":"${aws:PrincipalTag/Team}"}}"#,
    );
    let recent = statement("Allow", "kms:*", r#","Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}"#);
    let several =
        statement("Allow", "kms:*", r#","Condition":{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#);
    let context_of = statement("Allow", "kms:*", r#","Condition":{"StringEquals":{"kms:EncryptionContext:App":"x"}}"#);
    let today =
        statement("Allow", "kms:*", r#","Condition":{"DateLessThan":{"aws:CurrentTime":"2026-11-22T00:00:00Z"}}"#);
    let boundary = |text: &str| with("PermissionsBoundaryPolicyInputList", &[text]);
    let team = |key: &'static str, value| context(&[("AWS:resourcetag/Team", "string", "red"), (key, "string", value)]);
    for (parameters, expected) in [
        (vec![policies(&[&yes])], "allowed"),
        (vec![policies(&[&yes, &no])], "explicitDeny"),
        (vec![policies(&[&statement("Allow", "kms:Encrypt", "")])], "implicitDeny"),
        (vec![policies(&[&yes]), boundary(&yes)], "allowed"),
        (vec![policies(&[&yes]), boundary(&allow("kms:List*", "*"))], "implicitDeny"),
        (vec![policies(&[&yes]), boundary(&no)], "explicitDeny"),
        (vec![policies(&[&tagged])], "implicitDeny"),
        (vec![policies(&[&tagged]), team("aws:PrincipalTag/Team", "red")], "allowed"),
        (vec![policies(&[&tagged]), team("aws:PrincipalTag/Team", "blue")], "implicitDeny"),
        (vec![policies(&[&recent]), context(&[("aws:MultiFactorAuthAge", "numeric", "299")])], "allowed"),
        (vec![policies(&[&recent]), context(&[("aws:MultiFactorAuthAge", "numeric", "300")])], "implicitDeny"),
        (vec![policies(&[&several]), context(&[("aws:TagKeys", "stringList", "a,b")])], "allowed"),
        (vec![policies(&[&several]), context(&[("aws:TagKeys", "stringList", "a,c")])], "implicitDeny"),
        (vec![policies(&[&context_of]), context(&[("KMS:EncryptionContext:App", "string", "x")])], "allowed"),
        (vec![policies(&[&context_of]), context(&[("kms:EncryptionContext:app", "string", "x")])], "implicitDeny"),
        (vec![policies(&[&today])], "allowed"),
        (vec![policies(&[&today]), context(&[("aws:CurrentTime", "date", "2026-11-22T00:00:00Z")])], "implicitDeny"),
    ] {
        let mut parameters = parameters;
        parameters.push(sign());
        assert_eq!(decisions(&root, "SimulateCustomPolicy", &parameters).await, [expected], "{parameters:?}");
    }
}

#[tokio::test]
async fn every_action_is_held_against_every_resource() {
    let world = World::new().await;
    let root = world.root();
    let document = format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\"Effect\": \"Allow\", \"Action\": \"kms:Sign\", \"Resource\": \"{KEY}\"}},\n    {{\n      \"Effect\": \"Allow\", \"Action\": \"kms:Verify\", \"Resource\": \"*\", \"Condition\": {{\"Bool\": {{\"aws:SecureTransport\": \"true\"}}}}\n    }}\n  ]\n}}"
    );
    let parameters = [
        with("PolicyInputList", &[&document]),
        with("ActionNames", &["kms:Sign", "kms:Verify"]),
        with("ResourceArns", &[KEY, "*"]),
    ];
    let answer = call(&root, "SimulateCustomPolicy", &parameters).await.unwrap();
    let texts = |path: &str| answer.texts(&format!("EvaluationResults/member/{path}"));
    assert_eq!(texts("EvalActionName"), ["kms:Sign", "kms:Sign", "kms:Verify", "kms:Verify"]);
    assert_eq!(texts("EvalResourceName"), [KEY, "*", KEY, "*"]);
    assert_eq!(texts("EvalDecision"), ["allowed", "implicitDeny", "implicitDeny", "implicitDeny"]);
    assert_eq!(texts("MatchedStatements/member/SourcePolicyId"), ["PolicyInputList.1"]);
    assert_eq!(texts("MatchedStatements/member/SourcePolicyType"), ["none"]);
    assert_eq!(texts("MatchedStatements/member/StartPosition/Line"), ["3"]);
    assert_eq!(texts("MatchedStatements/member/EndPosition/Line"), ["4"]);
    assert_eq!(texts("ResourceSpecificResults/member/EvalResourceName"), [KEY, KEY]);
    assert_eq!(texts("ResourceSpecificResults/member/EvalResourceDecision"), ["allowed", "implicitDeny"]);
    // With a resource, what is missing stands there.
    assert_eq!(texts("MissingContextValues/member"), ["aws:SecureTransport", "aws:SecureTransport"]);
    let missing = texts("ResourceSpecificResults/member/MissingContextValues/member");
    assert_eq!(missing, ["aws:SecureTransport", "aws:SecureTransport"]);

    let (mut seen, mut marker) = (Vec::new(), None::<String>);
    loop {
        let mut page = parameters.to_vec();
        page.push(one("MaxItems", "3"));
        page.extend(marker.as_deref().map(|marker| one("Marker", marker)));
        let page = call(&root, "SimulateCustomPolicy", &page).await.unwrap();
        seen.push(page.texts("EvaluationResults/member/EvalDecision").len());
        if page.text("IsTruncated") == "false" {
            break;
        }
        marker = Some(page.text("Marker"));
    }
    assert_eq!(seen, [3, 1]);
}

#[tokio::test]
async fn a_principal_has_what_its_groups_have_and_what_its_boundary_lets_it() {
    let world = World::new().await;
    let root = world.root();
    let ann = world.user("ann", &allow("kms:Sign", "*")).await;
    root.iam("CreateGroup", &[("GroupName", "g")]).await.unwrap();
    root.iam("AddUserToGroup", &[("GroupName", "g"), ("UserName", "ann")]).await.unwrap();
    let inline = [("GroupName", "g"), ("PolicyName", "own"), ("PolicyDocument", &allow("kms:Verify", "*"))];
    root.iam("PutGroupPolicy", &inline).await.unwrap();
    let encrypt = allow("kms:Encrypt,kms:Decrypt", "*");
    root.iam("CreatePolicy", &[("PolicyName", "P"), ("PolicyDocument", &encrypt)]).await.unwrap();
    let attach = [("GroupName", "g"), ("PolicyArn", "arn:aws:iam::111122223333:policy/P")];
    root.iam("AttachGroupPolicy", &attach).await.unwrap();
    let power = ("PolicyArn", "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser");
    root.iam("AttachUserPolicy", &[("UserName", "ann"), power]).await.unwrap();
    let actions = ["kms:Sign", "kms:Verify", "kms:Encrypt", "kms:ListKeys", "kms:ScheduleKeyDeletion"];
    let asked = |source: &str| [one("PolicySourceArn", source), with("ActionNames", &actions)];

    let answer = call(&root, "SimulatePrincipalPolicy", &asked(ANN)).await.unwrap();
    let texts = |answer: &Answer, path: &str| answer.texts(&format!("EvaluationResults/member/{path}"));
    assert_eq!(texts(&answer, "EvalDecision"), ["allowed", "allowed", "allowed", "allowed", "implicitDeny"]);
    let ids = texts(&answer, "MatchedStatements/member/SourcePolicyId");
    assert_eq!(ids, ["user_ann_p", "group_g_own", "P", "AWSKeyManagementServicePowerUser"]);
    let types = texts(&answer, "MatchedStatements/member/SourcePolicyType");
    assert_eq!(types, ["user", "group", "user-managed", "aws-managed"]);
    assert!(!answer.has("EvaluationResults/member/PermissionsBoundaryDecisionDetail"));
    let group = decisions(&root, "SimulatePrincipalPolicy", &asked("arn:aws:iam::111122223333:group/g")).await;
    assert_eq!(group, ["implicitDeny", "allowed", "allowed", "implicitDeny", "implicitDeny"]);

    let boundary = ("PermissionsBoundary", "arn:aws:iam::111122223333:policy/P");
    root.iam("PutUserPermissionsBoundary", &[("UserName", "ann"), boundary]).await.unwrap();
    let answer = call(&root, "SimulatePrincipalPolicy", &asked(ANN)).await.unwrap();
    assert_eq!(
        texts(&answer, "EvalDecision"),
        ["implicitDeny", "implicitDeny", "allowed", "implicitDeny", "implicitDeny"]
    );
    let allowed = texts(&answer, "PermissionsBoundaryDecisionDetail/AllowedByPermissionsBoundary");
    assert_eq!(allowed, ["false", "false", "true", "false", "false"]);
    // Another boundary for the occasion, and another policy.
    let mut asked = asked(ANN).to_vec();
    asked.push(with("PermissionsBoundaryPolicyInputList", &[&allow("*", "*")]));
    asked.push(with("PolicyInputList", &[&statement("Deny", "kms:Sign", "")]));
    let others = decisions(&root, "SimulatePrincipalPolicy", &asked).await;
    assert_eq!(others, ["explicitDeny", "allowed", "allowed", "allowed", "implicitDeny"]);

    assert!(call(&ann, "SimulatePrincipalPolicy", &asked).await.unwrap_err().starts_with("AccessDenied"));
    root.iam("DeleteUserPermissionsBoundary", &[("UserName", "ann")]).await.unwrap();
    root.allow("ann", &allow("iam:SimulatePrincipalPolicy", ANN)).await;
    assert_eq!(call(&ann, "SimulatePrincipalPolicy", &asked).await.err(), None);
}

/// Key policies decide here as they do for requests.
#[tokio::test]
async fn policies_of_resources_are_decided_together_with_those_of_the_caller() {
    let world = World::new().await;
    let root = world.root();
    world.user("ann", "").await;
    let key_policy = |principal: &str, rest: &str| {
        statement("Allow", "kms:*", &format!(r#","Principal":{{"AWS":"{principal}"}}{rest}"#))
    };
    let yes = statement("Allow", "kms:*", "");
    let none = allow("s3:GetObject", "*");
    let cn = "arn:aws-cn:iam::111122223333:user/ann";
    let stranger = "arn:aws:iam::444455556666:user/bob";
    for (identity, resource, caller, key, expected, foreign) in [
        (&none, key_policy(ANN, ""), ANN, KEY, "allowed", None),
        (&none, key_policy(cn, ""), ANN, KEY, "allowed", None),
        (&none, key_policy("111122223333", ""), ANN, KEY, "implicitDeny", None),
        (&yes, key_policy("111122223333", ""), ANN, KEY, "allowed", None),
        (&yes, key_policy("444455556666", ""), ANN, KEY, "implicitDeny", None),
        (&yes, key_policy("arn:aws:iam::111122223333:user/nobody", ""), ANN, KEY, "implicitDeny", None),
        (&none, key_policy(stranger, ""), stranger, KEY, "implicitDeny", Some(["implicitDeny", "allowed"])),
        (&yes, key_policy(stranger, ""), stranger, KEY, "allowed", Some(["allowed", "allowed"])),
        (&yes, key_policy(ANN, ""), ANN, FOREIGN_KEY, "allowed", Some(["allowed", "allowed"])),
        (&none, key_policy(ANN, ""), ANN, FOREIGN_KEY, "implicitDeny", Some(["implicitDeny", "allowed"])),
        (&yes, key_policy(stranger, ""), ANN, FOREIGN_KEY, "implicitDeny", Some(["allowed", "implicitDeny"])),
    ] {
        let parameters = [
            with("PolicyInputList", &[identity]),
            with("ActionNames", &["kms:Sign"]),
            with("ResourceArns", &[key]),
            one("ResourcePolicy", &resource),
            one("CallerArn", caller),
        ];
        let answer = call(&root, "SimulateCustomPolicy", &parameters).await.unwrap();
        let result = "EvaluationResults/member";
        assert_eq!(answer.text(&format!("{result}/EvalDecision")), expected, "{resource} {caller}");
        let entry = |path: &str| answer.texts(&format!("{result}/EvalDecisionDetails/entry/{path}"));
        let details = foreign.map(|foreign| foreign.map(str::to_owned).to_vec()).unwrap_or_default();
        assert_eq!(entry("value"), details, "{resource} {caller}");
    }
    // The statement of the resource's policy is pointed to.
    let parameters = [
        with("PolicyInputList", &[&none]),
        with("ActionNames", &["kms:Sign"]),
        one("ResourcePolicy", &key_policy(ANN, "")),
        one("CallerArn", ANN),
    ];
    let answer = call(&root, "SimulateCustomPolicy", &parameters).await.unwrap();
    let matched = answer.texts("EvaluationResults/member/MatchedStatements/member/SourcePolicyType");
    assert_eq!(matched, ["resource"]);

    // A stranger's resource lets nobody in who has no policy there.
    let parameters = [
        with("PolicyInputList", &[&yes]),
        with("ActionNames", &["kms:Sign"]),
        with("ResourceArns", &[KEY, FOREIGN_KEY, "arn:aws:s3:::bucket"]),
    ];
    assert_eq!(decisions(&root, "SimulateCustomPolicy", &parameters).await, ["allowed", "implicitDeny", "allowed"]);
    let mut owned = parameters.to_vec();
    owned.push(one("ResourceOwner", "arn:aws:iam::444455556666:root"));
    assert_eq!(decisions(&root, "SimulateCustomPolicy", &owned).await, ["allowed", "implicitDeny", "implicitDeny"]);
}

/// A trust policy is the resource's policy of a role.
#[tokio::test]
async fn trust_policies_can_be_simulated() {
    let world = World::new().await;
    let root = world.root();
    world.user("ann", "").await;
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{ANN}"}},"Action":"sts:AssumeRole","Condition":{{"StringEquals":{{"sts:ExternalId":"x1"}}}}}}]}}"#
    );
    let parameters = |entries: &[(&str, &str, &str)]| {
        [
            one("PolicySourceArn", ANN),
            with("ActionNames", &["sts:AssumeRole"]),
            with("ResourceArns", &["arn:aws:iam::111122223333:role/App"]),
            one("ResourcePolicy", &trust),
            context(entries),
        ]
    };
    let operation = "SimulatePrincipalPolicy";
    assert_eq!(decisions(&root, operation, &parameters(&[("sts:ExternalId", "string", "x1")])).await, ["allowed"]);
    assert_eq!(decisions(&root, operation, &parameters(&[("sts:ExternalId", "string", "x")])).await, ["implicitDeny"]);
    let answer = call(&root, operation, &parameters(&[])).await.unwrap();
    let missing = "EvaluationResults/member/ResourceSpecificResults/member/MissingContextValues/member";
    assert_eq!(answer.texts(missing), ["sts:ExternalId"]);
}

#[tokio::test]
async fn what_cannot_be_simulated_is_refused() {
    let world = World::new().await;
    let root = world.root();
    world.user("ann", "").await;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}"#;
    root.iam("CreateRole", &[("RoleName", "App"), ("AssumeRolePolicyDocument", trust)]).await.unwrap();
    let app = "arn:aws:iam::111122223333:role/App";
    let (yes, sign) = (allow("kms:*", "*"), || with("ActionNames", &["kms:Sign"]));
    let list = || with("PolicyInputList", &[&yes]);
    let key_policy = statement("Allow", "kms:*", r#","Principal":"*""#);
    for (operation, parameters, code) in [
        ("SimulateCustomPolicy", vec![with("PolicyInputList", &["{"]), sign()], "InvalidInput"),
        ("SimulateCustomPolicy", vec![with("PolicyInputList", &[&key_policy]), sign()], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list(), with("ActionNames", &["kms:*"])], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list(), with("ActionNames", &["Sign"])], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list()], "ValidationError"),
        ("SimulateCustomPolicy", vec![sign()], "ValidationError"),
        ("SimulateCustomPolicy", vec![list(), sign(), with("ResourceArns", &["key/1"])], "InvalidInput"),
        (
            "SimulateCustomPolicy",
            vec![list(), sign(), one("ResourcePolicy", &yes), one("CallerArn", ANN)],
            "InvalidInput",
        ),
        ("SimulateCustomPolicy", vec![list(), sign(), one("ResourcePolicy", &key_policy)], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list(), sign(), one("CallerArn", app)], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list(), sign(), one("ResourceOwner", "12")], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list(), sign(), one("ResourceOwner", ANN)], "InvalidInput"),
        (
            "SimulateCustomPolicy",
            vec![list(), sign(), with("PermissionsBoundaryPolicyInputList", &[&yes, &yes])],
            "InvalidInput",
        ),
        ("SimulateCustomPolicy", vec![list(), sign(), context(&[("aws:a", "numeric", "x")])], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list(), sign(), context(&[("aws:a", "boolean", "1")])], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list(), sign(), context(&[("aws:a", "ip", "localhost")])], "InvalidInput"),
        ("SimulateCustomPolicy", vec![list(), sign(), context(&[("aws:a", "string", "x,y")])], "InvalidInput"),
        (
            "SimulateCustomPolicy",
            vec![list(), sign(), context(&[("aws:a", "string", "x"), ("AWS:A", "string", "y")])],
            "InvalidInput",
        ),
        ("SimulateCustomPolicy", vec![list(), sign(), one("Marker", "abc")], "ValidationError"),
        (
            "SimulatePrincipalPolicy",
            vec![one("PolicySourceArn", "arn:aws:iam::111122223333:root"), sign()],
            "InvalidInput",
        ),
        (
            "SimulatePrincipalPolicy",
            vec![one("PolicySourceArn", "arn:aws:iam::111122223333:user/x"), sign()],
            "NoSuchEntity",
        ),
        (
            "SimulatePrincipalPolicy",
            vec![one("PolicySourceArn", "arn:aws:iam::444455556666:user/ann"), sign()],
            "NoSuchEntity",
        ),
        (
            "SimulatePrincipalPolicy",
            vec![one("PolicySourceArn", "arn:aws:iam::111122223333:user/Ann"), sign()],
            "NoSuchEntity",
        ),
        (
            "SimulatePrincipalPolicy",
            vec![one("PolicySourceArn", app), sign(), one("ResourcePolicy", &key_policy)],
            "InvalidInput",
        ),
    ] {
        let refused = call(&root, operation, &parameters).await.unwrap_err();
        assert!(refused.starts_with(&format!("{code}: ")), "{refused} {parameters:?}");
    }
    assert_eq!(
        decisions(&root, "SimulatePrincipalPolicy", &[one("PolicySourceArn", app), sign()]).await,
        ["implicitDeny"]
    );
}

#[tokio::test]
async fn the_keys_that_policies_ask_for_are_listed() {
    let world = World::new().await;
    let root = world.root();
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:*:*:alias/${aws:username}-${AWS:PrincipalTag/Team, 'x'}","Condition":{"StringEquals":{"kms:ViaService":"${*}","aws:UserName":"a"},"Bool":{"aws:SecureTransport":"true"}}}]}"#;
    let old = document.replace("2012-10-17", "2008-10-17");
    let names = |answer: Answer| answer.texts("ContextKeyNames/member");
    for (text, expected) in [
        (document, &["AWS:PrincipalTag/Team", "aws:SecureTransport", "aws:UserName", "kms:ViaService"][..]),
        (&old, &["aws:SecureTransport", "aws:UserName", "kms:ViaService"]),
        (&allow("kms:*", "*"), &[]),
    ] {
        let answer = call(&root, "GetContextKeysForCustomPolicy", &[with("PolicyInputList", &[text])]).await;
        assert_eq!(names(answer.unwrap()), expected);
    }
    world.user("ann", document).await;
    let more = statement("Deny", "kms:*", r#","Condition":{"Null":{"aws:TokenIssueTime":"true"}}"#);
    let parameters = [one("PolicySourceArn", ANN), with("PolicyInputList", &[&more])];
    let answer = call(&root, "GetContextKeysForPrincipalPolicy", &parameters).await.unwrap();
    let expected =
        ["AWS:PrincipalTag/Team", "aws:SecureTransport", "aws:TokenIssueTime", "aws:UserName", "kms:ViaService"];
    assert_eq!(names(answer), expected);
}

/// Who brings many statements gets shorter pages, and every answer in the end.
#[tokio::test]
async fn the_work_for_one_page_is_bounded() {
    let world = World::new().await;
    let root = world.root();
    let statement = r#"{"Effect":"Allow","Action":"kms:Sign","Resource":"*"}"#;
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, vec![statement; 1000].join(","));
    let policies = vec![document.as_str(); 25];
    let actions: Vec<String> = (0..9).map(|at| format!("kms:Action{at}")).collect();
    let mut actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    actions.push("kms:Sign");
    let mut parameters = vec![with("PolicyInputList", &policies), with("ActionNames", &actions)];
    let mut pages = Vec::new();
    loop {
        let page = call(&root, "SimulateCustomPolicy", &parameters).await.unwrap();
        pages.push(page.texts("EvaluationResults/member/EvalActionName").len());
        if page.text("IsTruncated") == "false" {
            assert_eq!(page.all("EvaluationResults/member/MatchedStatements/member").len(), 25_000);
            break;
        }
        parameters.truncate(2);
        parameters.push(one("Marker", &page.text("Marker")));
    }
    assert_eq!(pages, [4, 4, 2]);
}
