//! The table of patients: what the images of each say together, and how those were made.

use histoscope::report::{ImageOutcome, ImageReport, PatientReport};

use super::{
    LAST_COUNT, LAST_PROBABILITY, PATIENT_COLUMNS, Row, insert, origin, own_shares, plain,
    probability_of, said, successful, taught_shares, text,
};
/// With those of the classes of lessons and models.
pub(super) fn columns(patients: &[PatientReport]) -> Vec<String> {
    let classes = || {
        let taught = patients.iter().filter_map(|patient| patient.taught.as_ref());
        taught.flat_map(|taught| &taught.classes)
    };
    let mut columns: Vec<String> = PATIENT_COLUMNS.map(str::to_owned).into();
    insert(&mut columns, LAST_PROBABILITY, classes().map(|class| probability_of(class)));
    insert(&mut columns, LAST_COUNT, classes().map(|class| images_of(class)));
    columns
}

fn images_of(class: &str) -> String {
    format!("{class}_images")
}

/// One patient, whose images are among `outcomes`; copies of others' do not count.
pub(super) fn row(patient: &PatientReport, outcomes: &[ImageOutcome], now: u64) -> Row {
    let mut reports = patient.images.iter().filter_map(|&place| successful(&outcomes[place]));
    let counted: Option<&ImageReport> = reports.find(|report| report.duplicate_of.is_none());
    let any = usize::from(counted.is_some());
    let mut cells = super::row([
        ("patient", text(&patient.patient)),
        ("images", plain(patient.num_images - patient.num_duplicates)),
        ("unfamiliar", plain(patient.num_unfamiliar.unwrap_or_default())),
        ("not_assessable", plain(patient.num_not_assessable)),
        ("failed", plain(patient.num_failed)),
        // The command line looks at all that it was given.
        ("missing", plain(0)),
        ("models", plain(any)),
        ("different_options", plain(any)),
    ]);
    cells.extend(said_of(patient));
    // All of them were made alike.
    cells.extend(counted.map(|report| origin(report, now)).unwrap_or_default());
    cells
}

/// By a lesson, or a model, that has other classes, else of benign and malignant.
fn said_of(patient: &PatientReport) -> Row {
    if let Some(taught) = &patient.taught {
        let shares = taught.probabilities.as_deref().unwrap_or_default();
        let shares = taught_shares(&taught.classes, shares);
        let mut cells =
            said(&taught.verdict, taught.prediction.as_deref(), taught.confidence, shares);
        let images = taught.classes.iter().zip(&taught.images);
        cells.extend(images.map(|(class, count)| (images_of(class), plain(count))));
        return cells;
    }
    let own = patient.aggregated_diagnosis.as_ref();
    let verdict = patient.verdict.map(|verdict| verdict.to_string()).unwrap_or_default();
    let mut cells = said(
        &verdict,
        own.map(|own| own.prediction.name()),
        own.map(|own| own.confidence),
        own.into_iter().flat_map(|own| own_shares(&own.probabilities)),
    );
    let counts = patient.image_breakdown.unwrap_or_default();
    cells.extend(super::row([
        ("benign_images", plain(counts.benign_images)),
        ("malignant_images", plain(counts.malignant_images)),
    ]));
    cells
}
