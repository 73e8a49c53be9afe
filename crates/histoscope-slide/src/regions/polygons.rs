//! Rings that count even and odd as polygons with holes, as GeoJSON wants them.
//!
//! ```text
//! rings -> a point within each -> the rings around that point, which are larger -> outer ones and holes
//! ```

use super::Ring;

/// Most edges and rings that are looked at to nest the rings of a region: half a second.
const MOST_TESTS: usize = 1 << 28;

/// Polygons of `rings`, each an outer ring with the holes in it, closed. Every ring is in one of them.
/// More rings than can be nested in time are one polygon, whose rings count even and odd all the same.
pub(super) fn polygons(rings: &[Ring]) -> Vec<Vec<Ring>> {
    let Some(nested) = nested(rings, MOST_TESTS) else {
        return vec![rings.iter().map(|ring| closed(ring)).collect()];
    };
    let is_outer = |place: usize| nested[place].depth.is_multiple_of(2);
    let of = |place: usize| {
        // Rings that cross each other may lie in none that has holes.
        nested[place].around.filter(|&around| !is_outer(place) && is_outer(around))
    };
    let (holes, outer): (Vec<usize>, Vec<usize>) =
        (0..rings.len()).partition(|&at| of(at).is_some());
    let mut polygons: Vec<Vec<Ring>> = vec![vec![]; rings.len()];
    for place in [outer, holes].concat() {
        polygons[of(place).unwrap_or(place)].push(closed(&rings[place]));
    }
    polygons.retain(|polygon| !polygon.is_empty());
    polygons
}

/// With its first point as the last, as GeoJSON wants it.
pub(super) fn closed(ring: &[[f64; 2]]) -> Ring {
    let mut ring = ring.to_vec();
    if ring.first() != ring.last() {
        ring.extend(ring.first().copied());
    }
    ring
}

/// Where a ring lies among others.
#[derive(Clone, Copy, Default)]
struct Nested {
    /// In so many.
    depth: usize,
    /// The least of those.
    around: Option<usize>,
}

/// Where each ring lies; `None` if that takes more than `most` tests.
///
/// Rings may touch each other, so that none of a ring's own points tells: a point within it does, if only
/// larger rings are asked.
fn nested(rings: &[Ring], most: usize) -> Option<Vec<Nested>> {
    let bounds: Vec<Bounds> = rings.iter().map(|ring| Bounds::of(ring)).collect();
    let sizes: Vec<_> = rings.iter().zip(&bounds).map(|(r, b)| (b.area(), area(r))).collect();
    // A ring that touches all sides of another one has the same bounds.
    let larger = |&a: &usize, &b: &usize| {
        sizes[b].0.total_cmp(&sizes[a].0).then(sizes[b].1.total_cmp(&sizes[a].1)).then(a.cmp(&b))
    };
    let mut points: Vec<(usize, [f64; 2])> = (rings.iter().enumerate())
        .filter_map(|(ring, points)| Some((ring, within(points)?)))
        .collect();
    points.sort_by(|(_, a), (_, b)| a[0].total_cmp(&b[0]));
    let mut ahead: Vec<usize> = (0..rings.len()).collect();
    ahead.sort_by(|&a, &b| bounds[b].least[0].total_cmp(&bounds[a].least[0]));

    let mut nested = vec![Nested::default(); rings.len()];
    // Those above and below the point, from left to right.
    let mut open: Vec<usize> = Vec::new();
    let mut tests = 0;
    for (inner, point) in points {
        while let Some(ring) = ahead.pop_if(|ring| bounds[*ring].least[0] <= point[0]) {
            open.push(ring);
        }
        open.retain(|&ring| bounds[ring].most[0] >= point[0]);
        tests += open.len();
        for outer in &open {
            if larger(outer, &inner).is_ge() || !bounds[*outer].hold(point) {
                continue;
            }
            tests += rings[*outer].len();
            if tests > most {
                return None;
            }
            if encloses(&rings[*outer], point) {
                let Nested { depth, around } = &mut nested[inner];
                *depth += 1;
                *around = around.iter().copied().chain([*outer]).max_by(larger);
            }
        }
        if tests > most {
            return None;
        }
    }
    Some(nested)
}

/// A point within a ring, far from its corners; `None` of one that holds nothing.
fn within(ring: &[[f64; 2]]) -> Option<[f64; 2]> {
    let mut heights: Vec<f64> = ring.iter().map(|point| point[1]).collect();
    heights.sort_by(f64::total_cmp);
    let [above, below] = widest(heights.windows(2).map(|pair| [pair[0], pair[1]]))?;
    let y = f64::midpoint(above, below);
    let mut crossings: Vec<f64> = edges(ring)
        .filter(|[a, b]| (a[1] > y) != (b[1] > y))
        .map(|edge| crossing(edge, y))
        .collect();
    crossings.sort_by(f64::total_cmp);
    let [left, right] = widest(crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]))?;
    Some([f64::midpoint(left, right), y])
}

/// The widest of some ranges; `None` if none has a width.
fn widest(ranges: impl Iterator<Item = [f64; 2]>) -> Option<[f64; 2]> {
    let width = |range: &[f64; 2]| range[1] - range[0];
    let widest = ranges.max_by(|a, b| width(a).total_cmp(&width(b)));
    widest.filter(|range| width(range) > 0.0)
}

