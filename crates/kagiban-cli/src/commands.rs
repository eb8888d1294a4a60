//! What each command asks, and how it shows the answer.

use std::fmt::Write as _;
use std::future::Future;
use std::io::Write;
use std::sync::Arc;

use kagiban_base::os::SystemClock;
use kagiban_base::secret::SecretBytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::answers::{Account, Clock, Explained, NewAccessKey, NewAccount, ServiceAccessKey};
use crate::client::Client;
use crate::environment;
use crate::error::CliError;
use crate::options::{
    AccountCommand, ClockCommand, ConnectionOptions, CreateAccountOptions, ExplainOptions, OutputForm, ServiceCommand,
};
use crate::text::{printable, table};

/// Pages of one list at most; a server that has more gives pages without end.
const PAGES_MAX: usize = 10_000;

/// `kagiban account`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn account(command: &AccountCommand, output: &mut dyn Write) -> Result<(), CliError> {
    match command {
        AccountCommand::Create(options) => create_account(options, output),
        AccountCommand::List(options) => {
            let show = |accounts: Vec<Account>| {
                let row = |a: Account| [a.account_id, a.state, a.creation_date.to_rfc3339(), a.alias, a.name];
                let rows: Vec<_> = accounts.into_iter().map(row).collect();
                table(["ACCOUNT", "STATE", "CREATED", "ALIAS", "NAME"], &rows)
            };
            list(&options.connection, "ListAccounts", "Accounts", json!({}), show, output)
        }
        AccountCommand::Close(options) => {
            let account = options.account.as_str();
            let text = format!("Account {account} is closed. Open it again with: kagiban account reopen {account}\n");
            done(&options.connection, "CloseAccount", &json!({"AccountId": account}), &text, output)
        }
        AccountCommand::Reopen(options) => {
            let account = options.account.as_str();
            let text = format!("Account {account} is open.\n");
            done(&options.connection, "ReopenAccount", &json!({"AccountId": account}), &text, output)
        }
    }
}

/// `kagiban service`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn service(command: &ServiceCommand, output: &mut dyn Write) -> Result<(), CliError> {
    match command {
        ServiceCommand::CreateAccessKey(options) => {
            let principal = options.principal.as_str();
            let input = json!({"ServicePrincipal": principal});
            let (client, body) = ask(&options.connection, "CreateServiceAccessKey", &input)?;
            let key: NewAccessKey = client.read(&body)?;
            let head = format!("The access key of {} is shown now and never again:\n", printable(principal));
            show_new_key(options.connection.output, &body, &head, &key, output)
        }
        ServiceCommand::ListAccessKeys(options) => {
            let input = match &options.principal {
                Some(principal) => json!({"ServicePrincipal": principal}),
                None => json!({}),
            };
            let show = |keys: Vec<ServiceAccessKey>| {
                let row = |k: ServiceAccessKey| [k.access_key_id, k.creation_date.to_rfc3339(), k.service_principal];
                table(["ACCESS KEY", "CREATED", "SERVICE"], &keys.into_iter().map(row).collect::<Vec<_>>())
            };
            list(&options.connection, "ListServiceAccessKeys", "ServiceAccessKeys", input, show, output)
        }
        ServiceCommand::DeleteAccessKey(options) => {
            let id = options.access_key_id.as_str();
            let text = format!("Access key {id} is deleted.\n");
            done(&options.connection, "DeleteServiceAccessKey", &json!({"AccessKeyId": id}), &text, output)
        }
    }
}

/// `kagiban explain`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn explain(options: &ExplainOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let (client, body) = ask(&options.connection, "ExplainRequest", &json!({"RequestId": options.request_id}))?;
    let explained: Explained = client.read(&body)?;
    let mut text = String::new();
    for decision in &explained.decisions {
        _ = writeln!(text, "{}", printable(&decision.action));
        for line in printable(&decision.text).lines() {
            _ = writeln!(text, "  {line}");
        }
    }
    show(options.connection.output, body.expose(), text.as_bytes(), "nothing was changed", output)
}

/// `kagiban clock`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn clock(command: &ClockCommand, output: &mut dyn Write) -> Result<(), CliError> {
    let (connection, operation, input, otherwise) = match command {
        ClockCommand::Advance(options) => {
            (&options.connection, "AdvanceClock", json!({"Seconds": options.by.0}), "the clock was moved all the same")
        }
        ClockCommand::Show(options) => (&options.connection, "DescribeClock", json!({}), "nothing was changed"),
    };
    let (client, body) = ask(connection, operation, &input)?;
    let Clock { now, seconds_ahead } = client.read(&body)?;
    let text = format!("{} ({seconds_ahead} seconds ahead of this world)\n", now.to_rfc3339());
    show(connection.output, body.expose(), text.as_bytes(), otherwise, output)
}

