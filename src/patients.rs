//! Whose images are, by the folders in which they lie.
//!
//! The page reads paths alike (`www/src/study/patients.ts`); both are held to one table,
//! `tests/fixtures/patient_folders.json`.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::labels::{self, Place};

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

/// Whose the images at these places are: by their names as BreakHis has them, else by the innermost
/// folder that is neither of a class ("benign") nor of a magnification or a stain ("400X", "HE").
///
/// Two folders of one name are two patients, and are called by as much of their paths as tells them
/// apart.
pub fn from_folders(places: &[Place<'_>]) -> Vec<Option<String>> {
    let folders: Vec<Option<String>> = places.iter().map(patient_folder).collect();
    let names = told_apart(folders.iter().flatten().map(String::as_str).collect());
    let of = |(place, folder): (&Place<'_>, &Option<String>)| match labels::of_path(place.below) {
        Some(named) => named.patient,
        None => names.get(folder.as_deref()?).cloned(),
    };
    places.iter().zip(&folders).map(of).collect()
}

/// The folder that names the patient of an image, as the whole path down to it; `None` where its name
/// does, or nothing.
fn patient_folder(place: &Place<'_>) -> Option<String> {
    if labels::of_path(place.below).is_some() {
        return None;
    }
    let mut rest = place.below;
    while let Some((folders, _)) = rest.rsplit_once('/') {
        if !tells_nothing(trimmed(last(folders))) {
            return Some(Place { below: folders, ..*place }.whole());
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
    let behind = folder.strip_prefix('x').map(trimmed);
    let number = behind.or_else(|| folder.strip_suffix('x').map(trimmed));
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
    matches!(trimmed(between), "" | "&" | "+" | "_" | "-")
}

/// A name for each of these folders that no other has.
fn told_apart(folders: BTreeSet<&str>) -> HashMap<&str, String> {
    let mut alike: HashMap<String, Vec<&str>> = HashMap::new();
    for folder in folders {
        alike.entry(cut_short(&tidied(last(folder)))).or_default().push(folder);
    }
    let mut names: HashMap<&str, String> = HashMap::new();
    let mut given: HashMap<String, usize> = HashMap::new();
    for (name, folders) in alike {
        if let [alone] = *folders {
            names.insert(alone, name);
            continue;
        }
        let deepest = folders.iter().map(|path| path.split('/').count()).max().unwrap_or(1);
        let ends = |depth| folders.iter().map(move |path| tidied(end(path, depth)));
        let all_differ =
            |names: &[String]| names.iter().collect::<HashSet<_>>().len() == names.len();
        let whole: Option<Vec<String>> = (1..=deepest)
            .map(|depth| ends(depth).collect())
            .find(|ends: &Vec<String>| all_differ(ends));
        // Only by blanks that nobody sees.
        let whole =
            whole.unwrap_or_else(|| folders.iter().map(|path| (*path).to_owned()).collect());
        let cut: Vec<String> = whole.iter().map(|name| cut_amid(name)).collect();
        // Unless what was cut is what tells them apart.
        let best = if all_differ(&cut) { cut } else { whole };
        names.extend(folders.iter().copied().zip(best));
    }
    for name in names.values() {
        *given.entry(name.clone()).or_default() += 1;
    }
    // Likewise of folders of different names.
    for (folder, name) in &mut names {
        if given[name] > 1 {
            *name = (*folder).to_owned();
        }
    }
    names
}

/// The last parts of a path, so many.
fn end(path: &str, parts: usize) -> &str {
    path.rmatch_indices('/').nth(parts - 1).map_or(path, |(at, _)| &path[at + 1..])
}

/// Without blanks that nobody sees.
fn tidied(name: &str) -> String {
    name.split(is_blank).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A long name without its end.
fn cut_short(name: &str) -> String {
    trimmed(&name.chars().take(LONGEST).collect::<String>()).to_owned()
}

/// A long name without its middle: its beginning tells branches apart, its end patients.
fn cut_amid(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let begin = name.chars().take(LONGEST / 2 - 1);
    begin.chain(['…']).chain(name.chars().skip(length - LONGEST / 2)).collect()
}

/// As JavaScript has it: with the byte order mark, and without the line end of old mainframes.
fn is_blank(character: char) -> bool {
    (character.is_whitespace() && character != '\u{85}') || character == '\u{feff}'
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(is_blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patients(paths: &[&str]) -> Vec<Option<String>> {
        from_folders(&paths.iter().map(|path| Place::new(path)).collect::<Vec<_>>())
    }

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
            assert_eq!(patients(&[&path]), [patient], "{path}");
        }
    }

    #[test]
    fn folders_of_one_name_are_told_apart_by_their_paths() {
        let long = "x".repeat(70);
        let [one, two] = [1, 2].map(|n| format!("{long}/p{n}/s/1.png"));
        let cut = [1, 2].map(|n| format!("{}…{}/p{n}/s", "x".repeat(29), "x".repeat(25)));
        let tails = ["a", "b"].map(|n| format!("{long}{n}/1.png"));
        let ends = ["a", "b"].map(|n| format!("{0}…{0}{n}", "x".repeat(29)));
        let deep = [1, 2].map(|n| format!("a/{0}{n}{0}/s/1.png", "x".repeat(40)));
        for (paths, expected) in [
            (
                &["a/case-1/1.png", "b/case-1/1.png", "b/case-2/1.png"][..],
                &["a/case-1", "b/case-1", "case-2"][..],
            ),
            (&["x/a/s/p/1.png", "x/b/s/p/2.png"], &["a/s/p", "b/s/p"]),
            (&["p/1.png", "b/p/1.png", "b/p/40x/2.png"], &["p", "b/p", "b/p"]),
            // Blanks that nobody sees tell no two apart.
            (&["a/p 1/1.png", "b/p  1/1.png"], &["a/p 1", "b/p 1"]),
            (&[&one, &two], &["p1/s", "p2/s"]),
            // The third has the first's end, so that it takes the long part, which is cut.
            (&[&one, &two, "y/p1/s/1.png"], &[&cut[0], &cut[1], "y/p1/s"]),
            // Two that only the middle tells apart are called by all of it.
            (&[&deep[0], &deep[1]], &[&deep[0][2..85], &deep[1][2..85]]),
            // Two folders of different names that are one as far as they are not cut.
            (&[&tails[0], &tails[1]], &[&ends[0], &ends[1]]),
        ] {
            let found: Vec<String> = patients(paths).into_iter().flatten().collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_lies_above_the_named_folder_tells_folders_apart_and_names_nobody() {
        let places = [("a/north", "case/1.png"), ("a/south", "case/1.png"), ("a/north", "2.png")];
        let places = places.map(|(above, below)| Place { above, below });
        let expected = ["north/case", "south/case"].map(|name| Some(name.to_owned()));
        assert_eq!(from_folders(&places)[..2], expected);
        assert_eq!(from_folders(&places)[2], None);
    }

    #[test]
    fn steps_on_the_way_are_no_patients_and_long_names_are_cut() {
        assert_eq!(patients(&["../1.png", "./1.png", "/1.png"]), [None, None, None]);
        let of = patients(&["../p/HE/1.png", "p 1 \t b/1.png"]);
        assert_eq!(of, [Some("p".into()), Some("p 1 b".into())]);
        let [Some(long)] = &*patients(&[&format!("{}/1.png", "ü".repeat(70))]) else { panic!() };
        assert_eq!(*long, "ü".repeat(LONGEST));
    }

    /// Each of many folders of one name among all others: once a minute of work for each image.
    #[test]
    fn many_folders_of_one_name_take_no_longer_than_a_moment() {
        let paths: Vec<String> =
            (0..20_000).map(|n| format!("P{}/slides/{n}.png", n / 2)).collect();
        let found = patients(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(found[19_999].as_deref(), Some("P9999/slides"));
        assert_eq!(found.iter().flatten().collect::<HashSet<_>>().len(), 10_000);
    }
}
