//! The executable: parses the command line and hands over to the server.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write, stderr, stdout};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser};
use kagiban_server::config::{InitOptions, ServeOptions, file};
use kagiban_server::{init, serve};

/// Requests allocate and free small blocks on many threads; mimalloc keeps them in per-thread lists, where the system's
/// allocator takes locks, and returns the memory of a burst.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Kagiban, a key management service with the AWS KMS API
#[derive(Parser)]
#[command(name = "kagiban", version, about, max_term_width = 100)]
enum Cli {
    /// Serve the API
    #[command(after_help = "To try things out: kagiban serve --dev")]
    Serve(Box<ServeOptions>),
    /// Make a data directory, with a root key, a first account and its access key (shown once)
    Init(InitOptions),
    /// Print the version
    Version,
}

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let parsed = file::matches(&Cli::command(), &arguments).and_then(|found| Cli::from_arg_matches(&found));
    let outcome = match parsed {
        Ok(Cli::Serve(options)) => serve(&options),
        Ok(Cli::Init(options)) => init::run(&options, &mut stdout()).map_err(Into::into),
        Ok(Cli::Version) => version().map_err(Into::into),
        // Prints help and version as wanted, and what is wrong with an exit status of 2.
        Err(usage) => usage.exit(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &ServeOptions) -> Result<(), Box<dyn Error>> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if let Some(threads) = options.worker_threads {
        runtime.worker_threads(threads.get());
    }
    let runtime = runtime.enable_all().build()?;
    Ok(runtime.block_on(serve::run(options, &mut stdout()))?)
}

fn version() -> io::Result<()> {
    writeln!(stdout(), "{}", Cli::command().render_version().trim_end())
}

/// Prints an error and what caused it. There is nowhere to report that even this fails.
fn report(error: &dyn Error) {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Transparent errors say what their cause says.
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    _ = writeln!(stderr(), "kagiban: {text}");
}
