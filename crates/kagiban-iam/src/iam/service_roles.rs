//! Roles that belong to a service of the deployment, which alone can assume them.

use kagiban_api::iam::{CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse};
use kagiban_policy::ConditionValue;

use super::holders::SERVICE_ROLE_PATH;
use super::roles::{self, MAX_SESSION_DURATION_DEFAULT_S};
use super::{documents, entities, refusals};
use crate::context::{Context, Permission};
use crate::error::IamError;
use crate::records::Attachments;
use crate::records::role::RoleRecord;

/// What the name of every such role begins with.
const NAME_PREFIX: &str = "AWSServiceRoleFor";
/// Names that AWS gave to the roles of KMS itself.
const KMS_ROLES: [(&str, &str); 2] = [
    ("cks.kms.amazonaws.com", "KeyManagementServiceCustomKeyStores"),
    ("mrk.kms.amazonaws.com", "KeyManagementServiceMultiRegionKeys"),
];

/// DIFFERS: the role of another service is named after the service's principal, and has no policy of AWS's; what the service
/// may do is for the administrator to say in policies of keys.
pub(crate) async fn create_service_linked_role(
    input: &CreateServiceLinkedRoleRequest,
    ctx: &Context<'_>,
) -> Result<CreateServiceLinkedRoleResponse, IamError> {
    let service = &input.aws_service_name;
    let wanted = role_name(service).ok_or_else(|| refusals::invalid_input("The service name is not valid."))?;
    let name = &match &input.custom_suffix {
        Some(suffix) => format!("{wanted}_{suffix}"),
        None => wanted,
    };
    let path = &format!("{SERVICE_ROLE_PATH}{service}/");
    let arn = entities::arn::<RoleRecord>(ctx.caller.partition(), ctx.account(), path, name);
    let own = [("iam:awsservicename", ConditionValue::One(service.as_str().into()))];
    let asked = Permission { resource: &arn, own: &own, ..Permission::default() };
    ctx.require(super::action("CreateServiceLinkedRole"), &asked)?;
    if name.len() > 64 {
        return Err(refusals::invalid_input("The name of the role would be longer than 64 characters."));
    }
    let trust_policy = &documents::trust_policy(&trust_document(service), &ctx.iam.directory)?;
    let body = |tx| async move {
        let record = RoleRecord {
            name: name.clone(),
            path: path.clone(),
            created: ctx.now,
            description: input.description.clone().unwrap_or_default(),
            trust_policy: trust_policy.clone(),
            max_session_duration_s: MAX_SESSION_DURATION_DEFAULT_S,
            tags: Default::default(),
            policies: Attachments::default(),
            boundary: None,
        };
        if entities::look_up::<RoleRecord>(&tx, ctx.account(), name).await?.record().is_some() {
            return Err(taken(name));
        }
        let role = entities::create(&tx, record, ctx).await?;
        Ok(CreateServiceLinkedRoleResponse { role: Some(roles::shown(&tx, &role, ctx).await?) })
    };
    ctx.transact("CreateServiceLinkedRole", body).await
}

fn taken(name: &str) -> IamError {
    let text = format!("Service role name {name} has been taken in this account, please try a different suffix.");
    refusals::invalid_input(text)
}

/// `AWSServiceRoleFor` and the service's name in capitals and small letters: `AWSServiceRoleForElasticFilesystem`.
fn role_name(service: &str) -> Option<String> {
    let known = KMS_ROLES.iter().find(|(name, _)| *name == service).map(|(_, role)| (*role).to_owned());
    let rest = match known {
        Some(role) => role,
        None => camel_case(service.strip_suffix(".amazonaws.com")?)?,
    };
    Some(format!("{NAME_PREFIX}{rest}"))
}

fn camel_case(name: &str) -> Option<String> {
    let word = |word: &str| {
        let (first, rest) = word.split_at_checked(1)?;
        let is_word = word.bytes().all(|b| b.is_ascii_alphanumeric());
        is_word.then(|| first.to_ascii_uppercase() + rest)
    };
    name.split(['.', '-']).map(word).collect()
}

fn trust_document(service: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_named_after_their_service() {
        for (service, role) in [
            ("mrk.kms.amazonaws.com", Some("AWSServiceRoleForKeyManagementServiceMultiRegionKeys")),
            ("cks.kms.amazonaws.com", Some("AWSServiceRoleForKeyManagementServiceCustomKeyStores")),
            ("s3.amazonaws.com", Some("AWSServiceRoleForS3")),
            ("my-store.eu.amazonaws.com", Some("AWSServiceRoleForMyStoreEu")),
            ("amazonaws.com", None),
            (".amazonaws.com", None),
            ("s3..amazonaws.com", None),
            ("s3.example.com", None),
            ("s3\".amazonaws.com", None),
            ("*.amazonaws.com", None),
            ("sä.amazonaws.com", None),
        ] {
            assert_eq!(role_name(service).as_deref(), role, "{service}");
        }
    }
}
