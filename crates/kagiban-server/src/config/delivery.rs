//! Options of the audit's deliveries.

use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use kagiban_audit::delivery::{Trail, TrailName};
use kagiban_base::id::Region;

use super::value::duration;
use crate::audit::delivery::{BucketOptions, CollectorForm, DeliverySettings, TargetSpec};

/// Where what happened is delivered to.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Audit deliveries")]
pub struct AuditDeliveryOptions {
    /// Where to deliver the audit: dir:PATH, s3://BUCKET/PREFIX, stdout, or https://HOST/PATH; repeatable
    ///
    /// dir and s3 get log files and signed digest files as CloudTrail lays them out, each account and Region for itself;
    /// stdout gets one record in each line; to a URL records are POSTed in batches. Each target gets every record that is
    /// kept, at least once and in order, and goes on after a restart where it was. A target that is down holds up nothing.
    #[arg(long, env = "KAGIBAN_AUDIT_DELIVER", value_name = "TARGET", value_delimiter = ',')]
    pub audit_deliver: Vec<TargetSpec>,

    /// Time after which records are written to log files; sooner when 50,000 have gathered
    #[arg(long, env = "KAGIBAN_AUDIT_DELIVER_EVERY", value_name = "TIME", default_value = "5m")]
    #[arg(value_parser = duration)]
    pub audit_deliver_every: Duration,

    /// Days for which log files and digest files in directories are kept; without it, for ever
    #[arg(long, env = "KAGIBAN_AUDIT_DELIVER_KEEP", value_name = "DAYS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub audit_deliver_keep: Option<u32>,

    /// Name of the trail, which is in the names of digest files
    #[arg(long, env = "KAGIBAN_AUDIT_TRAIL", value_name = "NAME", default_value = "kagiban")]
    pub audit_trail: TrailName,

    /// The trail's home Region; without it, the first of --region, or us-east-1
    #[arg(long, env = "KAGIBAN_AUDIT_TRAIL_REGION", value_name = "REGION")]
    pub audit_trail_region: Option<Region>,

    /// The server of the buckets, such as minio.example:9000 over https; without it, AWS's
    #[arg(long, env = "KAGIBAN_AUDIT_S3_ENDPOINT", value_name = "URL")]
    pub audit_s3_endpoint: Option<Uri>,

    /// The Region to sign for; without it, us-east-1
    #[arg(long, env = "KAGIBAN_AUDIT_S3_REGION", value_name = "REGION")]
    pub audit_s3_region: Option<Region>,

    /// File with aws_access_key_id and aws_secret_access_key for the buckets
    ///
    /// Without it they are in KAGIBAN_AUDIT_S3_ACCESS_KEY_ID and KAGIBAN_AUDIT_S3_SECRET_ACCESS_KEY.
    #[arg(long, env = "KAGIBAN_AUDIT_S3_CREDENTIALS", value_name = "FILE")]
    pub audit_s3_credentials: Option<PathBuf>,

    /// File with the value of the Authorization header for collectors, such as: Bearer TOKEN
    #[arg(long, env = "KAGIBAN_AUDIT_COLLECTOR_AUTHORIZATION", value_name = "FILE")]
    pub audit_collector_authorization: Option<PathBuf>,

    /// How records are sent to collectors
    #[arg(long, env = "KAGIBAN_AUDIT_COLLECTOR_FORM", value_name = "FORM", default_value = "lines")]
    pub audit_collector_form: CollectorForm,
}

impl AuditDeliveryOptions {
    /// As the deliveries take them. `regions` are those that are served here, if they were named.
    pub(crate) fn settings(&self, regions: &[Region]) -> DeliverySettings {
        let home_region = self.audit_trail_region.or_else(|| regions.first().copied());
        DeliverySettings {
            trail: Trail { name: self.audit_trail.clone(), home_region: home_region.unwrap_or_else(default_region) },
            targets: self.audit_deliver.clone(),
            every: self.audit_deliver_every,
            keep_days: self.audit_deliver_keep,
            buckets: BucketOptions {
                endpoint: self.audit_s3_endpoint.clone(),
                region: self.audit_s3_region,
                credentials: self.audit_s3_credentials.clone(),
            },
            collector_authorization: self.audit_collector_authorization.clone(),
            collector_form: self.audit_collector_form,
        }
    }

    /// Whether standard output belongs to the audit.
    pub(crate) fn takes_standard_output(&self) -> bool {
        self.audit_deliver.contains(&TargetSpec::StandardOutput)
    }
}

fn default_region() -> Region {
    "us-east-1".parse().unwrap_or_else(|_| unreachable!("a Region's name"))
}
