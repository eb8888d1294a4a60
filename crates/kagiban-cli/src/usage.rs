//! `kagiban usage`: requests and keys of a month by account, key and operation, and what AWS would charge for them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::commands::{block_on, client, pages, show};
use crate::error::CliError;
use crate::options::{Grouping, OutputForm, UsageOptions};
use crate::prices::{Class, Prices};
use crate::text::table;

/// The requests of one key, or of an account without one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Usage {
    month: String,
    account_id: String,
    region: Option<String>,
    key_id: Option<String>,
    key_spec: Option<String>,
    succeeded: BTreeMap<String, u64>,
    failed: BTreeMap<String, u64>,
}

/// For how long a key was there.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyTimes {
    month: String,
    month_hours: u64,
    account_id: String,
    region: String,
    key_id: String,
    #[serde(default)]
    key_manager: String,
    hours: u64,
    rotation_hours: Vec<u64>,
}

/// One line of the report.
#[derive(Clone, Debug, Default)]
struct Line {
    keys: u64,
    key_cost: f64,
    requests: u64,
    failed: u64,
    request_cost: f64,
}

/// What the lines of a report are told apart by, besides the account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Column {
    Key,
    Operation,
}

/// The report of a month.
struct Report<'a> {
    /// What the lines are about, besides their accounts.
    columns: Vec<Column>,
    prices: &'a Prices,
    month: String,
    /// By account, and what each column has.
    lines: BTreeMap<(String, Vec<String>), Line>,
    /// Requests of each account that are among the free ones.
    symmetric: BTreeMap<String, u64>,
}

/// `kagiban usage`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn usage(options: &UsageOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let prices = Prices::read(options.prices.as_deref())?;
    let client = client(&options.connection)?;
    let mut input = json!({"Limit": 1000});
    if let Value::Object(members) = &mut input {
        members.extend(options.month.as_ref().map(|month| ("Month".to_owned(), json!(month))));
        members.extend(options.account.as_ref().map(|account| ("AccountId".to_owned(), json!(account.as_str()))));
    }
    let usage: Vec<Usage> = listed(&client, "ListUsage", "Usage", &input)?;
    let keys: Vec<KeyTimes> = listed(&client, "ListKeyTimes", "Keys", &input)?;
    let mut report = Report::by(&options.by, &prices);
    report.month = options.month.clone().unwrap_or_default();
    keys.iter().for_each(|key| report.add_key(key));
    usage.iter().for_each(|usage| report.add_usage(usage));
    report.give_free_requests();
    let form = options.connection.output;
    let json = report.to_json().to_string();
    let text = if options.csv { report.to_csv() } else { report.to_text() };
    show(
        if options.csv { OutputForm::Text } else { form },
        json.as_bytes(),
        text.as_bytes(),
        "nothing was changed",
        output,
    )
}

fn listed<T: for<'de> Deserialize<'de>>(
    client: &Client,
    operation: &str,
    member: &str,
    input: &Value,
) -> Result<Vec<T>, CliError> {
    let entries = block_on(pages(client, operation, member, input.clone()))??;
    let not_kagiban = |_| CliError::NotKagiban { endpoint: client.endpoint(), status: 200 };
    entries.into_iter().map(serde_json::from_value).collect::<Result<_, _>>().map_err(not_kagiban)
}

impl Line {
    fn cost(&self) -> f64 {
        self.key_cost + self.request_cost
    }

    fn add(&mut self, other: &Self) {
        self.keys += other.keys;
        self.key_cost += other.key_cost;
        self.requests += other.requests;
        self.failed += other.failed;
        self.request_cost += other.request_cost;
    }

    fn cells(&self) -> [String; 6] {
        let money = |amount: f64| format!("{amount:.4}");
        [
            self.keys.to_string(),
            money(self.key_cost),
            self.requests.to_string(),
            self.failed.to_string(),
            money(self.request_cost),
            money(self.cost()),
        ]
    }
}

