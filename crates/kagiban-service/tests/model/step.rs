//! Steps: plain data, so that a sequence can be printed, shortened and run again.
//!
//! A step names keys and other things by the number of the step that made them. When that step is left out of a shortened
//! sequence, so is what it made, and later steps that name it do nothing.

/// One step of a run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Its place in the sequence that was generated; stays when others are left out.
    pub(crate) number: u32,
    pub(crate) act: Act,
}

impl Step {
    /// Whether it names this key, made it, or is about all keys.
    pub(crate) fn concerns(&self, key: u32) -> bool {
        match self.act {
            Act::Call(call) | Act::Fails(call, _) => self.number == key || call.key == key,
            Act::Compare(_) => false,
            _ => true,
        }
    }
}

/// What a step does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// A request.
    Call(Call),
    /// A change whose first commit fails.
    Fails(Call, Loss),
    /// The clock moves by so many milliseconds.
    Pass(i64),
    /// The due jobs run.
    Jobs,
    /// The due jobs run until this commit fails, in one of the ways in which commits fail; then as [`Act::Restart`], and they
    /// run again.
    CutJobs(u32),
    /// What is known of last uses is written down.
    SaveUses,
    /// The process ends without notice and starts again.
    Restart,
    /// All that can be seen of a key is compared with the model, or all keys are.
    Compare(Option<u32>),
}

/// How a commit fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Loss {
    /// Nothing is written, and the engine says so.
    Refused,
    /// Nothing is written, and the engine does not know.
    Request,
    /// It is written, and the engine does not know.
    Answer,
}

/// A request. What is not said in words is a number that the operation makes what it needs of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    /// The step that made the key.
    pub(crate) key: u32,
    /// The step that made a second key.
    pub(crate) other: u32,
    /// The step that made the ciphertext, signature, grant or import token that the request brings.
    pub(crate) thing: u32,
    pub(crate) form: Form,
    pub(crate) by: By,
    pub(crate) dry: bool,
    /// What is wrong with the request: 0 for nothing.
    pub(crate) fault: u32,
    pub(crate) a: u32,
    pub(crate) b: u32,
}

/// How the request names its key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Id,
    Arn,
    /// By an alias, where the key has one and the operation takes it.
    AliasName,
    AliasArn,
}

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum By {
    /// The account's root, whom every key policy of these runs lets do everything.
    Root,
    /// A user without policies, who can do what grants allow.
    Grantee,
}
