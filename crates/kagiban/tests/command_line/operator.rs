//! The commands that ask a running server: accounts, access keys of services, explanations; and what they say when that
//! does not work.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use kagiban_base::os::SystemClock;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_identity::sigv4::Signer;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::{Server, kagiban, path, run};

const ACCOUNT: &str = "111122223333";

/// An access key.
#[derive(Clone, Debug)]
struct Keys {
    id: String,
    secret: String,
}

impl Keys {
    /// Those that a text exports, shown once.
    fn in_text(text: &str) -> Self {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
            line.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
        };
        Self { id: value("AWS_ACCESS_KEY_ID"), secret: value("AWS_SECRET_ACCESS_KEY") }
    }
}

/// A production server, and the root of its first account.
struct Deployment {
    server: Server,
    root: Keys,
    _data: TempDir,
}

impl Deployment {
    fn start() -> Self {
        let above = tempdir().unwrap();
        let data = above.path().join("data");
        let (output, shown, err) = run(&mut kagiban(&["init", "--data", path(&data), "--account", ACCOUNT]));
        assert!(output.status.success(), "{err}");
        let server = Server::start(&mut kagiban(&["serve", "--data", path(&data), "--listen", "127.0.0.1:0"]));
        Self { server, root: Keys::in_text(&shown), _data: above }
    }

    /// A command that asks this server with these credentials.
    fn command(&self, keys: &Keys, arguments: &[&str]) -> Command {
        let mut command = kagiban(arguments);
        command.env("AWS_ENDPOINT_URL", format!("http://{}", self.server.address));
        command.env("AWS_ACCESS_KEY_ID", &keys.id).env("AWS_SECRET_ACCESS_KEY", &keys.secret);
        command
    }

    /// What the command prints; it must succeed.
    fn run(&self, keys: &Keys, arguments: &[&str]) -> String {
        let (output, out, err) = run(&mut self.command(keys, arguments));
        assert!(output.status.success() && err.is_empty(), "{arguments:?}: {err}");
        out
    }

    /// What the command says when it is refused.
    fn refused(&self, keys: &Keys, arguments: &[&str]) -> String {
        let (output, out, err) = run(&mut self.command(keys, arguments));
        assert_eq!((output.status.code(), out.as_str()), (Some(1), ""), "{arguments:?}: {err}");
        err
    }

