//! RGB8 pixels of a part of a level.

/// `uint8 [height, width, 3]`, RGB, row-major.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The samples.
    pub rgb: Vec<u8>,
}

impl Raster {
    /// Bare glass, of which the caller has checked the size.
    pub(crate) fn white(width: u32, height: u32) -> Self {
        Self { width, height, rgb: vec![255; 3 * width as usize * height as usize] }
    }

    /// Row `y`.
    pub(crate) fn row(&self, y: u32) -> &[u8] {
        let bytes = 3 * self.width as usize;
        &self.rgb[y as usize * bytes..][..bytes]
    }

    /// The upper left part, filled up with white where this is smaller.
    pub(crate) fn fitted(self, width: u32, height: u32) -> Self {
        if (self.width, self.height) == (width, height) {
            return self;
        }
        let mut fitted = Self::white(width, height);
        fitted.paste(&self, 0, 0);
        fitted
    }

    /// Lays `other` with its upper left corner at `x`, `y`, of which parts may lie outside.
    pub(crate) fn paste(&mut self, other: &Self, x: i64, y: i64) {
        let columns = x.max(0)..(x + i64::from(other.width)).min(i64::from(self.width));
        let rows = y.max(0)..(y + i64::from(other.height)).min(i64::from(self.height));
        if columns.is_empty() {
            return;
        }
        let bytes = 3 * (columns.end - columns.start) as usize;
        for row in rows {
            let from = &other.row((row - y) as u32)[3 * (columns.start - x) as usize..][..bytes];
            let at = 3 * (row as usize * self.width as usize + columns.start as usize);
            self.rgb[at..at + bytes].copy_from_slice(from);
        }
    }

    /// `uint8 [height, width, 4]` with an alpha of 255.
    pub fn rgba(&self) -> Vec<u8> {
        let (pixels, _) = self.rgb.as_chunks::<3>();
        pixels.iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasting_clips_at_every_side() {
        let stamp = Raster { width: 2, height: 2, rgb: (1..=12).collect() };
        let at = |x, y| {
            let mut sheet = Raster::white(2, 2);
            sheet.paste(&stamp, x, y);
            sheet.rgb.chunks(3).map(|pixel| pixel[0]).collect::<Vec<_>>()
        };
        assert_eq!(at(0, 0), [1, 4, 7, 10]);
        assert_eq!(at(1, 1), [255, 255, 255, 1]);
        assert_eq!(at(-1, -1), [10, 255, 255, 255]);
        assert_eq!(at(2, 0), [255; 4]);
        assert_eq!(at(-2, 0), [255; 4]);
    }
}
