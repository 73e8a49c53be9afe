//! Regions that a person outlined: GeoJSON as QuPath writes and reads it.
//!
//! Coordinates are pixels of the finest level. A point is inside where it is inside of an odd number of
//! rings, so that holes are holes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};

pub(crate) mod cells;
mod polygons;

/// Most bytes of a file of regions.
pub const MAX_REGION_BYTES: usize = 16 << 20;
/// Most points of all regions.
const MAX_POINTS: usize = 1 << 20;

/// Points of an outline, closed or not.
pub type Ring = Vec<[f64; 2]>;
/// Rings of outlines and their holes.
pub type Polygon = Vec<Ring>;

/// What a person outlined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// As the person calls it.
    pub name: String,
    /// Outlines and holes.
    pub rings: Polygon,
}

impl Region {
    /// Reads GeoJSON: a collection, a list of features, one feature or a bare geometry. Points and
    /// lines outline nothing and are passed over.
    ///
    /// # Errors
    /// [`Error::Regions`], also if nothing is outlined.
    pub fn from_geojson(text: &str) -> Result<Vec<Self>> {
        if text.len() > MAX_REGION_BYTES {
            return Err(refused(format!("the file has more than {MAX_REGION_BYTES} bytes")));
        }
        let value: Value = serde_json::from_str(text)
            .map_err(|error| refused(format!("the file is no GeoJSON: {error}")))?;
        let mut regions = Vec::new();
        collect(&value, None, &mut regions)?;
        let points: usize = regions.iter().flat_map(|region| &region.rings).map(Vec::len).sum();
        if points > MAX_POINTS {
            return Err(refused(format!("they have {points} points; the limit is {MAX_POINTS}")));
        }
        if regions.is_empty() {
            return Err(refused("the file outlines nothing"));
        }
        Ok(regions)
    }
}

fn refused(problem: impl Into<String>) -> Error {
    Error::Regions { problem: problem.into() }
}

fn collect(value: &Value, name: Option<&str>, regions: &mut Vec<Region>) -> Result<()> {
    if let Value::Array(features) = value {
        return features.iter().try_for_each(|feature| collect(feature, name, regions));
    }
    match value["type"].as_str() {
        Some("FeatureCollection") => collect(&value["features"], None, regions),
        Some("Feature") => {
            let properties = &value["properties"];
            // A map's squares and what a program has found are no regions that a person outlined.
            if matches!(properties["objectType"].as_str(), Some("tile" | "detection" | "cell")) {
                return Ok(());
            }
            let class = &properties["classification"];
            // QuPath writes a class as an object, and others as its name.
            let named = [&properties["name"], &class["name"], class];
            let name = named.iter().find_map(|name| name.as_str());
            collect(&value["geometry"], name, regions)
        }
        Some("GeometryCollection") => collect(&value["geometries"], name, regions),
        Some(kind @ ("Polygon" | "MultiPolygon")) => {
            let coordinates = &value["coordinates"];
            let polygons = match kind {
                "Polygon" => vec![coordinates],
                _ => coordinates.as_array().into_iter().flatten().collect(),
            };
            let mut rings = Vec::new();
            for polygon in polygons {
                for ring in polygon.as_array().ok_or_else(|| refused("a polygon has no rings"))? {
                    rings.push(read_ring(ring)?);
                }
            }
            let name = name.map_or_else(|| format!("Region {}", regions.len() + 1), str::to_owned);
            regions.push(Region { name, rings });
            Ok(())
        }
        Some("Point" | "MultiPoint" | "LineString" | "MultiLineString") => Ok(()),
        _ => Err(refused("it has something that is no feature and no geometry")),
    }
}

fn read_ring(ring: &Value) -> Result<Ring> {
    let point = |point: &Value| {
        let number = |at: usize| point[at].as_f64().filter(|number| number.abs() <= 1e9);
        Some([number(0)?, number(1)?])
    };
    let points = ring.as_array().map(|points| points.iter().map(point));
    let points = points.and_then(Iterator::collect::<Option<Vec<_>>>);
    points
        .filter(|p| p.len() >= 3)
        .ok_or_else(|| refused("a ring is no list of three points or more"))
}