    /// A signed request; status, the request's number, body.
    fn send(
        &self,
        keys: &Keys,
        service: &'static str,
        (name, value): (&str, &str),
        body: &str,
    ) -> (u16, String, String) {
        let signer = Signer {
            access_key_id: keys.id.parse().unwrap(),
            secret_access_key: SecretBytes::from_slice(keys.secret.as_bytes()),
            security_token: None,
            region: "us-east-1".parse().unwrap(),
            service,
        };
        let request = http::Request::post("/").header("host", &self.server.address).header(name, value);
        let mut request = request.body(body.to_owned()).unwrap();
        signer.sign(&mut request, SystemClock.now()).unwrap();
        let (head, body) = request.into_parts();
        let mut text = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
        for (name, value) in &head.headers {
            text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        let mut stream = self.server.connect();
        write!(stream, "{text}\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let id = head.lines().find_map(|line| line.strip_prefix("x-amzn-requestid: ")).unwrap();
        (head[9..12].parse().unwrap(), id.to_owned(), body.to_owned())
    }

    fn kms(&self, keys: &Keys, operation: &str, input: &Value) -> (u16, String, String) {
        self.send(keys, "kms", ("x-amz-target", &format!("TrentService.{operation}")), &input.to_string())
    }

    fn iam(&self, keys: &Keys, form: &str) -> String {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let (status, _, body) = self.send(keys, "iam", kind, &format!("Version=2010-05-08&{form}"));
        assert_eq!(status, 200, "{form}: {body}");
        body
    }

    /// A new user of the account of `root`, with nothing allowed.
    fn user(&self, root: &Keys, name: &str) -> Keys {
        self.iam(root, &format!("Action=CreateUser&UserName={name}"));
        let answer = self.iam(root, &format!("Action=CreateAccessKey&UserName={name}"));
        let text = |tag: &str| answer.split(&format!("<{tag}>")).nth(1).unwrap().split('<').next().unwrap().to_owned();
        Keys { id: text("AccessKeyId"), secret: text("SecretAccessKey") }
    }
}

#[test]
fn an_account_is_made_used_and_closed() {
    let deployment = Deployment::start();
    let root = &deployment.root;
    let shown = deployment.run(root, &["account", "create", "Storage team", "--account", "444455556666"]);
    assert!(
        shown.starts_with("The account is 444455556666. Its root's access key is shown now and never again:\n"),
        "{shown}"
    );
    let new = Keys::in_text(&shown);
    let (status, _, body) = deployment.kms(&new, "CreateKey", &json!({}));
    assert!(status == 200 && body.contains("arn:aws:kms:us-east-1:444455556666:key/"), "{body}");

    let listed = deployment.run(root, &["account", "list"]);
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["ACCOUNT", "STATE", "CREATED", "ALIAS", "NAME"]);
    assert_eq!((lines[1][0], lines[2][0], lines[2][1]), (ACCOUNT, "444455556666", "ACTIVE"));
    assert!(listed.ends_with("Storage team\n") && listed.lines().count() == 3, "{listed}");
    let json: Value = serde_json::from_str(&deployment.run(root, &["account", "list", "--output", "json"])).unwrap();
    assert_eq!(json["Accounts"][1]["Name"], "Storage team");
    let shown = deployment.run(root, &["account", "create", "x", "--output", "json"]);
    let json: BTreeMap<String, String> = serde_json::from_str(&shown).unwrap();
    assert_eq!(json.keys().collect::<Vec<_>>(), ["AccessKeyId", "AccountId", "SecretAccessKey"]);

    // Only the first account manages.
    let message = deployment.refused(&new, &["account", "list"]);
    for part in [
        "AccessDeniedException: User: arn:aws:iam::444455556666:root",
        "(request ",
        "Use credentials of the management",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert!(deployment.refused(root, &["account", "close", ACCOUNT]).contains("cannot be closed"));
    assert!(deployment.refused(root, &["account", "close", "999999999999"]).contains("does not exist"));

    let shown = deployment.run(root, &["account", "close", "444455556666"]);
    assert!(shown.contains("kagiban account reopen 444455556666"), "{shown}");
    assert!(deployment.kms(&new, "ListKeys", &json!({})).2.contains("UnrecognizedClientException"));
    assert!(deployment.refused(&new, &["account", "list"]).contains("of a closed account"));
    assert!(deployment.run(root, &["account", "list"]).contains("CLOSED"));
    deployment.run(root, &["account", "reopen", "444455556666"]);
    assert_eq!(deployment.kms(&new, "ListKeys", &json!({})).0, 200);
}

#[test]
fn a_denied_request_is_explained_to_the_administrator_only() {
    let deployment = Deployment::start();
    let root = &deployment.root;
    let clerk = deployment.user(root, "clerk");
    let key: Value = serde_json::from_str(&deployment.kms(root, "CreateKey", &json!({})).2).unwrap();
    let key = key["KeyMetadata"]["Arn"].as_str().unwrap();
    let (status, id, body) = deployment.kms(&clerk, "Encrypt", &json!({"KeyId": key, "Plaintext": "aGk="}));
    assert!(status == 400 && body.contains("no identity-based policy allows the kms:Encrypt action"), "{body}");

    let told = deployment.run(root, &["explain", &id]);
    let asked = format!("arn:aws:iam::{ACCOUNT}:user/clerk asked for kms:Encrypt on {key}.");
    assert!(told.starts_with("kms:Encrypt\n  ") && told.contains(&asked), "{told}");
    assert!(
        told.contains("Enable IAM User Permissions") && told.contains("There is no identity-based policy."),
        "{told}"
    );
    let json: Value = serde_json::from_str(&deployment.run(root, &["explain", &id, "--output", "json"])).unwrap();
    assert_eq!(json["Decisions"][0]["Action"], "kms:Encrypt");

    let message = deployment.refused(&clerk, &["explain", &id]);
    assert!(message.contains("kagiban:ExplainRequest") && !message.contains("Enable IAM"), "{message}");
    let other = Keys::in_text(&deployment.run(root, &["account", "create", "other"]));
    let message = deployment.refused(&other, &["explain", &id]);
    assert!(message.contains("NotFoundException: No decision of such a request is known"), "{message}");
    assert!(deployment.refused(root, &["explain", "latest"]).contains("RequestId must be the number of a request"));
}

#[test]
fn services_get_access_keys() {
    let deployment = Deployment::start();
    let root = &deployment.root;
    let shown = deployment.run(root, &["service", "create-access-key", "s3.amazonaws.com"]);
    assert!(shown.starts_with("The access key of s3.amazonaws.com is shown now and never again:\n"), "{shown}");
    let s3 = Keys::in_text(&shown);
    let (_, _, body) = deployment.kms(&s3, "ListKeys", &json!({}));
    assert!(body.contains("User: s3.amazonaws.com is not authorized to perform: kms:ListKeys"), "{body}");
    deployment.run(root, &["service", "create-access-key", "logs.amazonaws.com"]);
    assert_eq!(deployment.run(root, &["service", "list-access-keys"]).lines().count(), 3);
    let listed = deployment.run(root, &["service", "list-access-keys", "s3.amazonaws.com"]);
    assert!(listed.lines().nth(1).unwrap().starts_with(&s3.id) && listed.ends_with("s3.amazonaws.com\n"), "{listed}");
    let shown = deployment.run(root, &["service", "delete-access-key", &s3.id]);
    assert_eq!(shown, format!("Access key {} is deleted.\n", s3.id));
    assert!(deployment.kms(&s3, "ListKeys", &json!({})).2.contains("UnrecognizedClientException"));
    assert!(deployment.refused(root, &["service", "create-access-key", "S3"]).contains("ServicePrincipal must be"));
}

/// Answers one request with these bytes, whatever is asked, and gives what was asked.
fn answering(answer: &'static [u8]) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = head_of(&stream);
        stream.write_all(answer).unwrap();
        head
    });
    (endpoint, asked)
}

