//! What must hold of the stored rows of keys between any two transactions, wherever a job was cut.
//!
//! The rows are read as they are stored, by the names of their tables and of their JSON members, and not through the
//! service that wrote them: so that a mistake in its records shows. Row types and their keys: `records/` in
//! `kagiban-service`.
#![expect(clippy::indexing_slicing, reason = "a member that a JSON object does not have is null")]

use std::collections::{BTreeMap, BTreeSet};

use kagiban_base::id::KeyMaterialId;
use kagiban_storage::Engine;
use kagiban_storage::engine::{Entry, KeyRange};
use serde_json::Value;

/// Region, account and key id.
type KeyName = [String; 3];

/// All that is stored about one key id; `body` is null when there is no such key.
#[derive(Debug, Default)]
struct Key {
    body: Value,
    has_policy: bool,
    materials: BTreeSet<String>,
    /// The history of materials by number.
    rotations: BTreeMap<u64, String>,
    /// Aliases that point here, and the index's entries.
    aliases: BTreeSet<String>,
    index: BTreeSet<String>,
    grants: BTreeMap<Vec<u8>, Value>,
    grant_count: u64,
    /// Retiring principal and grant.
    retirable: BTreeSet<(String, Vec<u8>)>,
    grant_names: Vec<(String, String)>,
    has_use: bool,
}

/// What is wrong with the rows of keys, in words; nothing, if all is well.
///
/// Of a key that is being erased, materials, history, aliases and grants may be gone in part; but not in halves.
pub async fn broken_invariants(engine: &dyn Engine) -> Vec<String> {
    let mut keys: BTreeMap<KeyName, Key> = BTreeMap::new();
    let mut broken = Vec::new();
    for entry in all_rows(engine).await {
        if !take(&entry, &mut keys) {
            broken.push(format!("a row that cannot be read: {}", entry.key.escape_ascii()));
        }
    }
    for (name, key) in &keys {
        broken.extend(key.broken().into_iter().map(|what| format!("{} {what}", name.join(" "))));
    }
    broken.extend(sets(&keys).values().flat_map(|set| broken_set(set)));
    broken
}

/// What is not settled of multi-Region keys, in words: nothing, once every job that is due has run and every replica could be
/// reached. Then they agree on who is the primary and who else there is, and no rotation or change is under way.
pub async fn unsettled_keys(engine: &dyn Engine) -> Vec<String> {
    let mut keys: BTreeMap<KeyName, Key> = BTreeMap::new();
    for entry in all_rows(engine).await {
        take(&entry, &mut keys);
    }
    sets(&keys).values().flat_map(|set| unsettled_set(set)).collect()
}

/// The multi-Region keys that share a key id, with their Regions.
fn sets(keys: &BTreeMap<KeyName, Key>) -> BTreeMap<[&str; 2], Vec<(&str, &Key)>> {
    let mut sets: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for ([region, account, id], key) in keys.iter().filter(|(_, key)| !key.body["multi_region"].is_null()) {
        sets.entry([account.as_str(), id.as_str()]).or_default().push((region.as_str(), key));
    }
    sets
}

/// One key at most acts as the primary: one that has yielded its role does not.
fn broken_set(set: &[(&str, &Key)]) -> Option<String> {
    let acts = |key: &Key| {
        let about = &key.body["multi_region"];
        about["role"] == "PRIMARY" && about["handover"]["Yielded"].is_null()
    };
    let acting = set.iter().filter(|(_, key)| acts(key)).count();
    (acting > 1).then(|| format!("a set of keys has {acting} primaries: {set:?}"))
}

fn unsettled_set(set: &[(&str, &Key)]) -> Vec<String> {
    let mut unsettled = Vec::new();
    let roles = set.iter().filter(|(_, key)| key.body["multi_region"]["role"] == "PRIMARY");
    let primaries: Vec<&str> = roles.map(|(region, _)| *region).collect();
    for (region, key) in set {
        let about = &key.body["multi_region"];
        let others: BTreeSet<&str> =
            set.iter().map(|(region, _)| *region).filter(|other| *other != about["primary"]).collect();
        let known = about["replicas"].as_array().into_iter().flatten().filter_map(|replica| replica["region"].as_str());
        let holds = primaries == [about["primary"].as_str().unwrap_or_default()]
            && about["handover"].is_null()
            && about["rotating"].is_null()
            && !matches!(key.body["state"].as_str(), Some("Creating" | "Updating"))
            && known.collect::<BTreeSet<_>>() == others;
        if !holds {
            unsettled.push(format!("the key in {region} is not settled, primaries {primaries:?}: {key:?}"));
        }
    }
    unsettled
}

async fn all_rows(engine: &dyn Engine) -> Vec<Entry> {
    let snapshot = engine.snapshot().await.expect("a snapshot");
    let (mut range, mut rows) = (KeyRange::all(), Vec::new());
    loop {
        let page = snapshot.scan(&range, 1000).await.expect("a page");
        rows.extend(page.entries);
        let Some(last) = rows.last().filter(|_| page.more) else { return rows };
        range = range.after(&last.key);
    }
}

/// The next text of a row's key.
fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let end = rest.iter().position(|byte| *byte == 0)?;
    let (text, behind) = rest.split_at_checked(end)?;
    *rest = behind.get(1..)?;
    str::from_utf8(text).ok()
}

/// The next three texts, which name a key or an alias.
fn three(rest: &mut &[u8]) -> Option<KeyName> {
    Some([part(rest)?.to_owned(), part(rest)?.to_owned(), part(rest)?.to_owned()])
}

fn key<'k>(keys: &'k mut BTreeMap<KeyName, Key>, rest: &mut &[u8]) -> Option<&'k mut Key> {
    Some(keys.entry(three(rest)?).or_default())
}

