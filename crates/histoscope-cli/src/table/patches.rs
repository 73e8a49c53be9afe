//! The table of patches: a line for each that was looked at, numbered from 1 within its image as on the page.

use histoscope::report::{ImageOutcome, ImageReport};
use histoscope::screen::Screen;

use super::{Row, origin, own_shares, probabilities, row, successful, taught_shares, whose};

pub(super) fn rows(outcomes: &[ImageOutcome], now: u64) -> impl Iterator<Item = Row> {
    outcomes.iter().filter_map(successful).flat_map(move |report| of_image(report, now))
}

fn of_image(report: &ImageReport, now: u64) -> Vec<Row> {
    let mut of_all = whose(&report.filename);
    of_all.extend(origin(report, now));
    let any = report.voters() > 0;
    let mut taught = report.taught.iter().flat_map(|taught| &taught.voters);
    let rows = report.patches.iter().enumerate().map(|(index, patch)| {
        let mut cells = of_all.clone();
        cells.extend(row([
            ("patch", (index + 1).to_string()),
            ("x", patch.x.to_string()),
            ("y", patch.y.to_string()),
            ("width", patch.width.to_string()),
            ("height", patch.height.to_string()),
            ("screen", word(patch.screen)),
        ]));
        if !(any && patch.screen.may_vote()) {
            return cells;
        }
        if let (Some(head), Some(shares)) = (&report.taught, taught.next()) {
            cells.extend(probabilities(taught_shares(&head.classes, shares)));
        } else if let Some(own) = &patch.probabilities {
            cells.extend(probabilities(own_shares(own)));
        }
        cells
    });
    rows.collect()
}

/// As the report has it.
fn word(screen: Screen) -> String {
    let value = serde_json::to_value(screen).ok();
    value.as_ref().and_then(|value| value.as_str()).unwrap_or_default().into()
}
