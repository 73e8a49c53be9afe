//! Where the patches of an image lie: the grid, and the even choice of at most m of its patches.
//!
//! Integers only, so that every build chooses the same patches.
//!
//! ```text
//! columns = (width  - patch) / stride + 1        (a remainder at the right and bottom is dropped)
//! rows    = (height - patch) / stride + 1
//! patch k = (k % columns, k / columns) * stride  (row-major from the top left)
//! n > m   : take k = floor(i * n / m) for i in 0..m, else all
//! ```

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::options::MaxPatches;

/// The most patches of one image that are sampled: those of 128 megapixels at a stride of 32.
pub const MAX_PATCHES: usize = 1 << 17;

/// Top left corner of a patch in the image, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// From the left edge.
    pub x: u32,
    /// From the upper edge.
    pub y: u32,
}

/// The regular grid of square patches that lie wholly inside an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Grid {
    /// Side of a patch in pixels.
    pub patch_size: u32,
    /// Distance between neighbouring patches in pixels, both ways.
    pub stride: u32,
    /// Patches side by side.
    pub columns: u32,
    /// Patches one below the other.
    pub rows: u32,
}

impl Grid {
    /// Lays the grid over an image of `width` x `height` pixels.
    ///
    /// # Errors
    /// [`Error::ImageTooSmall`] if not even one patch fits.
    pub fn new(width: u32, height: u32, patch_size: u32, stride: u32) -> Result<Self> {
        assert!(patch_size > 0 && stride > 0, "validated with the manifest and the options");
        if width < patch_size || height < patch_size {
            return Err(Error::ImageTooSmall { width, height, least: patch_size });
        }
        Ok(Self {
            patch_size,
            stride,
            columns: (width - patch_size) / stride + 1,
            rows: (height - patch_size) / stride + 1,
        })
    }

    /// Number of patches in the grid. An image has at most 20,000 pixels a side, so that it fits
    /// into 32 bits.
    pub fn len(&self) -> usize {
        self.columns as usize * self.rows as usize
    }

    /// Never true: a grid has at least one patch.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Corner of patch `index` in row-major order.
    pub fn origin(&self, index: usize) -> Origin {
        let columns = self.columns as usize;
        Origin {
            x: (index % columns) as u32 * self.stride,
            y: (index / columns) as u32 * self.stride,
        }
    }

    /// How many patches [`Grid::sample`] gives.
    ///
    /// # Errors
    /// [`Error::TooManyPatches`] if they are more than [`MAX_PATCHES`].
    pub fn sampled(&self, max_patches: MaxPatches) -> Result<usize> {
        let patches = chosen(self.len(), max_patches);
        if patches > MAX_PATCHES {
            return Err(Error::TooManyPatches { patches, most: MAX_PATCHES });
        }
        Ok(patches)
    }

    /// Corners of the patches to classify, in row-major order.
    pub fn sample(&self, max_patches: MaxPatches) -> impl Iterator<Item = Origin> {
        sample(self.len(), max_patches).map(|index| self.origin(index))
    }
}

/// How many of `n` patches are chosen.
fn chosen(n: usize, max_patches: MaxPatches) -> usize {
    match max_patches {
        MaxPatches::All => n,
        MaxPatches::AtMost(m) => n.min(m as usize),
    }
}

