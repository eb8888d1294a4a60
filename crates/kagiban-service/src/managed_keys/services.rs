//! The services with AWS managed keys, and the aliases that are kept for those keys.
//!
//! The table holds what cannot be told from a service's name. A service of one's own has its key too: that of
//! `archive.amazonaws.com` is called `alias/aws/archive`.

use kagiban_base::id::{AliasName, Region};

/// What aliases of AWS managed keys begin with.
const MANAGED_PREFIX: &str = "alias/aws/";
/// What, behind that, aliases of keys that a service owns begin with.
const OWNED_PREFIX: &str = "owned/";
/// What principals of services end in.
const DOMAIN: &str = "amazonaws.com";

/// What is known of a service of AWS. Sources: the reference of aliases of managed keys, and the services' own pages.
struct Row {
    /// `ebs` of `alias/aws/ebs`.
    alias: &'static str,
    /// `ec2` of `ec2.amazonaws.com`.
    service: &'static str,
    /// What the key protects, as its description says.
    protects: &'static str,
    /// Whether the service works with grants.
    grants: bool,
}

const fn row(alias: &'static str, service: &'static str, protects: &'static str, grants: bool) -> Row {
    Row { alias, service, protects, grants }
}

/// By alias.
const ROWS: [Row; 22] = [
    row("acm", "acm", "ACM private keys", true),
    row("backup", "backup", "Backup data", true),
    row("codecommit", "codecommit", "CodeCommit repositories", false),
    row("dynamodb", "dynamodb", "DynamoDB data", true),
    row("ebs", "ec2", "EBS volumes", true),
    row("ecr", "ecr", "ECR images", true),
    row("elasticfilesystem", "elasticfilesystem", "EFS filesystems", true),
    row("es", "es", "Elasticsearch data", true),
    row("glue", "glue", "Glue data", false),
    row("kinesis", "kinesis", "Kinesis streams", true),
    row("lambda", "lambda", "Lambda functions", true),
    row("rds", "rds", "RDS database volumes", true),
    row("redshift", "redshift", "Redshift clusters", true),
    row("s3", "s3", "S3 objects", false),
    row("secretsmanager", "secretsmanager", "Secrets Manager data", false),
    row("ses", "ses", "SES messages", false),
    row("sns", "sns", "SNS data", false),
    row("sqs", "sqs", "SQS messages", false),
    row("ssm", "ssm", "SSM parameters", false),
    row("workmail", "workmail", "WorkMail mailboxes", true),
    row("workspaces", "workspaces", "WorkSpaces volumes", true),
    row("xray", "xray", "X-Ray traces", false),
];

/// A service, by the name that its principal begins with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Service(String);

/// Whose key an alias is kept for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Predefined {
    /// `alias/aws/NAME`: the key of each account that a service uses for the account's callers.
    Managed(Service),
    /// `alias/aws/owned/NAME`: the key that a service uses for itself.
    Owned(Service),
}

impl Predefined {
    /// Whose key an alias is for; `None` for one that is kept for nobody.
    pub(super) fn of(alias: &AliasName) -> Option<Self> {
        let name = alias.as_str().strip_prefix(MANAGED_PREFIX)?;
        match name.strip_prefix(OWNED_PREFIX) {
            Some(service) => Service::named(service).map(Self::Owned),
            None => Service::with_alias(name).map(Self::Managed),
        }
    }

    pub(super) fn service(&self) -> &Service {
        let (Self::Managed(service) | Self::Owned(service)) = self;
        service
    }
}

impl Service {
    fn named(name: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (!name.is_empty() && name.bytes().all(fits)).then(|| Self(name.to_owned()))
    }

    /// The service whose managed keys are called so.
    fn with_alias(alias: &str) -> Option<Self> {
        if let Some(row) = ROWS.iter().find(|row| row.alias == alias) {
            return Self::named(row.service);
        }
        // One whose keys have another name has none of its own.
        Self::named(alias).filter(|service| service.row().is_none())
    }

    /// The service with this principal; `None` for one whose name has several parts, which makes no alias.
    pub(super) fn with_principal(principal: &str) -> Option<Self> {
        let (name, domain) = principal.split_once('.')?;
        Self::named(name).filter(|_| domain == DOMAIN)
    }

    fn row(&self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.service == self.0)
    }

    /// Whether it is one of AWS's.
    pub(super) fn is_known(&self) -> bool {
        self.row().is_some()
    }

    /// `s3`
    pub(super) fn name(&self) -> &str {
        &self.0
    }

    /// `s3.amazonaws.com`
    pub(super) fn principal(&self) -> String {
        format!("{}.{DOMAIN}", self.0)
    }

    /// What `kms:ViaService` is when the service calls for somebody: `s3.us-east-1.amazonaws.com`.
    pub(super) fn via(&self, region: Region) -> String {
        format!("{}.{region}.{DOMAIN}", self.0)
    }

    /// The alias of its managed keys.
    pub(super) fn managed_alias(&self) -> Option<AliasName> {
        let alias = self.row().map_or(self.name(), |row| row.alias);
        format!("{MANAGED_PREFIX}{alias}").parse().ok()
    }

    /// What its managed keys protect, as their description says.
    pub(super) fn description(&self) -> String {
        let protects = self.row().map_or_else(|| format!("{} data", self.0), |row| row.protects.to_owned());
        format!("Default key that protects my {protects} when no other key is defined")
    }

    /// Whether it makes grants on its managed keys.
    pub(super) fn makes_grants(&self) -> bool {
        self.row().is_none_or(|row| row.grants)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(alias: &str) -> Option<Predefined> {
        Predefined::of(&alias.parse().unwrap())
    }

    #[test]
    fn rows_are_sorted_and_lead_back_to_themselves() {
        assert!(ROWS.windows(2).all(|pair| pair[0].alias < pair[1].alias));
        for row in &ROWS {
            let service = Service::with_alias(row.alias).unwrap();
            assert_eq!(service.managed_alias().unwrap().as_str(), format!("alias/aws/{}", row.alias));
            assert_eq!(Service::with_principal(&service.principal()).as_ref(), Some(&service));
        }
    }

    #[test]
    fn aliases_are_kept_for_services() {
        let service = |name: &str| Service(name.to_owned());
        assert_eq!(of("alias/aws/s3"), Some(Predefined::Managed(service("s3"))));
        assert_eq!(of("alias/aws/ebs"), Some(Predefined::Managed(service("ec2"))));
        assert_eq!(of("alias/aws/archive"), Some(Predefined::Managed(service("archive"))));
        assert_eq!(of("alias/aws/owned/s3"), Some(Predefined::Owned(service("s3"))));
        for nobodys in
            ["alias/s3", "alias/aws/ec2", "alias/aws/a/b", "alias/aws/S3", "alias/aws/owned/", "alias/aws/a_b"]
        {
            assert_eq!(of(nobodys), None, "{nobodys}");
        }
    }

    #[test]
    fn principals_with_one_name_have_keys() {
        for (principal, expected) in [
            ("s3.amazonaws.com", Some("alias/aws/s3")),
            ("ec2.amazonaws.com", Some("alias/aws/ebs")),
            ("archive.amazonaws.com", Some("alias/aws/archive")),
            ("store.eu-1.amazonaws.com", None),
            ("ec2.amazonaws.com.cn", None),
        ] {
            let alias = Service::with_principal(principal).and_then(|service| service.managed_alias());
            assert_eq!(alias.as_ref().map(AliasName::as_str), expected, "{principal}");
        }
    }
}
