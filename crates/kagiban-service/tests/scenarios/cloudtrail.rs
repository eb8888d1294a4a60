//! The operations of CloudTrail: who may, what is found, whose events, and how what does not fit is refused.

use std::sync::Arc;

use kagiban_audit::delivery::{TargetStatus, Trail, TrailDescription, TrailView};
use kagiban_audit::search::Scan;
use kagiban_audit::signing::Signer as _;
use kagiban_base::time::{Clock, Timestamp};
use kagiban_testkit::{Client, World};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, OTHER_ACCOUNT, REGION, text, texts_of, with};

const DAY_MS: i64 = 86_400_000;

/// A world whose journal is searched.
async fn world() -> World {
    let world = World::new().await;
    world.service.search_in(Arc::new(Scan::new(Arc::clone(world.journal()) as _)));
    world
}

/// The same, with a trail whose targets are made up.
pub(crate) async fn world_with_trail() -> World {
    let world = world().await;
    world.service.tell_of_trail(Arc::new(Told));
    world
}

async fn lookup(client: &Client<'_>, input: Value) -> Vec<Value> {
    client.cloudtrail("LookupEvents", input).await.unwrap()["Events"].as_array().unwrap().clone()
}

async fn refused(client: &Client<'_>, operation: &str, input: Value) -> String {
    client.cloudtrail(operation, input).await.unwrap_err().code
}

fn by(key: &str, value: &str) -> Value {
    json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]})
}

#[tokio::test]
async fn events_are_found_by_each_attribute() {
    let world = world().await;
    let kms = world.client(ACCOUNT, REGION);
    let arn = text(&kms.call("CreateKey", json!({})).await.unwrap()["KeyMetadata"]["Arn"]);
    world.clock.move_by_ms(2_000);
    kms.call("DescribeKey", json!({"KeyId": arn})).await.unwrap();
    kms.call("DescribeKey", json!({"KeyId": "alias/none"})).await.unwrap_err();
    let client = world.client(ACCOUNT, REGION);
    let all = lookup(&client, json!({})).await;
    assert_eq!(texts_of(&Value::from(all.clone()), "EventName"), ["DescribeKey", "DescribeKey", "CreateKey"]);
    let created = &all[2];
    let record: Value = serde_json::from_str(&text(&created["CloudTrailEvent"])).unwrap();
    assert_eq!((&record["eventID"], &record["awsRegion"]), (&created["EventId"], &REGION.into()));
    assert_eq!((&created["Username"], &created["ReadOnly"]), (&"root".into(), &"false".into()));
    assert_eq!(created["Resources"], json!([{"ResourceType": "AWS::KMS::Key", "ResourceName": arn}]));
    assert_eq!((&created["EventSource"], &created["AccessKeyId"]), (&"kms.amazonaws.com".into(), &ACCOUNT.into()));
    for (key, value, count) in [
        ("EventId", text(&created["EventId"]), 1),
        ("EventName", "CreateKey".to_owned(), 1),
        ("ReadOnly", "false".to_owned(), 1),
        ("Username", "root".to_owned(), 3),
        ("Username", "nobody".to_owned(), 0),
        ("ResourceType", "AWS::KMS::Key".to_owned(), 2),
        ("ResourceName", arn, 2),
        ("EventSource", "kms.amazonaws.com".to_owned(), 3),
        ("AccessKeyId", ACCOUNT.to_owned(), 3),
    ] {
        // The lookups are events too.
        let found = lookup(&client, by(key, &value)).await;
        let of_kms = found.iter().filter(|event| event["EventSource"] == "kms.amazonaws.com").count();
        assert_eq!(of_kms, count, "{key} {value}");
    }
}

