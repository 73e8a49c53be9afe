//! The table of patients: what the images of each say together, and how those were made.

use histoscope::class::Class;
use histoscope::report::ImageReport;

use super::{
    LAST_COUNT, LAST_PROBABILITY, PATIENT_COLUMNS, Row, insert, number, origin, probability_of,
    successful, text,
};
use crate::patients::OfPatient;

/// With those of the classes of lessons.
pub(super) fn columns(patients: &[OfPatient]) -> Vec<String> {
    let classes = || {
        let taught = patients.iter().filter_map(|of| of.report.taught.as_ref());
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

/// Nothing of the images whose names tell no patient.
pub(super) fn row(of: &OfPatient, now: u64) -> Option<Row> {
    let OfPatient { patient, report, .. } = of;
    let reports: Vec<&ImageReport> =
        report.individual_results.iter().filter_map(successful).collect();
    let any = usize::from(!reports.is_empty());
    let mut cells = super::row([
        ("patient", text(patient.as_ref()?)),
        ("images", report.num_images.to_string()),
        ("unfamiliar", report.num_unfamiliar.unwrap_or_default().to_string()),
        ("not_assessable", report.num_not_assessable.to_string()),
        ("failed", report.num_failed.to_string()),
        // The command line looks at all that it was given.
        ("missing", "0".into()),
        ("models", any.to_string()),
        ("different_options", any.to_string()),
    ]);
    cells.extend(said(of));
    // All of them were made alike.
    cells.extend(reports.first().map(|report| origin(report, now)).unwrap_or_default());
    Some(cells)
}

/// By the lesson where it has classes of its own, else by the head in its place.
fn said(OfPatient { report, .. }: &OfPatient) -> Row {
    if let Some(taught) = &report.taught {
        let mut said = super::row([
            ("verdict", text(&taught.verdict)),
            ("prediction", text(taught.prediction.as_deref().unwrap_or_default())),
            ("confidence", taught.confidence.map(number).unwrap_or_default()),
        ]);
        let shares = taught.probabilities.iter().flatten();
        let shares = taught.classes.iter().zip(shares);
        said.extend(shares.map(|(class, &share)| (probability_of(class), number(share))));
        let images = taught.classes.iter().zip(&taught.images);
        said.extend(images.map(|(class, count)| (images_of(class), count.to_string())));
        return said;
    }
    let own = report.aggregated_diagnosis.as_ref();
    let share = |class: Class| own.map(|own| number(*own.probabilities.of(class)));
    let counts = report.image_breakdown.unwrap_or_default();
    super::row([
        ("verdict", report.verdict.map(|verdict| verdict.to_string()).unwrap_or_default()),
        ("prediction", own.map(|own| own.prediction.to_string()).unwrap_or_default()),
        ("confidence", own.map(|own| number(own.confidence)).unwrap_or_default()),
        ("probability_benign", share(Class::Benign).unwrap_or_default()),
        ("probability_malignant", share(Class::Malignant).unwrap_or_default()),
        ("benign_images", counts.benign_images.to_string()),
        ("malignant_images", counts.malignant_images.to_string()),
    ])
}
