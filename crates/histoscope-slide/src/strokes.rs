//! What a person corrects of the tissue that was found: strokes of a round brush, one over the other.
//!
//! The mask is always what was found with the strokes over it, so a list of strokes is all that has to be
//! kept, taken back, or read in a report.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Most strokes.
const MAX_STROKES: usize = 10_000;
/// Most points of all strokes.
const MAX_POINTS: usize = 100_000;
/// Greatest radius and coordinate, in pixels of the finest level.
const FARTHEST: f64 = 1e7;

/// A stroke of a brush, in pixels of the finest level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stroke {
    /// Whether it makes tissue; else glass.
    pub adds: bool,
    /// Of the brush.
    pub radius: f64,
    /// Where it went, in straight lines; one point is a dab.
    pub points: Vec<[f64; 2]>,
}

impl Stroke {
    /// Checks strokes that come from a page or a report.
    ///
    /// # Errors
    /// [`Error::Options`] of too many, or of places that no slide has.
    pub(crate) fn check(strokes: &[Self]) -> Result<()> {
        let wrong = |problem: String| Err(Error::Options { option: "strokes", problem });
        let points: usize = strokes.iter().map(|stroke| stroke.points.len()).sum();
        if strokes.len() > MAX_STROKES || points > MAX_POINTS {
            return wrong(format!(
                "there are {} of {points} points; the limit is {MAX_STROKES} of {MAX_POINTS}",
                strokes.len()
            ));
        }
        let is_place = |value: &f64| value.abs() <= FARTHEST;
        let is_sound = |stroke: &Self| {
            stroke.radius > 0.0
                && is_place(&stroke.radius)
                && stroke.points.as_flattened().iter().all(is_place)
        };
        if strokes.iter().all(is_sound) { Ok(()) } else { wrong("one has no place or size".into()) }
    }

    /// Paints a mask `[height, width]` whose pixels have `downsample` of the finest level: those whose
    /// middle lies under the brush, and always the one that a point lies in.
    pub(crate) fn paint(
        &self,
        mask: &mut [bool],
        (width, height): (usize, usize),
        downsample: f64,
    ) {
        // In pixels of the mask, so that their middles are whole numbers.
        let points: Vec<[f64; 2]> =
            self.points.iter().map(|point| point.map(|at| at / downsample - 0.5)).collect();
        let radius = (self.radius / downsample).max(0.75);
        // The last one ends where it is.
        for (from, to) in points.iter().zip(points.iter().skip(1).chain(points.last())) {
            let range = |axis: usize, count: usize| {
                let (low, high) = (from[axis].min(to[axis]), from[axis].max(to[axis]));
                let first = (low - radius).ceil().max(0.0) as usize;
                first..((high + radius).floor() + 1.0).clamp(0.0, count as f64) as usize
            };
            for y in range(1, height) {
                for x in range(0, width) {
                    let pixel = &mut mask[y * width + x];
                    // Asked first: points of a stroke lie close together, and mostly meet what is painted.
                    if *pixel != self.adds
                        && squared([x as f64, y as f64], *from, *to) <= radius * radius
                    {
                        *pixel = self.adds;
                    }
                }
            }
        }
    }
}

/// The square of a point's distance from the line between two others.
fn squared([x, y]: [f64; 2], [ax, ay]: [f64; 2], [bx, by]: [f64; 2]) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((x - ax) * dx + (y - ay) * dy) / length } else { 0.0 };
    let along = along.clamp(0.0, 1.0);
    let (across, down) = (x - ax - along * dx, y - ay - along * dy);
    across * across + down * down
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(strokes: &[Stroke]) -> String {
        let mut mask = vec![false; 8 * 5];
        for stroke in strokes {
            stroke.paint(&mut mask, (8, 5), 10.0);
        }
        let row = |row: &[bool]| row.iter().map(|&t| if t { '#' } else { '.' }).collect::<String>();
        mask.chunks(8).map(row).collect::<Vec<_>>().join("\n")
    }

    fn stroke(adds: bool, radius: f64, points: &[[f64; 2]]) -> Stroke {
        Stroke { adds, radius, points: points.to_vec() }
    }

    #[test]
    fn strokes_lie_over_each_other() {
        let line = stroke(true, 11.0, &[[15.0, 15.0], [45.0, 15.0]]);
        let rubbed = stroke(false, 1.0, &[[35.0, 15.0]]);
        assert_eq!(
            painted(std::slice::from_ref(&line)),
            ".####...\n######..\n.####...\n........\n........"
        );
        assert_eq!(painted(&[line, rubbed]), ".####...\n###.##..\n.####...\n........\n........");
    }

    #[test]
    fn strokes_are_cut_at_the_edges_and_none_has_no_points() {
        let outside = stroke(true, 15.0, &[[-500.0, 900.0]]);
        let corner = stroke(true, 16.0, &[[80.0, 50.0]]);
        let none = stroke(true, 15.0, &[]);
        let found = painted(&[outside, corner, none]);
        assert_eq!(found, "........\n........\n........\n.......#\n......##");
    }

    #[test]
    fn what_no_brush_does_is_refused() {
        let one = [[1.0, 2.0]];
        for strokes in [
            vec![stroke(true, 0.0, &one)],
            vec![stroke(true, f64::NAN, &one)],
            vec![stroke(true, 1.0, &[[f64::INFINITY, 0.0]])],
            vec![stroke(true, 1e9, &one)],
            vec![stroke(true, 1.0, &one); MAX_STROKES + 1],
            vec![stroke(true, 1.0, &vec![[0.0, 0.0]; MAX_POINTS + 1])],
        ] {
            assert_eq!(Stroke::check(&strokes).unwrap_err().code(), "options_invalid");
        }
        assert_eq!(Stroke::check(&[stroke(false, 3.0, &one)]), Ok(()));
    }
}
