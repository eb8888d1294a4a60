//! The file of rules: TOML with tables `[[rule]]` and `[[target]]`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::fault::{RuleFault, RulesError, TargetFault};
use super::target::{Guard, RevokeOf, Target, TargetKind};
use super::{
    AlarmCondition, FILE_LEN_MAX, Glob, RULES_MAX, Rule, Rules, Subject, TARGETS_MAX, TARGETS_OF_RULE_MAX, Throttle,
};
use crate::pattern::{Pattern, Prefilter};

const NAME_LEN_MAX: usize = 64;
const COMMAND_TIMEOUT: Span = Span(Duration::from_secs(30));
const WEBHOOK_TIMEOUT: Span = Span(Duration::from_secs(10));
const FILE_SIZE_MAX: u64 = 16 << 20;
const FILES_KEPT: u32 = 5;
const ACTIONS_PER_HOUR: u32 = 10;
const DAYS_7: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<RuleTable>,
    #[serde(default)]
    target: Vec<TargetTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RuleTable {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default = "yes")]
    enabled: bool,
    pattern: String,
    targets: Vec<String>,
    alarm: Option<AlarmTable>,
    throttle: Option<Span>,
    #[serde(default)]
    throttle_per: Option<Subject>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AlarmTable {
    count: usize,
    within: Span,
    #[serde(default)]
    per: Subject,
}

/// A target of any type, flat: which fields go with which type is checked afterwards.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TargetTable {
    name: String,
    r#type: Kind,
    #[serde(default = "attempts")]
    attempts: u32,
    only: Option<Vec<Glob>>,
    never: Option<Vec<Glob>>,
    max_per_hour: Option<u32>,
    of: Option<RevokeOf>,
    command: Option<Vec<String>>,
    timeout: Option<Span>,
    path: Option<PathBuf>,
    max_size: Option<u64>,
    keep: Option<u32>,
    url: Option<String>,
    secret_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    AttachDeny,
    Command,
    DisableKey,
    File,
    RevokeGrants,
    Webhook,
}

impl Kind {
    /// The fields that go with it, besides name, type and attempts.
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::AttachDeny | Self::DisableKey => &["only", "never", "max-per-hour"],
            Self::Command => &["command", "timeout"],
            Self::File => &["path", "max-size", "keep"],
            Self::RevokeGrants => &["only", "never", "max-per-hour", "of"],
            Self::Webhook => &["url", "secret-file", "ca-file", "timeout"],
        }
    }
}

impl TargetTable {
    /// The fields that are there.
    fn present(&self) -> impl Iterator<Item = &'static str> {
        let fields = [
            ("only", self.only.is_some()),
            ("never", self.never.is_some()),
            ("max-per-hour", self.max_per_hour.is_some()),
            ("of", self.of.is_some()),
            ("command", self.command.is_some()),
            ("timeout", self.timeout.is_some()),
            ("path", self.path.is_some()),
            ("max-size", self.max_size.is_some()),
            ("keep", self.keep.is_some()),
            ("url", self.url.is_some()),
            ("secret-file", self.secret_file.is_some()),
            ("ca-file", self.ca_file.is_some()),
        ];
        fields.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name)
    }
}

const fn yes() -> bool {
    true
}

const fn attempts() -> u32 {
    8
}

/// A span of time: `500ms`, `30s`, `5m`, `1h`, `7d`.
#[derive(Clone, Copy)]
struct Span(Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        span(&text)
            .map(Self)
            .ok_or_else(|| de::Error::custom("a time is a number with ms, s, m, h or d, such as \"5m\""))
    }
}

fn span(text: &str) -> Option<Duration> {
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let unit_ms: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit_ms).map(Duration::from_millis)
}

pub(super) fn read(text: &str) -> Result<Rules, RulesError> {
    if text.len() > FILE_LEN_MAX {
        return Err(RulesError::FileTooLong);
    }
    let file: File = toml::from_str(text).map_err(|error| RulesError::Syntax(Box::new(error)))?;
    if file.rule.len() > RULES_MAX {
        return Err(RulesError::TooManyRules);
    }
    if file.target.len() > TARGETS_MAX {
        return Err(RulesError::TooManyTargets);
    }
    check_names(file.rule.iter().map(|rule| rule.name.as_str()), "rule")?;
    check_names(file.target.iter().map(|target| target.name.as_str()), "target")?;
    let targets: Vec<Target> = file.target.into_iter().map(target).collect::<Result<_, _>>()?;
    let rules = file.rule.into_iter().map(|table| {
        let name = table.name.clone();
        rule(table, &targets).map_err(|fault| RulesError::Rule { name, fault })
    });
    Ok(Rules { rules: rules.collect::<Result<_, _>>()?, targets })
}

fn check_names<'a>(names: impl Iterator<Item = &'a str>, what: &'static str) -> Result<(), RulesError> {
    let mut seen = HashSet::new();
    for name in names {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if name.is_empty() || name.len() > NAME_LEN_MAX || !name.bytes().all(fits) {
            return Err(RulesError::Name(name.chars().take(NAME_LEN_MAX).collect()));
        }
        if !seen.insert(name) {
            return Err(RulesError::Twice(name.to_owned(), what));
        }
    }
    Ok(())
}

