//! What IAM lets a thing be called, and the ARNs made of those names.
//!
//! Rules that hold wherever a name comes from: a request, an identity file, a claim of a stranger's token. Nothing is
//! normalised: no case is folded, no `.` or `..` means anything, and a name that is not taken as it is is refused.

mod arn;
mod tags;

pub use arn::{IamArn, IamResource, InvalidArn};
pub use tags::{InvalidTags, TAGS_MAX, check_tag_key, check_tag_value, check_tags, eq_tag_keys};

/// What a text names.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum NameKind {
    /// An account's alias: 3 to 63 lower-case letters and digits, with single hyphens between them.
    AccountAlias,
    /// The external id of a trust policy: 2 to 1224 characters of `[\w+=,.@:/-]`.
    ExternalId,
    /// A group: 1 to 128 characters of `[\w+=,.@-]`.
    Group,
    /// A virtual MFA device: 1 to 226 characters of `[\w+=,.@-]`.
    MfaDevice,
    /// The host and path of an OpenID Connect provider's address, without `https://`: 1 to 255 visible characters.
    OidcProvider,
    /// The path of a user, group, role or MFA device: `/`, or up to 512 visible characters between two slashes.
    Path,
    /// A policy, managed or inline: 1 to 128 characters of `[\w+=,.@-]`.
    Policy,
    /// A role: 1 to 64 characters of `[\w+=,.@-]`.
    Role,
    /// A role's session, and a source identity: 2 to 64 characters of `[\w+=,.@-]`.
    RoleSession,
    /// A tag's key: 1 to 128 letters, digits, spaces and `_.:/=+-@`.
    TagKey,
    /// A tag's value: 0 to 256 of the same characters.
    TagValue,
    /// A user: 1 to 64 characters of `[\w+=,.@-]`.
    User,
}

/// A text is no name of this kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidName {
    /// It has a character that such names do not have.
    #[error("the {} has a character that is not allowed: {found:?}", kind.noun())]
    Character {
        /// What it would have named.
        kind: NameKind,
        /// The first such character.
        found: char,
    },
    /// It has too few or too many characters.
    #[error("the {} has a length outside {min} to {max}", kind.noun())]
    Length {
        /// What it would have named.
        kind: NameKind,
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// Its characters are allowed, but not in this order: slashes of a path, hyphens of an account's alias.
    #[error("the {} is not formed as it must be", kind.noun())]
    Shape {
        /// What it would have named.
        kind: NameKind,
    },
    /// A tag's key begins with `aws:`, in any case.
    #[error("tag keys that begin with aws: are reserved")]
    Reserved,
}

impl NameKind {
    /// Whether `text` is a name of this kind.
    ///
    /// # Errors
    /// [`InvalidName`] with the first rule that it breaks.
    pub fn check(self, text: &str) -> Result<(), InvalidName> {
        let (min, max) = self.lengths();
        // A character is at most four bytes, so that an enormous text is not counted.
        if text.len() > max * 4 || !(min..=max).contains(&text.chars().count()) {
            return Err(InvalidName::Length { kind: self, min, max });
        }
        if let Some(found) = text.chars().find(|c| !self.allows(*c)) {
            return Err(InvalidName::Character { kind: self, found });
        }
        self.check_shape(text)
    }

    /// Fewest and most characters.
    const fn lengths(self) -> (usize, usize) {
        match self {
            Self::AccountAlias => (3, 63),
            Self::ExternalId => (2, 1224),
            Self::Group | Self::Policy | Self::TagKey => (1, 128),
            Self::MfaDevice => (1, 226),
            Self::OidcProvider => (1, 255),
            Self::Path => (1, 512),
            Self::Role | Self::User => (1, 64),
            Self::RoleSession => (2, 64),
            Self::TagValue => (0, 256),
        }
    }

    fn allows(self, c: char) -> bool {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        match self {
            Self::AccountAlias => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-',
            Self::ExternalId => is_word(c) || matches!(c, '+' | '=' | ',' | '.' | '@' | ':' | '/' | '-'),
            Self::Path | Self::OidcProvider => c.is_ascii_graphic(),
            Self::TagKey | Self::TagValue => tags::allows(c),
            Self::Group | Self::MfaDevice | Self::Policy | Self::Role | Self::RoleSession | Self::User => {
                is_word(c) || matches!(c, '+' | '=' | ',' | '.' | '@' | '-')
            }
        }
    }

