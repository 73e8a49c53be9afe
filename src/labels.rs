//! Labels: what images truly are, and whose, as a table, folders or names of files say it.
//!
//! A table names files by their paths, ends of these, or their names. Without one, a name as the BreakHis data
//! set has it speaks for its file; for others a folder does whose name is a label.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::class::Class;
use crate::lesson::{CLASSES, is_name};

/// The most lines of a table.
pub const MAX_LINES: usize = 100_000;

/// Why labels are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum LabelsProblem {
    #[error("the table has no column \"{column}\"")]
    NoColumn { column: &'static str },
    #[error("line {line}: {detail}")]
    Line { line: u64, detail: String },
    #[error("it has more than {most} lines")]
    TooLong { most: usize },
    #[error("{found} is no name of a class: 1 to 80 characters, none of them invisible")]
    Name { found: String },
    #[error("the number of different labels is {found}, where 2 to 12 may be")]
    Classes { found: usize },
    #[error("{found:?} is a label, and none of the lesson's classes")]
    Foreign { found: String },
    #[error("no image has a label")]
    None,
    #[error("the table names the patient of none of these images")]
    NoPatient,
}

/// What is known of one image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The truth.
    pub label: Option<String>,
    /// Whose it is.
    pub patient: Option<String>,
}

/// A table of labels.
#[derive(Debug, Clone, Default)]
pub struct Table {
    by_path: HashMap<String, Label>,
    /// By paths from their end to their beginning.
    backwards: BTreeMap<String, Label>,
}

impl Table {
    /// Adds a line: a file's path or name, its label, and its patient, which may be empty.
    ///
    /// # Errors
    /// [`LabelsProblem`] for a file that is there twice and says different things, and for what is
    /// no name.
    pub fn insert(
        &mut self,
        line: u64,
        file: &str,
        label: &str,
        patient: &str,
    ) -> Result<(), LabelsProblem> {
        if self.by_path.len() >= MAX_LINES {
            return Err(LabelsProblem::TooLong { most: MAX_LINES });
        }
        let known = |text: &str| {
            let text = text.trim();
            match text {
                "" => Ok(None),
                _ if is_name(text) => Ok(Some(text.to_owned())),
                _ => Err(format!("{text:?}")),
            }
        };
        let label = known(label).map_err(|found| LabelsProblem::Name { found })?;
        let patient = known(patient).map_err(|found| {
            let allowed = "1 to 80 characters, none of them invisible";
            LabelsProblem::Line {
                line,
                detail: format!("{found} is no name of a patient: {allowed}"),
            }
        })?;
        let label = Label { label, patient };
        let path = file.trim().replace('\\', "/");
        let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let path = parts.join("/");
        if name(&path).is_empty() {
            return Err(LabelsProblem::Line { line, detail: "it names no file".into() });
        }
        if self.by_path.get(&path).is_some_and(|other| *other != label) {
            let detail = format!("{path:?} is there twice, with another label or patient");
            return Err(LabelsProblem::Line { line, detail });
        }
        self.backwards.insert(path.chars().rev().collect(), label.clone());
        self.by_path.insert(path, label);
        Ok(())
    }

    /// What it says of each of the images at these places: the line that is the longest end of the
    /// image's path, else the lines of which the image's path below what was named is the end. A line
    /// that may mean several images means none, and lines that say two things of one say nothing.
    pub fn of(&self, places: &[Place<'_>]) -> Vec<Label> {
        let wholes: Vec<String> = places.iter().map(Place::whole).collect();
        let ends: Vec<Option<&str>> = wholes.iter().map(|whole| self.end(whole)).collect();
        let mut meant: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for (whole, end) in wholes.iter().zip(&ends) {
            if let Some(end) = end {
                meant.entry(end).or_default().insert(whole);
            }
        }
        let of = |((place, whole), end): ((&Place<'_>, &String), &Option<&str>)| match *end {
            Some(end) if end == whole || meant[end].len() == 1 => self.by_path.get(end),
            Some(_) => None,
            None => self.longer(plain(place.below)),
        };
        let each = places.iter().zip(&wholes).zip(&ends);
        each.map(|each| of(each).cloned().unwrap_or_default()).collect()
    }

    /// The longest end of a path that it has.
    fn end<'a>(&self, path: &'a str) -> Option<&'a str> {
        let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
        starts.map(|start| &path[start..]).find(|end| self.by_path.contains_key(*end))
    }

    /// What the lines agree on of which `path` is the end.
    fn longer(&self, path: &str) -> Option<&Label> {
        let start: String = path.chars().rev().chain(['/']).collect();
        let lines = self.backwards.range(start.clone()..);
        let mut labels =
            lines.take_while(|(line, _)| line.starts_with(&start)).map(|(_, label)| label);
        let first = labels.next()?;
        labels.all(|label| label == first).then_some(first)
    }
}

