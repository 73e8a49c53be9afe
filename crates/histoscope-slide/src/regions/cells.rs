//! Which cells of a grid have their middles in a region: row by row, from where its edges cross the rows.
//!
//! An outline of a hundred thousand points takes as long as it has edges and the region has cells, and
//! not their product.

use super::Region;
use crate::error::Result;
use crate::limits::check;

/// Most crossings of a region's edges with rows of the grid, which are kept: 64 MiB.
const MAX_CROSSINGS: u64 = 1 << 22;

/// Squares side by side from the upper left corner of a slide on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    /// Of a cell, in pixels of the finest level.
    pub(crate) side: f64,
}

impl Grid {
    /// Left or upper edge of a column or row.
    pub(crate) fn edge(&self, at: u32) -> f64 {
        f64::from(at) * self.side
    }

    pub(crate) fn middle(&self, at: u32) -> f64 {
        self.edge(at) + self.side / 2.0
    }

    /// The first of `count` columns or rows whose middle may lie at `place` or behind it.
    fn first(&self, place: f64, count: u32) -> u32 {
        // One less than what divides: the exact answer is up to whoever compares middles.
        ((place / self.side - 0.5).floor() - 1.0).clamp(0.0, count.into()) as u32
    }
}

impl Region {
    /// Row-major places of the cells whose middles are inside, ascending. What is inside is what
    /// an odd number of rings holds, the left and upper edges with it.
    ///
    /// # Errors
    /// [`crate::Error::TooLarge`] of an outline that no hand and no program draws.
    pub(crate) fn cells(&self, grid: Grid) -> Result<Vec<u32>> {
        let mut crossings = self.crossings(grid)?;
        crossings.sort_unstable_by(|(row, x), (other, z)| row.cmp(other).then(x.total_cmp(z)));
        let mut cells = Vec::new();
        for of_row in crossings.chunk_by(|(row, _), (other, _)| row == other) {
            let row = of_row[0].0;
            let mut left = of_row;
            for column in grid.first(of_row[0].1, grid.columns)..grid.columns {
                let middle = grid.middle(column);
                while let [(_, x), rest @ ..] = left
                    && *x <= middle
                {
                    left = rest;
                }
                if left.is_empty() {
                    break;
                }
                if left.len() % 2 == 1 {
                    cells.push(row * grid.columns + column);
                }
            }
        }
        Ok(cells)
    }

    /// Rows of the grid, and where an edge crosses the middle of each.
    fn crossings(&self, grid: Grid) -> Result<Vec<(u32, f64)>> {
        let mut crossings = Vec::new();
        for ring in &self.rings {
            let ends = ring.iter().skip(1).chain(ring.first());
            for (&[ax, ay], &[bx, by]) in ring.iter().zip(ends) {
                for row in grid.first(ay.min(by), grid.rows)..grid.rows {
                    let y = grid.middle(row);
                    if y >= ay.max(by) {
                        break;
                    }
                    if (ay > y) != (by > y) {
                        check("the crossings of a region", crossings.len() as u64, MAX_CROSSINGS)?;
                        crossings.push((row, (bx - ax) * (y - ay) / (by - ay) + ax));
                    }
                }
            }
        }
        Ok(crossings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a point is inside, edge by edge.
    fn contains(region: &Region, [x, y]: [f64; 2]) -> bool {
        let mut inside = false;
        for ring in &region.rings {
            let ends = ring.iter().skip(1).chain(ring.first());
            for (&[ax, ay], &[bx, by]) in ring.iter().zip(ends) {
                if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
                    inside = !inside;
                }
            }
        }
        inside
    }

    /// Numbers that look like chance, the same at every run.
    fn numbers(mut seed: u64) -> impl FnMut(f64) -> f64 {
        move |most| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 40) as f64 / (1 << 24) as f64 * most
        }
    }

    #[test]
    fn cells_are_those_whose_middles_are_inside() {
        let grid = Grid { columns: 31, rows: 23, side: 17.5 };
        for seed in 0..300 {
            let mut next = numbers(seed);
            // Beyond the grid at every side, and through middles, too.
            let mut place = |most: f64| {
                let at = next(1.4 * most) - 0.2 * most;
                if seed % 3 == 0 { (at / 8.75).round() * 8.75 } else { at }
            };
            let mut ring = |points: usize| -> Vec<[f64; 2]> {
                (0..points).map(|_| [place(31.0 * 17.5), place(23.0 * 17.5)]).collect()
            };
            let rings = vec![ring(3 + seed as usize % 40), ring(4), ring(3)];
            let region = Region { name: String::new(), rings };
            let expected: Vec<u32> = (0..31 * 23)
                .filter(|at| contains(&region, [grid.middle(at % 31), grid.middle(at / 31)]))
                .collect();
            assert_eq!(region.cells(grid).unwrap(), expected, "{seed}");
        }
    }

    #[test]
    fn outlines_of_many_points_take_no_time() {
        let grid = Grid { columns: 1000, rows: 1000, side: 100.0 };
        let count = 1_000_000;
        let round = |at: i32| {
            let angle = f64::from(at) / f64::from(count) * std::f64::consts::TAU;
            [5e4 + 4e4 * angle.cos(), 5e4 + 4e4 * angle.sin()]
        };
        let circle = Region { name: String::new(), rings: vec![(0..count).map(round).collect()] };
        let share = circle.cells(grid).unwrap().len() as f64 / 1e6;
        assert!((share / (std::f64::consts::PI * 0.16) - 1.0).abs() < 1e-3, "{share}");
    }

    #[test]
    fn an_outline_that_crosses_everything_again_and_again_is_refused() {
        let grid = Grid { columns: 1, rows: 1 << 22, side: 1.0 };
        let zigzag = (0..100).map(|at| [f64::from(at), if at % 2 == 0 { -1.0 } else { 1e8 }]);
        let region = Region { name: String::new(), rings: vec![zigzag.collect()] };
        assert_eq!(region.cells(grid).unwrap_err().code(), "slide_too_large");
        // Places that no slide has, and a region without any.
        let far = [[1e300, -1e300], [1e300, 1e300], [-1e300, 1e300]];
        let region = Region { name: String::new(), rings: vec![far.to_vec(), vec![]] };
        assert!(region.cells(Grid { rows: 4, ..grid }).is_ok());
    }
}