/// Indices of the chosen patches among `n`: all if they are at most m, else `floor(i * n / m)` for
/// `i` in `0..m`, the rule of the reference pipeline.
pub fn sample(n: usize, max_patches: MaxPatches) -> impl Iterator<Item = usize> {
    let m = chosen(n, max_patches);
    // u64: on wasm32 a usize product of two counts could overflow.
    (0..m).map(move |i| (i as u64 * n as u64 / m as u64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Case {
        size: (u32, u32),
        stride: u32,
        max_patches: MaxPatches,
        grid: (u32, u32),
        indices: &'static [usize],
    }

    /// Expected values were written down from the reference rule, not from this code.
    #[test]
    fn grid_and_sampling_follow_the_reference_rule() {
        use MaxPatches::{All, AtMost};
        let cases = [
            // The BreakHis field: 700x460 holds 3x2 patches, the remainder is dropped.
            Case {
                size: (700, 460),
                stride: 224,
                max_patches: AtMost(25),
                grid: (3, 2),
                indices: &[0, 1, 2, 3, 4, 5],
            },
            Case {
                size: (700, 460),
                stride: 112,
                max_patches: All,
                grid: (5, 3),
                indices: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
            },
            Case {
                size: (700, 460),
                stride: 224,
                max_patches: AtMost(4),
                grid: (3, 2),
                indices: &[0, 1, 3, 4],
            },
            Case {
                size: (700, 460),
                stride: 224,
                max_patches: AtMost(1),
                grid: (3, 2),
                indices: &[0],
            },
            // Exactly one patch, one pixel more, and one pixel less than two patches.
            Case {
                size: (224, 224),
                stride: 224,
                max_patches: AtMost(25),
                grid: (1, 1),
                indices: &[0],
            },
            Case {
                size: (225, 447),
                stride: 224,
                max_patches: AtMost(25),
                grid: (1, 1),
                indices: &[0],
            },
            Case {
                size: (448, 224),
                stride: 224,
                max_patches: AtMost(25),
                grid: (2, 1),
                indices: &[0, 1],
            },
            // n = 25 keeps all; n = 26 drops the last one: floor(24 * 26 / 25) = 24.
            Case {
                size: (1120, 1120),
                stride: 224,
                max_patches: AtMost(25),
                grid: (5, 5),
                indices: &[
                    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                    22, 23, 24,
                ],
            },
            Case {
                size: (5824, 224),
                stride: 224,
                max_patches: AtMost(25),
                grid: (26, 1),
                indices: &[
                    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                    22, 23, 24,
                ],
            },
            // n = 30, m = 25: every sixth patch is skipped.
            Case {
                size: (1344, 1120),
                stride: 224,
                max_patches: AtMost(25),
                grid: (6, 5),
                indices: &[
                    0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 24, 25,
                    26, 27, 28,
                ],
            },
            // n = 48, m = 25, and n = 100, m = 3.
            Case {
                size: (1792, 1344),
                stride: 224,
                max_patches: AtMost(25),
                grid: (8, 6),
                indices: &[
                    0, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 24, 26, 28, 30, 32, 34, 36, 38,
                    40, 42, 44, 46,
                ],
            },
            Case {
                size: (2240, 2240),
                stride: 224,
                max_patches: AtMost(3),
                grid: (10, 10),
                indices: &[0, 33, 66],
            },
        ];
        for case in cases {
            let grid = Grid::new(case.size.0, case.size.1, 224, case.stride).unwrap();
            assert_eq!((grid.columns, grid.rows), case.grid, "{:?}", case.size);
            let indices: Vec<_> = sample(grid.len(), case.max_patches).collect();
            assert_eq!(indices, case.indices, "{:?} {:?}", case.size, case.max_patches);
        }
    }

    #[test]
    fn origins_are_row_major_multiples_of_the_stride() {
        let grid = Grid::new(700, 460, 224, 224).unwrap();
        let origins: Vec<_> = grid.sample(MaxPatches::All).map(|o| (o.x, o.y)).collect();
        assert_eq!(origins, [(0, 0), (224, 0), (448, 0), (0, 224), (224, 224), (448, 224)]);
    }

    #[test]
    fn a_patch_never_leaves_the_image() {
        for (width, height, stride) in [(224, 224, 1), (1000, 777, 100), (300, 5000, 223)] {
            let grid = Grid::new(width, height, 224, stride).unwrap();
            for Origin { x, y } in grid.sample(MaxPatches::All) {
                assert!(x + 224 <= width && y + 224 <= height);
            }
        }
    }

    #[test]
    fn too_small_names_the_size_and_the_least_size() {
        for (width, height) in [(1, 1), (223, 223), (224, 223), (223, 5000)] {
            let error = Grid::new(width, height, 224, 224).unwrap_err();
            assert_eq!(error, Error::ImageTooSmall { width, height, least: 224 });
        }
    }

    #[test]
    fn more_patches_than_a_report_can_hold_are_refused() {
        let all = |side| Grid::new(side, side, 224, 16).unwrap().sampled(MaxPatches::All);
        assert_eq!(all(224 + 16 * 361), Ok(362 * 362));
        let error = all(224 + 16 * 362).unwrap_err();
        assert_eq!(error, Error::TooManyPatches { patches: 363 * 363, most: MAX_PATCHES });
        assert_eq!(error.code(), "too_many_patches");
        let grid = Grid::new(20_000, 6400, 224, 16).unwrap();
        assert_eq!(grid.sampled(MaxPatches::AtMost(25)), Ok(25));
    }

    #[test]
    fn large_counts_do_not_overflow() {
        let n = 4_000_000_000_usize;
        let last = sample(n, MaxPatches::AtMost(25)).last().unwrap();
        assert_eq!(last, 24 * (n / 25));
    }
}
