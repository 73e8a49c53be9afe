//! Regions that a person outlined: GeoJSON as QuPath writes and reads it.
//!
//! Coordinates are pixels of the finest level. A point is inside where it is inside of an odd number of
//! rings, so that holes are holes.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};

pub(crate) mod cells;

/// Most bytes of a file of regions.
pub const MAX_REGION_BYTES: usize = 16 << 20;
/// Most points of all regions.
const MAX_POINTS: usize = 1 << 20;

/// Rings of an outline and its holes.
pub type Polygon = Vec<Vec<[f64; 2]>>;

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

fn read_ring(ring: &Value) -> Result<Vec<[f64; 2]>> {
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

/// A patch of a map: its square in pixels of the finest level, and what the model says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Square {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Of the square.
    pub side: f64,
    /// Probability of malignant; `None` of one that did not vote.
    pub malignant: Option<f64>,
}

/// A map as GeoJSON that QuPath opens: regions as annotations, patches that voted as tiles with
/// their probability as a measurement.
pub fn to_geojson(regions: &[Region], squares: &[Square]) -> String {
    let outline = |rings: &Polygon| {
        let closed = |ring: &Vec<[f64; 2]>| {
            let mut ring = ring.clone();
            if ring.first() != ring.last() {
                ring.extend(ring.first().copied());
            }
            ring
        };
        rings.iter().map(closed).collect::<Vec<_>>()
    };
    let annotations = regions.iter().map(|region| {
        json!({
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": outline(&region.rings)},
            "properties": {"objectType": "annotation", "name": region.name, "isLocked": false},
        })
    });
    let tiles = squares.iter().filter_map(|square| {
        let malignant = square.malignant?;
        let &Square { x, y, side, .. } = square;
        let (right, bottom) = (x + side, y + side);
        let ring = [[x, y], [right, y], [right, bottom], [x, bottom], [x, y]];
        let (class, color) =
            if malignant > 0.5 { ("malignant", [200, 30, 60]) } else { ("benign", [40, 110, 200]) };
        Some(json!({
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {
                "objectType": "tile",
                "classification": {"name": class, "color": color},
                "measurements": {"malignant": malignant, "benign": 1.0 - malignant},
            },
        }))
    });
    let features: Vec<Value> = annotations.chain(tiles).collect();
    json!({"type": "FeatureCollection", "features": features}).to_string()
}

#[cfg(test)]
mod tests {
    use super::cells::Grid;
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
        let again = Region::from_geojson(&to_geojson(&regions, &[])).unwrap();
        assert_eq!(again[0], regions[0]);
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
