//! Whose images are, by the folders in which they lie.
//!
//! The page reads paths alike (`www/src/study/patients.ts`); both are held to one table,
//! `tests/fixtures/patient_folders.json`.

use std::collections::BTreeSet;

use crate::labels;

/// The most characters of a patient that a folder names; it is no place for a text.
const LONGEST: usize = 60;

/// Who tells whose the images of a folder are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Patients<'a> {
    /// Their names, where these are as BreakHis has them.
    #[default]
    ByNames,
    /// A person: all are of one patient.
    One,
    /// A person, a table or folders, of each image in the order of the images; `None` of what nothing
    /// is known of, as of images beyond the last.
    Told(&'a [Option<String>]),
}

/// Whose the images at `paths` are, parts separated by "/": by their names as BreakHis has them, else
/// by the innermost folder that is neither of a class ("benign") nor of a magnification or a stain
/// ("400X", "HE").
///
/// Two folders of one name are two patients, and are called by as much of their paths as tells them
/// apart.
pub fn from_folders(paths: &[&str]) -> Vec<Option<String>> {
    let folders: BTreeSet<&str> = paths.iter().filter_map(|path| patient_folder(path)).collect();
    let of = |path: &&str| match labels::of_path(path) {
        Some(named) => named.patient,
        None => patient_folder(path).map(|folder| told_apart(folder, &folders)),
    };
    paths.iter().map(of).collect()
}

/// The folder that names the patient of an image, as the path down to it; `None` where its name does,
/// or nothing.
fn patient_folder(path: &str) -> Option<&str> {
    if labels::of_path(path).is_some() {
        return None;
    }
    let mut rest = path;
    while let Some((folders, _)) = rest.rsplit_once('/') {
        if !tells_nothing(last(folders).trim()) {
            return Some(folders);
        }
        rest = folders;
    }
    None
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a folder is none of a patient: a magnification, a stain, a class, or a step on the way.
fn tells_nothing(folder: &str) -> bool {
    matches!(folder, "" | "." | "..")
        || is_magnification(folder)
        || is_stain(folder)
        || labels::class_of_folder(folder).is_some()
}

/// "400X", "x 20", "2.5x".
fn is_magnification(folder: &str) -> bool {
    let folder = folder.to_ascii_lowercase();
    let behind = folder.strip_prefix('x').map(str::trim_start);
    let number = behind.or_else(|| folder.strip_suffix('x').map(str::trim_end));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    number.is_some_and(|number| match number.split_once(['.', ',']) {
        Some((whole, part)) => digits(whole) && digits(part),
        None => digits(number),
    })
}

/// "HE", "H&E", "h + e".
fn is_stain(folder: &str) -> bool {
    let folder = folder.to_ascii_lowercase();
    let Some(between) = folder.strip_prefix('h').and_then(|rest| rest.strip_suffix('e')) else {
        return false;
    };
    matches!(between.trim(), "" | "&" | "+" | "_" | "-")
}

/// The shortest end of a folder's path that no other of `folders` has, or all of it.
fn told_apart(folder: &str, folders: &BTreeSet<&str>) -> String {
    let end = |path: &str, depth: usize| {
        let parts: Vec<&str> = path.split('/').collect();
        parts[parts.len().saturating_sub(depth)..].join("/")
    };
    // Those that differ in their last part never meet.
    let alike: Vec<&str> =
        folders.iter().copied().filter(|other| last(other) == last(folder)).collect();
    let deepest = alike.iter().map(|path| path.split('/').count()).max().unwrap_or(1);
    let unique = |depth: &usize| {
        let names: BTreeSet<String> = alike.iter().map(|path| end(path, *depth)).collect();
        names.len() == alike.len()
    };
    let depth = (1..=deepest).find(unique).unwrap_or(deepest);
    shortened(&end(folder, depth))
}

/// Without blanks that nobody sees; the end of a long name is what differs least.
fn shortened(name: &str) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.chars().count() <= LONGEST {
        return name;
    }
    name.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page is held to the same table (`www/test/patients.test.ts`).
    #[test]
    fn folders_are_read_as_the_page_reads_them() {
        #[derive(serde::Deserialize)]
        struct Row {
            path: String,
            patient: Option<String>,
        }
        let table = include_str!("../tests/fixtures/patient_folders.json");
        let table: Vec<Row> = serde_json::from_str(table).unwrap();
        assert!(table.len() > 10);
        for Row { path, patient } in table {
            assert_eq!(from_folders(&[&path]), [patient], "{path}");
        }
    }

    #[test]
    fn folders_of_one_name_are_told_apart_by_their_paths() {
        for (paths, patients) in [
            (
                &["a/case-1/1.png", "b/case-1/1.png", "b/case-2/1.png"][..],
                &["a/case-1", "b/case-1", "case-2"][..],
            ),
            (&["x/a/s/p/1.png", "x/b/s/p/2.png"], &["a/s/p", "b/s/p"]),
            (&["p/1.png", "b/p/1.png", "b/p/40x/2.png"], &["p", "b/p", "b/p"]),
        ] {
            let found: Vec<String> = from_folders(paths).into_iter().flatten().collect();
            assert_eq!(found, patients);
        }
    }

    #[test]
    fn steps_on_the_way_are_no_patients() {
        assert_eq!(from_folders(&["../1.png", "./1.png", "/1.png"]), [None, None, None]);
        let of = from_folders(&["../p/HE/1.png", "p 1 \t b/1.png"]);
        assert_eq!(of, [Some("p".into()), Some("p 1 b".into())]);
        let long = format!("{}/1.png", "ü".repeat(70));
        let [Some(long)] = &*from_folders(&[&long]) else { panic!("no patient") };
        assert_eq!((long.chars().count(), long.ends_with("ü…")), (LONGEST, true));
    }
}