impl Column {
    /// The column of a grouping; lines are told apart by their accounts anyway.
    const fn of(by: Grouping) -> Option<Self> {
        match by {
            Grouping::Account => None,
            Grouping::Key => Some(Self::Key),
            Grouping::Operation => Some(Self::Operation),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Operation => "operation",
        }
    }

    /// The name in JSON.
    const fn member(self) -> &'static str {
        match self {
            Self::Key => "Key",
            Self::Operation => "Operation",
        }
    }
}

impl<'a> Report<'a> {
    /// An empty one.
    fn by(groupings: &[Grouping], prices: &'a Prices) -> Self {
        let mut columns = Vec::new();
        for column in groupings.iter().filter_map(|by| Column::of(*by)) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        Self { columns, prices, month: String::new(), lines: BTreeMap::new(), symmetric: BTreeMap::new() }
    }

    fn add_key(&mut self, key: &KeyTimes) {
        self.month.clone_from(&key.month);
        let costs = key.key_manager != "AWS";
        let key_cost = if costs { self.prices.of_key(key.hours, &key.rotation_hours, key.month_hours) } else { 0.0 };
        let what = self.what(|column| match column {
            Column::Key => format!("{}/{}", key.region, key.key_id),
            Column::Operation => "(keys)".to_owned(),
        });
        self.line(&key.account_id, what).add(&Line { keys: 1, key_cost, ..Line::default() });
    }

    fn add_usage(&mut self, usage: &Usage) {
        self.month.clone_from(&usage.month);
        let failed = |operation: &String| usage.failed.get(operation).copied().unwrap_or_default();
        let only_failed = usage.failed.iter().filter(|(operation, _)| !usage.succeeded.contains_key(*operation));
        let all = usage.succeeded.iter().map(|(operation, count)| (operation, *count, failed(operation)));
        for (operation, succeeded, failed) in all.chain(only_failed.map(|(operation, failed)| (operation, 0, *failed)))
        {
            let Some(class) = Class::of(operation, usage.key_spec.as_deref()) else { continue };
            let charged = succeeded + if self.prices.charge_failed { failed } else { 0 };
            if class == Class::Symmetric {
                *self.symmetric.entry(usage.account_id.clone()).or_default() += charged;
            }
            let request_cost = self.prices.of_requests(class, charged);
            let line = Line { requests: succeeded, failed, request_cost, ..Line::default() };
            let what = self.what(|column| match (column, &usage.region, &usage.key_id) {
                (Column::Operation, ..) => operation.clone(),
                (Column::Key, Some(region), Some(key)) => format!("{region}/{key}"),
                (Column::Key, ..) => "(no key)".to_owned(),
            });
            self.line(&usage.account_id, what).add(&line);
        }
    }

    /// What a line is about.
    fn what(&self, of: impl Fn(Column) -> String) -> Vec<String> {
        self.columns.iter().map(|column| of(*column)).collect()
    }

    /// Takes off what is free, in a line of its own unless lines are accounts.
    fn give_free_requests(&mut self) {
        for (account, count) in std::mem::take(&mut self.symmetric) {
            let free = self.prices.of_requests(Class::Symmetric, count.min(self.prices.free_requests));
            let what = self.what(|_| "(free requests)".to_owned());
            if free > 0.0 {
                self.line(&account, what).add(&Line { request_cost: -free, ..Line::default() });
            }
        }
    }

    fn line(&mut self, account: &str, what: Vec<String>) -> &mut Line {
        self.lines.entry((account.to_owned(), what)).or_default()
    }

    fn total(&self) -> Line {
        let mut total = Line::default();
        self.lines.values().for_each(|line| total.add(line));
        total
    }