fn create_account(options: &CreateAccountOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let mut input = json!({"Name": options.name});
    if let (Some(account), Value::Object(members)) = (&options.account, &mut input) {
        members.insert("AccountId".to_owned(), account.as_str().into());
    }
    let (client, body) = ask(&options.connection, "CreateAccount", &input)?;
    let NewAccount { account_id, access_key } = client.read(&body)?;
    let account = printable(&account_id);
    let head = format!("The account is {account}. Its root's access key is shown now and never again:\n");
    show_new_key(options.connection.output, &body, &head, &access_key, output)
}

/// Shows a secret that nobody will be told again.
fn show_new_key(
    form: OutputForm,
    body: &SecretBytes,
    head: &str,
    key: &NewAccessKey,
    output: &mut dyn Write,
) -> Result<(), CliError> {
    let id = printable(&key.access_key_id);
    // Of full size at once: a growing buffer would leave copies of the secret behind.
    let mut text = SecretBytes::new(Vec::with_capacity(head.len() + id.len() + key.secret_access_key.0.len() + 100));
    text.append(format!("{head}\nexport AWS_ACCESS_KEY_ID={id}\nexport AWS_SECRET_ACCESS_KEY=").as_bytes());
    text.append(key.secret_access_key.0.expose());
    text.append(b"\n");
    show(form, body.expose(), text.expose(), "the access key was made and its secret is lost: delete it", output)
}

/// An operation whose answer says nothing but that it is done.
pub(crate) fn done(
    connection: &ConnectionOptions,
    operation: &str,
    input: &Value,
    text: &str,
    output: &mut dyn Write,
) -> Result<(), CliError> {
    let (_, body) = ask(connection, operation, input)?;
    show(connection.output, body.expose(), text.as_bytes(), "it was done all the same", output)
}

pub(crate) fn ask(
    connection: &ConnectionOptions,
    operation: &str,
    input: &Value,
) -> Result<(Client, SecretBytes), CliError> {
    let client = client(connection)?;
    let body = block_on(client.call(operation, input))??;
    Ok((client, body))
}

/// All pages of a list as one answer.
pub(crate) fn list<T: for<'de> Deserialize<'de>>(
    connection: &ConnectionOptions,
    operation: &str,
    member: &str,
    input: Value,
    text: impl FnOnce(Vec<T>) -> String,
    output: &mut dyn Write,
) -> Result<(), CliError> {
    let client = client(connection)?;
    let entries = block_on(pages(&client, operation, member, input))??;
    let whole = Value::Object(Map::from_iter([(member.to_owned(), Value::Array(entries.clone()))])).to_string();
    let read = |entry| serde_json::from_value(entry);
    let not_kagiban = |_| CliError::NotKagiban { endpoint: client.endpoint(), status: 200 };
    let entries: Vec<T> = entries.into_iter().map(read).collect::<Result<_, _>>().map_err(not_kagiban)?;
    show(connection.output, whole.as_bytes(), text(entries).as_bytes(), "nothing was changed", output)
}

pub(crate) async fn pages(
    client: &Client,
    operation: &str,
    member: &str,
    mut input: Value,
) -> Result<Vec<Value>, CliError> {
    let mut entries = Vec::new();
    for _ in 0..PAGES_MAX {
        let body = client.call(operation, &input).await?;
        let mut page: Map<String, Value> = client.read(&body)?;
        if let Some(Value::Array(found)) = page.remove(member) {
            entries.extend(found);
        }
        let Some(next) = page.remove("NextMarker") else { return Ok(entries) };
        let last = input.as_object_mut().and_then(|input| input.insert("Marker".to_owned(), next.clone()));
        if last.as_ref() == Some(&next) {
            break;
        }
    }
    Err(CliError::Pages { endpoint: client.endpoint() })
}

pub(crate) fn client(connection: &ConnectionOptions) -> Result<Client, CliError> {
    Client::new(connection, &environment::of_this_process, Arc::new(SystemClock))
}

/// Waits for what is asked; one thread is enough for one request.
pub(crate) fn block_on<F: Future>(future: F) -> Result<F::Output, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(CliError::Runtime)?;
    Ok(runtime.block_on(future))
}

/// Prints the answer in the form that is wanted. `else_what` is for who cannot read it.
pub(crate) fn show(
    form: OutputForm,
    json: &[u8],
    text: &[u8],
    else_what: &'static str,
    output: &mut dyn Write,
) -> Result<(), CliError> {
    let written = match form {
        OutputForm::Json => output.write_all(json).and_then(|()| output.write_all(b"\n")),
        OutputForm::Text => output.write_all(text),
    };
    written.and_then(|()| output.flush()).map_err(|error| CliError::Output(else_what, error))
}
