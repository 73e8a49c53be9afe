//! The types of what crosses to a page, as TypeScript, a limit of which it makes verdicts, and the colours of classes: the
//! page has no others, and a test fails when its file is not what the core says.

use std::fmt::{Debug, Write};
use std::path::Path;
use std::{env, fs};

use ts_rs::{Config, TS};

use super::*;
use crate::colours;
use crate::error::Fault;
use crate::grid::Grid;
use crate::pipeline::{Judgement, Plan, PlannedPatch};
use crate::scale::Source;
use crate::warning::Note;

const FILE: &str = "www/src/study/core-types.ts";

const TIED_DOCS: &str =
    "Below this confidence both classes are told as 50.0 %, which is no verdict.";

const HEAD: &str = "\
// The types of reports and plans, a limit, and colours. Written by the core from its own; do not edit.
//
// After a change of the core: WRITE_TYPES=1 cargo test --lib typescript
";

fn declare<T: TS>(text: &mut String, config: &Config) {
    if let Some(docs) = T::docs() {
        writeln!(text, "\n{}", docs.trim_end()).unwrap();
    }
    writeln!(text, "export {}", T::decl(config)).unwrap();
}

fn written() -> String {
    // Our counts are far below 2^53.
    let config = &Config::new().with_large_int("number");
    let mut text = HEAD.to_owned();
    macro_rules! declare {
        ($($type:ty),* $(,)?) => { $(declare::<$type>(&mut text, config);)* };
    }
    writeln!(text, "\n/**\n * {TIED_DOCS}\n */\nexport const TIED = {TIED};").unwrap();
    declare!(
        Class,
        ByClass<ts_rs::Dummy>,
        Screen,
        Counts,
        Variant,
        Fault,
        Verdict,
        Options,
        Source,
        Scale,
        Grid,
        PlannedPatch,
        Cause,
        Note,
        Plan,
        ImageSize,
        GridSummary,
        PatchReport,
        PatchBreakdown,
        ModelSummary,
        Arithmetic,
        ComputedBy,
        EngineSummary,
        Timings,
        Familiar,
        Unknown,
        LessonSummary,
        Taught,
        Judgement,
        TaughtTogether,
        TaughtRegion,
        SlideSource,
        RegionReport,
        Stroke,
        SlideSummary,
        ImageReport,
        Failure,
        FailureReport,
        ImageOutcome,
        Saved,
        ImageBreakdown,
        AggregatedDiagnosis,
        NoVerdict,
        PatientReport,
        FolderReport,
        Vote,
        Whole,
    );
    let mut tell = |name: &str, docs: &str, colours: &dyn Debug| {
        writeln!(text, "\n/** {docs} */\nexport const {name} = {colours:?} as const;").unwrap();
    };
    tell("STOPS", "At probabilities of malignant 0, 1/4, 1/2, 3/4 and 1.", &colours::STOPS);
    tell("OWN_TONES", "Of benign and malignant, where they are named.", &colours::OWN_TONES);
    tell("TONES", "Of other classes by place; the last is of all beyond.", &colours::TONES);
    tell("LEFT_OUT", "Of patches that do not vote.", &colours::LEFT_OUT);
    writeln!(text, "\n/** A saved report with more bytes is not read. */").unwrap();
    writeln!(text, "export const MAX_REPORTS_BYTES = {MAX_REPORTS_BYTES};").unwrap();
    text
}

#[test]
fn the_page_has_the_types_of_the_core() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let known = fs::read_to_string(&path).unwrap_or_default();
    let written = written();
    if known == written {
        return;
    }
    if env::var_os("WRITE_TYPES").is_some() {
        fs::write(&path, written).unwrap();
        panic!("{FILE} is written anew: look at what changed, and run again");
    }
    panic!("{FILE} is not what the core says. Run: WRITE_TYPES=1 cargo test --lib typescript");
}
