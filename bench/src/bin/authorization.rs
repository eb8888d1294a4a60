//! What policies cost: a Decrypt by a user whose request meets many policies, beside one by the account's root on a key
//! with the default policy, in turns on the same server.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use kagiban_base::os::SystemClock;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_bench::Failure;
use kagiban_bench::figures::{Run, Spread};
use kagiban_bench::http1;
use kagiban_bench::process::load_average;
use kagiban_bench::request::{Call, Credentials, REGION};
use kagiban_bench::server::{LOAD_CORE, Load, SERVER_CORE, Started, ask, start_kagiban};
use kagiban_identity::sigv4::Signer;
use serde_json::{Value, json};

/// Share of the root-only figure that the user's request is to reach.
const SHARE_TARGET: f64 = 0.9;
/// The account of the development word.
const ACCOUNT: &str = "000000000000";
/// Statements in the key's policy.
const STATEMENTS: usize = 20;
/// Identity policies of the user, three statements each.
const POLICIES: usize = 10;
/// Grants on the key, to others.
const GRANTS: usize = 1000;

/// Measures a Decrypt under many policies beside one under the default policy.
#[derive(Parser)]
struct Arguments {
    /// Kagiban's release build.
    #[arg(long)]
    kagiban: PathBuf,
    /// Rounds; the two callers take turns in each.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Measured seconds of each run.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Grants on the key.
    #[arg(long, default_value_t = GRANTS)]
    grants: usize,
    /// Ends with status 1 when the target is missed.
    #[arg(long)]
    check: bool,
    /// An empty or absent directory for the store. It is left behind.
    #[arg(long)]
    data: PathBuf,
}

/// Calls an operation of IAM as the root, and gives the texts of these elements of the answer.
fn iam(
    address: SocketAddr,
    action: &str,
    parameters: &[(&str, &str)],
    wanted: &[&str],
) -> Result<Vec<String>, Failure> {
    let mut body = format!("Action={action}&Version=2010-05-08");
    for (name, value) in parameters {
        let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        body += &format!("&{name}={encoded}");
    }
    let mut request = http::Request::post("/")
        .header("host", address.to_string())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.into_bytes())?;
    let signer = Signer {
        access_key_id: "test".parse()?,
        secret_access_key: SecretBytes::from_slice(b"test"),
        security_token: None,
        region: REGION.parse()?,
        service: "iam",
    };
    signer.sign(&mut request, SystemClock.now())?;
    let mut wire = b"POST / HTTP/1.1\r\n".to_vec();
    for (name, value) in request.headers() {
        wire.extend_from_slice(format!("{name}: {}\r\n", value.to_str()?).as_bytes());
    }
    wire.extend_from_slice(format!("Content-Length: {}\r\n\r\n", request.body().len()).as_bytes());
    wire.extend_from_slice(request.body());
    let (answer, bytes) = http1::exchange(address, &wire)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if answer.status != 200 {
        return Err(format!("{action}: {text}").into());
    }
    let of = |name: &&str| {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let rest = text.split_once(&open).map(|(_, rest)| rest).unwrap_or_default();
        rest.split_once(&close).map(|(inner, _)| inner.to_owned()).unwrap_or_default()
    };
    Ok(wanted.iter().map(of).collect())
}

