//! `kagiban compliance`: what is not as it should be, since when, and why.

use std::fmt::Write as _;
use std::io::Write;

use kagiban_base::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answers::{optional_seconds, seconds};
use crate::client::Client;
use crate::commands::{block_on, client, pages, show};
use crate::error::CliError;
use crate::options::{ComplianceOptions, OutputForm};
use crate::text::{printable, table};

/// A page of what the server tells.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    rules: Vec<Rule>,
    #[serde(skip)]
    resources: Vec<Resource>,
    #[serde(default, deserialize_with = "optional_seconds")]
    evaluated_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Rule {
    rule_name: String,
    description: String,
    compliant: u64,
    non_compliant: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Resource {
    rule_name: String,
    resource_type: String,
    resource: String,
    compliance_type: String,
    #[serde(deserialize_with = "seconds")]
    since: Timestamp,
    annotation: String,
}

/// `kagiban compliance`; what a user should read goes to `output`.
///
/// # Errors
/// [`CliError`]
pub fn compliance(options: &ComplianceOptions, output: &mut dyn Write) -> Result<(), CliError> {
    let client = client(&options.connection)?;
    let report = block_on(report(&client, options))??;
    let text = report.text();
    let json = report.to_json().to_string();
    let form = if options.json { OutputForm::Json } else { options.connection.output };
    show(form, json.as_bytes(), text.as_bytes(), "nothing was changed", output)
}

/// The head of the report, and the resources of all pages.
async fn report(client: &Client, options: &ComplianceOptions) -> Result<Page, CliError> {
    let mut input = json!({ "Limit": 1000, "IncludeCompliant": options.all });
    if let Value::Object(members) = &mut input {
        members.extend(options.rule.as_ref().map(|rule| ("RuleName".to_owned(), json!(rule))));
        members.extend(options.account.as_ref().map(|account| ("AccountId".to_owned(), json!(account.as_str()))));
    }
    let body = client.call("DescribeCompliance", &input).await?;
    let head: Page = client.read(&body)?;
    let resources = pages(client, "DescribeCompliance", "Resources", input).await?;
    let not_kagiban = |_| CliError::NotKagiban { endpoint: client.endpoint(), status: 200 };
    let resources = resources.into_iter().map(serde_json::from_value).collect::<Result<_, _>>().map_err(not_kagiban)?;
    Ok(Page { resources, ..head })
}

impl Page {
    fn text(&self) -> String {
        let Some(at) = self.evaluated_at else {
            return "Nothing was evaluated yet; ask again in a minute.\n".to_owned();
        };
        let row = |rule: &Rule| {
            [
                rule.rule_name.clone(),
                rule.compliant.to_string(),
                rule.non_compliant.to_string(),
                rule.description.clone(),
            ]
        };
        let rows: Vec<_> = self.rules.iter().map(row).collect();
        let mut text = table(["RULE", "COMPLIANT", "NON_COMPLIANT", "WANTS"], &rows);
        if !self.resources.is_empty() {
            let row = |found: &Resource| {
                let Resource { rule_name, resource, compliance_type, annotation, .. } = found;
                [
                    rule_name.clone(),
                    resource.clone(),
                    compliance_type.clone(),
                    found.since.to_rfc3339(),
                    annotation.clone(),
                ]
            };
            let rows: Vec<_> = self.resources.iter().map(row).collect();
            text += &format!("\n{}", table(["RULE", "RESOURCE", "IS", "SINCE", "WHY"], &rows));
        }
        _ = writeln!(text, "\n{}", printable(&format!("Evaluated at {at}.")));
        text
    }

    fn to_json(&self) -> Value {
        let rule = |rule: &Rule| {
            json!({
                "rule": rule.rule_name,
                "description": rule.description,
                "compliant": rule.compliant,
                "nonCompliant": rule.non_compliant,
            })
        };
        let resource = |found: &Resource| {
            json!({
                "rule": found.rule_name,
                "resourceType": found.resource_type,
                "resource": found.resource,
                "complianceType": found.compliance_type,
                "since": found.since.to_rfc3339(),
                "annotation": found.annotation,
            })
        };
        json!({
            "evaluatedAt": self.evaluated_at.map(Timestamp::to_rfc3339),
            "rules": self.rules.iter().map(rule).collect::<Vec<_>>(),
            "resources": self.resources.iter().map(resource).collect::<Vec<_>>(),
        })
    }
}