/// Where an image lies, parts separated by "/".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The path down to what was named; may be empty.
    pub above: &'a str,
    /// From what was named on, a folder or the file itself: as the page has paths.
    pub below: &'a str,
}

impl<'a> Place<'a> {
    /// Of a path of which nobody knows what was named.
    pub fn new(path: &'a str) -> Self {
        Self { above: "", below: path }
    }

    /// The whole path, without what it may begin with that leads nowhere: "/" or "./".
    pub fn whole(&self) -> String {
        match self.above {
            "" => plain(self.below).to_owned(),
            above => plain(&format!("{above}/{}", self.below)).to_owned(),
        }
    }
}

/// A path without "/" and "./" before its first part.
fn plain(path: &str) -> &str {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./").or_else(|| path.strip_prefix('/')) {
        path = rest;
    }
    path
}

/// Of the file at `path`.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Labels of images, and how far folders' names were taken for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// In the order of the images.
    pub labels: Vec<Label>,
    /// Labels that are names of folders, where those are not called benign or malignant. A folder of
    /// a day or a person may be among them: so people are told.
    pub folders: BTreeSet<String>,
}

/// Labels of the images at `paths`, parts separated by "/", from names of BreakHis, else from their
/// folders.
///
/// A name of BreakHis says class and patient, whatever its folder is called. Of the others, a folder
/// that is called like a class, benign or malignant, is the label; where none has such a folder, the
/// first one in which their paths differ is. Folders between it and the file are the patient.
pub fn from_paths(paths: &[&str]) -> Told {
    let parts: Vec<Vec<&str>> = paths.iter().map(|path| path.split('/').collect()).collect();
    let of_names: Vec<Option<Label>> =
        parts.iter().map(|parts| breakhis(parts.last().copied().unwrap_or_default())).collect();
    let folders = |parts: &[&str]| parts.len().saturating_sub(1);
    let named = |parts: &[&str]| {
        parts[..folders(parts)].iter().position(|part| class_of_folder(part).is_some())
    };
    let others = || parts.iter().zip(&of_names).filter(|(_, name)| name.is_none()).map(|(p, _)| p);
    // The depth in which all others have a folder, and not all the same.
    let depth = (0..others().map(|parts| folders(parts)).min().unwrap_or(0))
        .find(|&depth| others().map(|parts| parts[depth]).collect::<BTreeSet<_>>().len() > 1);
    let any_named = others().any(|parts| named(parts).is_some());
    let mut told = Told::default();
    for (parts, of_name) in parts.iter().zip(&of_names) {
        let at = if any_named { named(parts) } else { depth };
        told.labels.push(match (of_name, at) {
            (Some(of_name), _) => of_name.clone(),
            (None, None) => Label::default(),
            (None, Some(at)) => {
                let class = class_of_folder(parts[at]);
                let label =
                    class.map_or_else(|| parts[at].to_owned(), |class| class.name().to_owned());
                let label = Some(label).filter(|label| is_name(label));
                if class.is_none() {
                    told.folders.extend(label.clone());
                }
                let below = parts[at + 1..folders(parts)].join("/");
                Label { label, patient: Some(below).filter(|below| is_name(below)) }
            }
        });
    }
    told
}

/// The class that a folder is called like, in the languages of the page.
pub(crate) fn class_of_folder(folder: &str) -> Option<Class> {
    match folder.trim().to_lowercase().as_str() {
        "benign" | "gutartig" => Some(Class::Benign),
        // Some systems write an umlaut as two characters.
        "malignant" | "bösartig" | "bo\u{308}sartig" | "boesartig" => Some(Class::Malignant),
        _ => None,
    }
}

/// The class of the innermost folder that is called like one, of a file at `path`.
pub fn of_folders(path: &str) -> Option<String> {
    let (folders, _) = path.rsplit_once('/')?;
    folders.rsplit('/').find_map(class_of_folder).map(|class| class.name().to_owned())
}

/// The folders above those that tell an image's label and patient: where it comes from, as far as
/// that does not follow from what it shows. `path` has its parts separated by "/".
pub fn origin<'a>(path: &'a str, label: &str, patient: Option<&str>) -> &'a str {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let tells = |part: &str| {
        part.eq_ignore_ascii_case(label)
            || patient == Some(part)
            || class_of_folder(part).is_some_and(|class| class.name() == label)
    };
    let mut end = 0;
    for part in folders.split('/') {
        if tells(part) {
            return folders[..end].trim_end_matches('/');
        }
        end = (end + part.len() + 1).min(folders.len());
    }
    folders
}

/// What the name of the file says that lies at `path`, as [`breakhis`] has it.
pub fn of_path(path: &str) -> Option<Label> {
    breakhis(name(path))
}