/// The statement that decides: the account may let its users decide; then many that are about others.
fn key_policy() -> Value {
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let mut statements = Vec::new();
    for index in 1..STATEMENTS {
        let other = format!("arn:aws:iam::{ACCOUNT}:user/other{}", index % 5);
        statements.push(json!({
            "Sid": format!("s{index}"),
            "Effect": if index % 4 == 0 { "Deny" } else { "Allow" },
            "Principal": {"AWS": other},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:EncryptionContext:tenant": format!("tenant-{index}")}},
        }));
    }
    statements.push(json!({"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}));
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// Two statements about something else, and one about keys; in the last policy it allows, under three conditions.
fn identity_policy(index: usize, key: &str) -> Value {
    let decides = index + 1 == POLICIES;
    let mut about_keys = json!({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "arn:aws:kms:*:*:key/mrk-*"});
    if decides {
        about_keys = json!({
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": key,
            "Condition": {
                "StringEquals": {"kms:EncryptionContext:tenant": "tenant-00000001"},
                "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
                "StringLike": {"kms:EncryptionAlgorithm": "SYMMETRIC_*"},
            },
        });
    }
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": format!("arn:aws:s3:::bucket{index}/*")},
        {"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"},
        about_keys,
    ]})
}

/// The two calls to compare: the root's on a plain key, the user's on one with many policies.
fn calls(address: SocketAddr, grants: usize) -> Result<[Call; 2], Failure> {
    for index in 0..5 {
        iam(address, "CreateUser", &[("UserName", &format!("other{index}"))], &[])?;
    }
    iam(address, "CreateUser", &[("UserName", "alice")], &[])?;
    let plain = ask(address, "CreateKey", &json!({}))?;
    let loaded = ask(address, "CreateKey", &json!({"Policy": key_policy().to_string()}))?;
    let key = loaded["KeyMetadata"]["Arn"].as_str().ok_or("no ARN")?;
    for index in 0..POLICIES {
        let document = identity_policy(index, key).to_string();
        let made = iam(
            address,
            "CreatePolicy",
            &[("PolicyName", &format!("policy{index}")), ("PolicyDocument", &document)],
            &["Arn"],
        )?;
        iam(address, "AttachUserPolicy", &[("UserName", "alice"), ("PolicyArn", &made[0])], &[])?;
    }
    for index in 0..grants {
        let grantee = format!("arn:aws:iam::{ACCOUNT}:user/other{}", index % 5);
        let constraints = json!({"EncryptionContextSubset": {"tenant": format!("tenant-{index}")}});
        let input = json!({
            "KeyId": key, "GranteePrincipal": grantee, "Operations": ["Decrypt", "Encrypt"], "Constraints": constraints
        });
        ask(address, "CreateGrant", &input)?;
    }
    let made = iam(address, "CreateAccessKey", &[("UserName", "alice")], &["AccessKeyId", "SecretAccessKey"])?;
    let alice = Credentials { id: made[0].clone(), secret: made[1].clone() };
    let decrypt = |key: &Value, credentials| {
        let context = json!({ "department": "payments", "purpose": "bench", "tenant": "tenant-00000001" });
        let plaintext = STANDARD.encode([5; 32]);
        let input = json!({ "KeyId": key, "Plaintext": plaintext, "EncryptionContext": context });
        let blob = &ask(address, "Encrypt", &input)?["CiphertextBlob"];
        let body = json!({ "CiphertextBlob": blob, "EncryptionContext": context }).to_string().into_bytes();
        Ok::<_, Failure>(Call { operation: "Decrypt".to_owned(), body, credentials })
    };
    Ok([decrypt(&plain["KeyMetadata"]["Arn"], Credentials::default())?, decrypt(&loaded["KeyMetadata"]["Arn"], alice)?])
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    fs::create_dir_all(&arguments.data)?;
    let programs = std::env::current_exe()?.parent().ok_or("no directory")?.to_owned();
    let server: Started = start_kagiban(&arguments.kagiban, &arguments.data.join("store"), Some(SERVER_CORE))?;
    let calls = calls(server.address, arguments.grants)?;
    let load = Load { programs: &programs, data: &arguments.data, core: Some(LOAD_CORE) };
    let options = [("--seconds", arguments.seconds.to_string())];
    let mut runs: [Vec<Run>; 2] = [Vec::new(), Vec::new()];
    println!("load average at the start: {}", load_average());
    for round in 0..arguments.rounds {
        // Who comes first changes from round to round.
        for turn in 0..2 {
            let which = (turn + round) % 2;
            runs[which].push(load.run(&server, &calls[which], &options)?);
        }
        let last = |which: usize| runs[which].last().map_or(f64::NAN, |run| run.cpu_us);
        println!("round {}: root {:.2} us, user {:.2} us, load {}", round + 1, last(0), last(1), load_average());
    }
    let least = |which: usize| Spread::of(runs[which].iter().map(|run| run.cpu_us)).min;
    let errors: u64 = runs.iter().flatten().map(|run| run.errors).sum();
    let share = least(0) / least(1);
    println!(
        "Decrypt: root on the default policy {:.2} us; user under {STATEMENTS} key policy statements, {POLICIES} identity \
         policies, 3 conditions and {} grants {:.2} us; share {share:.3} (target {SHARE_TARGET}); errors {errors}",
        least(0),
        arguments.grants,
        least(1)
    );
    if arguments.check && (share < SHARE_TARGET || errors > 0) {
        std::process::exit(1);
    }
    Ok(())
}
