//! The patches of an image as GeoJSON, in the form that QuPath imports: a tile for each, in pixels of
//! the image, of a slide in those of its finest level.
//!
//! The page writes the same (`www/src/study/geojson.ts`); one fixture says of both what they are to
//! write. The format: <https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html>

use histoscope_colours as colours;
use serde_json::{Map, Value, json};

use crate::lesson::greatest;
use crate::report::{ImageReport, PatchReport};
use crate::screen::Screen;

/// A feature for each patch of the report, in its order, with its class and that one's colour.
pub fn of(report: &ImageReport) -> Vec<Value> {
    let classes = report.classes();
    let scale = report.slide.as_ref().map_or(1.0, |slide| slide.source.downsample);
    let patches = report.patches.iter().zip(report.patch_shares()).enumerate();
    let tile = |(index, (patch, shares)): (usize, (&PatchReport, Option<Vec<f64>>))| {
        json!({
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring(patch, scale)]},
            "properties": {
                "objectType": "tile",
                "isLocked": false,
                // As patches are numbered on the page.
                "name": (index + 1).to_string(),
                "classification": classification(patch.screen, &classes, shares.as_deref()),
                "measurements": measurements(&classes, shares.as_deref().unwrap_or_default()),
            },
        })
    };
    patches.map(tile).collect()
}

/// Around a patch, closed; `scale`: pixels of the file along one of the patch.
fn ring(patch: &PatchReport, scale: f64) -> [[f64; 2]; 5] {
    let [x, y] = [patch.x, patch.y].map(f64::from);
    let (right, bottom) = (x + f64::from(patch.width), y + f64::from(patch.height));
    let corners = [[x, y], [right, y], [right, bottom], [x, bottom], [x, y]];
    corners.map(|corner| corner.map(|place| place * scale))
}

fn classification(screen: Screen, classes: &[&str], shares: Option<&[f64]>) -> Value {
    match shares {
        Some(shares) => {
            let place = greatest(shares);
            json!({"name": classes[place], "color": colours::tone(classes, place)})
        }
        // Too few others voted.
        None if screen.may_vote() => json!({"name": "left out", "color": colours::LEFT_OUT}),
        None => {
            let why = json!(screen);
            let name = format!("left out: {}", why.as_str().unwrap_or_default());
            json!({"name": name, "color": colours::LEFT_OUT})
        }
    }
}

fn measurements(classes: &[&str], shares: &[f64]) -> Map<String, Value> {
    let named = classes.iter().zip(shares);
    named.map(|(class, share)| (format!("probability_{class}"), json!(share))).collect()
}