/// Takes a row, if it belongs to a key; whether it could be read.
fn take(entry: &Entry, keys: &mut BTreeMap<KeyName, Key>) -> bool {
    let mut rest = entry.key.as_slice();
    let Some(table) = part(&mut rest) else { return false };
    let body = || serde_json::from_slice::<Value>(entry.value.get(1..).unwrap_or_default()).ok();
    take_row(table, rest, body, keys).is_some()
}

fn take_row(
    table: &str,
    mut rest: &[u8],
    body: impl Fn() -> Option<Value>,
    keys: &mut BTreeMap<KeyName, Key>,
) -> Option<()> {
    let rest = &mut rest;
    match table {
        "key" => key(keys, rest)?.body = body()?,
        "key-policy" => key(keys, rest)?.has_policy = true,
        "key-use" => key(keys, rest)?.has_use = true,
        "grant-count" => key(keys, rest)?.grant_count = body()?["count"].as_u64()?,
        "material" => {
            let key = key(keys, rest)?;
            key.materials.insert(KeyMaterialId::from_bytes((*rest).try_into().ok()?).to_string());
        }
        "key-rotation" => {
            let key = key(keys, rest)?;
            let number = u64::from_be_bytes((*rest).try_into().ok()?);
            key.rotations.insert(number, body()?["material_id"].as_str()?.to_owned());
        }
        "alias" => {
            let [region, account, alias] = three(rest)?;
            let target = body()?["target"].as_str()?.to_owned();
            keys.entry([region, account, target]).or_default().aliases.insert(alias);
        }
        "key-alias" => _ = key(keys, rest)?.index.insert(part(rest)?.to_owned()),
        "grant" => _ = key(keys, rest)?.grants.insert(rest.to_vec(), body()?),
        "grant-name" => {
            let key = key(keys, rest)?;
            key.grant_names.push((part(rest)?.to_owned(), body()?["grant_id"].as_str()?.to_owned()));
        }
        "retirable-grant" => {
            let (region, retiring) = (part(rest)?.to_owned(), part(rest)?.to_owned());
            let [account, key_id] = [part(rest)?.to_owned(), part(rest)?.to_owned()];
            keys.entry([region, account, key_id]).or_default().retirable.insert((retiring, rest.to_vec()));
        }
        _ => {}
    }
    Some(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Key {
    fn broken(&self) -> Vec<String> {
        if self.body.is_null() {
            return vec![format!("has rows but is no key: {self:?}")];
        }
        let mut broken = Vec::new();
        let mut must = |holds: bool, what: &str| {
            if !holds {
                broken.push(format!("{what}: {self:?}"));
            }
        };
        let state = self.body["state"].as_str().unwrap_or_default();
        let is_erasing = self.body["erasing"] == true;
        must(self.has_policy, "has no policy");
        must(state == "PendingDeletion" || !is_erasing, "is being erased in another state than PendingDeletion");
        must((state == "PendingDeletion") == self.body["deletion_date"].is_i64(), "has a deletion date or lacks one");
        must(self.aliases == self.index, "has aliases that the index does not have, or the reverse");
        must(self.body["alias_count"] == self.aliases.len(), "does not have as many aliases as it counts");
        must(self.grant_count == self.grants.len() as u64, "does not have as many grants as are counted");
        must(self.retirable == self.retiring(), "has grants that the index by retiring principal does not have");
        must(self.names_are_of_grants(), "has a name of a grant that is not there");
        if !is_erasing {
            self.check_materials(state, &mut must);
        }
        broken
    }

    fn retiring(&self) -> BTreeSet<(String, Vec<u8>)> {
        let retiring =
            |(id, grant): (&Vec<u8>, &Value)| Some((grant["retiring"]["identity"].as_str()?.to_owned(), id.clone()));
        self.grants.iter().filter_map(retiring).collect()
    }

    fn names_are_of_grants(&self) -> bool {
        let ids: BTreeMap<String, &Value> = self.grants.iter().map(|(id, grant)| (hex(id), grant)).collect();
        self.grant_names.iter().all(|(name, id)| ids.get(id).is_some_and(|grant| grant["name"] == *name))
    }

    fn check_materials(&self, state: &str, must: &mut impl FnMut(bool, &str)) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let current = text(&self.body["current_material"]);
        let count = self.body["rotation"]["count"].as_u64().unwrap_or_default();
        let numbers: Vec<u64> = self.rotations.keys().copied().collect();
        let expected = if count == 0 { Vec::new() } else { (0..=count).collect() };
        // A replica gets its history ahead of what it says, and a rotation has its material before it is one.
        let is_shared = !self.body["multi_region"].is_null();
        let is_longer = is_shared && numbers.starts_with(&expected);
        must(numbers == expected || is_longer, "does not have as long a history of materials as it counts");
        must(
            count == 0 || self.rotations.get(&count) == current.as_ref(),
            "has a current material that is not the last",
        );
        let history: BTreeSet<String> = self.rotations.values().cloned().chain(current).collect();
        if self.body["origin"] != "EXTERNAL" {
            let has_more = is_shared && self.materials.is_superset(&history);
            must(self.materials == history || has_more, "has not the materials of its history");
            return;
        }
        let imports = self.body["imports"].as_array().cloned().unwrap_or_default();
        let present = imports.iter().filter(|import| import["present"] == true);
        must(self.materials == present.filter_map(|import| text(&import["id"])).collect(), "has not its imports");
        let permanent = |import: &&Value| import["state"] == "CURRENT" || import["state"] == "NON_CURRENT";
        let is_complete = imports.iter().filter(permanent).all(|import| import["present"] == true);
        must(is_complete || state == "PendingImport" || state == "PendingDeletion", "can be used without material");
    }
}
