//! `kagiban audit uses`

use std::io::Write;

use kagiban_audit::archive::{Period, UseQuery};
use kagiban_audit::uses::Use;
use kagiban_base::os::SystemClock;
use kagiban_base::time::Clock;
use serde_json::{Value, json};

use super::{directory, history, written};
use crate::audit_options::UsesOptions;
use crate::error::CliError;
use crate::options::OutputForm;
use crate::text::table;

pub(super) fn uses(options: &UsesOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let history = history(&directory(&options.place.data)?)?;
    let now = SystemClock.now();
    let query = UseQuery {
        key: options.key.as_deref().map(Into::into),
        principal: options.principal.as_deref().map(Into::into),
        operation: options.operation.as_deref().map(Into::into),
        from: options.span.from.map(|when| when.seen_from(now)),
        until: options.span.until.map(|when| when.seen_from(now)),
        period: options.by.into(),
    };
    let uses = history.uses(&query)?.uses();
    let text = match options.place.output {
        OutputForm::Json => {
            let uses: Vec<Value> = uses.iter().map(|used| as_json(used, query.period)).collect();
            format!("{}\n", json!({"Uses": uses}))
        }
        OutputForm::Text => {
            let rows: Vec<[String; 6]> = uses.iter().map(|used| row(used, query.period)).collect();
            table(["SINCE", "KEY", "PRINCIPAL", "OPERATION", "OUTCOME", "COUNT"], &rows)
        }
    };
    written(output.write_all(text.as_bytes()).and_then(|()| output.flush()))
}

/// When the period began; nothing when there is only one.
fn since(used: &Use, period: Period) -> Option<String> {
    let time = used.hour.to_rfc3339();
    match period {
        Period::All => None,
        Period::Day => time.get(..10).map(str::to_owned),
        Period::Hour => Some(time),
    }
}

fn row(used: &Use, period: Period) -> [String; 6] {
    let or = |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    [
        since(used, period).unwrap_or_else(|| "-".to_owned()),
        or(used.key.rsplit('/').next().unwrap_or_default(), "-"),
        used.principal.to_string(),
        or(&used.operation, "-"),
        or(&used.error_code, "success"),
        used.count.to_string(),
    ]
}

fn as_json(used: &Use, period: Period) -> Value {
    let or_null = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    json!({
        "Since": since(used, period),
        "KeyArn": or_null(&used.key),
        "Principal": used.principal,
        "Operation": used.operation,
        "ErrorCode": or_null(&used.error_code),
        "Count": used.count,
    })
}
