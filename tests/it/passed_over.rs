//! Cargo passes over the unit tests and examples of what says that it has none: no such test may come in there unseen.

use std::path::{Path, PathBuf};

use crate::common::root;

#[test]
fn what_cargo_passes_over_has_no_tests() {
    let crates = std::fs::read_dir(root().join("crates")).unwrap();
    let mut packages: Vec<PathBuf> = crates.map(|entry| entry.unwrap().path()).collect();
    packages.push(root().to_owned());
    let mut passed_over = 0;
    for package in packages {
        let manifest = std::fs::read_to_string(package.join("Cargo.toml")).unwrap();
        let says = |table: &str, line: &str| {
            let mut of = manifest.split("\n[").filter(|text| text.starts_with(table));
            of.any(|text| text.lines().any(|said| said == line))
        };
        for source in sources(&package.join("src")) {
            let text = std::fs::read_to_string(&source).unwrap();
            let program = source.ends_with("src/main.rs");
            if says(if program { "[bin]]" } else { "lib]" }, "test = false") {
                passed_over += 1;
                assert!(!text.contains("#[test]"), "{} has a unit test", source.display());
            }
            if says("lib]", "doctest = false") {
                let mut fences = text.lines().filter_map(|line| {
                    line.trim_start()
                        .trim_start_matches(['/', '!'])
                        .trim_start()
                        .strip_prefix("```")
                });
                // Of each two the first one says what it is; Rust would be run.
                while let (Some(language), _) = (fences.next(), fences.next()) {
                    assert_eq!(language, "text", "{} has an example", source.display());
                }
            }
        }
    }
    assert!(passed_over > 0, "no manifest was understood");
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.fold(Vec::new(), |mut found, path| {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
        found
    })
}
