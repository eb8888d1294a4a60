//! Amazon Resource Names of keys and aliases: `arn:PARTITION:kms:REGION:ACCOUNT:key/ID` and `...:alias/NAME`.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;

use crate::id::{AccountId, AliasName, InvalidId, KeyId, Partition, Region};

/// The ARN of a KMS key. The partition follows from the Region.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct KeyArn {
    /// Region of the key.
    pub region: Region,
    /// Account that owns the key.
    pub account: AccountId,
    /// Id of the key.
    pub key_id: KeyId,
}

/// The text of a key's ARN. INVARIANT: the longest partition (10 bytes), Region (32), account (12) and id (36) fit.
pub type KeyArnText = ArrayString<112>;

/// The ARN of an alias. The partition follows from the Region.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AliasArn {
    /// Region of the alias.
    pub region: Region,
    /// Account that owns the alias.
    pub account: AccountId,
    /// Name of the alias, `alias/` included.
    pub name: AliasName,
}

impl KeyArn {
    /// The ARN as text, without a block of memory: some twenty nanoseconds, less than fetching it from a distant place.
    pub fn text(&self) -> KeyArnText {
        let mut text = ArrayString::new();
        let (partition, region) = (self.region.partition().as_str(), self.region.as_str());
        for part in ["arn:", partition, ":kms:", region, ":", self.account.as_str(), ":key/", self.key_id.as_str()] {
            text.push_str(part);
        }
        text
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Display for AliasArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_head(f, &self.region, &self.account)?;
        f.write_str(self.name.as_str())
    }
}

fn write_head(f: &mut fmt::Formatter<'_>, region: &Region, account: &AccountId) -> fmt::Result {
    for part in ["arn:", region.partition().as_str(), ":kms:", region.as_str(), ":", account.as_str(), ":"] {
        f.write_str(part)?;
    }
    Ok(())
}

impl FromStr for KeyArn {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (region, account, resource) = parse_head(text)?;
        let key_id = resource.strip_prefix("key/").ok_or(INVALID)?.parse().map_err(|_| INVALID)?;
        Ok(Self { region, account, key_id })
    }
}

impl FromStr for AliasArn {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (region, account, resource) = parse_head(text)?;
        Ok(Self { region, account, name: resource.parse().map_err(|_| INVALID)? })
    }
}

const INVALID: InvalidId = InvalidId("ARN");

/// Region, account and resource part of a KMS ARN whose partition is the Region's.
fn parse_head(text: &str) -> Result<(Region, AccountId, &str), InvalidId> {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().ok_or(INVALID);
    let (scheme, partition, service, region, account, resource) =
        (next()?, next()?, next()?, next()?, next()?, next()?);
    let region: Region = region.parse().map_err(|_| INVALID)?;
    if scheme != "arn" || service != "kms" || Partition::parse(partition) != Some(region.partition()) {
        return Err(INVALID);
    }
    Ok((region, account.parse().map_err(|_| INVALID)?, resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_round_trip() {
        for good in [
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
        ] {
            assert_eq!(good.parse::<KeyArn>().unwrap().to_string(), good);
        }
        let alias = "arn:aws:kms:us-east-1:111122223333:alias/a/b";
        assert_eq!(alias.parse::<AliasArn>().unwrap().to_string(), alias);
    }

    #[test]
    fn malformed_arns_are_refused() {
        for bad in [
            "",
            "arn:aws:kms:us-east-1:111122223333",
            "arn:aws:kms:us-east-1:111122223333:key/",
            "arn:aws:kms:us-east-1:111122223333:key/xyz",
            "arn:aws:kms:us-east-1:1111:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:s3:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws-cn:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms::111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "ARN:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ] {
            assert!(bad.parse::<KeyArn>().is_err(), "{bad}");
        }
        assert!("arn:aws:kms:us-east-1:111122223333:alias/".parse::<AliasArn>().is_err());
    }
}
