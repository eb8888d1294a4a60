//! Metrics as Prometheus reads them, and traces as a collector gets them, from the executable itself.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests: a failure here is a failed test")]

mod collector;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use kagiban_base::os::SystemClock;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Clock;
use kagiban_identity::sigv4::Signer;
use rustix::process::Signal;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use self::collector::{Collector, PATIENCE, attribute, hex};
use crate::support::{Server, kagiban, path, run};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";
/// What the requests carry that nobody may be told.
const PLAINTEXT: &str = "c2VjcmV0IG9mIHRoZSB0ZXN0cw==";
const CONTEXT: &str = "context-of-the-tests";

/// A development server with metrics.
struct Watched {
    server: Server,
    metrics: String,
    _data: TempDir,
}

/// An answer to a request.
struct Answer {
    status: u16,
    request_id: String,
    body: String,
}

impl Watched {
    fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let data = tempdir().unwrap();
        let serve = ["serve", "--dev", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--data"];
        let mut command = kagiban(&[&serve[..], &[path(&data.path().join("data"))], arguments].concat());
        let mut server = Server::start(command.envs(environment.iter().copied()));
        let line = server.line_with("Metrics are at ");
        let metrics = line.trim().strip_prefix("Metrics are at http://").unwrap().strip_suffix("/metrics").unwrap();
        Self { metrics: metrics.to_owned(), server, _data: data }
    }

