//! What the operator says about quotas, read and checked before anything is served.

use std::str::FromStr;

use kagiban_base::id::{AccountId, Region};

use super::table::{QUOTAS, Quota, QuotaRow, RateClass, Resource, row_named, row_of};
use crate::records::Place;

/// Which requests per second are limited. Resources have their quotas in every mode.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum QuotaMode {
    /// None.
    #[default]
    Off,
    /// Those that are set, to what is set.
    Real,
    /// All, to AWS's figures where nothing is set; the number of keys, too.
    Simulate,
}

/// One quota as it was set: `NAME=VALUE`, for one account or Region with `ACCOUNT/`, `REGION/` or both before it.
#[derive(Clone, Copy, Debug)]
pub struct QuotaSetting {
    account: Option<AccountId>,
    region: Option<Region>,
    row: &'static QuotaRow,
    /// `None` for no limit.
    figure: Option<u32>,
}

/// All that is said about quotas.
#[derive(Clone, Debug, Default)]
pub struct QuotaSettings {
    mode: QuotaMode,
    settings: Vec<QuotaSetting>,
}

/// A setting of quotas is refused. Each message says what would be taken.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidQuota {
    /// No such mode.
    #[error("the modes of quotas are off, real and simulate")]
    Mode,
    /// Not of the form.
    #[error("a quota is set as NAME=VALUE, or ACCOUNT/NAME=VALUE, REGION/NAME=VALUE, ACCOUNT/REGION/NAME=VALUE")]
    Form,
    /// No such quota.
    #[error("there is no quota '{name}'; there are: {}", names())]
    Name {
        /// What was asked for.
        name: String,
    },
    /// Outside of what can be set.
    #[error("the value of {name} must be a whole number from {least} to {greatest}{}", if *can_be_lifted { ", or none" } else { "" })]
    Value {
        /// The quota.
        name: &'static str,
        /// Least figure.
        least: u32,
        /// Greatest figure.
        greatest: u32,
        /// Whether there can be no limit.
        can_be_lifted: bool,
    },
    /// Contradicts itself.
    #[error("the quota {0} is set twice for the same account and Region")]
    Twice(&'static str),
    /// Would have no effect.
    #[error("{0} is a quota of requests, and none of them is limited: add --quotas real or --quotas simulate")]
    Unlimited(&'static str),
}

fn names() -> String {
    let names: Vec<&str> = QUOTAS.iter().map(|row| row.name).collect();
    names.join(", ")
}

impl FromStr for QuotaMode {
    type Err = InvalidQuota;

    fn from_str(text: &str) -> Result<Self, InvalidQuota> {
        match text {
            "off" => Ok(Self::Off),
            "real" => Ok(Self::Real),
            "simulate" => Ok(Self::Simulate),
            _ => Err(InvalidQuota::Mode),
        }
    }
}

impl FromStr for QuotaSetting {
    type Err = InvalidQuota;

    fn from_str(text: &str) -> Result<Self, InvalidQuota> {
        let (what, value) = text.split_once('=').ok_or(InvalidQuota::Form)?;
        let (scope, name) = what.rsplit_once('/').map_or((None, what), |(scope, name)| (Some(scope), name));
        let (account, region) = scope.map_or(Ok((None, None)), scope_of)?;
        let row = row_named(name).ok_or_else(|| InvalidQuota::Name { name: name.to_owned() })?;
        Ok(Self { account, region, row, figure: figure_of(row, value)? })
    }
}

fn scope_of(text: &str) -> Result<(Option<AccountId>, Option<Region>), InvalidQuota> {
    let form = |_| InvalidQuota::Form;
    match text.split_once('/') {
        Some((account, region)) => Ok((Some(account.parse().map_err(form)?), Some(region.parse().map_err(form)?))),
        None => match text.parse() {
            Ok(account) => Ok((Some(account), None)),
            Err(_) => Ok((None, Some(text.parse().map_err(form)?))),
        },
    }
}

fn figure_of(row: &'static QuotaRow, text: &str) -> Result<Option<u32>, InvalidQuota> {
    let QuotaRow { name, bounds: (least, greatest), can_be_lifted, .. } = *row;
    if can_be_lifted && text == "none" {
        return Ok(None);
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let figure = text.parse().ok().filter(|figure| is_number && (least..=greatest).contains(figure));
    figure.map(Some).ok_or(InvalidQuota::Value { name, least, greatest, can_be_lifted })
}

impl QuotaSettings {
    /// Settings that go together.
    ///
    /// # Errors
    /// [`InvalidQuota::Twice`], [`InvalidQuota::Unlimited`]
    pub fn new(mode: QuotaMode, settings: Vec<QuotaSetting>) -> Result<Self, InvalidQuota> {
        for (at, setting) in settings.iter().enumerate() {
            if mode == QuotaMode::Off && setting.row.is_rate() {
                return Err(InvalidQuota::Unlimited(setting.row.name));
            }
            if settings.iter().take(at).any(|other| other.is_about_same(setting)) {
                return Err(InvalidQuota::Twice(setting.row.name));
            }
        }
        Ok(Self { mode, settings })
    }

    pub(crate) fn mode(&self) -> QuotaMode {
        self.mode
    }

    /// The figure of a resource quota; `None` for no limit.
    pub(crate) fn resource(&self, resource: Resource, place: Place) -> Option<u32> {
        let quota = Quota::Resource(resource);
        if let Some(set) = self.set(quota, place) {
            return set.figure;
        }
        // How many keys a deployment bears is for its operator to know; what one key may carry bounds what a request costs.
        if resource == Resource::Keys && self.mode != QuotaMode::Simulate {
            return None;
        }
        row_of(quota).map(|row| row.aws_default(place.region))
    }

    /// Requests per second of a class; `None` for no limit.
    pub(crate) fn rate(&self, class: RateClass, place: Place) -> Option<u32> {
        let quota = Quota::Rate(class);
        let aws = || row_of(quota).map(|row| row.aws_default(place.region));
        match (self.mode, self.set(quota, place)) {
            (QuotaMode::Off, _) | (QuotaMode::Real, None) => None,
            (_, Some(set)) => set.figure,
            (QuotaMode::Simulate, None) => aws(),
        }
    }

    /// The setting that says most about the place: of an account and Region before an account, that before a Region.
    fn set(&self, quota: Quota, place: Place) -> Option<&QuotaSetting> {
        let fits = |set: &&QuotaSetting| set.row.quota == quota && set.is_for(place);
        self.settings.iter().filter(fits).max_by_key(|set| (set.account.is_some(), set.region.is_some()))
    }
}

impl QuotaSetting {
    fn is_for(&self, place: Place) -> bool {
        self.account.is_none_or(|account| account == place.account)
            && self.region.is_none_or(|region| region == place.region)
    }

    fn is_about_same(&self, other: &Self) -> bool {
        (self.account, self.region, self.row.name) == (other.account, other.region, other.row.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(account: &str, region: &str) -> Place {
        Place { account: account.parse().unwrap(), region: region.parse().unwrap() }
    }

    fn settings(mode: QuotaMode, texts: &[&str]) -> Result<QuotaSettings, InvalidQuota> {
        let parsed = texts.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        QuotaSettings::new(mode, parsed)
    }

    #[test]
    fn every_name_is_one_quota_and_can_be_set_to_its_bounds_only() {
        for (at, row) in QUOTAS.iter().enumerate() {
            assert!(QUOTAS.iter().skip(at + 1).all(|other| other.name != row.name && other.quota != row.quota));
            let (least, greatest) = row.bounds;
            for figure in [least, greatest] {
                let set: QuotaSetting = format!("{}={figure}", row.name).parse().unwrap();
                assert_eq!(set.figure, Some(figure), "{}", row.name);
            }
            let beyond = [i64::from(least) - 1, i64::from(greatest) + 1].map(|figure| figure.to_string());
            for bad in beyond.iter().map(String::as_str).chain(["", "+5", "1.5", " 5", "5 ", "many", "None"]) {
                let error = format!("{}={bad}", row.name).parse::<QuotaSetting>().unwrap_err();
                assert!(matches!(error, InvalidQuota::Value { name, .. } if name == row.name), "{}={bad}", row.name);
            }
            let lifted = format!("{}=none", row.name).parse::<QuotaSetting>();
            assert_eq!(lifted.is_ok(), row.is_rate() || row.name == "keys", "{}", row.name);
            // What AWS has can be set.
            let aws = row.aws_default("eu-west-3".parse().unwrap());
            assert!((least..=greatest).contains(&aws), "{}", row.name);
        }
    }

    #[test]
    fn what_is_no_setting_is_refused_with_what_would_be() {
        for bad in
            ["", "keys", "/keys=1", "a/keys=1", "11112222333/keys=1", "us-east-1/111122223333/keys=1", "1/2/3/keys=1"]
        {
            assert_eq!(bad.parse::<QuotaSetting>().unwrap_err(), InvalidQuota::Form, "{bad}");
        }
        let error = "createkey=1".parse::<QuotaSetting>().unwrap_err().to_string();
        assert!(error.starts_with("there is no quota 'createkey'; there are: keys, "), "{error}");
        assert!(error.contains(" CreateKey,"), "{error}");
        let error = "CreateKey=0".parse::<QuotaSetting>().unwrap_err().to_string();
        assert_eq!(error, "the value of CreateKey must be a whole number from 1 to 1000000, or none");
        assert_eq!("on".parse::<QuotaMode>(), Err(InvalidQuota::Mode));
        let twice = settings(QuotaMode::Real, &["us-east-1/keys=1", "keys=1", "us-east-1/keys=2"]);
        assert_eq!(twice.unwrap_err(), InvalidQuota::Twice("keys"));
        assert_eq!(settings(QuotaMode::Off, &["CreateKey=1"]).unwrap_err(), InvalidQuota::Unlimited("CreateKey"));
    }

    #[test]
    fn the_setting_that_says_most_counts() {
        let texts = ["111122223333/us-east-1/keys=1", "111122223333/keys=2", "us-east-1/keys=3", "keys=4"];
        for rotated in 0..texts.len() {
            let mut texts = texts;
            texts.rotate_left(rotated);
            let settings = settings(QuotaMode::Off, &texts).unwrap();
            for (account, region, figure) in [
                ("111122223333", "us-east-1", 1),
                ("111122223333", "eu-west-1", 2),
                ("444455556666", "us-east-1", 3),
                ("444455556666", "eu-west-1", 4),
            ] {
                assert_eq!(
                    settings.resource(Resource::Keys, place(account, region)),
                    Some(figure),
                    "{account} {region}"
                );
            }
        }
    }

    #[test]
    fn modes_differ_in_what_is_not_set() {
        let (set, other) = (
            RateClass::Management(kagiban_api::Operation::CreateKey),
            RateClass::Management(kagiban_api::Operation::ListKeys),
        );
        let here = place("111122223333", "us-east-1");
        let real = settings(QuotaMode::Real, &["CreateKey=7"]).unwrap();
        assert_eq!((real.rate(set, here), real.rate(other, here)), (Some(7), None));
        assert_eq!(real.resource(Resource::Keys, here), None);
        let simulated = settings(QuotaMode::Simulate, &["CreateKey=none"]).unwrap();
        assert_eq!((simulated.rate(set, here), simulated.rate(other, here)), (None, Some(500)));
        assert_eq!(simulated.resource(Resource::Keys, here), Some(100_000));
        let off = QuotaSettings::default();
        assert_eq!((off.rate(set, here), off.resource(Resource::Keys, here)), (None, None));
        assert_eq!(off.resource(Resource::AliasesPerKey, here), Some(50));
    }

    #[test]
    fn the_symmetric_quota_follows_the_region() {
        let simulated = settings(QuotaMode::Simulate, &[]).unwrap();
        let symmetric = RateClass::Cryptographic(super::super::table::Family::Symmetric);
        for (region, figure) in [
            ("us-east-1", 100_000),
            ("us-west-2", 100_000),
            ("eu-west-1", 100_000),
            ("us-east-2", 20_000),
            ("ap-southeast-1", 20_000),
            ("ap-southeast-2", 20_000),
            ("ap-northeast-1", 20_000),
            ("eu-central-1", 20_000),
            ("eu-west-2", 20_000),
            ("eu-west-3", 10_000),
            ("cn-north-1", 10_000),
        ] {
            assert_eq!(simulated.rate(symmetric, place("111122223333", region)), Some(figure), "{region}");
        }
    }
}
