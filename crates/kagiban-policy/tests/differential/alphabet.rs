//! The words that random policies and requests are made of.

use std::collections::BTreeMap;

use super::oracle::case::AccountIdText;

pub const OWNER: AccountIdText = "111122223333";
pub const FOREIGN: AccountIdText = "444455556666";

type Callers = [(&'static str, &'static [&'static str]); 5];

/// Root, two users and two roles of each account: unique id, and the names that policies have for them.
pub fn callers(account: &str) -> &'static Callers {
    if account == OWNER { &OWNERS } else { &FOREIGNERS }
}

const OWNERS: Callers = [
    ("", &["111122223333", "arn:aws:iam::111122223333:root", "arn:aws-cn:iam::111122223333:root", "*"]),
    ("AIDAALICEALICEALICE1", &["111122223333", "arn:aws:iam::111122223333:user/alice", "AIDAALICEALICEALICE1", "*"]),
    ("AIDABOBBOBBOBBOBBOB1", &["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/team/bob"]),
    (
        "AROAADMINADMINADMIN1",
        &[
            "111122223333",
            "arn:aws:iam::111122223333:role/admin",
            "arn:aws:sts::111122223333:assumed-role/admin/s1",
            "AROAADMINADMINADMIN1",
            "*",
        ],
    ),
    (
        "AROAAPPAPPAPPAPPAPP1",
        &[
            "111122223333",
            "arn:aws:iam::111122223333:role/path/app",
            "arn:aws:sts::111122223333:assumed-role/app/s1",
            "arn:aws:sts::111122223333:assumed-role/app/s2",
        ],
    ),
];

const FOREIGNERS: Callers = [
    ("", &["444455556666", "arn:aws:iam::444455556666:root", "*"]),
    ("AIDAALICEALICEALICE2", &["444455556666", "arn:aws:iam::444455556666:user/alice"]),
    ("AIDAEVEEVEEVEEVEEVE2", &["444455556666", "arn:aws:iam::444455556666:user/eve", "AIDAEVEEVEEVEEVEEVE2", "*"]),
    (
        "AROAADMINADMINADMIN2",
        &[
            "444455556666",
            "arn:aws:iam::444455556666:role/admin",
            "arn:aws:sts::444455556666:assumed-role/admin/s1",
            "arn:aws:sts::444455556666:assumed-role/admin/s2",
        ],
    ),
    (
        "AROAAPPAPPAPPAPPAPP2",
        &["arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:role/app", "AROAAPPAPPAPPAPPAPP2"],
    ),
];

pub const SESSIONS: &[&str] = &["s1", "s2", "S1"];
pub const SERVICES: &[&str] = &["s3.amazonaws.com", "logs.eu-central-1.amazonaws.com"];
pub const PROVIDERS: &[&str] = &[
    "arn:aws:iam::111122223333:oidc-provider/id.example.com",
    "arn:aws:iam::111122223333:oidc-provider/id.example.com/realm",
];

/// Those of the type AWS.
pub const PRINCIPALS: &[&str] = &[
    "*",
    "111122223333",
    "444455556666",
    "777788889999",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/alice",
    "arn:aws:iam::111122223333:user/team/bob",
    "arn:aws:iam::111122223333:user/gone",
    "arn:aws:iam::111122223333:role/admin",
    "arn:aws:iam::111122223333:role/path/app",
    "arn:aws:sts::111122223333:assumed-role/admin/s1",
    "arn:aws:sts::111122223333:assumed-role/app/s2",
    "arn:aws:sts::111122223333:assumed-role/gone/s1",
    "arn:aws:sts::111122223333:federated-user/alice",
    "arn:aws:iam::444455556666:user/alice",
    "arn:aws:iam::444455556666:role/admin",
    "AIDABOBBOBBOBBOBBOB1",
    "AROAAPPAPPAPPAPPAPP1",
    "AROAADMINADMINADMIN2",
    "AIDANOBODYNOBODYNOB1",
];

/// Which unique id each name stands for. Nobody is `gone`, and nobody a federated user.
pub fn bindings() -> BTreeMap<String, String> {
    let mut bindings = BTreeMap::new();
    for (unique_id, names) in OWNERS.iter().chain(&FOREIGNERS) {
        let arns = names.iter().filter(|name| name.starts_with("arn:") && !name.ends_with(":root"));
        bindings.extend(arns.map(|arn| ((*arn).to_owned(), (*unique_id).to_owned())));
    }
    let others = [
        ("arn:aws:sts::111122223333:assumed-role/admin/s2", "AROAADMINADMINADMIN1"),
        ("arn:aws:sts::444455556666:assumed-role/app/s1", "AROAAPPAPPAPPAPPAPP2"),
    ];
    bindings.extend(others.map(|(arn, unique_id)| (arn.to_owned(), unique_id.to_owned())));
    bindings
}

pub const ACTIONS: &[&str] = &["kms:Decrypt", "kms:Decrypt", "kms:Encrypt", "kms:DescribeKey", "KMS:decrypt"];
pub const ROLE_ACTIONS: &[&str] = &["sts:AssumeRole", "sts:TagSession", "sts:AssumeRoleWithWebIdentity"];

pub const ACTION_PATTERNS: &[&str] = &[
    "*",
    "kms:*",
    "kms:Decrypt",
    "kms:De*",
    "kms:?ecrypt",
    "kms:decrypt",
    "KMS:DECRYPT",
    "kms:Encrypt",
    "kms:*crypt*",
    "kms:D*t",
    "kms:*D*e*K*",
    "kms:Decryp",
    "kms:Decrypt?",
    "s3:*",
    "sts:*",
    "sts:AssumeRole",
    "sts:AssumeRole*",
    "sts:*Session",
];

/// Trust policies speak of nothing else.
pub const ROLE_ACTION_PATTERNS: &[&str] =
    &["sts:*", "sts:AssumeRole", "sts:AssumeRole*", "sts:*Session", "STS:assumerole", "sts:AssumeRoleWith???Identity"];

pub const RESOURCES: &[&str] = &[
    "arn:aws:kms:eu-central-1:111122223333:key/k1",
    "arn:aws:kms:eu-central-1:111122223333:key/k1",
    "arn:aws:kms:eu-central-1:111122223333:key/alice",
    "arn:aws:kms:eu-central-1:111122223333:key/*",
    "arn:aws:kms:eu-central-1:111122223333:key/a/b:c",
];
pub const ROLE_RESOURCES: &[&str] = &["arn:aws:iam::111122223333:role/admin", "arn:aws:iam::111122223333:role/k1"];

pub const RESOURCE_PATTERNS: &[&str] = &[
    "*",
    "arn:*",
    "arn:aws:kms:*",
    "arn:aws:kms:*:111122223333:key/*",
    "arn:aws:kms:eu-central-1:111122223333:key/k1",
    "arn:aws:kms:eu-central-1:111122223333:key/K1",
    "arn:aws:kms:eu-central-1:111122223333:key/k?",
    "arn:aws:kms:*:key/*:*:*k1*",
    "arn:aws:kms:*k1:*:*:*",
    "arn:aws:kms:eu-central-1:111122223333:key/${aws:username}",
    "arn:aws:kms:eu-central-1:111122223333:key/${aws:PrincipalTag/team}*",
    "arn:aws:kms:eu-central-1:111122223333:key/${*}",
    "arn:aws:kms:eu-central-1:111122223333:key/a${$}",
    "arn:aws:kms:eu-central-1:111122223333:key/${aws:PrincipalTag/other, 'k1'}",
    "arn:aws:kms:eu-central-1:${aws:PrincipalTag/other, '111122223333'}:key/?1",
    "arn:aws:kms:eu-central-1:111122223333:key/${aws:TagKeys}",
    "arn:aws:kms:eu-central-1:111122223333:key/${",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::111122223333:role/${aws:username}",
];

/// What an operator reads, and so which keys and values go with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Family {
    Arn,
    Binary,
    Bool,
    Date,
    Ip,
    Null,
    Number,
    Text,
}

pub const OPERATORS: &[(&str, Family)] = &[
    ("ArnEquals", Family::Arn),
    ("ArnLike", Family::Arn),
    ("ArnNotEquals", Family::Arn),
    ("ArnNotLike", Family::Arn),
    ("BinaryEquals", Family::Binary),
    ("Bool", Family::Bool),
    ("DateEquals", Family::Date),
    ("DateGreaterThan", Family::Date),
    ("DateGreaterThanEquals", Family::Date),
    ("DateLessThan", Family::Date),
    ("DateLessThanEquals", Family::Date),
    ("DateNotEquals", Family::Date),
    ("IpAddress", Family::Ip),
    ("NotIpAddress", Family::Ip),
    ("Null", Family::Null),
    ("NumericEquals", Family::Number),
    ("NumericGreaterThan", Family::Number),
    ("NumericGreaterThanEquals", Family::Number),
    ("NumericLessThan", Family::Number),
    ("NumericLessThanEquals", Family::Number),
    ("NumericNotEquals", Family::Number),
    ("StringEquals", Family::Text),
    ("StringEqualsIgnoreCase", Family::Text),
    ("StringLike", Family::Text),
    ("StringNotEquals", Family::Text),
    ("StringNotEqualsIgnoreCase", Family::Text),
    ("StringNotLike", Family::Text),
];

/// Keys that come with several values, but now and then with one.
pub const MANY_VALUED: &[&str] = &[
    "aws:TagKeys",
    "kms:EncryptionContextKeys",
    "x:Numbers",
    "x:Dates",
    "x:Addresses",
    "x:Arns",
    "x:Bools",
    "x:Blobs",
];

pub const ALL_KEYS: &[&str] = &[
    "aws:username",
    "aws:PrincipalTag/team",
    "aws:PrincipalTag/other",
    "aws:TagKeys",
    "kms:EncryptionContext:app",
    "kms:EncryptionContextKeys",
    "aws:SourceArn",
    "aws:MultiFactorAuthPresent",
    "x:Numbers",
    "x:Never",
];

impl Family {
    pub const ALL: [Self; 8] =
        [Self::Arn, Self::Binary, Self::Bool, Self::Date, Self::Ip, Self::Null, Self::Number, Self::Text];

    pub fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Arn => &["aws:PrincipalArn", "aws:SourceArn", "x:Arns"],
            Self::Binary => &["x:Blob", "x:Blobs"],
            Self::Bool => &["aws:MultiFactorAuthPresent", "kms:GrantIsForAWSResource", "x:Bools"],
            Self::Date => &["aws:CurrentTime", "kms:ValidTo", "x:Dates"],
            Self::Ip => &["aws:SourceIp", "aws:VpcSourceIp", "x:Addresses"],
            Self::Null => &[],
            Self::Number => &["aws:MultiFactorAuthAge", "kms:RotationPeriodInDays", "x:Numbers"],
            Self::Text => &[
                "aws:username",
                "aws:PrincipalTag/team",
                "aws:PrincipalTag/my key",
                "aws:TagKeys",
                "kms:CallerAccount",
                "kms:EncryptionContext:app",
                "kms:EncryptionContextKeys",
            ],
        }
    }

    /// Values that the parser takes.
    pub fn policy_values(self) -> &'static [&'static str] {
        match self {
            Self::Arn => &[
                "arn:aws:iam::111122223333:user/alice",
                "arn:aws:iam::*:user/*",
                "arn:*:iam::111122223333:*",
                "arn:aws:iam::111122223333:user/${aws:username}",
                "arn:aws:iam::${kms:CallerAccount}:user/alice",
                "arn:aws:iam::${aws:PrincipalTag/other, '111122223333'}:user/alice",
                "arn:aws:iam::?11122223333:user/?lice",
                "${aws:PrincipalArn}",
                "${aws:SourceArn}*",
                "arn:${aws:username}:*",
                "arn:aws:s3:::bucket/*",
                "arn:aws:s3:::bucket*",
                "arn:aws:s3:::bucket/a:b",
                "arn:aws:s3:::${aws:SourceArn}",
                "arn:aws:s3:::${*}",
                "arn:aws:s3:*:bucket*",
                "*:*:*:*:*:*",
                "*:*:*:*:*:*:*",
                "arn:aws:iam:*",
                "*",
                "",
            ],
            Self::Binary => &["", "YQ==", "YWE=", "YWFh", "AAAA", "+/+/", "YR=="],
            Self::Bool | Self::Null => &["true", "false", "true", "false", "True", "FALSE"],
            Self::Date => &[
                "2026-08-21T23:01:43Z",
                "2026-08-21T23:01:43.5Z",
                "2026-08-21T23:01:43.500Z",
                "2026-08-22T01:01:43+02:00",
                "2026-08-21T18:31-04:30",
                "2026-08-21",
                "2026-08",
                "2026",
                "1787353303",
                "1787353303.5",
                "1787353303.0",
                "1785542400",
                "1767225600",
                "2027",
                "02026",
                "2026.0",
                "0",
                "-1",
                "-0.5",
                "1969-12-31T23:59:59.5Z",
                "2026-02-30",
                "2024-02-29",
                "0000",
                "9999-12-31",
                "9999-12-31T23:59:59.999999999Z",
                "99999999999999999999",
                "-99999999999999999999",
                "2026-08-21T23:01:43.12345678901234Z",
                "2026-08-21T23:01:43.1234567890123456789Z",
                "2026-08-21T23:01:43.12345678901234567891Z",
                "2026-08-21T23:01:43.00000000000000000000000001Z",
                "1787353303.00000000000000000000000001",
                "1787353303.1234567890123456789",
                "1787353303.123456789012345678912345",
                "+2026",
                "0001-01-01T00:00:00+23:59",
            ],
            Self::Ip => &[
                "203.0.113.0/24",
                "203.0.113.7",
                "203.0.113.7/32",
                "203.0.113.7/24",
                "203.0.113.128/25",
                "0.0.0.0/0",
                "128.0.0.0/1",
                "2001:db8::/32",
                "2001:db8::1",
                "2001:DB8:0::1/127",
                "::/0",
                "203.0.113.0/024",
                "::ffff:203.0.113.0/120",
            ],
            Self::Number => &[
                "5",
                "5.0",
                "05",
                "+5",
                "-5",
                "0",
                "-0",
                "10",
                "1e1",
                "1E+1",
                "100e-1",
                "0.1",
                "0.10",
                ".5",
                "5.",
                "-.5",
                "9007199254740993",
                "9007199254740992",
                "1e300",
                "1e-300",
                "1e-400",
                "0.30000000000000000001",
                "0.3",
                "0e99999999999999999999",
            ],
            Self::Text => &[
                "alice",
                "bob",
                "ALICE",
                "a*",
                "*",
                "?",
                "",
                "${aws:username}",
                "${AWS:UserName}",
                "${aws:username}*",
                "*${aws:username}",
                "${aws:PrincipalTag/team}${aws:username}",
                "${aws:PrincipalTag/my key}",
                "${aws:PrincipalTag/team, 'alice'}",
                "${aws:PrincipalTag/other, 'a*'}",
                "${aws:PrincipalTag/other, ''}",
                "${aws:TagKeys}",
                "${aws:TagKeys, 'alice'}",
                "${*}",
                "${?}",
                "${$}{aws:username}",
                "$${aws:username}",
                "a${*}",
                "${",
                "${}",
                "${aws:username",
                "$",
                "{a}",
                "ä?",
                "Ä",
                "?lice",
                "${aws:PrincipalTag/team,'alice'}",
                "${aws:PrincipalTag/team,  'alice'}",
                "${aws:PrincipalTag/team, alice}",
                "${aws:PrincipalTag/team , 'alice'}",
                "${ aws:username }",
                "${aws:PrincipalTag/other, 'a}b'}",
                "${aws:PrincipalTag/other, 'it''s'}",
                "${aws:PrincipalTag/other, 'a', 'b'}",
                "${alice}",
                "${alice, 'alice'}",
                "${*, 'alice'}",
                "${**}",
                "${aws:PrincipalTag/other, '${aws:username}'}",
                "${aws:Principal${aws:username}}",
                "}",
                "al\\ice",
            ],
        }
    }

    /// Values of requests: those of policies that are plain, and some that the operators cannot read.
    pub fn request_values(self) -> &'static [&'static str] {
        match self {
            Self::Arn => &[
                "arn:aws:iam::111122223333:user/alice",
                "arn:aws:iam::111122223333:user/team/bob",
                "arn:aws:iam::444455556666:user/alice",
                "arn:aws:s3:::bucket",
                "arn:aws:s3:::bucket/a:b",
                "arn:aws:s3:::*",
                "arn:aws:s3:::alice",
                "arn:aws:s3:::arn:aws:s3:::bucket",
                ":::::",
                "arn:::::",
                "x:aws:s3:::bucket",
                "ARN:aws:s3:::bucket",
                "arn:aws:iam::111122223333",
                "alice",
                "*",
                "",
            ],
            Self::Binary => {
                &["", "YQ==", "YWE=", "YWFh", "AAAA", "+/+/", "YQ", "Y===", "!!!!", "YQ==YQ==", "YR==", "Y Q=", "_-_-"]
            }
            Self::Bool | Self::Null => &["true", "false", "true", "false", "True", "FALSE", "", "yes", "1", " true"],
            Self::Date => &[
                "2026-08-21T23:01:43Z",
                "2026-08-21T23:01:43.5Z",
                "2026-08-21T23:01:44Z",
                "2026-08-22T01:01:43+02:00",
                "2026-08-21T23:01:00Z",
                "2026-08-21",
                "2026-08",
                "2026",
                "1787353303",
                "1787353303.5",
                "1787353303.500000001",
                "1785542400",
                "1767225600",
                "2026.0",
                "0",
                "-1",
                "-0.5",
                "",
                "2026-02-30",
                "0000",
                "9999-12-31",
                "9999-12-31T23:59:59.999999999Z",
                "99999999999999999999",
                "-99999999999999999999",
                "2026-08-21T23:01:43.12345678901234Z",
                "2026-08-21T23:01:43.1234567890123456789Z",
                "2026-08-21T23:01:43.12345678901234567891Z",
                "2026-08-21T23:01:43.00000000000000000000000001Z",
                "1787353303.00000000000000000000000001",
                "1787353303.1234567890123456789",
                "1787353303.123456789012345678912345",
                "2026-08T10:00Z",
                "+2026",
                "2026-08-21T23:01:60Z",
                "2026-08-21T24:00:00Z",
                "0001-01-01T00:00:00+23:59",
                "yesterday",
                "2026-08-21T23:01:43",
                "2026-13-01",
                "1e9",
                "2026-08-21t23:01:43z",
                " 2026",
            ],
            Self::Ip => &[
                "203.0.113.7",
                "203.0.113.200",
                "203.0.112.255",
                "198.51.100.1",
                "2001:db8::1",
                "2001:db8::",
                "2001:db9::1",
                "2001:0DB8:0:0::1",
                "",
                "localhost",
                "203.0.113",
                "203.0.113.256",
                "::ffff:203.0.113.7",
                "203.0.113.7/32",
                "203.0.113.0/24",
                "[::1]",
                "203.0.113.07",
                "fe80::1%eth0",
            ],
            Self::Number => &[
                "5",
                "5.0",
                "05",
                "-5",
                "0",
                "-0",
                "10",
                "11",
                "0.1",
                "0.5",
                "-0.5",
                "1e1",
                "9007199254740993",
                "9007199254740992",
                "",
                "five",
                " 5",
                "5 ",
                "0x5",
                "inf",
                "NaN",
                "1e400",
                "1e-400",
                "1e99999999999999999999",
                "0e99999999999999999999",
                "0.30000000000000000001",
                "0.3",
                "1,5",
                "-",
                "1e",
            ],
            Self::Text => &[
                "alice",
                "bob",
                "ALICE",
                "a*",
                "*",
                "?",
                "",
                "$",
                "{a}",
                "${aws:username}",
                "$alice",
                "ä",
                "äb",
                "alicealice",
                "111122223333",
                "al\\ice",
                "aws",
                "a:b",
                "${",
                "${}",
            ],
        }
    }
}

/// Values that may also stand in a policy without quotes.
pub const JSON_SCALARS: &[&str] = &[
    "true",
    "false",
    "5",
    "5.0",
    "-5",
    "0",
    "-0",
    "10",
    "1e1",
    "1E+1",
    "100e-1",
    "0.1",
    "0.10",
    "2026",
    "1787353303.5",
];