/// Regions as annotations that QuPath opens, features of GeoJSON.
pub fn annotations(regions: &[Region]) -> Vec<Value> {
    let annotation = |region: &Region| {
        json!({
            "type": "Feature",
            "geometry": {"type": "MultiPolygon", "coordinates": polygons::polygons(&region.rings)},
            "properties": {"objectType": "annotation", "isLocked": false, "name": region.name},
        })
    };
    regions.iter().map(annotation).collect()
}

#[cfg(test)]
mod tests {
    use super::cells::Grid;
    use super::polygons::closed;
    use super::*;

    #[test]
    fn what_qupath_writes_is_read() {
        let text = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":
              [[[0,0],[10,0],[10,10],[0,10],[0,0]],[[4,4],[6,4],[6,6],[4,6],[4,4]]]},
             "properties":{"objectType":"annotation","classification":{"name":"Tumor","color":[200,0,0]}}},
            {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}},
            {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[5,0],[5,5]]]},
             "properties":{"objectType":"tile"}},
            {"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":
              [[[[20,20],[30,20],[30,30]]],[[[40,40],[50,40],[50,50]]]]},"properties":{"name":"two"}}]}"#;
        let regions = Region::from_geojson(text).unwrap();
        let names: Vec<_> = regions.iter().map(|region| region.name.as_str()).collect();
        assert_eq!(names, ["Tumor", "two"]);
        let grid = Grid { columns: 60, rows: 60, side: 1.0 };
        let holds =
            |region: &Region, x: u32, y: u32| region.cells(grid).unwrap().contains(&(60 * y + x));
        assert!(holds(&regions[0], 2, 2) && !holds(&regions[0], 5, 5));
        assert!(holds(&regions[1], 48, 42) && !holds(&regions[1], 35, 35));
        assert_eq!(there_and_back(&regions)[0], regions[0]);
    }

    fn there_and_back(regions: &[Region]) -> Vec<Region> {
        let features = annotations(regions);
        let text = json!({"type": "FeatureCollection", "features": features}).to_string();
        Region::from_geojson(&text).unwrap()
    }

    fn square(at: f64, side: f64) -> Ring {
        let far = at + side;
        vec![[at, at], [far, at], [far, far], [at, far]]
    }

    #[test]
    fn a_region_is_an_annotation_whose_holes_are_with_what_they_are_cut_out_of() {
        // The last lies in the hole of the first.
        let rings =
            vec![square(0.0, 100.0), square(10.0, 20.0), square(200.0, 50.0), square(15.0, 5.0)];
        let region = Region { name: "tumour".into(), rings };
        let [annotation] = &annotations(std::slice::from_ref(&region))[..] else { panic!("one") };
        let all: Vec<Ring> = region.rings.iter().map(|ring| closed(ring)).collect();
        let expected = json!([[all[0], all[1]], [all[2]], [all[3]]]);
        assert_eq!(annotation["geometry"]["coordinates"], expected);
        let [back] = &there_and_back(std::slice::from_ref(&region))[..] else { panic!("one") };
        assert_eq!(back.rings, all);
        // What was closed stays as it is.
        let again = there_and_back(std::slice::from_ref(back));
        assert_eq!(again, std::slice::from_ref(back));
    }

    /// A page's or the command line's map of any classes: what comes back is what a person outlined.
    #[test]
    fn of_a_map_of_any_classes_only_what_was_outlined_is_read() {
        let tile = |class: &str| {
            json!({"type": "Feature",
                "geometry": {"type": "Polygon", "coordinates": [closed(&square(0.0, 9.0))]},
                "properties": {"objectType": "tile", "name": "1",
                    "classification": {"name": class, "color": [51, 34, 136]}}})
        };
        let region = Region { name: "in situ".into(), rings: vec![closed(&square(0.0, 100.0))] };
        let mut features = annotations(std::slice::from_ref(&region));
        features.extend(["normal", "in situ", "invasive"].map(tile));
        let text = json!({"type": "FeatureCollection", "features": features}).to_string();
        assert_eq!(Region::from_geojson(&text).unwrap(), [region]);
    }

    #[test]
    fn what_outlines_nothing_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            r#"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}"#,
            r#"{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}"#,
            r#"{"type":"Polygon","coordinates":[[[0,0],[1,1],["a",2]]]}"#,
            r#"{"type":"Polygon","coordinates":7}"#,
        ] {
            assert_eq!(Region::from_geojson(text).unwrap_err().code(), "regions_invalid", "{text}");
        }
    }
}
