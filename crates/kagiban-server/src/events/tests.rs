//! Events from a journal in memory to real files, programs, HTTP receivers and a service.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use kagiban_audit::{Record, Recorder};
use kagiban_base::id::RequestId;
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::{Clock, Timestamp};
use kagiban_identity::message_signature::sign_message;
use kagiban_testkit::World;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;

const ACCOUNT: &str = "111122223333";
const REGION: &str = "us-east-1";
const SECRET: &str = "a secret for a webhook";
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A world whose journal is followed with rules of the test.
struct Scene {
    world: World,
    directory: TempDir,
}

impl Scene {
    async fn new() -> Self {
        Self { world: World::new().await, directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write_rules(&self, rules: &str) {
        fs::write(self.path("rules.toml"), rules).unwrap();
        fs::write(self.path("secret"), SECRET).unwrap();
        fs::set_permissions(self.path("secret"), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn start(&self) -> Result<Events, EventsError> {
        self.start_on(1)
    }

    /// On a journal of another number.
    fn start_on(&self, number: u8) -> Result<Events, EventsError> {
        Events::start(Sources {
            rules_file: self.path("rules.toml"),
            directory: self.path("events"),
            journal: JournalId([number; 16]),
            follower: self.world.journal().clone(),
            service: Arc::clone(&self.world.service),
        })
    }

    fn start_with(&self, rules: &str) -> Events {
        self.write_rules(rules);
        self.start().unwrap()
    }

    /// Puts a record into the journal.
    fn record(&self, name: &str, principal: &str, resources: &str) {
        let number = RequestId::generate(&OsRandom).unwrap();
        let record = Record {
            event_source: "kms.amazonaws.com",
            event_name: name,
            identity: "{}",
            principal,
            source_address: "10.0.0.1",
            resources,
            ..Record::new(SystemClock.now(), number, ACCOUNT.parse().unwrap(), REGION)
        };
        self.world.journal().append(&record).unwrap();
    }

    async fn key(&self) -> String {
        let made = self.world.client(ACCOUNT, REGION).call("CreateKey", json!({})).await.unwrap();
        made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned()
    }

    async fn state_of(&self, key: &str) -> String {
        let client = self.world.client(ACCOUNT, REGION);
        let described = client.call("DescribeKey", json!({"KeyId": key})).await.unwrap();
        described["KeyMetadata"]["KeyState"].as_str().unwrap().to_owned()
    }

    /// The lines of a file, as JSON.
    fn lines(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(name)).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

async fn stop(events: Events) {
    tokio::task::spawn_blocking(|| events.stop()).await.unwrap();
}

/// Looks again and again until it is so, for things that nobody tells of.
async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let looking = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// A rule on an operation, with these targets.
fn rule(name: &str, operation: &str, targets: &str, more: &str) -> String {
    format!(
        "[[rule]]\nname = \"{name}\"\ntargets = [{targets}]\npattern = '{{\"detail\":{{\"eventName\":[\"{operation}\"]}}}}'\n{more}\n"
    )
}

fn file_target(path: &Path) -> String {
    format!("[[target]]\nname = \"log\"\ntype = \"file\"\npath = \"{}\"\n", path.display())
}

fn webhook_target(receiver: &Receiver, scene: &Scene, more: &str) -> String {
    let secret = scene.path("secret");
    format!(
        "[[target]]\nname = \"hook\"\ntype = \"webhook\"\nurl = \"http://{}/in?x=1\"\nsecret-file = \"{}\"\n{more}\n",
        receiver.address,
        secret.display()
    )
}

/// A message that came in: its head and its body.
struct Message {
    head: String,
    body: String,
}

impl Message {
    fn header(&self, name: &str) -> &str {
        let line = self.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.head)).split_once(": ").unwrap().1
    }
}

/// A server that keeps what it is sent, and answers each message with the next status; with the last one from then on.
struct Receiver {
    address: std::net::SocketAddr,
    messages: mpsc::UnboundedReceiver<Message>,
}

impl Receiver {
    /// Status 0 is no answer at all.
    async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, messages) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for number in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                let status = statuses[number.min(statuses.len() - 1)];
                tokio::spawn(receive(socket, status, sender.clone()));
            }
        });
        Self { address, messages }
    }

    async fn next(&mut self) -> Message {
        timeout(PATIENCE, self.messages.recv()).await.expect("a message in time").unwrap()
    }
}

