//! From a long sequence that fails to a short one: steps are left out as long as it fails in the same way.

use crate::run::{Failure, Ran, Steps, Store, run};
use crate::step::{Act, Step};

/// Steps that all attempts together may take.
const STEPS_MAX: usize = 60_000;

/// A short sequence that fails like this one, and how.
pub(crate) fn shrink(store: &dyn Fn() -> Store, steps: Vec<Step>, failure: Failure) -> (Vec<Step>, Failure) {
    let mut shrinking = Shrinking { store, kind: kind(&failure), left: STEPS_MAX, best: (steps, failure) };
    let related = shrinking.related();
    shrinking.attempt(related);
    let mut chunk = shrinking.best.0.len() / 2;
    while chunk > 0 {
        let mut at = 0;
        while at < shrinking.best.0.len() {
            let mut fewer = shrinking.best.0.clone();
            fewer.drain(at..(at + chunk).min(fewer.len()));
            if !shrinking.attempt(fewer) {
                at += chunk;
            }
        }
        chunk /= 2;
    }
    shrinking.best
}

struct Shrinking<'a> {
    store: &'a dyn Fn() -> Store,
    kind: (String, String),
    left: usize,
    best: (Vec<Step>, Failure),
}

impl Shrinking<'_> {
    /// Whether these steps fail, too.
    fn attempt(&mut self, steps: Vec<Step>) -> bool {
        if steps.is_empty() || steps.len() >= self.best.0.len() || steps.len() > self.left {
            return false;
        }
        self.left -= steps.len();
        let Ran { steps, failure, .. } = run(&(self.store)(), Steps::Given(steps));
        match failure {
            Some(failure) if kind(&failure) == self.kind => {
                self.best = (steps, failure);
                true
            }
            _ => false,
        }
    }

    /// The steps that concern the keys of the last one, and those that concern all.
    fn related(&self) -> Vec<Step> {
        let (steps, failure) = &self.best;
        let mut keys = vec![failure.key];
        if let Act::Call(last) | Act::Fails(last, _) = failure.step.act {
            keys.extend([last.other, last.thing]);
        }
        let is_related = |step: &&Step| match step.act {
            Act::Call(call) | Act::Fails(call, _) => {
                keys.contains(&step.number) || keys.contains(&call.key) || step.number == failure.step.number
            }
            _ => true,
        };
        steps.iter().filter(is_related).copied().collect()
    }
}

/// What makes two failures alike: the operation, and the first words of what went wrong.
fn kind(failure: &Failure) -> (String, String) {
    let operation = failure.what.split(' ').next().unwrap_or_default().to_owned();
    let model = failure.what.split("the model: ").nth(1).unwrap_or_default();
    (operation, model.chars().take(60).filter(|c| c.is_alphabetic()).collect())
}
