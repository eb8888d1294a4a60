//! Which grant, if any, covers what a caller wants to do with a key.

use std::sync::LazyLock;

use kagiban_api::{GrantConstraints, GrantOperation};
use kagiban_base::arn::KeyArn;
use kagiban_policy::{ConditionKey, ConditionValue, ConditionValues, GrantedTo};

use super::constraints::{ContextConstraint, Pairs};
use super::operations::OperationSet;
use super::principals;
use crate::authorize::Action;
use crate::condition_keys::{Fact, Values};
use crate::context::Context;
use crate::records::grant::{ConstraintsRecord, GrantRecord};

/// What a grant lets its grantee do. Grants that differ in nothing else share one.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Grant {
    pub(crate) operations: OperationSet,
    pub(crate) context: Option<ContextConstraint>,
    pub(crate) source_arn: Option<Box<str>>,
}

/// What is asked of grants.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) operation: GrantOperation,
    /// The encryption context; of CreateGrant, the pairs in the constraint of the grant to be made.
    pub(crate) context: Pairs,
    /// `aws:SourceArn`, which only a service has that acts for a resource.
    pub(crate) source_arn: Option<Box<str>>,
    /// For CreateGrant: the grant to be made.
    pub(crate) child: Option<Grant>,
}

impl Grant {
    fn new(operations: OperationSet, constraints: &ConstraintsRecord) -> Self {
        let ConstraintsRecord { encryption_context_equals, encryption_context_subset, source_arn } = constraints;
        Self {
            operations,
            context: ContextConstraint::of(encryption_context_equals.as_ref(), encryption_context_subset.as_ref()),
            source_arn: source_arn.as_deref().map(Into::into),
        }
    }

    /// What the record grants.
    pub(crate) fn of(record: &GrantRecord) -> Self {
        Self::new(OperationSet::of(&record.operations), &record.constraints)
    }

    /// What of it holds whatever the encryption context is, when that is only a part.
    pub(crate) fn without_context(&self) -> Option<Self> {
        const WITHOUT_CONTEXT: OperationSet = OperationSet::of(&[GrantOperation::DescribeKey]);
        let applies = self.context.is_some() && WITHOUT_CONTEXT.is_subset(self.operations);
        let source_arn = self.source_arn.clone();
        applies.then_some(Self { operations: WITHOUT_CONTEXT, context: None, source_arn })
    }

    /// Whether the grant covers what is asked.
    pub(crate) fn covers(&self, asked: &Asked) -> bool {
        self.operations.contains(asked.operation)
            && self.source_arn.as_ref().is_none_or(|arn| asked.source_arn.as_ref() == Some(arn))
            && match asked.operation {
                // Keys are described without an encryption context.
                GrantOperation::DescribeKey => true,
                GrantOperation::CreateGrant => asked.child.as_ref().is_some_and(|child| self.can_have(child)),
                _ => self.context.as_ref().is_none_or(|constraint| constraint.admits(&asked.context)),
            }
    }

    /// Whether `child` may be made from this grant: it must not allow anything that this one does not.
    fn can_have(&self, child: &Self) -> bool {
        let keeps_context = match (&self.context, &child.context) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(parent), Some(child)) => parent.is_kept_by(child),
        };
        let keeps_source = self.source_arn.is_none() || self.source_arn == child.source_arn;
        child.operations.is_subset(self.operations) && keeps_context && keeps_source
    }
}

impl Asked {
    fn new(action: Action, values: &Values<'_>) -> Option<Self> {
        let operation = GrantOperation::parse(action.name())?;
        let child = (operation == GrantOperation::CreateGrant).then(|| child(values)).flatten();
        let context = match &child {
            Some(child) => child.context.as_ref().map(|constraint| constraint.pairs().clone()).unwrap_or_default(),
            None => values.encryption_context().map(Pairs::of).unwrap_or_default(),
        };
        Some(Self { operation, context, source_arn: source_arn(values), child })
    }
}

