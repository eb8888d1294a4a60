//! Who is allowed what by whose policies (authorization.md, section 2).

use kagiban_policy::{AllowedBy, Decision, GrantedTo, Identity, PolicyKind, StatementAt};

use crate::{ALICE, AWAY, Case, HOME, SERVICE, SESSION, WEB};

const ALLOW: &str = r#""Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*""#;
const DENY: &str = r#""Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*""#;
const OTHER: &str = r#""Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*""#;

/// A statement of a resource's policy that allows these.
fn allow(principal: &str) -> String {
    format!(r#"{ALLOW}, "Principal": {principal}"#)
}

fn deny(principal: &str) -> String {
    format!(r#"{DENY}, "Principal": {principal}"#)
}

fn aws(name: &str) -> String {
    format!(r#"{{"AWS": "{name}"}}"#)
}

fn anyone() -> String {
    "\"*\"".to_owned()
}

fn home_account() -> String {
    aws(HOME)
}

fn alice() -> String {
    aws("arn:aws:iam::111122223333:user/team/alice")
}

fn worker() -> String {
    aws("arn:aws:iam::111122223333:role/worker")
}

fn worker_session() -> String {
    aws("arn:aws:sts::111122223333:assumed-role/worker/s1")
}

/// Which of the three does not allow: identity policies, boundary, session policies. Each alone.
const LACKING: [&str; 4] = ["nothing", "identity", "boundary", "session"];

fn with_lack<'a>(case: Case<'a>, lack: &str, has_session: bool) -> Case<'a> {
    Case {
        identity: if lack == "identity" { &[OTHER] } else { &[ALLOW] },
        boundary: Some(if lack == "boundary" { OTHER } else { ALLOW }),
        session: match (has_session, lack) {
            (false, _) => &[],
            (true, "session") => &[OTHER, OTHER],
            (true, _) => &[OTHER, ALLOW],
        },
        ..case
    }
}

/// The table of boundaries and session policies against an Allow of the key policy. The letters tell what stops the
/// request when it does not allow: i(dentity), b(oundary), s(ession).
#[test]
fn what_limits_whom_within_an_account() {
    let user_with_session_policies = true;
    for (who, principal, has_session, stops) in [
        (ALICE, alice(), false, ""),
        (ALICE, anyone(), false, ""),
        (ALICE, aws("*"), false, ""),
        (ALICE, home_account(), false, "ib"),
        (ALICE, aws("arn:aws:iam::111122223333:root"), false, "ib"),
        (ALICE, alice(), user_with_session_policies, "bs"),
        (ALICE, anyone(), user_with_session_policies, "bs"),
        (ALICE, home_account(), user_with_session_policies, "ibs"),
        (SESSION, worker(), true, "bs"),
        (SESSION, worker(), false, "b"),
        (SESSION, anyone(), true, "bs"),
        (SESSION, anyone(), false, "b"),
        (SESSION, worker_session(), true, ""),
        (SESSION, worker_session(), false, ""),
        (SESSION, home_account(), true, "ibs"),
        (SESSION, home_account(), false, "ib"),
        // The best of several names counts.
        (SESSION, r#"{"AWS": ["111122223333", "arn:aws:iam::111122223333:role/worker"]}"#.to_owned(), true, "bs"),
        (
            SESSION,
            r#"{"AWS": ["arn:aws:iam::111122223333:role/worker", "arn:aws:sts::111122223333:assumed-role/worker/s1"]}"#
                .to_owned(),
            true,
            "",
        ),
        (SESSION, worker_session().replace("s1", "s2"), true, "-"),
        (SESSION, worker_session().replace("s1", "S1"), true, "-"),
        (SESSION, worker_session().replace("worker", "other"), true, "-"),
        (SESSION, alice(), true, "-"),
        (ALICE, worker(), false, "-"),
        (ALICE, alice().replace("alice", "Alice"), false, "-"),
        (ALICE, alice().replace("alice", "gone"), false, "-"),
        (ALICE, aws(AWAY), false, "-"),
        (ALICE, aws("arn:aws:sts::111122223333:federated-user/alice"), false, "-"),
        (ALICE, r#"{"Service": "s3.amazonaws.com"}"#.to_owned(), false, "-"),
        (Identity::Root, home_account(), false, ""),
        (Identity::Root, home_account(), true, ""),
        (Identity::Root, anyone(), false, ""),
        (Identity::Root, alice(), false, "-"),
        (Identity::Root, aws(AWAY), false, "-"),
    ] {
        for lack in LACKING {
            let statement = allow(&principal);
            let key = [statement.as_str()];
            let case = with_lack(Case { who, key: Some(&key), ..Case::default() }, lack, has_session);
            // Without session policies none can be lacking.
            let lack = if has_session || lack != "session" { lack } else { "nothing" };
            let is_stopped = stops == "-" || stops.contains(&lack[..1]);
            assert_eq!(case.is_allowed(), !is_stopped, "{who:?} {principal} lacks {lack}: {stops}");
        }
    }
}

/// Deleted users and roles keep their statements, but these are about nobody; their ids are.
#[test]
fn unique_ids_are_principals() {
    let id = "AIDA0123456789ABCDEF";
    let user = Identity::User { unique_id: id };
    let role_id = "AROA0123456789ABCDEF";
    let session = Identity::RoleSession { role_id, session_name: "s" };
    for (who, principal, whether) in
        [(user, id, true), (session, role_id, true), (user, role_id, false), (session, id, false), (ALICE, id, false)]
    {
        let statement = allow(&aws(principal));
        let case = Case { who, key: Some(&[&statement]), ..Case::default() };
        assert_eq!(case.is_allowed(), whether, "{who:?} {principal}");
    }
}

#[test]
fn services_need_nobody_else() {
    let service = |name: &str| format!(r#"{{"Service": "{name}"}}"#);
    for (principal, whether) in [
        (service("s3.amazonaws.com"), true),
        (service("S3.amazonaws.com"), false),
        (service("sns.amazonaws.com"), false),
        (anyone(), true),
        (home_account(), false),
        (aws(AWAY), false),
    ] {
        let statement = allow(&principal);
        for account in [HOME, AWAY] {
            let case = Case { who: SERVICE, account, key: Some(&[&statement]), ..Case::default() };
            assert_eq!(case.is_allowed(), whether, "{principal} {account}");
        }
    }
    assert_eq!(
        Case { who: SERVICE, identity: &[ALLOW], ..Case::default() }.outcome(),
        "nothing in identity-based policy"
    );
}

#[test]
fn trust_policies_take_web_identities() {
    let action = r#""Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity""#;
    for (principal, whether) in [
        (r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.example.com"}"#, true),
        (r#"{"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.example.org"}"#, false),
        (r#"{"AWS": "111122223333"}"#, false),
        ("\"*\"", true),
    ] {
        let statement = format!(r#"{action}, "Principal": {principal}"#);
        let case = Case {
            who: WEB,
            action: "sts:AssumeRoleWithWebIdentity",
            resource: "arn:aws:iam::111122223333:role/worker",
            trust: Some(&[&statement]),
            ..Case::default()
        };
        assert_eq!(case.is_allowed(), whether, "{principal}");
        assert!(!Case { action: "sts:AssumeRole", ..case }.is_allowed(), "{principal}");
    }
    assert!(!Case { who: WEB, identity: &[ALLOW], ..Case::default() }.is_allowed());
}

/// Both sides must allow, whichever way the key policy names the caller.
#[test]
fn other_accounts_need_both_sides() {
    let foreign = |text: String| text.replace(HOME, AWAY);
    for (who, principal) in [
        (ALICE, foreign(alice())),
        (ALICE, foreign(home_account())),
        (ALICE, anyone()),
        (SESSION, foreign(worker())),
        (SESSION, foreign(worker_session())),
        (SESSION, foreign(home_account())),
        (SESSION, anyone()),
    ] {
        for lack in LACKING {
            let statement = allow(&principal);
            let key = [statement.as_str()];
            let case = with_lack(Case { who, account: AWAY, key: Some(&key), ..Case::default() }, lack, true);
            let expected = match lack {
                "nothing" => "allowed",
                "identity" => "nothing in identity-based policy",
                "boundary" => "nothing in permissions boundary",
                _ => "nothing in session policy",
            };
            assert_eq!(case.outcome(), expected, "{who:?} {principal} lacks {lack}");
            let unnamed = Case { key: Some(&[]), ..case };
            assert_eq!(unnamed.outcome(), "nothing in resource-based policy", "{who:?} {principal} lacks {lack}");
        }
    }
    // The account of the key does not speak for others, and root of another account is its own identity side.
    let home = allow(&home_account());
    let away = allow(&foreign(home_account()));
    let root = Case { who: Identity::Root, account: AWAY, ..Case::default() };
    assert_eq!(
        Case { key: Some(&[&home]), identity: &[ALLOW], account: AWAY, ..Case::default() }.outcome(),
        "nothing in resource-based policy"
    );
    assert!(!Case { key: Some(&[&home]), ..root }.is_allowed());
    assert!(Case { key: Some(&[&away]), ..root }.is_allowed());
}

#[test]
fn identity_policies_alone_are_not_enough_for_a_key() {
    for who in [ALICE, SESSION, Identity::Root] {
        let case = Case { who, key: Some(&[]), identity: &[ALLOW], ..Case::default() };
        assert_eq!(case.outcome(), "nothing in resource-based policy", "{who:?}");
    }
}

#[test]
fn without_a_resource_identity_policies_decide() {
    for who in [ALICE, SESSION] {
        for (lack, expected) in [
            ("nothing", "allowed"),
            ("identity", "nothing in identity-based policy"),
            ("boundary", "nothing in permissions boundary"),
            ("session", "nothing in session policy"),
        ] {
            let case = with_lack(Case { who, resource: "*", ..Case::default() }, lack, true);
            assert_eq!(case.outcome(), expected, "{who:?} {lack}");
        }
        // No grant helps.
        let grant = Some(GrantedTo::User);
        assert!(!Case { who, grant, ..Case::default() }.is_allowed());
    }
    let root = Case { who: Identity::Root, resource: "*", ..Case::default() };
    assert_eq!(root.decide(), Decision::Allowed(AllowedBy::Root));
    assert!(Case { boundary: Some(OTHER), session: &[OTHER], ..root }.is_allowed());
    assert_eq!(Case { identity: &[DENY], ..root }.outcome(), "denied by identity-based policy");
}

/// A Deny anywhere wins over every Allow, grants and root included.
#[test]
fn explicit_denies_come_first() {
    let (all, none) = (allow("\"*\""), deny("\"*\""));
    for who in [ALICE, SESSION, SERVICE, WEB, Identity::Root] {
        for grant in [None, Some(GrantedTo::User), Some(GrantedTo::RoleSession), Some(GrantedTo::Account)] {
            let case = Case { who, key: Some(&[&all]), identity: &[ALLOW], grant, ..Case::default() };
            assert_eq!(case.outcome(), "allowed");
            for (denied, expected) in [
                (Case { identity: &[ALLOW, DENY], ..case }, "denied by identity-based policy"),
                (Case { boundary: Some(DENY), ..case }, "denied by permissions boundary"),
                (Case { session: &[ALLOW, DENY], ..case }, "denied by session policy"),
                (Case { key: Some(&[&all, &none]), ..case }, "denied by resource-based policy"),
                (Case { key: Some(&[&none, &all]), ..case }, "denied by resource-based policy"),
                (
                    Case { key: Some(&[&none]), session: &[DENY], boundary: Some(DENY), identity: &[DENY], ..case },
                    "denied by identity-based policy",
                ),
            ] {
                assert_eq!(denied.outcome(), expected, "{who:?} {grant:?}");
            }
        }
    }
}

/// A Deny names by every name that somebody has.
#[test]
fn denies_hit_whom_they_name() {
    let everyone = allow("\"*\"");
    for (principal, hit) in [
        (anyone(), [ALICE, SESSION, SERVICE, Identity::Root].as_slice()),
        (home_account(), &[ALICE, SESSION, Identity::Root]),
        (alice(), &[ALICE]),
        (worker(), &[SESSION]),
        (worker_session(), &[SESSION]),
        (worker_session().replace("s1", "s2"), &[]),
        (r#"{"Service": "s3.amazonaws.com"}"#.to_owned(), &[SERVICE]),
        (aws(AWAY), &[]),
        (alice().replace("alice", "gone"), &[]),
    ] {
        let none = deny(&principal);
        for who in [ALICE, SESSION, SERVICE, Identity::Root] {
            let case = Case { who, key: Some(&[&everyone, &none]), ..Case::default() };
            assert_eq!(case.is_allowed(), !hit.contains(&who), "{principal} {who:?}");
        }
    }
}

/// Whoever is to be spared is listed with all that he is.
#[test]
fn not_principal_spares_the_listed() {
    let everyone = allow("\"*\"");
    let account = HOME;
    let (user, role) = ("arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:role/worker");
    let session = "arn:aws:sts::111122223333:assumed-role/worker/s1";
    let gone = "arn:aws:iam::111122223333:user/gone";
    for (aws, service, spared) in [
        (vec![account], "", [Identity::Root].as_slice()),
        (vec![user], "", &[]),
        (vec![account, user], "", &[ALICE, Identity::Root]),
        (vec![account, gone], "", &[Identity::Root]),
        (vec![role], "", &[]),
        (vec![account, role], "", &[Identity::Root]),
        (vec![account, session], "", &[Identity::Root]),
        (vec![role, session], "", &[]),
        (vec![account, role, session], "", &[SESSION, Identity::Root]),
        (vec![AWAY, user], "", &[]),
        (vec![account, user], "s3.amazonaws.com", &[ALICE, SERVICE, Identity::Root]),
        (vec![account], "sns.amazonaws.com", &[Identity::Root]),
        (vec!["*"], "", &[ALICE, SESSION, SERVICE, Identity::Root]),
    ] {
        let list: Vec<String> = aws.iter().map(|name| format!("\"{name}\"")).collect();
        let service = if service.is_empty() { String::new() } else { format!(r#", "Service": "{service}""#) };
        let none = format!(r#"{DENY}, "NotPrincipal": {{"AWS": [{}]{service}}}"#, list.join(", "));
        for who in [ALICE, SESSION, SERVICE, Identity::Root] {
            let case = Case { who, key: Some(&[&everyone, &none]), ..Case::default() };
            assert_eq!(case.is_allowed(), spared.contains(&who), "{none} {who:?}");
        }
    }
}

/// A grant acts like a key policy that names its grantee; from another account, boundary and session policies limit it, too.
#[test]
fn grants_act_like_a_key_policy() {
    for account in [HOME, AWAY] {
        for (who, to, stops) in [
            (ALICE, GrantedTo::User, ""),
            (ALICE, GrantedTo::Account, "ibs"),
            (SESSION, GrantedTo::RoleArn, "bs"),
            (SESSION, GrantedTo::RoleSession, ""),
            (SESSION, GrantedTo::Account, "ibs"),
            (SERVICE, GrantedTo::Service, ""),
            (Identity::Root, GrantedTo::Account, ""),
            // Whoever it was found for, these are others.
            (ALICE, GrantedTo::RoleArn, "-"),
            (ALICE, GrantedTo::Service, "-"),
            (SESSION, GrantedTo::User, "-"),
            (SERVICE, GrantedTo::Account, "-"),
            (Identity::Root, GrantedTo::User, "-"),
            (WEB, GrantedTo::Account, "-"),
        ] {
            for lack in LACKING {
                let case = Case { who, account, key: Some(&[]), grant: Some(to), ..Case::default() };
                let case = with_lack(case, lack, who != ALICE || to == GrantedTo::Account);
                let is_limited = account == AWAY && matches!(who, Identity::User { .. } | Identity::RoleSession { .. });
                let stops = if stops.is_empty() && is_limited { "bs" } else { stops };
                let is_stopped = stops == "-"
                    || !case.session.is_empty() && stops.contains(&lack[..1])
                    || stops.contains(&lack[..1]) && lack != "session";
                assert_eq!(case.is_allowed(), !is_stopped, "{account} {who:?} {to:?} lacks {lack}");
                assert!(!Case { grant: None, ..case }.is_allowed());
            }
        }
    }
}

/// A grant stands in where the policies alone do not suffice; the denial is that of the way that came furthest.
#[test]
fn policies_and_grants_complete_each_other() {
    let account = allow(&home_account());
    let case = Case { key: Some(&[&account]), ..Case::default() };
    assert_eq!(case.outcome(), "nothing in identity-based policy");
    assert!(Case { grant: Some(GrantedTo::User), ..case }.is_allowed());
    assert_eq!(Case { grant: Some(GrantedTo::Account), ..case }.outcome(), "nothing in identity-based policy");
    let session = Case { who: SESSION, boundary: Some(OTHER), ..case };
    assert_eq!(Case { grant: Some(GrantedTo::RoleArn), ..session }.outcome(), "nothing in permissions boundary");
    assert_eq!(Case { grant: None, ..session }.outcome(), "nothing in identity-based policy");
}

#[test]
fn grants_are_asked_for_only_when_needed() {
    let count = |case: Case<'_>| {
        case.with(|question, policies, grant| {
            let asked = std::cell::Cell::new(0);
            kagiban_policy::decide(question, policies, &|| {
                asked.set(asked.get() + 1);
                grant()
            });
            asked.get()
        })
    };
    let statement = allow(&alice());
    assert_eq!(count(Case { key: Some(&[&statement]), ..Case::default() }), 0);
    assert_eq!(count(Case { identity: &[ALLOW], ..Case::default() }), 0);
    assert_eq!(count(Case { key: Some(&[]), ..Case::default() }), 1);
    assert_eq!(count(Case { key: Some(&[]), identity: &[DENY], ..Case::default() }), 1);
    assert_eq!(count(Case { key: Some(&[&statement]), identity: &[DENY], ..Case::default() }), 0);
}

/// What a foreign caller may be told depends on whether the key's side would have let it in.
#[test]
fn denials_tell_whether_the_resource_side_allowed() {
    let away = allow(&aws(AWAY));
    let none = deny(&aws(AWAY));
    let foreign = Case { account: AWAY, ..Case::default() };
    for (case, expected) in [
        (Case { key: Some(&[]), ..foreign }, false),
        (Case { key: Some(&[]), identity: &[ALLOW], ..foreign }, false),
        (Case { key: Some(&[&away]), ..foreign }, true),
        (Case { key: Some(&[&away]), identity: &[DENY], ..foreign }, true),
        (Case { key: Some(&[]), identity: &[DENY], ..foreign }, false),
        (Case { key: Some(&[]), identity: &[DENY], grant: Some(GrantedTo::User), ..foreign }, true),
        (Case { key: Some(&[]), identity: &[DENY], grant: Some(GrantedTo::RoleArn), ..foreign }, false),
        (Case { key: Some(&[&away, &none]), identity: &[DENY], ..foreign }, false),
        (Case { key: Some(&[&away, &none]), identity: &[ALLOW], ..foreign }, false),
        (Case { key: Some(&[]), grant: Some(GrantedTo::Account), ..foreign }, true),
        (Case { key: None, ..foreign }, true),
        (Case { key: None, identity: &[DENY], ..foreign }, true),
    ] {
        let Decision::Denied(denial) = case.decide() else { panic!("{:?}: allowed", case.key) };
        assert_eq!(denial.resource_side_allowed(), expected, "{:?} {:?} {:?}", case.key, case.identity, case.grant);
    }
}

#[test]
fn decisions_name_the_statement() {
    let statement = |kind, policy, statement| StatementAt { kind, policy, statement };
    let (named, account, none) = (allow(&alice()), allow(&home_account()), deny(&alice()));
    let other = format!(r#"{OTHER}, "Principal": "*""#);
    let case = Case { identity: &[OTHER, ALLOW], ..Case::default() };
    for (case, expected) in [
        (Case { key: Some(&[&other, &named]), ..case }, AllowedBy::Statement(statement(PolicyKind::Resource, 0, 1))),
        (Case { key: Some(&[&account, &named]), ..case }, AllowedBy::Statement(statement(PolicyKind::Resource, 0, 1))),
        (Case { key: Some(&[&account]), ..case }, AllowedBy::Statement(statement(PolicyKind::Identity, 1, 0))),
        (case, AllowedBy::Statement(statement(PolicyKind::Identity, 1, 0))),
        (Case { key: Some(&[]), grant: Some(GrantedTo::User), ..case }, AllowedBy::Grant(GrantedTo::User)),
        (Case { key: Some(&[]), grant: Some(GrantedTo::Account), ..case }, AllowedBy::Grant(GrantedTo::Account)),
    ] {
        assert_eq!(case.decide(), Decision::Allowed(expected));
    }
    let denied = Case { key: Some(&[&named, &other, &none, &none]), ..case };
    let Decision::Denied(denial) = denied.decide() else { panic!("allowed") };
    assert_eq!((denial.kind(), denial.statement()), (PolicyKind::Resource, Some((0, 2))));
    let denied = Case { identity: &[ALLOW, OTHER, DENY], ..denied };
    let Decision::Denied(denial) = denied.decide() else { panic!("allowed") };
    assert_eq!((denial.kind(), denial.statement()), (PolicyKind::Identity, Some((2, 0))));
}
