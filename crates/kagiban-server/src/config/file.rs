//! The configuration file: its values become the defaults of the options, so that the command line and the environment
//! still count first, and there is no second definition of anything.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::{Table, Value};

/// Bytes of a configuration file that are read at most.
const FILE_BYTES: u64 = 1 << 20;

/// Options that say how to run this time, and have no sense in a file.
const NOT_IN_A_FILE: [&str; 5] = ["accept-audit-loss", "config", "help", "measure-without-audit", "version"];

/// Parses `arguments`, with the options of the subcommand's `--config` file, if it has one, as its defaults.
///
/// # Errors
/// As clap gives and prints them; those about the file name it.
pub fn matches(command: &Command, arguments: &[OsString]) -> Result<ArgMatches, clap::Error> {
    let matches = command.clone().try_get_matches_from(arguments)?;
    let Some((name, options)) = matches.subcommand() else { return Ok(matches) };
    let Ok(Some(path)) = options.try_get_one::<PathBuf>("config") else { return Ok(matches) };
    let refuse = |message: String| command.clone().error(ErrorKind::InvalidValue, message);
    let table = read(path).map_err(&refuse)?;
    let command =
        with_defaults(command.clone(), name, &table).map_err(|m| refuse(format!("{}: {m}", path.display())))?;
    command.clone().try_get_matches_from(arguments).map_err(|error| {
        // The arguments alone were good, so it is the file's values that are not.
        let message = error.to_string();
        refuse(format!("{}: {}", path.display(), message.trim_start_matches("error: ")))
    })
}

fn read(path: &Path) -> Result<Table, String> {
    let mut text = String::new();
    let read: io::Result<usize> = File::open(path).and_then(|file| file.take(FILE_BYTES).read_to_string(&mut text));
    read.map_err(|error| format!("cannot read the configuration file {}: {error}", path.display()))?;
    text.parse().map_err(|error| format!("{} is not TOML: {error}", path.display()))
}

fn with_defaults(command: Command, subcommand: &str, table: &Table) -> Result<Command, String> {
    let known = command.find_subcommand(subcommand).ok_or("no such command")?;
    let defaults: Vec<(String, Vec<String>)> = table
        .iter()
        .map(|(key, value)| {
            let option = option_of(known, key)?;
            Ok((option.get_id().to_string(), texts_of(option, key, value)?))
        })
        .collect::<Result<_, String>>()?;
    Ok(command.mut_subcommand(subcommand, |subcommand| {
        defaults
            .into_iter()
            .fold(subcommand, |sub, (id, texts)| sub.mut_arg(id, |argument| argument.default_values(texts)))
    }))
}

/// The option with this long name.
fn option_of<'a>(command: &'a Command, key: &str) -> Result<&'a Arg, String> {
    let fits = |argument: &&Arg| argument.get_long() == Some(key) && !NOT_IN_A_FILE.contains(&key);
    command.get_arguments().find(fits).ok_or_else(|| {
        format!("unknown option '{key}'; options have the names they have on the command line, without the dashes before them")
    })
}

/// The values as they would stand on the command line: several where the option can be repeated.
fn texts_of(option: &Arg, key: &str, value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Array(values) if matches!(option.get_action(), ArgAction::Append) => {
            values.iter().map(|value| text_of(key, value)).collect()
        }
        value => Ok(vec![text_of(key, value)?]),
    }
}