#[tokio::test]
async fn pages_times_and_ninety_days() {
    let world = world().await;
    let kms = world.client(ACCOUNT, REGION);
    let start = world.clock.now().unix_s();
    for _ in 0..5 {
        kms.call("ListKeys", json!({})).await.unwrap();
        world.clock.move_by_ms(60_000);
    }
    let client = world.client(ACCOUNT, REGION);
    let query = by("EventName", "ListKeys");
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    for _ in 0..10 {
        let mut input = with(&query, json!({"MaxResults": 2}));
        if !token.is_null() {
            input = with(&input, json!({"NextToken": token}));
        }
        let page = client.cloudtrail("LookupEvents", input).await.unwrap();
        seen.extend(texts_of(&page["Events"], "EventId"));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen.len(), 5);
    let between = |from: i64, until: i64| with(&query, json!({"StartTime": start + from, "EndTime": start + until}));
    for (from, until, count) in [(0, 240, 5), (60, 120, 2), (1, 59, 0), (240, 240, 1)] {
        assert_eq!(lookup(&client, between(from, until)).await.len(), count, "{from} {until}");
    }
    world.clock.move_by_ms(90 * DAY_MS - 4 * 60_000);
    assert_eq!(lookup(&client, query.clone()).await.len(), 4);
    world.clock.move_by_ms(DAY_MS);
    let page = client.cloudtrail("LookupEvents", query).await.unwrap();
    assert_eq!((&page["Events"], page.get("NextToken")), (&json!([]), None));
}

#[tokio::test]
async fn an_account_sees_its_own_events_only() {
    let world = world().await;
    world.client(ACCOUNT, REGION).call("ListKeys", json!({})).await.unwrap();
    world.client(ACCOUNT, "eu-west-1").call("ListAliases", json!({})).await.unwrap();
    let events = lookup(&world.client(OTHER_ACCOUNT, REGION), json!({})).await;
    assert_eq!(events, Vec::<Value>::new());
    let events = lookup(&world.client(ACCOUNT, REGION), json!({})).await;
    assert_eq!(texts_of(&Value::from(events), "EventName"), ["ListKeys"], "of its Region");
}

#[tokio::test]
async fn lookups_are_recorded_and_can_be_denied() {
    let world = world().await;
    let client = world.client(ACCOUNT, REGION);
    lookup(&client, by("EventName", "Decrypt")).await;
    let records = world.journal().rendered_after(0);
    let [record] = &records[..] else { panic!("{records:?}") };
    assert_eq!(
        (&record["eventSource"], &record["eventName"]),
        (&"cloudtrail.amazonaws.com".into(), &"LookupEvents".into())
    );
    assert_eq!(record["readOnly"], true);
    let attributes = &record["requestParameters"]["lookupAttributes"];
    assert_eq!(attributes, &json!([{"attributeKey": "EventName", "attributeValue": "Decrypt"}]));

    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}});
    let user = client.user("reader", &policy).await;
    let denied = user.cloudtrail("LookupEvents", json!({})).await.unwrap_err();
    assert_eq!((denied.status, &*denied.code), (400, "AccessDeniedException"));
    assert!(denied.message.contains("cloudtrail:LookupEvents on resource: *"), "{}", denied.message);
    assert_eq!(world.journal().rendered_after(0).last().unwrap()["errorCode"], "AccessDenied");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_in_cloudtrails_words() {
    let world = world().await;
    let client = world.client(ACCOUNT, REGION);
    let one = json!({"AttributeKey": "EventName", "AttributeValue": "Decrypt"});
    for (operation, input, code) in [
        ("LookupEvents", json!({"LookupAttributes": [one, one]}), "InvalidLookupAttributesException"),
        ("LookupEvents", by("ReadOnly", "yes"), "InvalidLookupAttributesException"),
        ("LookupEvents", by("Colour", "red"), "ValidationException"),
        ("LookupEvents", by("EventName", ""), "ValidationException"),
        ("LookupEvents", json!({"StartTime": 2, "EndTime": 1}), "InvalidTimeRangeException"),
        ("LookupEvents", json!({"MaxResults": 0}), "InvalidMaxResultsException"),
        ("LookupEvents", json!({"MaxResults": 51}), "InvalidMaxResultsException"),
        ("LookupEvents", json!({"NextToken": "x"}), "InvalidNextTokenException"),
        ("LookupEvents", json!({"EventCategory": "insight"}), "InvalidEventCategoryException"),
        ("LookupEvents", json!([]), "SerializationException"),
        ("ListPublicKeys", json!({"StartTime": 2, "EndTime": 1}), "InvalidTimeRangeException"),
        ("ListPublicKeys", json!({"NextToken": "x"}), "InvalidTokenException"),
        ("GetTrail", json!({"Name": "kagiban"}), "TrailNotFoundException"),
        ("GetTrailStatus", json!({"Name": "kagiban"}), "TrailNotFoundException"),
        ("GetTrail", json!({}), "ValidationException"),
        ("CreateTrail", json!({}), "UnknownOperationException"),
    ] {
        assert_eq!(refused(&client, operation, input.clone()).await, code, "{operation} {input}");
    }
    // A token leads on in its own lookup only.
    let kms = world.client(ACCOUNT, REGION);
    for _ in 0..3 {
        kms.call("ListKeys", json!({})).await.unwrap();
    }
    let page =
        client.cloudtrail("LookupEvents", with(&by("EventName", "ListKeys"), json!({"MaxResults": 1}))).await.unwrap();
    let other = with(&by("EventName", "ListAliases"), json!({"NextToken": page["NextToken"]}));
    assert_eq!(refused(&client, "LookupEvents", other).await, "InvalidNextTokenException");
    // Signed for another service.
    let target = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents";
    let response = world.send(kms.signed(target, "{}".into())).await;
    assert!(String::from_utf8_lossy(&response.body).contains("InvalidSignatureException"));
}