/// The grant that a CreateGrant is to make.
fn child(values: &Values<'_>) -> Option<Grant> {
    let mut operations = None;
    let mut constraints: Option<&GrantConstraints> = None;
    for fact in values.said.facts {
        match fact {
            Fact::GrantOperations(names) => operations = names.iter().map(|name| GrantOperation::parse(name)).collect(),
            Fact::GrantConstraints(given) => constraints = *given,
            _ => {}
        }
    }
    let operations: Vec<GrantOperation> = operations?;
    Some(Grant::new(OperationSet::of(&operations), &constraints.map(ConstraintsRecord::from).unwrap_or_default()))
}

fn source_arn(values: &Values<'_>) -> Option<Box<str>> {
    static KEY: LazyLock<ConditionKey> = LazyLock::new(|| ConditionKey::new("aws:SourceArn"));
    match values.value(&KEY) {
        ConditionValue::One(arn) => Some((*arn).into()),
        ConditionValue::Absent | ConditionValue::Many(_) => None,
    }
}

/// By which form of grantee a grant on this key reaches the caller and covers the action; `None` when none does.
pub(crate) fn find(key: &KeyArn, action: Action, values: &Values<'_>, ctx: &Context<'_>) -> Option<GrantedTo> {
    let grants = ctx.service.view.grants();
    if !grants.has_some(key) {
        return None;
    }
    let asked = Asked::new(action, values)?;
    principals::forms(&ctx.caller.requester())
        .find(|(identity, _)| grants.covers(key, identity, &asked))
        .map(|(_, form)| form)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn map(text: &str) -> BTreeMap<String, String> {
        let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    /// `Decrypt,DescribeKey subset a=1 source ARN`
    fn grant(text: &str) -> Grant {
        let (text, source) = text.split_once(" source ").unwrap_or((text, ""));
        let (operations, constraint) = text.split_once(' ').unwrap_or((text, ""));
        let operations: Vec<_> = operations.split(',').map(|name| GrantOperation::parse(name).unwrap()).collect();
        let constraints = ConstraintsRecord {
            encryption_context_equals: constraint.strip_prefix("equals ").map(map),
            encryption_context_subset: constraint.strip_prefix("subset ").map(map),
            source_arn: (!source.is_empty()).then(|| source.to_owned()),
        };
        Grant::new(OperationSet::of(&operations), &constraints)
    }

    fn asked(operation: &str, context: &str, source_arn: Option<&str>, child: Option<Grant>) -> Asked {
        let operation = GrantOperation::parse(operation).unwrap();
        Asked { operation, context: Pairs::of(&map(context)), source_arn: source_arn.map(Into::into), child }
    }

    #[test]
    fn grants_cover_their_operations_within_their_constraints() {
        for (text, operation, context, source, covers) in [
            ("Decrypt", "Decrypt", "", None, true),
            ("Decrypt", "Decrypt", "a=1", None, true),
            ("Decrypt", "Encrypt", "", None, false),
            ("Decrypt,Encrypt", "Encrypt", "", None, true),
            ("ReEncryptFrom", "ReEncryptFrom", "", None, true),
            ("ReEncryptFrom", "ReEncryptTo", "", None, false),
            ("Encrypt,Decrypt", "ReEncryptTo", "", None, false),
            ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "", None, false),
            ("Decrypt subset a=1", "Decrypt", "", None, false),
            ("Decrypt subset a=1", "Decrypt", "a=1 b=2", None, true),
            ("Decrypt equals a=1", "Decrypt", "a=1 b=2", None, false),
            ("Decrypt equals a=1", "Decrypt", "A=1", None, true),
            ("ReEncryptTo subset a=1", "ReEncryptTo", "b=1", None, false),
            ("Decrypt,DescribeKey equals a=1", "DescribeKey", "", None, true),
            ("Decrypt equals a=1", "DescribeKey", "", None, false),
            ("Decrypt source arn:x", "Decrypt", "", None, false),
            ("Decrypt source arn:x", "Decrypt", "", Some("arn:y"), false),
            ("Decrypt source arn:x", "Decrypt", "", Some("arn:x"), true),
            ("DescribeKey source arn:x", "DescribeKey", "", None, false),
            ("Decrypt subset a=1 source arn:x", "Decrypt", "a=1", Some("arn:x"), true),
            ("Decrypt subset a=1 source arn:x", "Decrypt", "a=2", Some("arn:x"), false),
            ("Decrypt", "Decrypt", "", Some("arn:x"), true),
        ] {
            let result = grant(text).covers(&asked(operation, context, source, None));
            assert_eq!(result, covers, "{text}: {operation} {context} {source:?}");
        }
    }

    #[test]
    fn children_never_widen_their_parent() {
        for (parent, child, may_have) in [
            ("CreateGrant,Decrypt", "Decrypt", true),
            ("CreateGrant,Decrypt", "Decrypt,CreateGrant", true),
            ("CreateGrant,Decrypt", "Encrypt", false),
            ("CreateGrant,Decrypt", "Decrypt,Encrypt", false),
            ("CreateGrant,Decrypt", "Decrypt subset a=1", true),
            ("Decrypt", "Decrypt", false),
            ("CreateGrant,Decrypt subset a=1", "Decrypt", false),
            ("CreateGrant,Decrypt subset a=1", "Decrypt subset a=1", true),
            ("CreateGrant,Decrypt subset a=1", "Decrypt subset a=1 b=2", true),
            ("CreateGrant,Decrypt subset a=1", "Decrypt equals a=1 b=2", true),
            ("CreateGrant,Decrypt subset a=1", "Decrypt subset b=2", false),
            ("CreateGrant,Decrypt equals a=1", "Decrypt subset a=1", false),
            ("CreateGrant,Decrypt equals a=1", "Decrypt equals a=1", true),
            ("CreateGrant,Decrypt equals a=1", "Decrypt equals a=1 b=2", false),
            ("CreateGrant,Decrypt,DescribeKey subset a=1", "DescribeKey subset a=1", true),
            ("CreateGrant,Decrypt,DescribeKey subset a=1", "DescribeKey", false),
        ] {
            let (grant, child) = (grant(parent), grant(child));
            let context = child.context.as_ref().map(|constraint| constraint.pairs().clone()).unwrap_or_default();
            let asked = Asked { context, ..asked("CreateGrant", "", None, Some(child.clone())) };
            assert_eq!(grant.covers(&asked), may_have, "{parent}: {child:?}");
        }
    }

    #[test]
    fn the_source_stays_in_the_family() {
        for (parent, child, may_have) in [
            ("CreateGrant,Decrypt source arn:x", "Decrypt source arn:x", true),
            ("CreateGrant,Decrypt source arn:x", "Decrypt source arn:y", false),
            ("CreateGrant,Decrypt source arn:x", "Decrypt", false),
            ("CreateGrant,Decrypt", "Decrypt source arn:y", true),
        ] {
            let asked = asked("CreateGrant", "", Some("arn:x"), Some(grant(child)));
            assert_eq!(grant(parent).covers(&asked), may_have, "{parent}: {child}");
        }
        // Without a word of what is to be made, nothing is.
        assert!(!grant("CreateGrant").covers(&asked("CreateGrant", "", None, None)));
    }

    #[test]
    fn the_part_without_context_is_for_describing() {
        assert_eq!(grant("Decrypt,DescribeKey subset a=1").without_context(), Some(grant("DescribeKey")));
        let sourced = grant("Decrypt,DescribeKey subset a=1 source arn:x").without_context();
        assert_eq!(sourced, Some(grant("DescribeKey source arn:x")));
        for whole in ["Decrypt,DescribeKey", "Decrypt subset a=1", "Decrypt"] {
            assert_eq!(grant(whole).without_context(), None, "{whole}");
        }
    }
}
