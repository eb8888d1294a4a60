//! Removes what was delivered to a directory long ago: whole days of `AWSLogs/ACCOUNT/KIND/REGION/YYYY/MM/DD`, and nothing
//! that is not laid out so.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::target::TargetError;

/// The folders of log files and of digests.
const KINDS: [&str; 2] = ["CloudTrail", "CloudTrail-Digest"];

/// Removes the days before `oldest` (`YYYYMMDD`); returns how many there were.
pub(super) fn remove_before(root: &Path, oldest: &str) -> Result<usize, TargetError> {
    let mut removed = 0;
    for account in folders(&root.join("AWSLogs"), 12)? {
        for kind in KINDS {
            for region in folders(&account.join(kind), 0)? {
                for day in days(&region, oldest)? {
                    fs::remove_dir_all(&day).map_err(|source| TargetError::File { path: day.clone(), source })?;
                    removed += 1;
                }
            }
        }
    }
    Ok(removed)
}

/// The folders of days before `oldest`.
fn days(region: &Path, oldest: &str) -> Result<Vec<PathBuf>, TargetError> {
    let mut found = Vec::new();
    for year in folders(region, 4)? {
        for month in folders(&year, 2)? {
            for day in folders(&month, 2)? {
                let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
                let text: String = [&year, &month, &day].into_iter().filter_map(|path| name(path)).collect();
                if text.as_str() < oldest {
                    found.push(day);
                }
            }
        }
    }
    Ok(found)
}

/// The folders in a folder whose names are so many digits; any names with 0. None in a folder that is not there.
fn folders(path: &Path, digits: usize) -> Result<Vec<PathBuf>, TargetError> {
    let failed = |source| TargetError::File { path: path.to_owned(), source };
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let fits = digits == 0 || (name.len() == digits && name.bytes().all(|b| b.is_ascii_digit()));
        if fits && entry.file_type().map_err(failed)?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_days_go_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let kept = [
            "AWSLogs/111122223333/CloudTrail/us-east-1/2026/08/21/file",
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2027/01/01/file",
            "AWSLogs/111122223333/Other/us-east-1/2026/08/20/file",
            "AWSLogs/other/CloudTrail/us-east-1/2026/08/20/file",
            "AWSLogs/111122223333/CloudTrail/us-east-1/2026/08/xx/file",
            "mine/2020/01/01/file",
        ];
        let removed = [
            "AWSLogs/111122223333/CloudTrail/us-east-1/2026/08/20/file",
            "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2025/12/31/file",
        ];
        for file in kept.iter().chain(&removed) {
            let path = place.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        assert_eq!(remove_before(place.path(), "20260821").unwrap(), removed.len());
        assert!(kept.iter().all(|file| place.path().join(file).exists()));
        assert!(removed.iter().all(|file| !place.path().join(file).exists()));
        assert_eq!(remove_before(&place.path().join("nothing"), "20260821").unwrap(), 0);
    }
}
