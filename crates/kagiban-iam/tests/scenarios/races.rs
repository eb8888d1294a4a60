//! Requests at the same time: names stay unique, quotas hold, counts are right, nothing points to what is gone.

use std::sync::Arc;

use crate::support::World;

/// The codes of answers to the same operation from many at once, sorted; `ok` for a good one.
async fn at_once(world: &Arc<World>, operation: &'static str, all: Vec<Vec<(&'static str, String)>>) -> Vec<String> {
    let spawn = |parameters: Vec<(&'static str, String)>| {
        let world = Arc::clone(world);
        tokio::spawn(async move {
            let parameters: Vec<(&str, &str)> =
                parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
            world.root().iam(operation, &parameters).await.map_or_else(|refused| refused.code, |_| "ok".to_owned())
        })
    };
    let tasks: Vec<_> = all.into_iter().map(spawn).collect();
    let mut codes = Vec::new();
    for task in tasks {
        codes.push(task.await.unwrap());
    }
    codes.sort();
    codes
}

async fn count(world: &World, what: &str) -> String {
    let answer = world.root().iam("GetAccountSummary", &[]).await.unwrap();
    let at = answer.texts("SummaryMap/entry/key").iter().position(|key| key == what).unwrap();
    answer.texts("SummaryMap/entry/value").into_iter().nth(at).unwrap()
}

fn repeated(code: &str, times: usize) -> Vec<String> {
    vec![code.to_owned(); times]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_quotas_hold() {
    let world = Arc::new(World::new().await);
    let named = |name: &dyn Fn(usize) -> String| (0..8).map(|n| vec![("UserName", name(n))]).collect::<Vec<_>>();
    let codes = at_once(&world, "CreateUser", named(&|n| if n % 2 == 0 { "ann" } else { "Ann" }.to_owned())).await;
    assert_eq!(codes, [repeated("EntityAlreadyExists", 7), repeated("ok", 1)].concat());
    let codes = at_once(&world, "CreateUser", named(&|n| format!("u{n}"))).await;
    assert_eq!((codes, count(&world, "Users").await), (repeated("ok", 8), "9".to_owned()));
    let codes = at_once(&world, "CreateAccessKey", named(&|_| "ann".to_owned())).await;
    assert_eq!(codes, [repeated("LimitExceeded", 6), repeated("ok", 2)].concat());
    let codes = at_once(&world, "CreateAccessKey", vec![vec![]; 8]).await;
    assert_eq!(codes, [repeated("LimitExceeded", 6), repeated("ok", 2)].concat(), "of root");
    let codes = at_once(&world, "DeleteUser", named(&|_| "u1".to_owned())).await;
    assert_eq!(codes, [repeated("NoSuchEntity", 7), repeated("ok", 1)].concat());
    assert_eq!(count(&world, "Users").await, "8");
}

/// Joining a group and deleting it: one of them comes too late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_joins_what_is_gone() {
    let world = Arc::new(World::new().await);
    let root = world.root();
    root.iam("CreateUser", &[("UserName", "ann")]).await.unwrap();
    for round in 0..20 {
        root.iam("CreateGroup", &[("GroupName", "g")]).await.unwrap();
        let (group, user) = (("GroupName", "g".to_owned()), ("UserName", "ann".to_owned()));
        let (joined, deleted) = tokio::join!(
            at_once(&world, "AddUserToGroup", vec![vec![group.clone(), user]]),
            at_once(&world, "DeleteGroup", vec![vec![group]]),
        );
        let groups = root.iam("ListGroupsForUser", &[("UserName", "ann")]).await.unwrap();
        let is_member = groups.has("Groups/member");
        match (joined.join("").as_str(), deleted.join("").as_str(), is_member) {
            ("ok", "DeleteConflict", true) => {
                root.iam("RemoveUserFromGroup", &[("GroupName", "g"), ("UserName", "ann")]).await.unwrap();
                root.iam("DeleteGroup", &[("GroupName", "g")]).await.unwrap();
            }
            ("NoSuchEntity", "ok", false) => {}
            other => assert!(other.0.is_empty(), "round {round}: {other:?}"),
        }
    }
}
