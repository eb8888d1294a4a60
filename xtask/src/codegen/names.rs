//! Rust names from the model's names.

/// A field or function: `AWSAccountId` gives `aws_account_id`.
pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let starts_word = before.is_some_and(|before| !before.is_uppercase())
            || letters.get(at + 1).is_some_and(|after| after.is_lowercase());
        if letter.is_uppercase() && at > 0 && starts_word {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    if is_keyword(&out) { out + "_" } else { out }
}

/// A type: `statusType` gives `StatusType`, every other name stays as it is.
pub(super) fn type_name(name: &str) -> String {
    capitalised(name, true)
}

/// A local variable for the member in the reading function, which has variables of its own.
pub(super) fn local(name: &str) -> String {
    let field = snake(name);
    if ["at", "name", "node", "object", "r", "reader"].contains(&field.as_str()) { field + "_" } else { field }
}

/// A constant: `KeyIdType` gives `KEY_ID_TYPE`.
pub(super) fn constant(name: &str) -> String {
    snake(name).to_uppercase()
}

/// An enum variant: `ECC_NIST_P256` gives `EccNistP256`; a name with lower-case letters is taken as it is.
pub(super) fn variant(name: &str) -> String {
    let is_camel = name.chars().any(char::is_lowercase);
    let out: String =
        name.split(|c: char| !c.is_ascii_alphanumeric()).map(|word| capitalised(word, is_camel)).collect();
    if out == "Self" { out + "_" } else { out }
}

fn capitalised(word: &str, keep_rest: bool) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest = letters.as_str();
    first.into_iter().collect::<String>() + &if keep_rest { rest.to_owned() } else { rest.to_lowercase() }
}

fn is_keyword(word: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
        "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self",
        "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while", "yield",
    ];
    KEYWORDS.contains(&word)
}

/// A field and the variable that it is made from, short where both have one name.
pub(super) fn initializer(field: String, local: &str) -> String {
    if field == local { field } else { format!("{field}: {local}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_rust() {
        for (name, expected) in [
            ("KeyId", "key_id"),
            ("AWSAccountId", "aws_account_id"),
            ("KmsRequestId", "kms_request_id"),
            ("DryRun", "dry_run"),
            ("Type", "type_"),
            ("MFADevices", "mfa_devices"),
            ("Base32StringSeed", "base32_string_seed"),
            ("QRCodePNG", "qr_code_png"),
            ("OpenIDConnectProviderArn", "open_id_connect_provider_arn"),
            ("XksProxyVpcEndpointServiceName", "xks_proxy_vpc_endpoint_service_name"),
        ] {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(
            (type_name("statusType"), type_name("MFADevice")),
            ("StatusType".to_owned(), "MFADevice".to_owned())
        );
        for (name, expected) in [
            ("SYMMETRIC_DEFAULT", "SymmetricDefault"),
            ("ECC_SECG_P256K1", "EccSecgP256k1"),
            ("RSAES_PKCS1_V1_5", "RsaesPkcs1V15"),
            ("PendingDeletion", "PendingDeletion"),
            ("AWS", "Aws"),
            ("aws:kms", "AwsKms"),
            ("user-managed", "UserManaged"),
            ("ipList", "IpList"),
            ("SELF", "Self_"),
        ] {
            assert_eq!(variant(name), expected);
        }
    }
}