/// From each point to the next one, and from the last to the first.
fn edges(ring: &[[f64; 2]]) -> impl Iterator<Item = [[f64; 2]; 2]> {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(&a, &b)| [a, b])
}

/// Where an edge that is not level is at this height.
fn crossing([[ax, ay], [bx, by]]: [[f64; 2]; 2], y: f64) -> f64 {
    ax + ((y - ay) * (bx - ax)) / (by - ay)
}

/// Whether a ring goes around a point.
fn encloses(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let crosses =
        |edge: &[[f64; 2]; 2]| (edge[0][1] > y) != (edge[1][1] > y) && x < crossing(*edge, y);
    edges(ring).filter(crosses).count() % 2 == 1
}

/// What a ring holds, in square pixels.
fn area(ring: &[[f64; 2]]) -> f64 {
    let [x0, y0] = ring.first().copied().unwrap_or_default();
    let twice = edges(ring).map(|[a, b]| (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0));
    twice.sum::<f64>().abs() / 2.0
}

/// The rectangle around a ring.
struct Bounds {
    least: [f64; 2],
    most: [f64; 2],
}

impl Bounds {
    fn of(ring: &[[f64; 2]]) -> Self {
        let mut bounds = Self { least: [f64::INFINITY; 2], most: [f64::NEG_INFINITY; 2] };
        for point in ring {
            for (axis, &at) in point.iter().enumerate() {
                bounds.least[axis] = bounds.least[axis].min(at);
                bounds.most[axis] = bounds.most[axis].max(at);
            }
        }
        bounds
    }

    fn area(&self) -> f64 {
        (self.most[0] - self.least[0]) * (self.most[1] - self.least[1])
    }

    fn hold(&self, point: [f64; 2]) -> bool {
        [0, 1].iter().all(|&axis| (self.least[axis]..=self.most[axis]).contains(&point[axis]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(at: f64, side: f64) -> Ring {
        let far = at + side;
        vec![[at, at], [far, at], [far, far], [at, far]]
    }

    fn diamond(middle: f64, half: f64) -> Ring {
        let (least, most) = (middle - half, middle + half);
        vec![[most, middle], [middle, most], [least, middle], [middle, least]]
    }

    /// Rings by their places: each outer one, and the holes in it.
    fn places(rings: &[Ring]) -> Vec<Vec<usize>> {
        let closed: Vec<Ring> = rings.iter().map(|ring| closed(ring)).collect();
        let place = |ring: Ring| closed.iter().position(|other| *other == ring).unwrap();
        let polygons = polygons(rings).into_iter();
        polygons.map(|polygon| polygon.into_iter().map(place).collect()).collect()
    }

    #[test]
    fn a_hole_may_touch_what_it_is_cut_out_of() {
        // With its first point; with all points, so that the bounds are the same as well; and the hole in front.
        let shell = square(0.0, 100.0);
        let at_one_edge = vec![[100.0, 50.0], [60.0, 60.0], [60.0, 40.0]];
        let at_a_corner = vec![[0.0, 0.0], [60.0, 40.0], [40.0, 60.0]];
        for hole in [at_one_edge, at_a_corner, diamond(50.0, 50.0)] {
            assert_eq!(places(&[shell.clone(), hole.clone()]), [[0, 1]]);
            assert_eq!(places(&[hole, shell.clone()]), [[1, 0]]);
        }
    }

    #[test]
    fn what_touches_from_outside_is_no_hole() {
        let other = vec![[100.0, 50.0], [140.0, 60.0], [140.0, 40.0]];
        assert_eq!(places(&[square(0.0, 100.0), other]), [[0], [1]]);
    }

    #[test]
    fn no_ring_is_lost() {
        // In each other, crossing, twice the same, and holding nothing.
        let rings = [
            square(0.0, 100.0),
            square(10.0, 20.0),
            square(20.0, 40.0),
            square(15.0, 5.0),
            square(90.0, 30.0),
            vec![[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]],
        ];
        let mut all = places(&rings).concat();
        all.sort_unstable();
        assert_eq!(all, [0, 1, 2, 3, 4, 5]);
        assert_eq!(polygons(&[square(0.0, 9.0), square(0.0, 9.0)]).concat().len(), 2);
    }

    #[test]
    fn as_many_rings_as_a_file_holds_take_no_longer_than_a_moment() {
        let triangle = |x: f64, y: f64| vec![[x, y], [x + 2.0, y], [x, y + 2.0]];
        let mut rings: Vec<Ring> = (0..349_524_u32)
            .map(|at| triangle(f64::from(at % 600) * 3.0, f64::from(at / 600) * 3.0))
            .collect();
        rings.push(vec![[-9.0, -9.0], [9e3, -9.0], [-9.0, 9e3]]);
        // Each with each is 60 thousand million.
        let nested = nested(&rings, MOST_TESTS).unwrap();
        assert!(nested[..349_524].iter().all(|ring| ring.around == Some(349_524)));
        // These are around each other, which no order spares.
        let rings: Vec<Ring> = (1..30_000_u32).map(|at| diamond(0.0, f64::from(at))).collect();
        assert_eq!(polygons(&rings).len(), 1);
        assert_eq!(places(&rings[..4]), [[1, 0], [3, 2]]);
    }
}
