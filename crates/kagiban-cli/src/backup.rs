//! `kagiban backup create | list | status`: asks a server for a backup, and how far it is.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

use kagiban_base::time::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::answers::seconds;
use crate::client::Client;
use crate::commands::{ask, block_on, show};
use crate::error::CliError;
use crate::options::{ConnectionOptions, NEEDS};
use crate::text::{printable, table};

/// Between two looks at how far a backup is.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Options of `kagiban backup create`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = CREATE)]
pub struct CreateBackupOptions {
    /// Only begin it, and do not wait until it is made
    #[arg(long)]
    pub no_wait: bool,

    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

/// Options of `kagiban backup list` and `kagiban backup status`.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = NEEDS)]
pub struct DescribeBackupsOptions {
    /// Which server is asked.
    #[command(flatten)]
    pub connection: ConnectionOptions,
}

const CREATE: &str = "\
Examples:
  kagiban backup create
  kagiban backup create --no-wait && kagiban backup status
Signs with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN.
Exit status: 0 done, 1 refused or failed, 2 not to be understood or something is not set, 3 no server answered.";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    file_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Backups {
    directory: String,
    under_way: Option<UnderWay>,
    failed: Option<Failed>,
    failures: u64,
    backups: Vec<File>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UnderWay {
    file_name: String,
    #[serde(deserialize_with = "seconds")]
    start_date: Timestamp,
    rows: u64,
    rows_total: Option<u64>,
    bytes: u64,
    restarts: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    file_name: String,
    #[serde(deserialize_with = "seconds")]
    date: Timestamp,
    error: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    file_name: String,
    #[serde(deserialize_with = "seconds")]
    creation_date: Timestamp,
    size: u64,
}

/// `kagiban backup create`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn create_backup(options: &CreateBackupOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let (client, body) = ask(&options.connection, "CreateBackup", &json!({}))?;
    let Created { file_name } = client.read(&body)?;
    let form = options.connection.output;
    let otherwise = "a backup was begun all the same";
    if options.no_wait {
        let text = format!("{} is being made; see how far it is with: kagiban backup status\n", printable(&file_name));
        return show(form, body.expose(), text.as_bytes(), otherwise, output);
    }
    let (directory, File { file_name, size, .. }) = block_on(wait(&client, &file_name))??;
    let text = format!("{} with {size} bytes is in {} of the server.\n", printable(&file_name), printable(&directory));
    let json = json!({"FileName": file_name, "Size": size, "Directory": directory}).to_string();
    show(form, json.as_bytes(), text.as_bytes(), otherwise, output)
}

/// `kagiban backup list`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn list_backups(options: &DescribeBackupsOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let (client, body) = ask(&options.connection, "DescribeBackups", &json!({}))?;
    let found: Backups = client.read(&body)?;
    let row = |file: File| [file.file_name, file.creation_date.to_rfc3339(), file.size.to_string()];
    let text = table(["FILE", "TAKEN", "BYTES"], &found.backups.into_iter().map(row).collect::<Vec<_>>());
    show(options.connection.output, body.expose(), text.as_bytes(), "nothing was changed", output)
}

/// `kagiban backup status`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn backup_status(options: &DescribeBackupsOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let (client, body) = ask(&options.connection, "DescribeBackups", &json!({}))?;
    let found: Backups = client.read(&body)?;
    show(options.connection.output, body.expose(), found.text().as_bytes(), "nothing was changed", output)
}

/// Until the backup is made; tells on a terminal how far it is.
async fn wait(client: &Client, name: &str) -> Result<(String, File), CliError> {
    let is_watched = stderr().is_terminal();
    loop {
        let body = client.call("DescribeBackups", &json!({})).await?;
        let found: Backups = client.read(&body)?;
        match found.under_way.as_ref().filter(|under_way| under_way.file_name == name) {
            Some(under_way) if is_watched => tell(&format!("\r{}\x1b[K", under_way.text())),
            Some(_) => {}
            None => {
                if is_watched {
                    tell("\r\x1b[K");
                }
                return found.result(name);
            }
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Who does not read it does not miss it.
fn tell(text: &str) {
    let mut stderr = stderr().lock();
    _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

impl Backups {
    /// What became of a backup that is not under way any more.
    fn result(self, name: &str) -> Result<(String, File), CliError> {
        let file = self.backups.into_iter().find(|file| file.file_name == name);
        let error = || self.failed.filter(|failed| failed.file_name == name).map(|failed| failed.error);
        match file {
            Some(file) => Ok((self.directory, file)),
            None => Err(CliError::Backup(printable(&error().unwrap_or_else(|| "the server was stopped".to_owned())))),
        }
    }

    fn text(&self) -> String {
        let mut text = match &self.under_way {
            Some(under_way) => format!("Under way: {}\n", under_way.text()),
            None => "No backup is being made.\n".to_owned(),
        };
        match self.backups.first() {
            Some(file) => {
                let (name, taken) = (printable(&file.file_name), file.creation_date.to_rfc3339());
                _ = writeln!(text, "Newest: {name}, taken {taken}, {} bytes", file.size);
            }
            None => text.push_str("There is no backup yet.\n"),
        }
        if let Some(failed) = &self.failed {
            let (at, error) = (failed.date.to_rfc3339(), printable(&failed.error));
            _ = writeln!(text, "The last one failed at {at}: {error} ({} since the server started)", self.failures);
        }
        _ = writeln!(text, "{} backups in {} of the server", self.backups.len(), printable(&self.directory));
        text
    }
}

impl UnderWay {
    fn text(&self) -> String {
        let mut text = format!("{} since {}: ", printable(&self.file_name), self.start_date.to_rfc3339());
        match self.rows_total {
            Some(total) => {
                let share = self.rows.saturating_mul(100).checked_div(total).unwrap_or_default();
                _ = write!(text, "{} of {total} rows, {share} %, {} MiB", self.rows, self.bytes >> 20);
            }
            None => text.push_str("rows are counted"),
        }
        if self.restarts > 0 {
            _ = write!(text, ", begun again {} times because the snapshot was gone", self.restarts);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(more: &str) -> Backups {
        let text = format!(
            r#"{{"Directory": "/b", "Failures": 1, {more} "Backups": [
                {{"FileName": "b.age", "CreationDate": 1700000000.0, "Size": 7}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    const UNDER_WAY: &str = r#""UnderWay": {"FileName": "a.age", "StartDate": 0.0, "Rows": 1, "RowsTotal": 4, "Bytes": 1048576, "Restarts": 2},"#;
    const FAILED: &str = r#""Failed": {"FileName": "a.age", "Date": 0.0, "Error": "no space"},"#;

    #[test]
    fn status_says_how_far_it_is() {
        let text = found(UNDER_WAY).text();
        assert!(text.contains("1 of 4 rows, 25 %, 1 MiB, begun again 2 times"), "{text}");
        assert!(text.contains("Newest: b.age") && text.contains("1 backups in /b"), "{text}");
        let text = found(FAILED).text();
        assert!(text.starts_with("No backup is being made") && text.contains("no space (1 since"), "{text}");
    }

    #[test]
    fn what_became_of_a_backup() {
        assert_eq!(found("").result("b.age").unwrap().1.size, 7);
        let error = |found: Backups| found.result("a.age").unwrap_err().to_string();
        assert!(error(found(FAILED)).contains("no space"));
        assert!(error(found("")).contains("the server was stopped"));
    }
}