async fn receive(mut socket: tokio::net::TcpStream, status: u16, sender: mpsc::UnboundedSender<Message>) {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        if socket.read_buf(&mut bytes).await.unwrap() == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            break (head.to_owned(), length.parse::<usize>().unwrap());
        }
    };
    while bytes.len() < head.len() + 4 + length {
        socket.read_buf(&mut bytes).await.unwrap();
    }
    let body = String::from_utf8(bytes[head.len() + 4..].to_vec()).unwrap();
    _ = sender.send(Message { head, body });
    match status {
        0 => std::future::pending().await,
        status => {
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            _ = socket.write_all(answer.as_bytes()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_gets_signed_events_and_failures_are_tried_again() {
    let scene = Scene::new().await;
    let mut receiver = Receiver::answering(&[503, 200]).await;
    let rules = webhook_target(&receiver, &scene, "") + &rule("keys", "DisableKey", "\"hook\"", "");
    let events = scene.start_with(&rules);
    scene.record("Decrypt", "p", "");
    scene.record("DisableKey", "p", "");
    let (first, again) = (receiver.next().await, receiver.next().await);
    assert!(first.head.starts_with("POST /in?x=1 HTTP/1.1\r\n"), "{}", first.head);
    assert_eq!((first.header("kagiban-rule"), first.header("kagiban-count")), ("keys", "1"));
    let event: Value = serde_json::from_str(&first.body).unwrap();
    assert_eq!((&event["detail"]["eventName"], &event["source"]), (&json!("DisableKey"), &json!("aws.kms")));
    assert_eq!(first.header("kagiban-event-id"), event["id"].as_str().unwrap());
    assert_eq!((&again.body, again.header("kagiban-event-id")), (&first.body, first.header("kagiban-event-id")));
    for message in [&first, &again] {
        let signature = message.header("kagiban-signature");
        let seconds = signature.strip_prefix("t=").unwrap().split_once(',').unwrap().0.parse().unwrap();
        let secret = SecretBytes::from_slice(SECRET.as_bytes());
        assert_eq!(signature, sign_message(&secret, Timestamp::from_unix_s(seconds), message.body.as_bytes()));
        assert!((SystemClock.now().unix_s() - seconds).abs() < 60);
    }
    let counters = events.counters();
    eventually("delivered", async || counters.delivered.load(Relaxed) == 1).await;
    assert_eq!((counters.failed_attempts.load(Relaxed), counters.dead_letters.load(Relaxed)), (1, 0));
    stop(events).await;
    assert!(scene.lines("events/dead-letters.jsonl").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_taken_is_written_down() {
    let scene = Scene::new().await;
    let receiver = Receiver::answering(&[401]).await;
    let rules = webhook_target(&receiver, &scene, "attempts = 2") + &rule("keys", "DisableKey", "\"hook\"", "");
    let events = scene.start_with(&rules);
    scene.record("DisableKey", "p", "");
    let counters = events.counters();
    eventually("given up", async || counters.dead_letters.load(Relaxed) == 1).await;
    stop(events).await;
    let [letter] = &scene.lines("events/dead-letters.jsonl")[..] else { panic!("one letter") };
    assert_eq!((&letter["rule"], &letter["target"], &letter["attempts"]), (&json!("keys"), &json!("hook"), &json!(2)));
    assert!(letter["reason"].as_str().unwrap().contains("401"), "{letter}");
    assert_eq!(letter["event"]["detail"]["eventName"], "DisableKey");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_where_it_was() {
    let scene = Scene::new().await;
    let rules = file_target(&scene.path("log")) + &rule("all", "DisableKey", "\"log\"", "");
    scene.record("DisableKey", "before the first start", "");
    let events = scene.start_with(&rules);
    scene.record("DisableKey", "one", "");
    eventually("one line", async || scene.lines("log").len() == 1).await;
    stop(events).await;
    scene.record("DisableKey", "while nobody looked", "");
    let events = scene.start().unwrap();
    scene.record("DisableKey", "three", "");
    eventually("three lines", async || scene.lines("log").len() == 3).await;
    stop(events).await;
    let lines = scene.lines("log");
    assert!(lines.iter().all(|line| line["rule"] == "all" && line["count"] == 1));
    let numbers: std::collections::BTreeSet<_> = lines.iter().map(|line| line["event"]["id"].to_string()).collect();
    assert_eq!(numbers.len(), 3);
}

/// What broke: a journal that was put in the place of another was followed from a place in the other one, if it was long enough to
/// have that place; and what was under way was forgotten without a word, with what limits responses.
#[tokio::test(flavor = "multi_thread")]
async fn another_journal_is_followed_from_its_beginning() {
    let scene = Scene::new().await;
    let receiver = Receiver::answering(&[0, 0]).await;
    let rules = webhook_target(&receiver, &scene, "timeout = \"5m\"") + &file_target(&scene.path("log"));
    let events = scene.start_with(&(rules + &rule("all", "DisableKey", "\"hook\", \"log\"", "")));
    scene.record("DisableKey", "one", "");
    eventually("one line", async || scene.lines("log").len() == 1).await;
    stop(events).await;
    let state = scene.path("events/state.json");
    let saved = || -> Value { serde_json::from_slice(&fs::read(&state).unwrap()).unwrap() };
    assert_eq!((&saved()["version"], &saved()["journal"]), (&json!(2), &json!("01".repeat(16))));

    // As older versions wrote it, who knew of no other journal: that is gone on with.
    let mut old = saved();
    old["version"] = json!(1);
    old["actions"] = json!({"hook": [7]});
    assert!(old.as_object_mut().unwrap().remove("journal").is_some());
    fs::write(&state, old.to_string()).unwrap();
    stop(scene.start().unwrap()).await;
    assert_eq!((&saved()["journal"], &saved()["pending"]), (&json!("01".repeat(16)), &old["pending"]));
    assert_eq!((scene.lines("log").len(), scene.lines("events/dead-letters.jsonl").len()), (1, 0));

    let events = scene.start_on(2).unwrap();
    eventually("the line again", async || scene.lines("log").len() == 2).await;
    stop(events).await;
    assert_eq!((&saved()["journal"], &saved()["actions"]), (&json!("02".repeat(16)), &json!({"hook": [7]})));
    let [letter] = &scene.lines("events/dead-letters.jsonl")[..] else { panic!("one letter") };
    assert!(letter["target"] == "hook" && letter["reason"].as_str().unwrap().contains("a journal that is not here"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_is_brought_on_its_way_again() {
    let scene = Scene::new().await;
    let mut receiver = Receiver::answering(&[0, 200]).await;
    let rules = webhook_target(&receiver, &scene, "timeout = \"5m\"") + &rule("all", "DisableKey", "\"hook\"", "");
    let events = scene.start_with(&rules);
    scene.record("DisableKey", "p", "");
    let first = receiver.next().await;
    stop(events).await;
    let events = scene.start().unwrap();
    assert_eq!(receiver.next().await.body, first.body);
    let counters = events.counters();
    eventually("delivered", async || counters.delivered.load(Relaxed) == 1).await;
    stop(events).await;
    let saved: Value = serde_json::from_slice(&fs::read(scene.path("events/state.json")).unwrap()).unwrap();
    assert_eq!(saved["pending"], json!([]));
}

/// As after a restart in the middle of an alarm.
#[tokio::test(flavor = "multi_thread")]
async fn alarms_count_across_restarts() {
    let scene = Scene::new().await;
    let more = "alarm = { count = 3, within = \"1m\", per = \"principal\" }";
    let rules = file_target(&scene.path("log")) + &rule("three", "Decrypt", "\"log\"", more);
    scene.write_rules(&rules);
    for round in 1..=3 {
        let events = scene.start().unwrap();
        scene.record("Decrypt", "mallory", "");
        scene.record("Decrypt", "other", "");
        if round == 3 {
            eventually("the alarms", async || scene.lines("log").len() == 2).await;
        } else {
            let counters = events.counters();
            eventually("looked at", async || counters.records.load(Relaxed) == 2).await;
        }
        stop(events).await;
    }
    assert!(scene.lines("log").iter().all(|line| line["count"] == 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_the_event_and_a_clean_environment() {
    let scene = Scene::new().await;
    let script = format!(
        "cat > {0}/in.new; env > {0}/env; pwd > {0}/pwd; mv {0}/in.new {0}/in",
        scene.directory.path().display()
    );
    let target =
        format!("[[target]]\nname = \"run\"\ntype = \"command\"\ncommand = [\"/bin/sh\", \"-c\", \"{script}\"]\n");
    let events = scene.start_with(&(target + &rule("all", "DisableKey", "\"run\"", "")));
    scene.record("DisableKey", "p", "$(touch /tmp/never)");
    eventually("the program ran", async || scene.path("in").exists()).await;
    stop(events).await;
    let [event] = &scene.lines("in")[..] else { panic!("one event") };
    assert_eq!(event["detail"]["eventName"], "DisableKey");
    let environment = fs::read_to_string(scene.path("env")).unwrap();
    let names: Vec<&str> = environment.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    for name in &names {
        let expected =
            ["PATH", "LANG", "KAGIBAN_RULE", "KAGIBAN_EVENT_ID", "KAGIBAN_COUNT", "PWD", "OLDPWD", "SHLVL", "_"];
        assert!(expected.contains(name), "{name}");
    }
    assert!(environment.contains("KAGIBAN_RULE=all\n") && environment.contains("KAGIBAN_COUNT=1\n"));
    assert_eq!(fs::read_to_string(scene.path("pwd")).unwrap(), "/\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_fail_or_do_not_end_are_given_up() {
    let scene = Scene::new().await;
    for (name, command, reason) in [
        ("fails", "[\"/bin/false\"]", "exit status: 1"),
        ("hangs", "[\"/bin/sleep\", \"600\"]", "did not end in time"),
        ("missing", "[\"/nonexistent/program\"]", "No such file"),
    ] {
        let target = format!(
            "[[target]]\nname = \"{name}\"\ntype = \"command\"\ncommand = {command}\ntimeout = \"200ms\"\nattempts = 1\n"
        );
        let events = scene.start_with(&(target + &rule("all", "DisableKey", &format!("\"{name}\""), "")));
        scene.record("DisableKey", "p", "");
        let counters = events.counters();
        eventually("given up", async || counters.dead_letters.load(Relaxed) == 1).await;
        stop(events).await;
        let letters = scene.lines("events/dead-letters.jsonl");
        let last = letters.last().unwrap();
        assert!(last["reason"].as_str().unwrap().contains(reason), "{last}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_disables_the_key_and_only_what_it_may() {
    let scene = Scene::new().await;
    let (attacked, spared, third) = (scene.key().await, scene.key().await, scene.key().await);
    let rules = format!(
        "[[target]]\nname = \"stop\"\ntype = \"disable-key\"\nonly = [\"*\"]\nnever = [\"{spared}\"]\nmax-per-hour = 1\n{}{}",
        file_target(&scene.path("log")),
        rule("misuse", "Decrypt", "\"stop\", \"log\"", "alarm = { count = 2, within = \"1m\", per = \"key\" }")
    );
    let events = scene.start_with(&rules);
    for key in [&attacked, &spared, &third] {
        scene.record("Decrypt", "mallory", key);
        scene.record("Decrypt", "mallory", key);
    }
    eventually("disabled", async || scene.state_of(&attacked).await == "Disabled").await;
    let counters = events.counters();
    // One action within an hour, and the third key would be the second.
    eventually("refused", async || counters.dead_letters.load(Relaxed) == 1).await;
    eventually("all told", async || scene.lines("log").len() == 3).await;
    stop(events).await;
    assert_eq!(
        (scene.state_of(&spared).await, scene.state_of(&third).await),
        ("Enabled".to_owned(), "Enabled".to_owned())
    );
    let [letter] = &scene.lines("events/dead-letters.jsonl")[..] else { panic!("one letter") };
    assert!(letter["reason"].as_str().unwrap().contains("max-per-hour"));
}

/// A rule about what responses do must not answer itself for ever.
#[tokio::test(flavor = "multi_thread")]
async fn responses_follow_from_no_response() {
    let scene = Scene::new().await;
    let (key, other) = (scene.key().await, scene.key().await);
    let rules = format!(
        "[[target]]\nname = \"stop\"\ntype = \"disable-key\"\nonly = [\"*\"]\n{}{}",
        file_target(&scene.path("log")),
        rule("any", "DisableKey", "\"stop\", \"log\"", "")
    );
    let events = scene.start_with(&rules);
    // As if a response had disabled the other key.
    scene.record("DisableKey", kagiban_service::responses::RESPONSE_PRINCIPAL, &other);
    scene.record("DisableKey", "somebody", &key);
    // Somebody's and the two of responses: the one that was made up, and the one that follows from somebody's.
    eventually("told", async || scene.lines("log").len() == 3).await;
    stop(events).await;
    assert_eq!(
        (scene.state_of(&key).await, scene.state_of(&other).await),
        ("Disabled".to_owned(), "Enabled".to_owned())
    );
    let own = scene.lines("log").pop().unwrap();
    assert_eq!(own["event"]["detail"]["additionalEventData"]["rule"], "any");
}

/// Nobody is found behind what a principal called with: that is not passed over.
#[tokio::test(flavor = "multi_thread")]
async fn a_principal_that_is_gone_is_told_of() {
    let scene = Scene::new().await;
    let rules = "[[target]]\nname = \"stop\"\ntype = \"attach-deny\"\nonly = [\"*\"]\n".to_owned()
        + &rule("misuse", "Decrypt", "\"stop\"", "");
    let events = scene.start_with(&rules);
    scene.record("Decrypt", &format!("arn:aws:iam::{ACCOUNT}:root"), "");
    scene.record("Decrypt", "s3.amazonaws.com", "");
    scene.record("Decrypt", &format!("arn:aws:iam::{ACCOUNT}:user/gone"), "");
    let counters = events.counters();
    eventually("ended", async || counters.delivered.load(Relaxed) + counters.dead_letters.load(Relaxed) == 3).await;
    stop(events).await;
    let [letter] = &scene.lines("events/dead-letters.jsonl")[..] else { panic!("one letter") };
    assert!(letter["reason"].as_str().unwrap().contains("gone"), "{letter}");
    assert_eq!(letter["attempts"], 1);
}

/// What broke: deliveries under way to a target that the rules have no more, or whose record cannot be read, vanished.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_under_way_to_nowhere_is_written_down() {
    let scene = Scene::new().await;
    let receiver = Receiver::answering(&[0]).await;
    let hook = webhook_target(&receiver, &scene, "timeout = \"5m\"") + &rule("all", "DisableKey", "\"hook\"", "");
    let events = scene.start_with(&hook);
    scene.record("DisableKey", "p", "");
    let counters = events.counters();
    eventually("looked at", async || counters.firings.load(Relaxed) == 1).await;
    stop(events).await;
    let saved = fs::read_to_string(scene.path("events/state.json")).unwrap();
    assert!(saved.contains(r#""sequence":1"#), "{saved}");
    // A second one, of a record that is not there.
    let pending = saved.find(r#""pending":["#).unwrap() + r#""pending":["#.len();
    let missing = r#"{"sequence":99,"shape":0,"rule":"all","target":"hook","count":1},"#;
    fs::write(scene.path("events/state.json"), format!("{}{missing}{}", &saved[..pending], &saved[pending..])).unwrap();
    let renamed = file_target(&scene.path("log")) + &rule("all", "DisableKey", "\"log\"", "");
    let events = scene.start_with(&renamed);
    let counters = events.counters();
    eventually("both told", async || counters.dead_letters.load(Relaxed) == 2).await;
    stop(events).await;
    let letters = scene.lines("events/dead-letters.jsonl");
    let told: Vec<_> = letters.iter().map(|letter| (&letter["target"], letter["event"].is_null())).collect();
    assert_eq!(told, [(&json!("hook"), true), (&json!("hook"), false)]);
    let saved: Value = serde_json::from_slice(&fs::read(scene.path("events/state.json")).unwrap()).unwrap();
    assert_eq!(saved["pending"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_read_again_and_bad_ones_change_nothing() {
    let scene = Scene::new().await;
    let log = file_target(&scene.path("log"));
    let events = scene.start_with(&(log.clone() + &rule("old", "Encrypt", "\"log\"", "")));
    scene.write_rules(&(log.clone() + &rule("new", "Decrypt", "\"log\"", "")));
    events.reloader().send(()).await.unwrap();
    eventually("the new rule", async || {
        scene.record("Decrypt", "p", "");
        scene.lines("log").iter().any(|line| line["rule"] == "new")
    })
    .await;
    scene.write_rules("[[rule]]\n");
    events.reloader().send(()).await.unwrap();
    events.reloader().send(()).await.unwrap();
    let before = scene.lines("log").len();
    scene.record("Encrypt", "p", "");
    scene.record("Decrypt", "p", "");
    eventually("still the new rule", async || scene.lines("log").len() > before).await;
    stop(events).await;
    assert!(scene.lines("log").iter().all(|line| line["rule"] == "new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_cannot_be_what_was_asked_for_is_none() {
    let scene = Scene::new().await;
    let receiver = Receiver::answering(&[200]).await;
    let hook = webhook_target(&receiver, &scene, "") + &rule("r", "Decrypt", "\"hook\"", "");
    let refused = |scene: &Scene| scene.start().err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused(&scene).contains("cannot read the rules"));
    scene.write_rules("x");
    assert!(refused(&scene).contains("the rules in"));
    scene.write_rules(&hook);
    fs::write(scene.path("secret"), "short").unwrap();
    assert!(refused(&scene).contains("target `hook`"));
    scene.write_rules(&hook);
    fs::create_dir_all(scene.path("events")).unwrap();
    fs::write(scene.path("events/state.json"), "{}").unwrap();
    assert!(refused(&scene).contains("state.json"));
    fs::remove_file(scene.path("events/state.json")).unwrap();
    stop(scene.start().unwrap()).await;
}

mod of_the_command_line {
    use super::*;

    fn run(command: &RulesCommand) -> (String, Option<String>) {
        let mut output = Vec::new();
        let outcome = commands::run(command, &mut output);
        (String::from_utf8(output).unwrap(), outcome.err().map(|error| error.to_string()))
    }

    #[test]
    fn a_file_is_checked_and_tried() {
        let directory = tempfile::tempdir().unwrap();
        let (file, event) = (directory.path().join("rules"), directory.path().join("event"));
        let more = "alarm = { count = 2, within = \"1m\" }";
        let rules = file_target(Path::new("/log"))
            + &rule("one", "Decrypt", "\"log\"", "")
            + &rule("two", "Decrypt", "\"log\"", more)
            + &rule("off", "Decrypt", "\"log\"", "enabled = false")
            + &rule("other", "Encrypt", "\"log\"", "");
        fs::write(&file, rules).unwrap();
        let (text, error) = run(&RulesCommand::Check { file: file.clone() });
        assert!(text.starts_with("one -> log (file)\n") && text.contains("4 rules and 1 targets"), "{text}");
        assert_eq!(error, None);
        let expected =
            "one: match\ntwo: match; fires at 2 within 60 s\noff: match, but the rule is disabled\nother: no match\n";
        // An event, and a record of CloudTrail.
        for text in [
            r#"{"detail":{"eventName":"Decrypt"}}"#,
            r#"{"eventVersion":"1.11","eventName":"Decrypt","eventSource":"kms.amazonaws.com"}"#,
        ] {
            fs::write(&event, text).unwrap();
            let test = RulesCommand::Test { file: file.clone(), event: event.clone() };
            assert_eq!(run(&test), (expected.to_owned(), None));
        }
        fs::write(&event, r#"{"detail":{"eventName":"Sign"}}"#).unwrap();
        let test = RulesCommand::Test { file: file.clone(), event: event.clone() };
        assert_eq!(run(&test).1.as_deref(), Some("no rule matches the event"));
        fs::write(&event, "{").unwrap();
        assert!(run(&test).1.unwrap().contains("cannot read the event"));
        fs::write(&file, "[[rule]]").unwrap();
        assert!(run(&test).1.unwrap().contains("the rules in"));
    }
}

/// The rules that people are shown, on the records that they are about.
mod of_the_examples {
    use kagiban_events::rules::Alarms;
    use kagiban_events::shape::{COMPLIANCE_CHANGE, CONFIG_SOURCE};

    use super::*;

    const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/rules");
    const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    fn record() -> Record<'static> {
        let number = "8a5e1d5c-6a0b-4f0e-9c3b-1f2e3d4c5b6a".parse().unwrap();
        Record {
            event_source: "kms.amazonaws.com",
            event_name: "Decrypt",
            identity: "{}",
            principal: "arn:aws:iam::111122223333:user/mallory",
            source_address: "10.20.0.1",
            resources: KEY,
            ..Record::new(Timestamp::from_unix_s(1_787_353_303), number, ACCOUNT.parse().unwrap(), REGION)
        }
    }

    /// The rules that fire when a record comes so many times.
    fn fired(file: &str, record: &Record<'_>, times: usize) -> Vec<String> {
        let rules = read_rules(&Path::new(EXAMPLES).join(file)).unwrap();
        let mut alarms = Alarms::default();
        let firings: Vec<_> = (0..times).flat_map(|_| alarms.firings(&rules, record)).collect();
        firings.iter().map(|firing| rules.rules[firing.rule].name.clone()).collect()
    }

    #[test]
    fn all_of_them_are_well_formed() {
        let files = fs::read_dir(EXAMPLES).unwrap().map(|entry| entry.unwrap().path());
        let rules: usize = files.map(|file| read_rules(&file).unwrap().rules.len()).sum();
        assert_eq!(rules, 9);
    }

    #[test]
    fn they_fire_on_what_they_are_about() {
        let pending =
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab is pending deletion.";
        let denied = Record { error_code: "AccessDenied", error_message: "no", ..record() };
        let closed = Record { error_code: "InvalidCiphertextException", ..record() };
        let waits = Record { error_code: "KMSInvalidStateException", error_message: pending, ..record() };
        let named = |event_name| Record { event_name, ..record() };
        let by_service = |event_name| Record { kind: kagiban_audit::RecordKind::ServiceEvent, ..named(event_name) };
        let change = |service_event_details| Record {
            event_source: CONFIG_SOURCE,
            service_event_details,
            ..by_service(COMPLIANCE_CHANGE)
        };
        let elsewhere = Record { source_address: "203.0.113.9", ..record() };
        for (file, record, times, expected) in [
            ("alarms.toml", record(), 10, &[][..]),
            ("alarms.toml", waits.clone(), 3, &["pending-deletion-in-use"][..]),
            ("alarms.toml", Record { error_code: "DisabledException", ..record() }, 3, &["disabled-in-use"]),
            ("alarms.toml", named("PutKeyPolicy"), 2, &["dangerous-change", "dangerous-change"]),
            ("alarms.toml", named("DeleteAlias"), 1, &["dangerous-change"]),
            ("alarms.toml", named("DisableKey"), 1, &["dangerous-change"]),
            ("alarms.toml", named("DeleteImportedKeyMaterial"), 1, &["dangerous-change"]),
            ("alarms.toml", named("ScheduleKeyDeletion"), 1, &["dangerous-change"]),
            ("alarms.toml", Record { event_name: "DisableKey", ..denied.clone() }, 1, &[]),
            ("alarms.toml", by_service("DeleteKey"), 1, &["end-of-key-or-material"]),
            ("alarms.toml", by_service("DeleteExpiredKeyMaterial"), 1, &["end-of-key-or-material"]),
            ("alarms.toml", by_service("RotateKey"), 1, &[]),
            (
                "alarms.toml",
                change(r#"{"newEvaluationResult":{"complianceType":"NON_COMPLIANT"}}"#),
                1,
                &["compliance"],
            ),
            ("alarms.toml", change(r#"{"newEvaluationResult":{"complianceType":"COMPLIANT"}}"#), 1, &[]),
            ("disable-on-misuse.toml", record(), 100, &[]),
            ("disable-on-misuse.toml", denied.clone(), 4, &[]),
            ("disable-on-misuse.toml", denied, 5, &["denied-again-and-again"]),
            ("disable-on-misuse.toml", closed.clone(), 19, &[]),
            ("disable-on-misuse.toml", closed, 20, &["ciphertexts-that-do-not-open"]),
            ("unexpected-address.toml", record(), 1, &[]),
            ("unexpected-address.toml", elsewhere.clone(), 1, &["used-from-elsewhere"]),
            ("unexpected-address.toml", Record { event_name: "DescribeKey", ..elsewhere }, 1, &[]),
            ("stop-principal.toml", named("ScheduleKeyDeletion"), 1, &["destroys-keys"]),
            ("stop-principal.toml", record(), 1, &[]),
        ] {
            assert_eq!(fired(file, &record, times), expected, "{file} {}", record.event_name);
        }
    }
}