fn rule(table: RuleTable, targets: &[Target]) -> Result<Rule, RuleFault> {
    let pattern = Pattern::parse(&table.pattern)?;
    if table.targets.is_empty() || table.targets.len() > TARGETS_OF_RULE_MAX {
        return Err(RuleFault::Targets);
    }
    let index = |name: &String| {
        let found = targets.iter().position(|target| target.name == *name);
        found.ok_or_else(|| RuleFault::NoTarget(name.clone()))
    };
    let alarm = table.alarm.map(alarm).transpose()?;
    let per = table.throttle_per.or(alarm.map(|alarm| alarm.per)).unwrap_or_default();
    Ok(Rule {
        targets: table.targets.iter().map(index).collect::<Result<_, _>>()?,
        name: table.name,
        description: table.description,
        is_enabled: table.enabled,
        prefilter: Prefilter::of(&pattern),
        pattern,
        alarm,
        throttle: table.throttle.map(|Span(quiet)| throttle(quiet, per)).transpose()?,
    })
}

fn alarm(table: AlarmTable) -> Result<AlarmCondition, RuleFault> {
    let AlarmTable { count, within: Span(within), per } = table;
    let fits = (1..=1000).contains(&count) && (Duration::from_secs(1)..=DAYS_7).contains(&within);
    fits.then_some(AlarmCondition { count, within, per }).ok_or(RuleFault::Alarm)
}

fn throttle(quiet: Duration, per: Subject) -> Result<Throttle, RuleFault> {
    let fits = (Duration::from_secs(1)..=DAYS_7).contains(&quiet);
    fits.then_some(Throttle { quiet, per }).ok_or(RuleFault::Throttle)
}

fn target(table: TargetTable) -> Result<Target, RulesError> {
    let (name, attempts_max) = (table.name.clone(), table.attempts);
    match kind_of(table) {
        Ok(kind) => Ok(Target { name, kind, attempts_max }),
        Err(fault) => Err(RulesError::Target { name, fault }),
    }
}

fn kind_of(table: TargetTable) -> Result<TargetKind, TargetFault> {
    if !(1..=100).contains(&table.attempts) {
        return Err(TargetFault::Attempts);
    }
    if let Some(stray) = table.present().find(|field| !table.r#type.fields().contains(field)) {
        return Err(TargetFault::Stray(stray));
    }
    match table.r#type {
        Kind::AttachDeny => guard(table).map(TargetKind::AttachDeny),
        Kind::Command => command(table),
        Kind::DisableKey => guard(table).map(TargetKind::DisableKey),
        Kind::File => file(table),
        Kind::RevokeGrants => {
            let of = table.of.ok_or(TargetFault::Missing("of"))?;
            Ok(TargetKind::RevokeGrants { of, guard: guard(table)? })
        }
        Kind::Webhook => webhook(table),
    }
}

fn command(table: TargetTable) -> Result<TargetKind, TargetFault> {
    let command = table.command.ok_or(TargetFault::Missing("command"))?;
    let is_absolute = command.first().is_some_and(|program| program.starts_with('/'));
    if !is_absolute || command.len() > 101 {
        return Err(TargetFault::Command);
    }
    Ok(TargetKind::Command { command, timeout: patience(table.timeout.unwrap_or(COMMAND_TIMEOUT))? })
}

fn file(table: TargetTable) -> Result<TargetKind, TargetFault> {
    let path = absolute(table.path.ok_or(TargetFault::Missing("path"))?)?;
    let (size_max, keep) = (table.max_size.unwrap_or(FILE_SIZE_MAX), table.keep.unwrap_or(FILES_KEPT));
    let fits = (4096..=1 << 30).contains(&size_max) && (1..=100).contains(&keep);
    fits.then_some(TargetKind::File { path, size_max, keep }).ok_or(TargetFault::Rotation)
}

fn webhook(table: TargetTable) -> Result<TargetKind, TargetFault> {
    let url = table.url.ok_or(TargetFault::Missing("url"))?;
    if !is_allowed_url(&url) {
        return Err(TargetFault::Url(url));
    }
    Ok(TargetKind::Webhook {
        url,
        secret_file: absolute(table.secret_file.ok_or(TargetFault::Missing("secret-file"))?)?,
        ca_file: table.ca_file.map(absolute).transpose()?,
        timeout: patience(table.timeout.unwrap_or(WEBHOOK_TIMEOUT))?,
    })
}

fn guard(table: TargetTable) -> Result<Guard, TargetFault> {
    let (only, never) = (table.only.unwrap_or_default(), table.never.unwrap_or_default());
    if only.is_empty() || only.len() > 100 || never.len() > 100 {
        return Err(TargetFault::NoScope);
    }
    let per_hour_max = table.max_per_hour.unwrap_or(ACTIONS_PER_HOUR);
    let fits = (1..=10_000).contains(&per_hour_max);
    fits.then_some(Guard { only, never, per_hour_max }).ok_or(TargetFault::PerHour)
}

fn patience(Span(timeout): Span) -> Result<Duration, TargetFault> {
    let fits = (Duration::from_millis(100)..=Duration::from_secs(600)).contains(&timeout);
    fits.then_some(timeout).ok_or(TargetFault::Timeout)
}

fn absolute(path: PathBuf) -> Result<PathBuf, TargetFault> {
    if path.is_absolute() { Ok(path) } else { Err(TargetFault::RelativePath(path.display().to_string())) }
}

/// What goes over a network is encrypted. User names and passwords in an address would be in logs.
fn is_allowed_url(url: &str) -> bool {
    if url.len() > 2048 || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        return false;
    }
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let is_here = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
    !authority.is_empty() && !authority.contains('@') && (scheme == "https" || scheme == "http" && is_here)
}