fn head_of(stream: &TcpStream) -> String {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let head: Vec<String> = lines.by_ref().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
    head.join("\n").to_lowercase()
}

#[test]
fn failures_say_what_to_do() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = format!("http://{unused}");
    let test = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let not_ours = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").0;
    let not_found = answering(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").0;
    let cut = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{").0;
    let long = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n{").0;
    let hostile = "HTTP/1.1 400 Bad Request\r\ncontent-length: 58\r\n\r\n{\"__type\":\"X\\u001b[2J\",\"message\":\"a\\u001b]0;owned\\u0007b\"}    ";
    let hostile = answering(hostile.as_bytes()).0;
    for (arguments, variables, status, message) in [
        (&["--endpoint", &nobody][..], &test[..], 3, "is the server running there?"),
        (&["--endpoint", &not_ours], &test, 1, "no answer of Kagiban's"),
        (&["--endpoint", &not_found], &test, 1, "answered with status 404"),
        (&["--endpoint", &cut], &test, 3, "whether the request was carried out is not known"),
        (&["--endpoint", &long], &test, 1, "is too long"),
        (&["--endpoint", &hostile], &test, 1, "X\\u{1b}[2J: a\\u{1b}]0;owned\\u{7}b"),
        (&["--endpoint", &nobody], &[], 2, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set"),
        (&["--endpoint", &nobody], &test[..1], 2, "aws configure export-credentials"),
        (&["--endpoint", &nobody], &[test[1], ("AWS_ACCESS_KEY_ID", "a b")], 2, "AWS_ACCESS_KEY_ID in the environment"),
        (&["--endpoint", &nobody], &[test[0], test[1], ("AWS_REGION", "home")], 2, "AWS_REGION in the environment"),
        (&["--endpoint", "localhost:4599"], &test, 2, "not an endpoint, such as http://127.0.0.1:4599"),
        (&["--endpoint", "http://192.0.2.1:4599"], &test, 2, "refusing to speak plain HTTP"),
        (&["--endpoint", "https://127.0.0.1:1", "--ca-certificate", "/nonexistent"], &test, 2, "/nonexistent"),
        (&["--region", "home"], &test, 2, "--region"),
        (&["--output", "xml"], &test, 2, "xml"),
    ] {
        let mut command = kagiban(&[&["account", "list"], arguments].concat());
        let (output, out, err) = run(command.envs(variables.iter().copied()));
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {err}");
        assert!(err.contains(message) && out.is_empty(), "{arguments:?}: {out}{err}");
    }
}

/// A private authority has to be named, by option or variable; nobody else's certificate is taken.
#[test]
fn certificates_of_a_private_authority() {
    let directory = tempdir().unwrap();
    let file = |name: &str, text: String| {
        std::fs::write(directory.path().join(name), text).unwrap();
        directory.path().join(name)
    };
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = file("certificate.pem", made.cert.pem());
    let key = file("key.pem", made.signing_key.serialize_pem());
    let other = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let other = file("other.pem", other.cert.pem());
    let data = directory.path().join("data");
    let serve = ["serve", "--dev", "--listen", "127.0.0.1:0", "--data", path(&data)];
    let tls = ["--tls-certificate", path(&certificate), "--tls-key", path(&key)];
    let server = Server::start(&mut kagiban(&[&serve[..], &tls].concat()));
    let list = |options: &[&str], variable: &str| {
        let endpoint = format!("https://{}", server.address);
        let mut command = kagiban(&[&["account", "list", "--endpoint", &endpoint], options].concat());
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test").env("AWS_CA_BUNDLE", variable);
        let (output, _, err) = run(&mut command);
        (output.status.code(), err)
    };
    assert_eq!(list(&["--ca-certificate", path(&certificate)], ""), (Some(0), String::new()));
    assert_eq!(list(&[], path(&certificate)), (Some(0), String::new()));
    assert_eq!(list(&["--ca-certificate", path(&certificate)], path(&other)), (Some(0), String::new()));
    let (status, message) = list(&["--ca-certificate", path(&other)], path(&certificate));
    assert!(status == Some(3) && message.contains("is not trusted"), "{status:?} {message}");
    let (status, message) = list(&["--ca-certificate", path(&key)], "");
    assert!(status == Some(2) && message.contains("there are no certificates in"), "{status:?} {message}");
}

/// Variables and options as AWS's own tools have them: the service's endpoint before the general one, options first.
#[test]
fn the_environment_is_read_as_by_awss_tools() {
    let empty = b"HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n{\"Accounts\": []}";
    for (variable, region, in_scope) in [
        ("AWS_ENDPOINT_URL", None, "/us-east-1/kagiban/aws4_request"),
        ("AWS_ENDPOINT_URL_KMS", Some("eu-central-1"), "/eu-central-1/kagiban/aws4_request"),
    ] {
        let (endpoint, asked) = answering(empty);
        let mut command = kagiban(&["account", "list"]);
        command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env(variable, &endpoint);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.env("AWS_SESSION_TOKEN", "the-token").env("AWS_PROFILE", "ignored");
        region.map(|region| command.env("AWS_DEFAULT_REGION", region).env("AWS_REGION", ""));
        let (output, out, err) = run(&mut command);
        assert!(output.status.success(), "{err}");
        assert_eq!(out, "ACCOUNT  STATE  CREATED  ALIAS  NAME\n");
        let head = asked.join().unwrap();
        for part in
            [in_scope, "x-amz-target: kagiban.listaccounts", "x-amz-security-token: the-token", "post / http/1.1"]
        {
            assert!(head.contains(part), "{part}: {head}");
        }
    }
}

#[test]
fn help_shows_examples() {
    let help = |arguments: &[&str]| {
        let (output, out, _) = run(&mut kagiban(&[arguments, &["--help"]].concat()));
        assert!(output.status.success(), "{arguments:?}");
        out
    };
    for (arguments, texts) in [
        (&["account"][..], &["create", "list", "close", "reopen", "manages the others"][..]),
        (&["account", "create"], &["kagiban account create storage", "kagiban:CreateAccount", "AWS_SESSION_TOKEN"]),
        (&["account", "list"], &["--ca-certificate ca.pem", "Exit status: 0 done"]),
        (&["service"], &["create-access-key", "list-access-keys", "delete-access-key"]),
        (&["service", "create-access-key"], &["kagiban service create-access-key s3.amazonaws.com"]),
        (&["clock"], &["advance", "show", "a year in a second"]),
        (&["clock", "advance"], &["kagiban clock advance 400d", "kagiban:AdvanceClock"]),
        (&["explain"], &["x-amzn-RequestId", "boto3", "--debug", "kagiban:ExplainRequest", "--output <FORM>"]),
    ] {
        let shown = help(arguments);
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in texts {
            assert!(words.contains(text), "{arguments:?} {text}: {shown}");
        }
        for line in shown.lines().filter(|line| !line.starts_with("Usage: ")) {
            assert!(line.len() <= 110, "{line}");
        }
    }
}