    fn to_text(&self) -> String {
        let row = |account: &str, what: &[String], line: &Line| {
            let cells = std::iter::once(account.to_owned()).chain(what.iter().cloned()).chain(line.cells());
            cells.collect::<Vec<_>>()
        };
        let mut rows: Vec<_> = self.lines.iter().map(|((account, what), line)| row(account, what, line)).collect();
        rows.push(row("TOTAL", &self.what(|_| String::new()), &self.total()));
        let columns = self.columns.iter().map(|column| column.name().to_uppercase());
        let rest = ["KEYS", "KEY COST", "REQUESTS", "FAILED", "REQUEST COST", "COST"].map(str::to_owned);
        let heads: Vec<_> = std::iter::once("ACCOUNT".to_owned()).chain(columns).chain(rest).collect();
        let mut text = table(heads, &rows);
        let (month, currency) = (&self.month, &self.prices.currency);
        _ = writeln!(
            text,
            "\n{month}, in {currency}: what AWS would charge by the price table, an estimate (docs/usage.md says how)."
        );
        text
    }

    /// With a column for each that was asked for; a single one is called `what`, and is there, empty, for accounts.
    fn to_csv(&self) -> String {
        let names = match self.columns.as_slice() {
            [] | [_] => "what".to_owned(),
            several => several.iter().map(|column| column.name()).collect::<Vec<_>>().join(","),
        };
        let mut text = format!("month,account,{names},keys,key_cost,requests,failed,request_cost,cost,currency\n");
        for ((account, what), line) in &self.lines {
            let (what, cells) = (what.join(","), line.cells().join(","));
            _ = writeln!(text, "{},{account},{what},{cells},{}", self.month, self.prices.currency);
        }
        text
    }