/// What a name of BreakHis says: `SOB_M_DC-14-2523-400-001.png` is malignant, of patient 14-2523.
///
/// The patient is the year and the number of the slide; the letters behind the number are slides of the
/// same person. The page reads names alike (`www/src/study/patients.ts`).
pub fn breakhis(file: &str) -> Option<Label> {
    let (procedure, rest) = file.split_once('_')?;
    let (class, rest) = rest.split_once('_')?;
    let label = match class {
        "B" | "b" => Class::Benign,
        "M" | "m" => Class::Malignant,
        _ => return None,
    };
    let (subtype, rest) = rest.split_once(['-', '_'])?;
    let [year, slide, magnification, sequence] = *rest.splitn(4, '-').collect::<Vec<_>>() else {
        return None;
    };
    let number = slide.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let ending = sequence.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let all = procedure.eq_ignore_ascii_case("SOB")
        && !subtype.is_empty()
        && subtype.bytes().all(|byte| byte.is_ascii_alphabetic())
        && year.len() == 2
        && [year, number, magnification].into_iter().all(is_number)
        && ending.len() < sequence.len()
        && !ending.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    all.then(|| Label {
        label: Some(label.name().into()),
        patient: Some(format!("{year}-{number}")),
    })
}

/// The classes of these labels: benign and malignant in this order, others by name.
///
/// # Errors
/// [`LabelsProblem`] if there are too few or too many, or none at all.
pub fn classes<'a>(
    labels: impl IntoIterator<Item = &'a Label>,
) -> Result<Vec<String>, LabelsProblem> {
    let names: BTreeSet<&str> =
        labels.into_iter().filter_map(|label| label.label.as_deref()).collect();
    if names.is_empty() {
        return Err(LabelsProblem::None);
    }
    if !CLASSES.contains(&names.len()) {
        return Err(LabelsProblem::Classes { found: names.len() });
    }
    // "benign" comes before "malignant" by the alphabet, too.
    Ok(names.into_iter().map(ToOwned::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(label: &str, patient: &str) -> Label {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Label { label: text(label), patient: text(patient) }
    }

    #[test]
    fn a_table_is_read_by_path_and_by_name() {
        let mut table = Table::default();
        table.insert(2, "a/x.png", "normal", "p1").unwrap();
        table.insert(3, "b\\x.png", "cancer", "").unwrap();
        table.insert(4, " y.png ", " cancer ", "p2").unwrap();
        table.insert(5, "y.png", "cancer", "p2").unwrap();
        let unknown = known("", "");
        let of = |table: &Table, paths: &[&str]| {
            table.of(&paths.iter().map(|path| Place::new(path)).collect::<Vec<_>>())
        };
        let found = of(&table, &["root/a/x.png", "b/x.png", "c/x.png", "c/y.png", "z.png"]);
        let (normal, cancer) = (known("normal", "p1"), known("cancer", "p2"));
        // Files of another folder are others, whatever their names.
        let none = unknown.clone();
        assert_eq!(
            found,
            [normal, known("cancer", ""), none.clone(), cancer.clone(), none.clone()]
        );
        // Of two images of one name nobody can tell which the table means, unless it says so.
        assert_eq!(of(&table, &["c/y.png", "d/y.png"]), [none.clone(), none.clone()]);
        assert_eq!(of(&table, &["y.png", "d/y.png"]), [cancer.clone(), none.clone()]);
        let mut deep = table.clone();
        deep.insert(5, "./d//./y.png", "normal", "p3").unwrap();
        assert_eq!(of(&deep, &["/y.png", "./d/y.png"]), [cancer, known("normal", "p3")]);
        // It may have been written where folders lie otherwise.
        let mut far = Table::default();
        far.insert(2, "C:\\data\\s\\p\\1.png", "", "p").unwrap();
        far.insert(3, "C:\\data\\s\\q\\1.png", "", "q").unwrap();
        let near = |below| Place { above: "home/me", below };
        let found = far.of(&["s/p/1.png", "s/q/1.png", "q/1.png", "1.png"].map(near));
        assert_eq!(found, [known("", "p"), known("", "q"), known("", "q"), none]);
        let error = table.insert(6, "y.png", "normal", "p2").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 6: \"y.png\" is there twice, with another label or patient"
        );
        assert!(table.insert(7, "z.png", "a\u{1b}b", "").is_err());
        let error = table.insert(7, "z.png", "", "patient-\u{202e}1").unwrap_err();
        assert!(error.to_string().starts_with("line 7: \"patient-"), "{error}");
        assert!(table.insert(8, "", "a", "").is_err());
    }

    #[test]
    fn folders_speak_where_they_differ() {
        let paths = ["set/normal/p1/1.png", "set/normal/p2/2.png", "set/cancer/3.png"];
        let labels = [known("normal", "p1"), known("normal", "p2"), known("cancer", "")];
        let told = from_paths(&paths);
        assert_eq!(told.labels, labels);
        assert!(told.folders.iter().eq(["cancer", "normal"]), "{:?}", told.folders);
        let named = from_paths(&["p/Benign/1.png", "q/malignant/2.png", "q/3.png"]);
        assert!(named.folders.is_empty(), "{:?}", named.folders);
        assert_eq!(named.labels, [known("benign", ""), known("malignant", ""), known("", ""),]);
        assert_eq!(from_paths(&["1.png", "2.png"]).labels, [known("", ""), known("", "")]);
    }

    #[test]
    fn folders_of_classes_have_the_names_of_the_page() {
        let paths =
            ["Gutartig/1.png", "Bösartig/2.png", "bo\u{308}sartig/3.png", "boesartig/4.png"];
        let labels = from_paths(&paths).labels.into_iter().map(|label| label.label.unwrap());
        assert!(labels.eq(["benign", "malignant", "malignant", "malignant"]));
    }

    #[test]
    fn the_innermost_folder_of_a_class_tells_it() {
        for (path, label) in [
            ("malignant/p/Gutartig/400X/1.png", Some("benign")),
            ("p/malignant/1.png", Some("malignant")),
            ("p/benign.png", None),
            ("benign", None),
        ] {
            assert_eq!(of_folders(path).as_deref(), label, "{path}");
        }
    }

    #[test]
    fn the_origin_is_what_lies_above_label_and_patient() {
        for (path, label, patient, above) in [
            ("a/b/benign/p/1.png", "benign", Some("p"), "a/b"),
            ("a/Gutartig/1.png", "benign", None, "a"),
            ("a/p/benign/1.png", "benign", Some("p"), "a"),
            ("a/b/1.png", "normal", Some("p"), "a/b"),
            ("Normal/1.png", "normal", None, ""),
            ("1.png", "normal", None, ""),
        ] {
            assert_eq!(origin(path, label, patient), above, "{path}");
        }
    }

    #[test]
    fn names_of_breakhis_say_class_and_patient() {
        let paths = ["SOB_M_DC-14-2523-400-001.png", "SOB_B_TA-14-22549AB-40-001.webp"];
        assert_eq!(
            from_paths(&paths).labels,
            [known("malignant", "14-2523"), known("benign", "14-22549")]
        );
        let in_folders = ["benign/x/SOB_B_TA-14-22549AB-40-001.png", "malignant/1.png"];
        assert_eq!(
            from_paths(&in_folders).labels,
            [known("benign", "14-22549"), known("malignant", "")]
        );
    }

    #[test]
    fn folders_of_days_and_patients_do_not_beat_names_of_breakhis() {
        let paths = [
            "monday/SOB_M_DC-14-2523-400-001.png",
            "monday/SOB_B_TA-14-22549AB-40-001.png",
            "benign/SOB_M_DC-14-2523-400-002.png",
        ];
        let told = from_paths(&paths);
        let malignant = known("malignant", "14-2523");
        assert_eq!(told.labels, [malignant.clone(), known("benign", "14-22549"), malignant]);
        assert!(told.folders.is_empty(), "{:?}", told.folders);
        // Folders still speak for what has other names, by themselves.
        let mixed = [paths[0], "tuesday/normal/1.png", "tuesday/cancer/2.png"];
        let told = from_paths(&mixed);
        let labels = [known("malignant", "14-2523"), known("normal", ""), known("cancer", "")];
        assert_eq!(told.labels, labels);
        assert!(told.folders.iter().eq(["cancer", "normal"]), "{:?}", told.folders);
    }

    /// The page is held to the same table (`www/test/patients.test.ts`).
    #[test]
    fn names_are_read_as_the_page_reads_them() {
        #[derive(serde::Deserialize)]
        struct Name {
            file: String,
            label: Option<String>,
            patient: Option<String>,
        }
        let table = include_str!("../tests/fixtures/breakhis_names.json");
        let table: Vec<Name> = serde_json::from_str(table).unwrap();
        for Name { file, label, patient } in table {
            let found = breakhis(&file).unwrap_or_default();
            assert_eq!(found, Label { label, patient }, "{file}");
        }
    }

    #[test]
    fn classes_are_two_to_twelve() {
        let of =
            |names: &[&str]| classes(&names.iter().map(|name| known(name, "")).collect::<Vec<_>>());
        assert_eq!(of(&["malignant", "", "benign"]).unwrap(), ["benign", "malignant"]);
        assert_eq!(of(&["", ""]), Err(LabelsProblem::None));
        assert_eq!(of(&["a"]), Err(LabelsProblem::Classes { found: 1 }));
        let many: Vec<String> = (0..13).map(|n| format!("c{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(of(&many), Err(LabelsProblem::Classes { found: 13 }));
    }
}
