//! Files of rules, and which rules fire on which records.

use std::path::Path;

use kagiban_audit::{Record, RecordKind};
use kagiban_base::time::Timestamp;

use super::*;

const FILE: &str = r#"
[[target]]
name = "soc"
type = "webhook"
url = "https://soc.example/hook?a=b"
secret-file = "/etc/kagiban/soc.secret"

[[target]]
name = "stop"
type = "disable-key"
only = ["arn:aws:kms:*:111122223333:key/*"]
never = ["*:key/00000000-*"]
max-per-hour = 2

[[target]]
name = "log"
type = "file"
path = "/var/log/events.jsonl"
max-size = 4096
keep = 1
attempts = 3

[[target]]
name = "page"
type = "command"
command = ["/usr/bin/page", "--urgent"]
timeout = "1m"

[[target]]
name = "deny"
type = "attach-deny"
only = ["arn:aws:iam::111122223333:user/*"]

[[target]]
name = "revoke"
type = "revoke-grants"
of = "caller"
only = ["*"]

[[rule]]
name = "each"
pattern = '{ "detail": { "eventName": ["ScheduleKeyDeletion"] } }'
targets = ["soc", "stop"]

[[rule]]
name = "denied.many"
description = "somebody tries doors"
pattern = '{ "detail": { "errorCode": ["AccessDenied"] } }'
targets = ["log"]
alarm = { count = 3, within = "1m", per = "principal" }
throttle = "5m"