#[tokio::test]
async fn public_keys_are_those_of_the_time() {
    let world = world().await;
    let signer = world.service.audit_signer().await.unwrap();
    let client = world.client(ACCOUNT, REGION);
    let first = signer.public_key();
    world.clock.move_by_ms(365 * DAY_MS);
    signer.renew().await.unwrap();
    let second = signer.public_key();
    let keys = |from: Timestamp, until: Timestamp| {
        let input = json!({"StartTime": from.unix_s(), "EndTime": until.unix_s()});
        async { texts_of(&client.cloudtrail("ListPublicKeys", input).await.unwrap()["PublicKeyList"], "Fingerprint") }
    };
    let early = first.valid_from.plus_days(100);
    assert_eq!(keys(early, early.plus_days(1)).await, [&*first.fingerprint]);
    assert_eq!(keys(early, second.valid_from).await, [&*first.fingerprint, &*second.fingerprint]);
    assert_eq!(keys(second.valid_from.plus_days(200), second.valid_from.plus_days(201)).await, [&*second.fingerprint]);
    assert_eq!(keys(first.valid_from.plus_days(-9), first.valid_from.plus_days(-8)).await, Vec::<String>::new());
    let now = client.cloudtrail("ListPublicKeys", json!({})).await.unwrap();
    assert_eq!(now["PublicKeyList"].as_array().unwrap().len(), 2, "the old one is valid for some days yet");
}

/// A trail with two targets, of which the first is in trouble.
#[derive(Debug)]
struct Told;

impl TrailView for Told {
    fn description(&self) -> TrailDescription {
        let trail = Trail { name: "kagiban".parse().unwrap(), home_region: REGION.parse().unwrap() };
        let started = Timestamp::from_unix_s(1_800_000_000);
        TrailDescription { trail, bucket: "logs".to_owned(), prefix: "p".to_owned(), started }
    }

    fn targets(&self) -> Vec<TargetStatus> {
        let at = |seconds| Some(Timestamp::from_unix_s(seconds));
        let error = Some("it is down".to_owned());
        let stdout = TargetStatus { target: "stdout".to_owned(), ..TargetStatus::default() };
        let bucket = TargetStatus {
            target: "s3://logs/p".to_owned(),
            behind: 7,
            waiting_since: at(1_800_000_100),
            attempted: at(1_800_000_200),
            delivered: at(1_800_000_050),
            digested: at(1_800_000_000),
            error,
            ..TargetStatus::default()
        };
        vec![stdout, bucket]
    }
}

