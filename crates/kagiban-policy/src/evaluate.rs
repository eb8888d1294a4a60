//! One statement against one question, element by element.

use crate::compare::CompiledCondition;
use crate::compile::{CompiledPrincipal, CompiledPrincipals, CompiledStatement};
use crate::request::{Identity, Question, Requester};
use crate::template::Fit;
use crate::tree::Effect;

/// By which of its names an identity is named.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NamedAs {
    Account,
    Anyone,
    /// The role of a session.
    Role,
    RoleSession,
    Service,
    User,
    WebIdentity,
}

impl CompiledStatement {
    /// Whether the statement is about the action and the resource and its conditions hold. Who asks is another question.
    pub(crate) fn covers(&self, question: &Question<'_>) -> bool {
        self.is_about_action(question)
            && self.is_about_resource(question)
            && self.conditions.iter().all(|condition| self.holds(condition, question))
    }

    /// Whether the statement denies whoever its principals are, and is about the requester. One of a resource's policy
    /// that does not say whom it is about denies everyone.
    pub(crate) fn denies(&self, question: &Question<'_>) -> bool {
        self.effect == Effect::Deny && self.concerns(question.requester) && self.covers(question)
    }

    /// Whether the requester is among the principals; everyone is where there are none.
    pub(crate) fn concerns(&self, requester: &Requester<'_>) -> bool {
        self.principals.as_ref().is_none_or(|principals| principals.concern(requester))
    }

    /// Whether the action is among the statement's. A statement without actions is about none.
    pub(crate) fn is_about_action(&self, question: &Question<'_>) -> bool {
        self.is_about_action_named(question.action)
    }

    /// Whether the resource is among the statement's. A statement without resources is about none.
    pub(crate) fn is_about_resource(&self, question: &Question<'_>) -> bool {
        let Some(resources) = &self.resources else { return false };
        let fits = resources.list.iter().map(|template| template.fit(question.resource, question.values));
        match Fit::any(fits) {
            Fit::Yes => !resources.is_not,
            Fit::No => resources.is_not,
            Fit::Unknown => resources.is_not && self.effect == Effect::Deny,
        }
    }

    pub(crate) fn holds(&self, condition: &CompiledCondition, question: &Question<'_>) -> bool {
        condition.holds(question.values, self.effect)
    }
}

impl CompiledPrincipals {
    fn concern(&self, requester: &Requester<'_>) -> bool {
        if self.is_not { !self.spare(requester) } else { self.names(requester).next().is_some() }
    }

    /// Each name by which the requester is listed.
    pub(crate) fn names(&self, requester: &Requester<'_>) -> impl Iterator<Item = NamedAs> {
        self.list.iter().filter_map(|principal| principal.names(requester))
    }

    /// NotPrincipal: everything that the requester is must be listed, as a Deny for the account or the role hits it too.
    fn spare(&self, requester: &Requester<'_>) -> bool {
        let needed: &[NamedAs] = match requester.identity {
            Identity::Root => &[NamedAs::Account],
            Identity::User { .. } => &[NamedAs::Account, NamedAs::User],
            Identity::RoleSession { .. } => &[NamedAs::Account, NamedAs::Role, NamedAs::RoleSession],
            Identity::Service { .. } => &[NamedAs::Service],
            Identity::WebIdentity { .. } => &[NamedAs::WebIdentity],
        };
        let is_listed = |wanted: NamedAs| self.names(requester).any(|name| name == wanted);
        is_listed(NamedAs::Anyone) || needed.iter().all(|name| is_listed(*name))
    }
}

impl CompiledPrincipal {
    fn names(&self, requester: &Requester<'_>) -> Option<NamedAs> {
        let is = |same, name| if same { Some(name) } else { None };
        match (self, requester.identity) {
            (Self::Anyone, _) => Some(NamedAs::Anyone),
            (Self::Account(account), Identity::Root | Identity::User { .. } | Identity::RoleSession { .. }) => {
                is(*account == requester.account, NamedAs::Account)
            }
            (Self::User(id), Identity::User { unique_id }) => is(**id == *unique_id, NamedAs::User),
            (Self::Role(id), Identity::RoleSession { role_id, .. }) => is(**id == *role_id, NamedAs::Role),
            (
                Self::RoleSession { role_id: id, session_name: name },
                Identity::RoleSession { role_id, session_name },
            ) => is(**id == *role_id && **name == *session_name, NamedAs::RoleSession),
            (Self::Service(service), Identity::Service { name }) => is(**service == *name, NamedAs::Service),
            (Self::Federated(provider), Identity::WebIdentity { provider_arn }) => {
                is(**provider == *provider_arn, NamedAs::WebIdentity)
            }
            (
                Self::Account(_)
                | Self::Federated(_)
                | Self::Nobody
                | Self::Role(_)
                | Self::RoleSession { .. }
                | Self::Service(_)
                | Self::User(_),
                _,
            ) => None,
        }
    }
}
