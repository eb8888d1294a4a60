//! `kagiban key-policy`: the document that AWS's console would make, for `aws kms create-key --policy`. Asks no server.

use std::io::{self, Write};

use kagiban_base::id::{AccountId, Partition};
use kagiban_policy::{ConsolePolicy, ConsoleUsage};

/// Options of `kagiban key-policy`.
#[derive(clap::Args, Clone, Debug)]
pub struct KeyPolicyOptions {
    /// Account of the key
    #[arg(long, value_name = "12 DIGITS")]
    pub account: AccountId,

    /// ARN of a user or role that administers the key; repeatable
    #[arg(long, value_name = "ARN")]
    pub administrator: Vec<String>,

    /// ARN of a user or role, or an account, that uses the key; repeatable
    #[arg(long, value_name = "ARN")]
    pub user: Vec<String>,

    /// What the key is for
    #[arg(long, value_name = "USAGE", default_value = "symmetric")]
    pub usage: KeyPolicyUsage,

    /// The key's material is imported
    #[arg(long)]
    pub imported: bool,

    /// The key is a multi-Region key
    #[arg(long)]
    pub multi_region: bool,

    /// Partition of the account's own ARN
    #[arg(long, value_name = "PARTITION", default_value = "aws", value_parser = partition)]
    pub partition: Partition,
}

/// What a key is for.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyPolicyUsage {
    /// Agrees on secrets.
    Agreement,
    /// Encrypts, with a public key.
    Asymmetric,
    /// Makes and checks message authentication codes.
    Mac,
    /// Signs.
    Sign,
    /// Encrypts, and makes data keys.
    Symmetric,
}

impl From<KeyPolicyUsage> for ConsoleUsage {
    fn from(usage: KeyPolicyUsage) -> Self {
        match usage {
            KeyPolicyUsage::Agreement => Self::KeyAgreement,
            KeyPolicyUsage::Asymmetric => Self::AsymmetricEncryption,
            KeyPolicyUsage::Mac => Self::Mac,
            KeyPolicyUsage::Sign => Self::Signing,
            KeyPolicyUsage::Symmetric => Self::SymmetricEncryption,
        }
    }
}

fn partition(text: &str) -> Result<Partition, &'static str> {
    Partition::parse(text).ok_or("aws, aws-cn or aws-us-gov")
}

/// Prints the document.
///
/// # Errors
/// When it cannot be written.
pub fn key_policy(options: &KeyPolicyOptions, output: &mut dyn Write) -> io::Result<()> {
    let policy = ConsolePolicy {
        account: options.account,
        partition: options.partition,
        administrators: &options.administrator,
        users: &options.user,
        usage: options.usage.into(),
        is_imported: options.imported,
        is_multi_region: options.multi_region,
    };
    writeln!(output, "{}", policy.document())
}