#[tokio::test]
async fn each_account_sees_the_trail_as_its_own() {
    let world = world().await;
    let client = world.client(ACCOUNT, REGION);
    assert_eq!(client.cloudtrail("DescribeTrails", json!({})).await.unwrap()["trailList"], json!([]));
    assert_eq!(client.cloudtrail("ListTrails", json!({})).await.unwrap()["Trails"], json!([]));
    world.service.tell_of_trail(Arc::new(Told));
    let arn = format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/kagiban");
    let described = client.cloudtrail("DescribeTrails", json!({})).await.unwrap()["trailList"][0].clone();
    for (name, value) in [
        ("TrailARN", json!(arn)),
        ("S3BucketName", json!("logs")),
        ("S3KeyPrefix", json!("p")),
        ("HomeRegion", json!(REGION)),
        ("IsMultiRegionTrail", json!(true)),
        ("LogFileValidationEnabled", json!(true)),
    ] {
        assert_eq!(described[name], value, "{name}");
    }
    assert_eq!(client.cloudtrail("GetTrail", json!({"Name": arn})).await.unwrap()["Trail"], described);
    assert_eq!(client.cloudtrail("GetTrail", json!({"Name": "kagiban"})).await.unwrap()["Trail"], described);
    let listed = client.cloudtrail("ListTrails", json!({})).await.unwrap();
    assert_eq!(texts_of(&listed["Trails"], "TrailARN"), std::slice::from_ref(&arn));
    for (names, count) in [(json!([arn, "other"]), 1), (json!(["other"]), 0), (json!([]), 1)] {
        let found = client.cloudtrail("DescribeTrails", json!({"trailNameList": names})).await.unwrap();
        assert_eq!(found["trailList"].as_array().unwrap().len(), count, "{names}");
    }
    for (name, code) in [
        (format!("arn:aws:cloudtrail:{REGION}:{OTHER_ACCOUNT}:trail/kagiban"), "TrailNotFoundException"),
        ("arn:aws:kms:x".to_owned(), "CloudTrailARNInvalidException"),
        ("-".to_owned(), "InvalidTrailNameException"),
        ("another".to_owned(), "TrailNotFoundException"),
    ] {
        assert_eq!(refused(&client, "GetTrail", json!({"Name": name})).await, code, "{name}");
    }
    // Its shadow falls on other Regions.
    let elsewhere = world.client(ACCOUNT, "eu-west-1");
    for (shadows, count) in [(true, 1), (false, 0)] {
        let found = elsewhere.cloudtrail("DescribeTrails", json!({"includeShadowTrails": shadows})).await.unwrap();
        assert_eq!(found["trailList"].as_array().unwrap().len(), count);
    }
}

#[tokio::test]
async fn the_status_tells_what_waits() {
    let world = world_with_trail().await;
    let status = world.client(ACCOUNT, REGION).cloudtrail("GetTrailStatus", json!({"Name": "kagiban"})).await.unwrap();
    assert_eq!(status["IsLogging"], true);
    assert_eq!(
        (&status["LatestDeliveryTime"], &status["LatestDigestDeliveryTime"]),
        (&json!(1_800_000_050), &json!(1_800_000_000))
    );
    let error = text(&status["LatestDeliveryError"]);
    assert!(error.starts_with("it is down (7 records wait"), "{error}");
    assert_eq!(
        (&status["LatestDeliveryAttemptTime"], &status["LatestDeliveryAttemptSucceeded"]),
        (&json!("2027-01-15T08:03:20Z"), &json!(""))
    );
}

#[tokio::test]
async fn the_operator_sees_all_targets() {
    let world = world().await;
    let operator = world.client("000000000000", REGION);
    let none = operator.operator("DescribeAuditDeliveries", json!({})).await.unwrap();
    assert_eq!(none["Deliveries"], json!([]));
    world.service.tell_of_trail(Arc::new(Told));
    let told = operator.operator("DescribeAuditDeliveries", json!({})).await.unwrap();
    assert_eq!((&told["TrailName"], &told["HomeRegion"]), (&json!("kagiban"), &json!(REGION)));
    assert_eq!(texts_of(&told["Deliveries"], "Target"), ["stdout", "s3://logs/p"]);
    let bucket = &told["Deliveries"][1];
    assert_eq!((&bucket["RecordsWaiting"], &bucket["Error"]), (&json!(7), &json!("it is down")));
    let denied = world.client(ACCOUNT, REGION).operator("DescribeAuditDeliveries", json!({})).await.unwrap_err();
    assert_eq!(denied.code, "AccessDeniedException");
}
