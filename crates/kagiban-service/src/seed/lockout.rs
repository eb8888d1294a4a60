//! The lockout safety check of key policies, asked for the root of the key's account: the file's key policies have no maker
//! among the identities, so it must be root who could put another one.

use std::borrow::Cow;

use kagiban_base::id::Partition;
use kagiban_policy::{
    CompiledPolicy, ConditionKey, ConditionValue, ConditionValues, Identity, NamedPolicy, Policies, Question,
    Requester, ResourcePolicies, decide,
};

use crate::authorize::Action;
use crate::records::key::KeyRecord;

/// Could the root of the key's account put another policy, with long-term credentials and nothing else?
pub(super) fn root_could_put_policy(policy: &CompiledPolicy, key: &KeyRecord) -> bool {
    let requester = Requester { account: key.arn.account, identity: Identity::Root };
    let values = RootValues { key };
    let action = Action::PUT_KEY_POLICY.as_str();
    let question = Question { action, resource: &key.arn.text(), requester: &requester, values: &values };
    let list = [NamedPolicy { name: "default", policy }];
    let resource = Some(ResourcePolicies { owner: key.arn.account, policies: &list });
    let policies = Policies { resource, identity: &[], boundary: None, session: &[] };
    decide(&question, &policies, &|| None).is_allowed()
}

/// What is known of root's request: who it is, and the key. The rest is absent, as of a request that might be.
struct RootValues<'a> {
    key: &'a KeyRecord,
}

impl ConditionValues for RootValues<'_> {
    fn value(&self, key: &ConditionKey) -> ConditionValue<'_> {
        let account = &self.key.arn.account;
        let text: Cow<'_, str> = match key.lower() {
            "aws:principalaccount" | "aws:userid" | "kms:calleraccount" => account.as_str().into(),
            "aws:principalarn" => account.root_arn(self.partition()).into(),
            "aws:principalisawsservice" | "aws:viaawsservice" => "false".into(),
            "aws:principaltype" => "Account".into(),
            "aws:requestedregion" => self.key.arn.region.as_str().into(),
            "kms:keyorigin" => self.key.body.origin.as_str().into(),
            "kms:keyspec" => self.key.body.key_spec.as_str().into(),
            "kms:keyusage" => self.key.body.key_usage.as_str().into(),
            "kms:policyname" => "default".into(),
            _ => return self.tag(key),
        };
        ConditionValue::One(text)
    }
}

impl RootValues<'_> {
    fn partition(&self) -> Partition {
        self.key.arn.region.partition()
    }

    fn tag(&self, key: &ConditionKey) -> ConditionValue<'_> {
        let value = key.parameter("aws:resourcetag/").and_then(|name| self.key.body.tags.get(name));
        value.map_or(ConditionValue::Absent, |value| ConditionValue::One(value.as_str().into()))
    }
}