    fn to_json(&self) -> Value {
        let lines = self.lines.iter().map(|((account, what), line)| {
            let mut members = json!({
                "AccountId": account, "Of": what.join(" "), "Keys": line.keys, "KeyCost": line.key_cost,
                "Requests": line.requests, "Failed": line.failed, "RequestCost": line.request_cost, "Cost": line.cost(),
            });
            if let Value::Object(members) = &mut members {
                let columns = self.columns.iter().zip(what);
                members.extend(columns.map(|(column, what)| (column.member().to_owned(), json!(what))));
            }
            members
        });
        let by = match self.columns.as_slice() {
            [] => "account".to_owned(),
            columns => columns.iter().map(|column| column.name()).collect::<Vec<_>>().join(","),
        };
        json!({
            "Month": self.month, "By": by, "Currency": self.prices.currency, "Lines": lines.collect::<Vec<_>>(),
            "TotalCost": self.total().cost(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(account: &str, key: Option<&str>, spec: Option<&str>, succeeded: Value, failed: Value) -> Usage {
        serde_json::from_value(json!({
            "Month": "2026-11", "AccountId": account, "Region": key.map(|_| "us-east-1"), "KeyId": key, "KeySpec": spec,
            "Succeeded": succeeded, "Failed": failed,
        }))
        .unwrap()
    }

    const GROUPINGS: [&[Grouping]; 6] = [
        &[Grouping::Account],
        &[Grouping::Key],
        &[Grouping::Operation],
        &[Grouping::Key, Grouping::Operation],
        &[Grouping::Operation, Grouping::Account, Grouping::Key, Grouping::Operation],
        &[Grouping::Account, Grouping::Key],
    ];

    fn report<'p>(by: &[Grouping], prices: &'p Prices) -> Report<'p> {
        let mut report = Report::by(by, prices);
        for manager in ["CUSTOMER", "AWS"] {
            report.add_key(&KeyTimes {
                month: "2026-11".to_owned(),
                month_hours: 720,
                account_id: "111122223333".to_owned(),
                region: "us-east-1".to_owned(),
                key_id: "one".to_owned(),
                key_manager: manager.to_owned(),
                hours: 360,
                rotation_hours: vec![72],
            });
        }
        let requests = json!({"Encrypt": 30_000, "ReEncryptTo": 5});
        let symmetric = Some("SYMMETRIC_DEFAULT");
        report.add_usage(&usage("111122223333", Some("one"), symmetric, requests, json!({"Encrypt": 7, "Decrypt": 1})));
        report.add_usage(&usage("111122223333", Some("two"), Some("RSA_4096"), json!({"Sign": 20_000}), json!({})));
        report.add_usage(&usage("444455556666", None, None, json!({"ListKeys": 10_000}), json!({})));
        report.give_free_requests();
        report
    }

    /// Half a month of a key with a rotation: 0.60. 30,000 symmetric requests, 20,000 of them free: 0.03. 20,000 signatures
    /// with RSA_4096: 0.30. The other account stays within what is free.
    #[test]
    fn every_grouping_has_the_same_total() {
        let prices = Prices::read(None).unwrap();
        for by in GROUPINGS {
            let report = report(by, &prices);
            let total = report.total();
            assert!((total.cost() - 0.93).abs() < 1e-9, "{by:?}: {}", total.cost());
            assert_eq!((total.keys, total.requests, total.failed), (2, 60_000, 8), "{by:?}");
        }
    }

    #[test]
    fn lines_are_accounts_keys_or_operations() {
        let prices = Prices::read(None).unwrap();
        let of = |by: &[Grouping]| report(by, &prices).lines.keys().map(|(_, what)| what.join(" ")).collect::<Vec<_>>();
        assert_eq!(of(&[Grouping::Account]), ["", ""]);
        let keys = ["(free requests)", "us-east-1/one", "us-east-1/two", "(free requests)", "(no key)"];
        assert_eq!(of(&[Grouping::Key]), keys);
        assert_eq!(of(&[Grouping::Account, Grouping::Key]), keys);
        assert_eq!(
            of(&[Grouping::Operation]),
            ["(free requests)", "(keys)", "Decrypt", "Encrypt", "Sign", "(free requests)", "ListKeys"]
        );
        let csv = report(&[Grouping::Account], &prices).to_csv();
        assert!(csv.contains("\n2026-11,111122223333,,2,0.6000,50000,8,0.3300,0.9300,USD\n"), "{csv}");
    }

    #[test]
    fn lines_can_be_keys_and_operations() {
        let prices = Prices::read(None).unwrap();
        let report = report(&[Grouping::Key, Grouping::Operation], &prices);
        let csv = report.to_csv();
        let lines = [
            "month,account,key,operation,keys,key_cost,requests,failed,request_cost,cost,currency",
            "2026-11,111122223333,(free requests),(free requests),0,0.0000,0,0,-0.0600,-0.0600,USD",
            "2026-11,111122223333,us-east-1/one,(keys),2,0.6000,0,0,0.0000,0.6000,USD",
            "2026-11,111122223333,us-east-1/one,Decrypt,0,0.0000,0,1,0.0000,0.0000,USD",
            "2026-11,111122223333,us-east-1/one,Encrypt,0,0.0000,30000,7,0.0900,0.0900,USD",
            "2026-11,111122223333,us-east-1/two,Sign,0,0.0000,20000,0,0.3000,0.3000,USD",
            "2026-11,444455556666,(free requests),(free requests),0,0.0000,0,0,-0.0300,-0.0300,USD",
            "2026-11,444455556666,(no key),ListKeys,0,0.0000,10000,0,0.0300,0.0300,USD",
        ];
        assert_eq!(csv.lines().collect::<Vec<_>>(), lines);
        let json = report.to_json();
        assert_eq!(json["By"], "key,operation");
        let line = &json["Lines"][3];
        assert_eq!(
            [&line["Of"], &line["Key"], &line["Operation"]],
            ["us-east-1/one Encrypt", "us-east-1/one", "Encrypt"]
        );
        let text = report.to_text();
        assert!(text.starts_with("ACCOUNT") && text.lines().next().unwrap().contains("KEY  "), "{text}");
        assert!(text.lines().all(|line| !line.ends_with(' ')), "{text}");
    }
}