fn text_of(key: &str, value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Boolean(truth) => Ok(truth.to_string()),
        Value::Float(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => {
            Err(format!("'{key}' must be a string, a whole number, or true or false"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use clap::{Args, FromArgMatches};

    use super::*;
    use crate::config::ServeOptions;
    use crate::http::TrustedProxies;
    use crate::log::LogLevel;

    fn parse(file: &str, arguments: &[&str]) -> Result<ServeOptions, String> {
        let mut config = tempfile::NamedTempFile::new().unwrap();
        config.write_all(file.as_bytes()).unwrap();
        let command = Command::new("kagiban").subcommand(ServeOptions::augment_args(Command::new("serve")));
        let mut all: Vec<OsString> = vec!["kagiban".into(), "serve".into(), "--config".into(), config.path().into()];
        all.extend(arguments.iter().map(OsString::from));
        let matches = matches(&command, &all).map_err(|error| error.to_string())?;
        Ok(ServeOptions::from_arg_matches(matches.subcommand().unwrap().1).unwrap())
    }

    #[test]
    fn the_file_counts_before_defaults_and_after_arguments() {
        let file = "listen = \"127.0.0.1:1\"\nmax-connections = 7\nlog = \"warn\"\ndev = true\nidle-timeout = \"3s\"";
        let options = parse(file, &["--listen", "127.0.0.1:2"]).unwrap();
        assert_eq!(options.listen.port(), 2);
        assert_eq!(options.limits.max_connections.get(), 7);
        assert_eq!(options.limits.idle_timeout.as_secs(), 3);
        assert_eq!(options.limits.body_timeout.as_secs(), 10);
        assert_eq!(options.log, LogLevel::Warn);
        assert!(options.dev);
        assert!(!parse("dev = false", &[]).unwrap().dev);
        assert!(parse("dev = false", &["--dev"]).unwrap().dev);
        assert!(!parse("", &[]).unwrap().dev);
    }

    #[test]
    fn options_that_can_be_repeated_are_lists() {
        use crate::attestation::AttestationRoot as Root;
        let roots = |file: &str, arguments: &[&str]| parse(file, arguments).unwrap().attestation_root;
        let own = || Root::File("own.pem".into());
        assert_eq!(roots("", &[]), [Root::Aws]);
        assert_eq!(roots("attestation-root = \"own.pem\"", &[]), [own()]);
        assert_eq!(roots("attestation-root = [\"aws\", \"own.pem\"]", &[]), [Root::Aws, own()]);
        assert_eq!(roots("attestation-root = [\"aws\"]", &["--attestation-root", "own.pem"]), [own()]);
        assert_eq!(roots("", &["--attestation-root", "own.pem", "--attestation-root", "aws"]), [own(), Root::Aws]);
        assert_eq!(roots("", &["--attestation-root", "own.pem,aws"]), [own(), Root::Aws]);
    }

    #[test]
    fn trusted_proxies_are_a_list() {
        let proxies = |file: &str, arguments: &[&str]| parse(file, arguments).unwrap().trusted_proxies();
        let these =
            |networks: &[&str]| TrustedProxies::new(networks.iter().map(|text| text.parse().unwrap()).collect());
        assert_eq!(proxies("", &[]), TrustedProxies::default());
        assert_eq!(proxies("trusted-proxy = [\"10.0.0.0/8\", \"::1\"]", &[]), these(&["10.0.0.0/8", "::1"]));
        let arguments = ["--trusted-proxy", "10.1.0.0/16", "--trusted-proxy", "::1,::2"];
        assert_eq!(proxies("trusted-proxy = \"10.0.0.0/8\"", &arguments), these(&["10.1.0.0/16", "::1", "::2"]));
    }

    #[test]
    fn what_the_file_must_not_say() {
        for (file, message) in [
            ("lissten = \"127.0.0.1:1\"", "unknown option 'lissten'"),
            ("config = \"other\"", "unknown option 'config'"),
            ("help = true", "unknown option 'help'"),
            ("max_connections = 7", "unknown option 'max_connections'"),
            ("max-connections = \"many\"", "invalid value 'many'"),
            ("listen = 4599", "invalid value '4599'"),
            ("listen = [\"127.0.0.1:1\"]", "'listen' must be"),
            ("attestation-root = [[\"aws\"]]", "'attestation-root' must be"),
            ("attestation-root = \"\"", "neither aws nor"),
            ("[limits]\nmax-connections = 7", "unknown option 'limits'"),
            ("trusted-proxy = \"10.0.0.1/8\"", "bits beyond its prefix"),
            ("trusted-proxy = [\"::/0\"]", "anybody could claim"),
            ("listen = ", "is not TOML"),
            ("log = \"loud\"", "invalid value 'loud'"),
        ] {
            let error = parse(file, &[]).unwrap_err();
            assert!(error.contains(message), "{file}: {error}");
        }
        let error = parse("log = \"loud\"", &[]).unwrap_err();
        assert!(error.contains("tmp"), "the file is named: {error}");
    }

    #[test]
    fn a_file_that_is_not_there() {
        let command = Command::new("kagiban").subcommand(ServeOptions::augment_args(Command::new("serve")));
        let arguments = ["kagiban", "serve", "--config", "/nonexistent.toml"].map(OsString::from);
        let error = matches(&command, &arguments).unwrap_err().to_string();
        assert!(error.contains("cannot read the configuration file /nonexistent.toml"), "{error}");
    }
}
