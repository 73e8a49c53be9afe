//! The table of patches: a line for each that was looked at, numbered from 1 within its image as on the page.

use histoscope::report::{ImageOutcome, ImageReport};
use histoscope::screen::Screen;

use super::{Row, origin, probabilities, row, successful, whose};

pub(super) fn rows(outcomes: &[ImageOutcome], now: u64) -> impl Iterator<Item = Row> {
    outcomes.iter().filter_map(successful).flat_map(move |report| of_image(report, now))
}

fn of_image(report: &ImageReport, now: u64) -> Vec<Row> {
    let mut of_all = whose(&report.filename);
    of_all.extend(origin(report, now));
    let classes = report.classes();
    let patches = report.patches.iter().zip(report.patch_shares()).enumerate();
    let rows = patches.map(|(index, (patch, shares))| {
        let mut cells = of_all.clone();
        cells.extend(row([
            ("patch", (index + 1).to_string()),
            ("x", patch.x.to_string()),
            ("y", patch.y.to_string()),
            ("width", patch.width.to_string()),
            ("height", patch.height.to_string()),
            ("screen", word(patch.screen)),
        ]));
        cells.extend(probabilities(classes.iter().copied().zip(shares.into_iter().flatten())));
        cells
    });
    rows.collect()
}

/// As the report has it.
fn word(screen: Screen) -> String {
    let value = serde_json::to_value(screen).ok();
    value.as_ref().and_then(|value| value.as_str()).unwrap_or_default().into()
}
