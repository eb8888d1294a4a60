//! `kagiban quotas`: what `--quota` can set. It asks no server.

use std::io::{self, Write};

use kagiban_base::id::Region;
use kagiban_service::quotas::{QUOTAS, QuotaRow};

/// Options of `kagiban quotas`.
#[derive(clap::Args, Clone, Debug)]
pub struct QuotasOptions {
    /// Show AWS's figures of this Region
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub region: Region,
}

/// Prints a table of all quotas.
///
/// # Errors
/// Those of the output.
pub fn run(options: &QuotasOptions, output: &mut dyn Write) -> io::Result<()> {
    let (rates, resources): (Vec<_>, Vec<_>) = QUOTAS.iter().partition(|row| row.is_rate());
    section("Resources, for one account in one Region", &resources, options.region, output)?;
    writeln!(output)?;
    section("Requests per second, for one account in one Region", &rates, options.region, output)
}

fn section(title: &str, rows: &[&QuotaRow], region: Region, output: &mut dyn Write) -> io::Result<()> {
    writeln!(output, "{title}\n\n{:<36} {:>8}  COUNTS", "NAME", "AWS")?;
    for row in rows {
        writeln!(output, "{:<36} {:>8}  {}", row.name, row.aws_default(region), row.counts)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quota_is_printed_with_its_figure_in_the_region() {
        for (region, symmetric) in [("us-east-1", "100000"), ("eu-central-1", "20000"), ("eu-west-3", "10000")] {
            let mut output = Vec::new();
            run(&QuotasOptions { region: region.parse().unwrap() }, &mut output).unwrap();
            let text = String::from_utf8(output).unwrap();
            let line = |name: &str| text.lines().find(|line| line.split(' ').next() == Some(name)).unwrap().to_owned();
            assert!(
                QUOTAS.iter().all(|row| line(row.name).contains(&row.aws_default(region.parse().unwrap()).to_string()))
            );
            assert!(line("cryptographic-symmetric").contains(&format!(" {symmetric} ")), "{region}");
        }
    }
}