[[rule]]
name = "off"
enabled = false
pattern = '{ "source": [{ "exists": true }] }'
targets = ["page", "deny", "revoke"]
"#;

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn record(second: i64, principal: &'static str, name: &'static str, code: &'static str) -> Record<'static> {
    let number = "8a5e1d5c-6a0b-4f0e-9c3b-1f2e3d4c5b6a".parse().unwrap();
    let time = Timestamp::from_unix_s(1_787_353_303 + second);
    Record {
        kind: RecordKind::ApiCall,
        event_source: "kms.amazonaws.com",
        event_name: name,
        identity: "{}",
        principal,
        source_address: "10.0.0.1",
        error_code: code,
        resources: KEY,
        ..Record::new(time, number, "111122223333".parse().unwrap(), "eu-central-1")
    }
}

fn fired(alarms: &mut Alarms, rules: &Rules, record: &Record<'_>) -> Vec<(String, usize)> {
    let name = |firing: Firing| (rules.rules[firing.rule].name.clone(), firing.count);
    alarms.firings(rules, record).into_iter().map(name).collect()
}

#[test]
fn a_file_is_read() {
    let rules = Rules::parse(FILE).unwrap();
    let kinds: Vec<_> = rules.targets.iter().map(|target| (target.kind.name(), target.attempts_max)).collect();
    assert_eq!(
        kinds,
        [("webhook", 8), ("disable-key", 8), ("file", 3), ("command", 8), ("attach-deny", 8), ("revoke-grants", 8)]
    );
    let TargetKind::Webhook { url, secret_file, ca_file, timeout } = &rules.target("soc").unwrap().kind else {
        panic!("a webhook")
    };
    assert_eq!(
        (url.as_str(), secret_file.as_path()),
        ("https://soc.example/hook?a=b", Path::new("/etc/kagiban/soc.secret"))
    );
    assert_eq!((ca_file, *timeout), (&None, Duration::from_secs(10)));
    let rule = rules.rule("denied.many").unwrap();
    let alarm = AlarmCondition { count: 3, within: Duration::from_secs(60), per: Subject::Principal };
    assert_eq!((rule.alarm, rule.is_enabled, rule.targets.as_slice()), (Some(alarm), true, &[2][..]));
    // What the alarm counts by, the throttle is silent about.
    assert_eq!(rule.throttle, Some(Throttle { quiet: Duration::from_secs(300), per: Subject::Principal }));
    assert_eq!(rules.rule("each").unwrap().targets, [0, 1]);
    assert!(!rules.rule("off").unwrap().is_enabled);
    assert!(Rules::parse("").unwrap().rules.is_empty());
}

#[test]
fn a_guard_spares_what_it_must() {
    let rules = Rules::parse(FILE).unwrap();
    let guard = rules.target("stop").unwrap().kind.guard().unwrap();
    for (arn, expected) in [
        (KEY, true),
        ("arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab", false),
        ("arn:aws:kms:eu-central-1:111122223333:key/00000000-12ab-34cd-56ef-1234567890ab", false),
        ("arn:aws:kms:eu-central-1:111122223333:alias/x", false),
        ("", false),
    ] {
        assert_eq!(guard.admits(arn), expected, "{arn}");
    }
    for (glob, name, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("*", "", true),
        ("a*a", "a", false),
        ("a*b*c", "axbbyc", true),
        ("*b", "ab", true),
        ("a*", "b", false),
    ] {
        assert_eq!(Glob::from(glob).matches(name), expected, "{glob} {name}");
    }
}

/// A file with one target and one rule, and one part of it changed.
#[test]
fn what_is_wrong_is_named() {
    let whole = "[[target]]\nname = \"t\"\ntype = \"command\"\ncommand = [\"/bin/true\"]\n\
                 [[rule]]\nname = \"r\"\npattern = '{\"a\":[1]}'\ntargets = [\"t\"]\n";
    assert!(Rules::parse(whole).is_ok());
    for (from, to, message) in [
        ("name = \"r\"", "name = \"r r\"", "`r r` is no name"),
        ("name = \"r\"", "name = \"\"", "`` is no name"),
        ("[[rule]]", "[[rules]]", "unknown field `rules`"),
        ("targets", "target", "unknown field `target`"),
        ("'{\"a\":[1]}'", "'{\"a\":1}'", "rule `r`: pattern: a: values must be in a list"),
        ("[\"t\"]", "[]", "1 to 10 targets"),
        ("[\"t\"]", "[\"u\"]", "no target called `u`"),
        ("[\"t\"]", "[\"t\"]\nalarm = { count = 0, within = \"1m\" }", "an alarm counts"),
        ("[\"t\"]", "[\"t\"]\nalarm = { count = 2, within = \"8d\" }", "an alarm counts"),
        ("[\"t\"]", "[\"t\"]\nalarm = { count = 2, within = \"1 m\" }", "a time is a number"),
        ("[\"t\"]", "[\"t\"]\nalarm = { count = 2, within = \"1m\", by = \"key\" }", "unknown field `by`"),
        ("[\"t\"]", "[\"t\"]\nthrottle = \"0s\"", "throttle is at least"),
        ("type = \"command\"", "type = \"mail\"", "unknown variant `mail`"),
        ("[\"/bin/true\"]", "[\"true\"]", "target `t`: command takes"),
        ("[\"/bin/true\"]", "[]", "command takes"),
        ("[\"/bin/true\"]", "[\"/bin/true\"]\ntimeout = \"1h\"", "timeout is 100ms to 10m"),
        ("[\"/bin/true\"]", "[\"/bin/true\"]\nattempts = 0", "attempts is 1 to 100"),
        ("[\"/bin/true\"]", "[\"/bin/true\"]\nurl = \"https://x\"", "`url` does not go with"),
        ("[\"/bin/true\"]", "[\"/bin/true\"]\nsecret = \"x\"", "unknown field `secret`"),
        ("command = [\"/bin/true\"]", "", "`command` is missing"),
        ("\"command\"\ncommand = [\"/bin/true\"]", "\"disable-key\"", "say in `only`"),
        ("\"command\"\ncommand = [\"/bin/true\"]", "\"disable-key\"\nonly = [\"\"]", "1 to 2048 bytes"),
        (
            "\"command\"\ncommand = [\"/bin/true\"]",
            "\"attach-deny\"\nonly = [\"*\"]\nmax-per-hour = 0",
            "max-per-hour is",
        ),
        ("\"command\"\ncommand = [\"/bin/true\"]", "\"revoke-grants\"\nonly = [\"*\"]", "`of` is missing"),
        ("\"command\"\ncommand = [\"/bin/true\"]", "\"file\"\npath = \"x\"", "absolute path"),
        ("\"command\"\ncommand = [\"/bin/true\"]", "\"file\"\npath = \"/x\"\nmax-size = 1", "a file is put aside"),
        (
            "\"command\"\ncommand = [\"/bin/true\"]",
            "\"webhook\"\nurl = \"http://soc/\"\nsecret-file = \"/s\"",
            "no https:// URL",
        ),
        (
            "\"command\"\ncommand = [\"/bin/true\"]",
            "\"webhook\"\nurl = \"https://u:p@soc/\"\nsecret-file = \"/s\"",
            "no https:// URL",
        ),
        ("\"command\"\ncommand = [\"/bin/true\"]", "\"webhook\"\nurl = \"https://soc/\"", "`secret-file` is missing"),
    ] {
        assert!(whole.contains(from), "{from}");
        let error = Rules::parse(&whole.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(message), "{from} -> {to}: {error}");
    }
    let twice =
        whole.replace("[[rule]]", "[[target]]\nname = \"t\"\ntype = \"command\"\ncommand = [\"/bin/true\"]\n[[rule]]");
    assert!(Rules::parse(&twice).unwrap_err().to_string().contains("two targets are called `t`"));
    assert!(Rules::parse(&" ".repeat(FILE_LEN_MAX + 1)).unwrap_err().to_string().contains("at most"));
}

#[test]
fn webhooks_are_encrypted_or_stay_on_this_machine() {
    let file = |url: &str| {
        format!(
            "[[target]]\nname = \"t\"\ntype = \"webhook\"\nurl = \"{url}\"\nsecret-file = \"/s\"\n\
             [[rule]]\nname = \"r\"\npattern = '{{\"a\":[1]}}'\ntargets = [\"t\"]\n"
        )
    };
    for (url, expected) in [
        ("https://soc.example", true),
        ("https://soc.example:8443/x?y", true),
        ("http://127.0.0.1:8080/", true),
        ("http://localhost/", true),
        ("http://[::1]:1/", true),
        ("http://127.0.0.1.evil.example/", false),
        ("http://127.0.0.1:80@evil.example/", false),
        ("http://10.0.0.1/", false),
        ("https://", false),
        ("ftp://127.0.0.1/", false),
        ("https://soc.example/a b", false),
    ] {
        assert_eq!(Rules::parse(&file(url)).is_ok(), expected, "{url}");
    }
}

#[test]
fn rules_fire_at_once_or_when_enough_has_come_together() {
    let (rules, mut alarms) = (Rules::parse(FILE).unwrap(), Alarms::default());
    for (second, principal, name, code, expected) in [
        (0, "a", "ScheduleKeyDeletion", "", Some(("each", 1))),
        (0, "a", "ScheduleKeyDeletion", "", Some(("each", 1))),
        (0, "a", "Decrypt", "", None),
        (0, "a", "Decrypt", "AccessDenied", None),
        (1, "b", "Decrypt", "AccessDenied", None),
        (2, "a", "Decrypt", "AccessDenied", None),
        (59, "b", "Decrypt", "AccessDenied", None),
        // Sixty seconds count from the first to the last.
        (60, "a", "Decrypt", "AccessDenied", Some(("denied.many", 3))),
        // The first of b's is too long ago.
        (62, "b", "Decrypt", "AccessDenied", None),
        (63, "b", "Encrypt", "AccessDenied", Some(("denied.many", 3))),
        // a's count begins anew, and it is silent for five minutes.
        (64, "a", "Decrypt", "AccessDenied", None),
        (65, "a", "Decrypt", "AccessDenied", None),
        (66, "a", "Decrypt", "AccessDenied", None),
        (360, "a", "Decrypt", "AccessDenied", None),
        (361, "a", "Decrypt", "AccessDenied", None),
        (362, "a", "Decrypt", "AccessDenied", Some(("denied.many", 3))),
    ] {
        let expected: Vec<_> = expected.map(|(name, count)| (name.to_owned(), count)).into_iter().collect();
        assert_eq!(
            fired(&mut alarms, &rules, &record(second, principal, name, code)),
            expected,
            "{second} {principal}"
        );
    }
}

/// As after a restart: what was counted is written down and read again anywhere.
#[test]
fn what_was_counted_survives_being_written_down() {
    let rules = Rules::parse(FILE).unwrap();
    for cut in 0..3 {
        let mut alarms = Alarms::default();
        for at in 0..3 {
            if at == cut {
                alarms = serde_json::from_str(&serde_json::to_string(&alarms).unwrap()).unwrap();
            }
            let fired = fired(&mut alarms, &rules, &record(at, "a", "Decrypt", "AccessDenied"));
            assert_eq!(fired.len(), usize::from(at == 2), "{cut} {at}");
        }
    }
}

#[test]
fn subjects_are_told_apart_and_their_number_is_bounded() {
    let file = FILE.replace("count = 3", "count = 2").replace("throttle = \"5m\"", "");
    let rules = Rules::parse(&file).unwrap();
    let mut alarms = Alarms::default();
    let names: Vec<String> = (0..1500).map(|number| format!("p{number}")).collect();
    for (name, at) in names.iter().zip(0..) {
        let one = Record { principal: name, ..record(0, "", "Decrypt", "AccessDenied") };
        let one = Record { time: Timestamp::from_unix_ms(1_787_353_303_000 + at), ..one };
        assert!(fired(&mut alarms, &rules, &one).is_empty());
    }
    assert!(alarms.windows["denied.many"].len() <= 1000);
    // The latest ones are still known.
    let again = Record { principal: &names[1499], ..record(2, "", "Decrypt", "AccessDenied") };
    assert_eq!(fired(&mut alarms, &rules, &again).len(), 1);
    alarms.keep_only(&Rules::default());
    assert_eq!(alarms, Alarms::default());
}

#[test]
fn responses_act_only_so_often() {
    let (mut counts, at) = (ActionCounts::default(), Timestamp::from_unix_s);
    let answers: Vec<bool> = [0, 10, 20, 3599, 3600, 3601, 3611]
        .iter()
        .map(|second| {
            let may = counts.may_act("stop", 2, at(*second));
            if may {
                counts.acted("stop", at(*second));
            }
            may
        })
        .collect();
    assert_eq!(answers, [true, true, false, false, true, false, true]);
    assert!(counts.may_act("other", 2, at(20)) && counts.may_act("other", 2, at(20)));
    counts.keep_only(&Rules::default());
    assert_eq!(counts, ActionCounts::default());
}

#[test]
fn what_is_counted_by() {
    let one = record(0, "p", "Decrypt", "");
    for (per, expected) in [
        (Subject::Account, "111122223333"),
        (Subject::Address, "10.0.0.1"),
        (Subject::Key, KEY),
        (Subject::Principal, "p"),
        (Subject::Rule, ""),
    ] {
        assert_eq!(alarm::subject(per, &one), expected);
    }
    assert_eq!(alarm::subject(Subject::Key, &Record { resources: "", ..one }), "");
}
