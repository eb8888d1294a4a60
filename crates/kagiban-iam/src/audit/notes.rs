//! What is learnt of a request while it is served, as its record will say it.

use std::fmt::{Display, Write};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use kagiban_api::audit::{Audited, quote_to};
use kagiban_base::id::AccountId;

use super::identity::Identity;
use crate::caller::{AuthenticationError, Caller};

/// What was called.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Event {
    /// `kms.amazonaws.com`
    pub source: &'static str,
    /// The operation; empty when none could be told.
    pub name: &'static str,
    /// Whether nothing was to be changed.
    pub is_read_only: bool,
}

/// Notes of one request. Everything can be noted again: a handler may run twice.
#[derive(Debug, Default)]
pub struct Notes {
    caller: OnceLock<Caller>,
    event: OnceLock<Event>,
    identity: OnceLock<Identity>,
    texts: Mutex<Texts>,
}

/// What goes into the record as text.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) parameters: String,
    pub(super) response: String,
    pub(super) additional: Additional,
    /// With line feeds between them.
    pub(super) resources: String,
    pub(super) other_account: Option<AccountId>,
    /// What the record says in place of an error's text.
    pub(super) message: Option<String>,
    /// Room for the caller's address.
    pub(super) address: String,
}

/// `additionalEventData`: a JSON object, as far as it is written.
#[derive(Debug, Default)]
pub(super) struct Additional(String);

impl Additional {
    fn name(&mut self, name: &str) -> &mut String {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        quote_to(name, &mut self.0);
        self.0.push(':');
        &mut self.0
    }

    pub(super) fn add_text(&mut self, name: &str, value: &str) {
        quote_to(value, self.name(name));
    }

    /// The whole object; empty for none.
    pub(super) fn close(&mut self) -> &str {
        if !self.0.is_empty() {
            self.0.push('}');
        }
        &self.0
    }
}

impl Notes {
    /// Notes who calls, and gives it back. The first one counts.
    pub fn caller(&self, caller: Caller) -> &Caller {
        self.caller.get_or_init(|| caller)
    }

    /// Whether it is known who calls.
    pub fn is_authenticated(&self) -> bool {
        self.caller.get().is_some()
    }

    /// Notes what is called. The first one counts.
    pub fn event(&self, event: Event) {
        _ = self.event.set(event);
    }

    /// Notes why nobody was authenticated: the caller's own text of it repeats headers, which records don't.
    pub fn refused(&self, error: &AuthenticationError) {
        if let AuthenticationError::SigV4(error) = error {
            self.texts().message = Some(error.to_string());
        }
    }

    /// Notes who calls without a signature, once it is proven.
    pub(crate) fn identity(&self, identity: Identity) {
        _ = self.identity.set(identity);
    }

    /// Notes the input: the members of it that records may show.
    pub fn parameters(&self, input: &impl Audited) {
        let parameters = &mut self.texts().parameters;
        parameters.clear();
        input.audit_to(parameters);
    }

    /// Notes parameters that are JSON already.
    pub fn parameters_json(&self, json: String) {
        self.texts().parameters = json;
    }

    /// Notes the output: the members of it that records may show.
    pub fn response(&self, output: &impl Audited) {
        let response = &mut self.texts().response;
        response.clear();
        output.audit_to(response);
    }

    /// Notes what is shown of the output, as JSON.
    pub fn response_json(&self, json: String) {
        self.texts().response = json;
    }

    /// Adds the ARN of the key that was changed to what is shown of the output.
    pub fn response_key(&self, arn: &str) {
        let response = &mut self.texts().response;
        let is_first = response.pop().is_none();
        response.push_str(if is_first { "{\"keyId\":" } else { ",\"keyId\":" });
        quote_to(arn, response);
        response.push('}');
    }

    /// Adds an entry to `additionalEventData`.
    pub fn additional(&self, name: &str, value: &str) {
        self.texts().additional.add_text(name, value);
    }

    /// Adds an id, whose text needs no escaping, to `additionalEventData`.
    pub fn additional_id(&self, name: &str, id: impl Display) {
        // Writing to a String never fails.
        _ = write!(self.texts().additional.name(name), "\"{id}\"");
    }

    /// Adds an entry of JSON to `additionalEventData`.
    pub fn additional_json(&self, name: &str, json: &str) {
        self.texts().additional.name(name).push_str(json);
    }

    /// Notes a resource that the request is about, by its ARN.
    pub fn resource(&self, arn: &str) {
        let resources = &mut self.texts().resources;
        if resources.split('\n').any(|known| known == arn) {
            return;
        }
        if !resources.is_empty() {
            resources.push('\n');
        }
        resources.push_str(arn);
    }

    /// Notes the other account whose key is used. It learns of it if all goes well.
    pub fn other_account(&self, account: AccountId) {
        self.texts().other_account = Some(account);
    }

    fn texts(&self) -> MutexGuard<'_, Texts> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything, for the record.
    pub(super) fn parts(&mut self) -> (&mut Texts, Option<&Identity>, Option<&Caller>, Event) {
        let texts = self.texts.get_mut().unwrap_or_else(PoisonError::into_inner);
        (texts, self.identity.get(), self.caller.get(), self.event.get().copied().unwrap_or_default())
    }

    /// Makes them those of no request, with the memory of texts up to this length.
    pub(super) fn clear(&mut self, len_max: usize) {
        (self.caller, self.event, self.identity) = Default::default();
        let texts = self.texts.get_mut().unwrap_or_else(PoisonError::into_inner);
        let Texts { parameters, response, additional: Additional(additional), resources, address, .. } = texts;
        for text in [parameters, response, additional, resources, address] {
            text.clear();
            text.shrink_to(len_max);
        }
        (texts.other_account, texts.message) = (None, None);
    }
}
