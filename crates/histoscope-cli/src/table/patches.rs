//! The table of patches: a line for each that was looked at, numbered from 1 within its image as on the page.

use histoscope::labels::Label;
use histoscope::report::ImageReport;
use histoscope::screen::Screen;

use super::{Cell, Results, Row, origin, plain, probabilities, row, successful, whose};

pub(super) fn rows(results: &Results<'_>, now: u64) -> impl Iterator<Item = Row> {
    let known = results.outcomes.iter().zip(results.whose);
    let known = known.filter_map(|(outcome, label)| Some((successful(outcome)?, label)));
    known.flat_map(move |(report, label)| of_image(report, label, now))
}

fn of_image(report: &ImageReport, label: &Label, now: u64) -> Vec<Row> {
    let mut of_all = whose(&report.filename, label);
    of_all.extend(origin(report, now));
    let classes = report.classes();
    let patches = report.patches.iter().zip(report.patch_shares()).enumerate();
    let rows = patches.map(|(index, (patch, shares))| {
        let mut cells = of_all.clone();
        cells.extend(row([
            ("patch", plain(index + 1)),
            ("x", plain(patch.x)),
            ("y", plain(patch.y)),
            ("width", plain(patch.width)),
            ("height", plain(patch.height)),
            ("screen", word(patch.screen)),
        ]));
        cells.extend(probabilities(classes.iter().copied().zip(shares.into_iter().flatten())));
        cells
    });
    rows.collect()
}

/// As the report has it.
fn word(screen: Screen) -> Cell {
    let value = serde_json::to_value(screen).ok();
    plain(value.as_ref().and_then(|value| value.as_str()).unwrap_or_default())
}