    /// A signed request of the JSON protocol, with further headers.
    fn send(&self, target: &str, headers: &[(&'static str, String)], secret: &str, input: &Value) -> Answer {
        let signer = Signer {
            access_key_id: "test".parse().unwrap(),
            secret_access_key: SecretBytes::from_slice(secret.as_bytes()),
            security_token: None,
            region: "us-east-1".parse().unwrap(),
            service: if target.starts_with("Kagiban") { "kagiban" } else { "kms" },
        };
        let mut request = http::Request::post("/").header("host", &self.server.address).header("x-amz-target", target);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(input.to_string()).unwrap();
        signer.sign(&mut request, SystemClock.now()).unwrap();
        let (head, body) = request.into_parts();
        let mut text = format!("POST / HTTP/1.1\r\ncontent-length: {}\r\nconnection: close\r\n", body.len());
        for (name, value) in &head.headers {
            text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
        }
        let answer = exchange(&self.server.address, &format!("{text}\r\n{body}"));
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let request_id = head.split("x-amzn-requestid: ").nth(1).unwrap()[..36].to_owned();
        Answer { status: head[9..12].parse().unwrap(), request_id, body: body.to_owned() }
    }

    fn kms(&self, operation: &str, input: &Value) -> Value {
        let answer = self.send(&format!("TrentService.{operation}"), &[], "test", input);
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Has it written down how keys were used, which is done once a minute otherwise.
    fn write_down_uses(&self) {
        assert_eq!(self.send("Kagiban.ListUsage", &[], "test", &json!({})).status, 200);
    }

    /// The page once requests see all that is written. What the server writes by itself can be on its way when a page is made, and
    /// that then has a lag to tell of.
    fn page_without_lag(&self) -> String {
        let is_settled = |page: &String| page.lines().any(|line| line == "kagiban_store_view_lag_revisions 0");
        (0..1000).map(|_| self.page()).find(is_settled).expect("the view catches up")
    }

    fn page(&self) -> String {
        let answer = exchange(&self.metrics, "GET /metrics HTTP/1.1\r\nhost: h\r\n\r\n");
        let (head, page) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK") && head.contains("application/openmetrics-text; version=1.0.0"));
        page.to_owned()
    }
}

fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Names and their types, and samples with their labels: a page that is well-formed, else the test fails.
fn parse(page: &str) -> (BTreeMap<String, String>, BTreeMap<String, f64>) {
    let (mut types, mut samples) = (BTreeMap::new(), BTreeMap::new());
    let mut current = String::new();
    let page = page.strip_suffix("# EOF\n").unwrap();
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            current = help.split_once(' ').expect("a help has a text").0.to_owned();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').unwrap();
            assert_eq!(name, current, "a help stands before each type");
            assert!(types.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} comes twice");
        } else {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            let suffixes: &[&str] = match types[&current].as_str() {
                "counter" => &["_total"],
                "gauge" => &[""],
                "histogram" => &["_bucket", "_count", "_sum"],
                "info" => &["_info"],
                other => panic!("{other}"),
            };
            let name = sample.split('{').next().unwrap();
            let rest = name.strip_prefix(&current).expect("samples stand together below their type");
            assert!(suffixes.contains(&rest), "{line}");
            assert!(samples.insert(sample.to_owned(), value.parse().unwrap()).is_none(), "{sample} comes twice");
        }
    }
    (types, samples)
}

/// The metrics of `docs/metrics.md`: the first cells of its tables.
fn documented() -> BTreeSet<String> {
    let text = include_str!("../../../../../docs/metrics.md");
    let cells = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.filter(|name| name.starts_with("kagiban_") || name.starts_with("process_")).map(str::to_owned).collect()
}

fn sample(page: &str, name: &str) -> f64 {
    *parse(page).1.get(name).unwrap_or_else(|| panic!("no {name} in {page}"))
}

#[test]
fn requests_are_counted_one_by_one_and_every_metric_is_documented() {
    let collector = Collector::start(200);
    let watched = Watched::start(&["--otlp-endpoint", &collector.url, "--metrics-keys", "1"], &[]);
    let [key, other] = [1, 2].map(|_| watched.kms("CreateKey", &json!({}))["KeyMetadata"]["Arn"].clone());
    let encrypt = json!({"KeyId": key, "Plaintext": PLAINTEXT, "EncryptionContext": {CONTEXT: "1"}});
    let sealed = [1, 2, 3].map(|_| watched.kms("Encrypt", &encrypt))[0]["CiphertextBlob"].clone();
    // The first key is the one that is told apart.
    watched.write_down_uses();
    let data_key = watched.kms("GenerateDataKey", &json!({"KeyId": other, "KeySpec": "AES_256"}));
    let decrypt = |context: &str| json!({"CiphertextBlob": sealed, "EncryptionContext": {context: "1"}});
    watched.kms("Decrypt", &decrypt(CONTEXT));
    for (target, secret, input) in [
        ("TrentService.Decrypt", "test", decrypt("another")),
        ("TrentService.Decrypt", "not the secret", decrypt(CONTEXT)),
        ("TrentService.NoSuchThing", "test", json!({})),
        ("Kagiban.NoSuchThing", "test", json!({})),
    ] {
        assert!(watched.send(target, &[], secret, &input).status >= 400);
    }
    assert!(watched.server.get("/nowhere").starts_with("HTTP/1.1 404 "));
    watched.write_down_uses();

    let page = watched.page_without_lag();
    let (types, samples) = parse(&page);
    let expected: BTreeMap<String, f64> = [
        ("kms", "CreateKey", "OK", 2.0),
        ("kms", "Decrypt", "InvalidCiphertextException", 1.0),
        ("kms", "Decrypt", "InvalidSignatureException", 1.0),
        ("kms", "Decrypt", "OK", 1.0),
        ("kms", "Encrypt", "OK", 3.0),
        ("kms", "GenerateDataKey", "OK", 1.0),
        ("kms", "Unknown", "UnknownOperationException", 1.0),
        ("kagiban", "Unknown", "UnknownOperationException", 1.0),
        ("kagiban", "ListUsage", "OK", 2.0),
    ]
    .into_iter()
    .map(|(service, operation, code, count)| {
        let labels = format!(r#"service="{service}",operation="{operation}",code="{code}""#);
        (format!("kagiban_requests_total{{{labels}}}"), count)
    })
    .collect();
    let counted = samples.iter().filter(|(name, _)| name.starts_with("kagiban_requests_total{"));
    assert_eq!(counted.map(|(name, count)| (name.clone(), *count)).collect::<BTreeMap<_, _>>(), expected);

    let encrypts = r#"service="kms",operation="Encrypt""#;
    let key = key.as_str().unwrap();
    for (name, expected) in [
        (format!("kagiban_request_duration_seconds_count{{{encrypts}}}"), 3.0),
        (format!(r#"kagiban_request_duration_seconds_bucket{{le="+Inf",{encrypts}}}"#), 3.0),
        (r#"kagiban_front_refusals_total{reason="unknown_path"}"#.to_owned(), 1.0),
        (format!(r#"kagiban_key_successful_requests_total{{key_arn="{key}",operation="Encrypt"}}"#), 3.0),
        (format!(r#"kagiban_key_successful_requests_total{{key_arn="{key}",operation="Decrypt"}}"#), 1.0),
        (r#"kagiban_key_successful_requests_total{key_arn="other",operation="GenerateDataKey"}"#.to_owned(), 1.0),
        ("kagiban_requests_in_flight".to_owned(), 0.0),
        ("kagiban_store_healthy".to_owned(), 1.0),
        ("kagiban_store_view_fresh".to_owned(), 1.0),
        ("kagiban_store_view_lag_revisions".to_owned(), 0.0),
        ("kagiban_audit_stopped".to_owned(), 0.0),
        ("kagiban_trace_export_failures_total".to_owned(), 0.0),
    ] {
        assert_eq!(samples.get(&name), Some(&expected), "{name} in {page}");
    }
    assert!(samples["kagiban_store_size_bytes"] > 0.0 && samples["kagiban_connections_accepted_total"] >= 13.0);
    assert!(samples["kagiban_audit_sequence"] >= samples["kagiban_audit_durable_sequence"]);
    let sum = samples[&format!("kagiban_request_duration_seconds_sum{{{encrypts}}}")];
    assert!(sum > 0.0 && sum < 60.0, "{sum}");

    let named = |(name, kind): (&String, &String)| match kind.as_str() {
        "counter" => format!("{name}_total"),
        "info" => format!("{name}_info"),
        _ => name.clone(),
    };
    assert_eq!(types.iter().map(named).collect::<BTreeSet<_>>(), documented());
    for secret in [PLAINTEXT, CONTEXT, data_key["Plaintext"].as_str().unwrap(), sealed.as_str().unwrap()] {
        assert!(!page.contains(secret), "{secret}");
    }
}

#[test]
fn the_address_of_metrics_has_nothing_else() {
    let watched = Watched::start(&[], &[]);
    for (request, status) in [
        ("GET / HTTP/1.1", 404),
        ("POST /metrics HTTP/1.1", 405),
        ("HEAD /metrics HTTP/1.1", 200),
        ("GET /metrics HTTP/1.0", 200),
        ("nonsense", 400),
    ] {
        let answer = exchange(&watched.metrics, &format!("{request}\r\nhost: h\r\ncontent-length: 0\r\n\r\n"));
        assert_eq!(answer[9..12].parse(), Ok(status), "{request}: {answer}");
    }
    // The main address has none.
    assert!(watched.server.get("/metrics").starts_with("HTTP/1.1 404 "));
    watched.server.signal(Signal::TERM);
    let (status, log) = watched.server.ended();
    assert!(status.success(), "{log}");
}

#[test]
fn requests_are_traced_with_their_parts_and_without_secrets() {
    let collector = Collector::start(200);
    let arguments = ["--otlp-endpoint", &collector.url, "--trace-sampling", "1"];
    let watched = Watched::start(&arguments, &[("OTEL_BSP_SCHEDULE_DELAY", "20")]);
    let key = watched.kms("CreateKey", &json!({}))["KeyMetadata"]["Arn"].clone();
    let data_key = watched.kms("GenerateDataKey", &json!({"KeyId": key, "KeySpec": "AES_256"}));
    let traceparent = |flags| [("traceparent", format!("00-{TRACE}-{PARENT}-{flags}"))];
    let encrypt = json!({"KeyId": key, "Plaintext": PLAINTEXT, "EncryptionContext": {CONTEXT: "1"}});
    let mut answers = Vec::new();
    for (flags, operation, input) in [
        // Its caller does not trace it, so nobody does.
        ("00", "DescribeKey", json!({"KeyId": key})),
        ("01", "Encrypt", encrypt),
        ("01", "Decrypt", json!({"CiphertextBlob": PLAINTEXT})),
    ] {
        answers.push(watched.send(&format!("TrentService.{operation}"), &traceparent(flags), "test", &input));
    }
    let (spans, bytes) = collector.until("kms/Decrypt");
    let named = |name: &str| spans.iter().find(|span| span.name == name);
    assert!(named("kms/DescribeKey").is_none());

    let created = named("kms/CreateKey").unwrap();
    assert!(created.parent_span_id.is_empty());
    assert_eq!(hex(&created.trace_id), attribute(created, "aws.request_id").unwrap().replace('-', ""));
    let parts: BTreeSet<_> = spans
        .iter()
        .filter(|span| span.parent_span_id == created.span_id)
        .collect::<Vec<_>>()
        .iter()
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(parts, BTreeSet::from(["audit", "store", "view"]));
    for part in spans.iter().filter(|span| span.parent_span_id == created.span_id) {
        assert_eq!(part.trace_id, created.trace_id);
        assert!(part.start_time_unix_nano >= created.start_time_unix_nano);
        assert!(part.start_time_unix_nano <= part.end_time_unix_nano);
        assert!(part.end_time_unix_nano <= created.end_time_unix_nano);
    }

    for (span, answer, error, status) in [
        ("kms/Encrypt", &answers[1], None, "200"),
        ("kms/Decrypt", &answers[2], Some("InvalidCiphertextException"), "400"),
    ] {
        let span = named(span).unwrap();
        assert_eq!((hex(&span.trace_id), hex(&span.parent_span_id)), (TRACE.to_owned(), PARENT.to_owned()));
        assert_eq!(attribute(span, "aws.request_id").as_ref(), Some(&answer.request_id));
        assert_eq!(attribute(span, "error.type").as_deref(), error);
        assert_eq!(attribute(span, "http.response.status_code").as_deref(), Some(status));
    }
    assert_eq!(attribute(named("kms/Encrypt").unwrap(), "aws.kms.key_arn").as_deref(), key.as_str());
    assert_eq!(sample(&watched.page(), "kagiban_traced_requests_total"), 4.0);

    let text = String::from_utf8_lossy(&bytes);
    for secret in [PLAINTEXT, CONTEXT, "secret of the tests", data_key["Plaintext"].as_str().unwrap()] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn a_collector_that_fails_or_hangs_stops_nothing() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (failing, hanging) = (Collector::start(500), Collector::start(0));
    for (url, fails) in [(format!("http://{nobody}"), true), (failing.url, true), (hanging.url.clone(), false)] {
        let arguments = ["--otlp-endpoint", &url, "--trace-sampling", "1"];
        let environment = [("OTEL_BSP_SCHEDULE_DELAY", "20"), ("OTEL_BSP_MAX_QUEUE_SIZE", "8")];
        let watched = Watched::start(&arguments, &environment);
        let requests = || (0..40).for_each(|_| _ = watched.kms("GenerateRandom", &json!({"NumberOfBytes": 8})));
        requests();
        if !fails {
            // It holds a request and does not answer.
            hanging.bodies.recv_timeout(PATIENCE).unwrap();
        }
        requests();
        while fails && sample(&watched.page(), "kagiban_trace_export_failures_total") == 0.0 {
            requests();
        }
        watched.server.signal(Signal::TERM);
        let (status, log) = watched.server.ended();
        assert!(status.success(), "{log}");
        assert_eq!(log.contains("the collector of traces does not take them"), fails, "{log}");
    }
}

#[test]
fn refusals_of_telemetry_say_what_to_do() {
    let data = tempdir().unwrap();
    let data = path(data.path());
    for (arguments, status, message) in [
        (["--metrics-listen", "0.0.0.0:0"], 1, "listens on loopback addresses only"),
        (["--metrics-listen", "metrics"], 2, "not an IP address and a port"),
        (["--metrics-keys", "10001"], 2, "metrics-keys"),
        (["--trace-sampling", "1.01"], 2, "not a number from 0 to 1"),
        (["--otlp-endpoint", "ftp://collector"], 1, "--otlp-endpoint"),
        (["--otlp-endpoint", "collector"], 1, "--otlp-endpoint"),
    ] {
        let serve = ["serve", "--dev", "--listen", "127.0.0.1:0", "--data", data];
        let (output, _, err) = run(&mut kagiban(&[&serve[..], &arguments[..]].concat()));
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {err}");
        assert!(err.contains(message), "{arguments:?}: {err}");
    }
}