    fn check_shape(self, text: &str) -> Result<(), InvalidName> {
        let fits = match self {
            Self::AccountAlias => !text.starts_with('-') && !text.ends_with('-') && !text.contains("--"),
            Self::OidcProvider => !text.starts_with('/') && !text.contains("://"),
            Self::Path => text == "/" || (text.len() > 2 && text.starts_with('/') && text.ends_with('/')),
            Self::TagKey if tags::is_reserved(text) => return Err(InvalidName::Reserved),
            _ => true,
        };
        if fits { Ok(()) } else { Err(InvalidName::Shape { kind: self }) }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::AccountAlias => "account alias",
            Self::ExternalId => "external id",
            Self::Group => "group name",
            Self::MfaDevice => "MFA device name",
            Self::OidcProvider => "address of an OpenID Connect provider",
            Self::Path => "path",
            Self::Policy => "policy name",
            Self::Role => "role name",
            Self::RoleSession => "session name",
            Self::TagKey => "tag key",
            Self::TagValue => "tag value",
            Self::User => "user name",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_kind_are_taken() {
        let long = |len| "a".repeat(len);
        for (kind, texts) in [
            (NameKind::User, &["a", "A.b_c+d=e,f@g-9", ".", "..", "root", &long(64)][..]),
            (NameKind::Role, &["a", &long(64)]),
            (NameKind::Group, &["a", &long(128)]),
            (NameKind::Policy, &["a", &long(128)]),
            (NameKind::MfaDevice, &["a", &long(226)]),
            (NameKind::RoleSession, &["ab", "a@b.example", &long(64)]),
            (NameKind::Path, &["/", "/a/", "/a/b/", "/!~:*/", &format!("/{}/", long(510))]),
            (NameKind::AccountAlias, &["abc", "a-b", "1-2-3", "000", &long(63)]),
            (NameKind::ExternalId, &["ab", "a:b/c-d+e=f,g.h@i_", &long(1224)]),
            (NameKind::OidcProvider, &["a.example", "a.example:8443/id/x", &long(255)]),
            (NameKind::TagKey, &["a", "Cost Center", "größe", "a_.:/=+-@9", "xaws:", "aws", &"ü".repeat(128)]),
            (NameKind::TagValue, &["", "a", "aws:x", &"ü".repeat(256)]),
        ] {
            for text in texts {
                assert_eq!(kind.check(text), Ok(()), "{kind:?} {text}");
            }
        }
    }

    #[test]
    fn lengths_have_ends() {
        for (kind, min, max) in [
            (NameKind::User, 1, 64),
            (NameKind::Role, 1, 64),
            (NameKind::Group, 1, 128),
            (NameKind::Policy, 1, 128),
            (NameKind::MfaDevice, 1, 226),
            (NameKind::RoleSession, 2, 64),
            (NameKind::Path, 1, 512),
            (NameKind::AccountAlias, 3, 63),
            (NameKind::ExternalId, 2, 1224),
            (NameKind::OidcProvider, 1, 255),
            (NameKind::TagKey, 1, 128),
            (NameKind::TagValue, 0, 256),
        ] {
            let wrong = Err(InvalidName::Length { kind, min, max });
            for len in [max + 1, max * 5] {
                assert_eq!(kind.check(&"a".repeat(len)), wrong, "{kind:?} {len}");
            }
            if let Some(len) = min.checked_sub(1) {
                assert_eq!(kind.check(&"a".repeat(len)), wrong, "{kind:?} {len}");
            }
        }
    }

    #[test]
    fn characters_outside_the_set_are_named() {
        use NameKind::*;
        for (kinds, text, found) in [
            (&[User, Role, Group, Policy, MfaDevice, RoleSession][..], "a/b", '/'),
            (&[User, Role, Group, Policy, MfaDevice, RoleSession], "a:b", ':'),
            (&[User, Role, Group, Policy, MfaDevice, RoleSession, ExternalId], "ab*", '*'),
            (&[User, Role, Group, Policy, MfaDevice, RoleSession, ExternalId], "ab?", '?'),
            (&[User, Role, Group, Policy, MfaDevice, RoleSession, ExternalId], "a%2F", '%'),
            (&[User, Role, Group, Policy, MfaDevice, RoleSession, ExternalId, Path, OidcProvider], "a b", ' '),
            (&[User, Role, Group, Policy, MfaDevice, RoleSession, ExternalId, Path, OidcProvider], "aä", 'ä'),
            (&[User, RoleSession, ExternalId, AccountAlias, Path, TagKey, TagValue, OidcProvider], "abc\n", '\n'),
            (&[User, RoleSession, ExternalId, AccountAlias, Path, TagKey, TagValue, OidcProvider], "ab\0", '\0'),
            (&[User, RoleSession, ExternalId, AccountAlias, Path], "/ab\u{7f}/", '\u{7f}'),
            (&[AccountAlias], "aBc", 'B'),
            (&[AccountAlias], "a_c", '_'),
            (&[TagKey, TagValue], "a*b", '*'),
            (&[TagKey, TagValue], "a\u{200b}b", '\u{200b}'),
        ] {
            for kind in kinds {
                let first = text.chars().find(|c| !kind.allows(*c)).unwrap_or(found);
                assert_eq!(kind.check(text), Err(InvalidName::Character { kind: *kind, found: first }), "{text:?}");
                assert!(!kind.allows(found), "{kind:?} {found:?}");
            }
        }
    }

    #[test]
    fn shapes_are_checked() {
        for (kind, texts) in [
            (NameKind::Path, &["a", "a/", "/a", "//", "\\", "a//"][..]),
            (NameKind::AccountAlias, &["-ab", "ab-", "a--b", "---"]),
            (NameKind::OidcProvider, &["/a", "https://a.example"]),
        ] {
            for text in texts {
                assert_eq!(kind.check(text), Err(InvalidName::Shape { kind }), "{kind:?} {text}");
            }
        }
        for key in ["aws:", "aws:a", "AWS:a", "aWs:a"] {
            assert_eq!(NameKind::TagKey.check(key), Err(InvalidName::Reserved), "{key}");
        }
    }
}
