//! Sizes of maps and the geometry of a convolution, within the [limits](super::limits).

use super::error::LayerError;
use super::limits;

/// Rows, columns and channels of an activation, `[height][width][channels]`.
///
/// There may be none of them; a side has at most [`MapSize::MAX_SIDE`], a pixel at most
/// [`MapSize::MAX_CHANNELS`], and all together are at most [`MapSize::MAX_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MapSize {
    height: usize,
    width: usize,
    channels: usize,
}

impl MapSize {
    /// Most rows, and most columns.
    pub const MAX_SIDE: usize = limits::SIDE;
    /// Most channels.
    pub const MAX_CHANNELS: usize = limits::CHANNELS;
    /// Most bytes of a map, and of what a layer needs beside it.
    pub const MAX_BYTES: usize = limits::BYTES;

    /// # Errors
    /// [`LayerError::Map`] beyond the limits.
    pub fn new(height: usize, width: usize, channels: usize) -> Result<Self, LayerError> {
        let sides_fit = height <= Self::MAX_SIDE && width <= Self::MAX_SIDE;
        // An empty map counts as one of a row, a column and a channel: padding makes rows of it,
        // too.
        let bytes = || [height, width, channels].iter().map(|&n| n.max(1) as u64).product::<u64>();
        if sides_fit && channels <= Self::MAX_CHANNELS && bytes() <= Self::MAX_BYTES as u64 {
            Ok(Self { height, width, channels })
        } else {
            Err(LayerError::Map([height, width, channels]))
        }
    }

    /// Rows.
    pub fn height(self) -> usize {
        self.height
    }

    /// Columns.
    pub fn width(self) -> usize {
        self.width
    }

    /// Bytes of a pixel.
    pub fn channels(self) -> usize {
        self.channels
    }

    /// Rows times columns.
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// Bytes of the map.
    pub fn len(self) -> usize {
        self.pixels() * self.channels
    }

    /// Whether it has no byte.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// Geometry of a convolution over one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConvShape {
    kernel: [usize; 2],
    stride: [usize; 2],
    pad: [usize; 4],
}

impl ConvShape {
    /// Most rows, and most columns, of a kernel.
    pub const MAX_KERNEL: usize = limits::KERNEL;
    /// Greatest step.
    pub const MAX_STRIDE: usize = limits::STRIDE;

    /// `kernel` is its height and width, `stride` the steps down and across, `pad` the rows and
    /// columns of padding: top, left, bottom, right.
    ///
    /// # Errors
    /// Where a side of the kernel is not in `1..=`[`MAX_KERNEL`](Self::MAX_KERNEL), a step not in
    /// `1..=`[`MAX_STRIDE`](Self::MAX_STRIDE), or a pad as large as the kernel: outputs would see
    /// nothing of the map.
    pub fn new(
        kernel: [usize; 2],
        stride: [usize; 2],
        pad: [usize; 4],
    ) -> Result<Self, LayerError> {
        if !kernel.iter().all(|side| (1..=Self::MAX_KERNEL).contains(side)) {
            return Err(LayerError::Kernel(kernel));
        }
        if !stride.iter().all(|step| (1..=Self::MAX_STRIDE).contains(step)) {
            return Err(LayerError::Stride(stride));
        }
        if !pad.iter().zip(kernel.iter().cycle()).all(|(pad, side)| pad < side) {
            return Err(LayerError::Pad(pad));
        }
        Ok(Self { kernel, stride, pad })
    }

    /// Height and width of the kernel.
    pub fn kernel(&self) -> [usize; 2] {
        self.kernel
    }

    /// Steps down and across.
    pub fn stride(&self) -> [usize; 2] {
        self.stride
    }

    /// Rows and columns of padding: top, left, bottom, right.
    pub fn pad(&self) -> [usize; 4] {
        self.pad
    }

    /// Number of taps.
    pub fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Whether it sees every pixel alone and all of them: a 1x1 convolution is a matrix product.
    pub fn is_pointwise(&self) -> bool {
        self.kernel == [1, 1] && self.stride == [1, 1]
    }

    /// The map of `channels` that is made of `input`.
    ///
    /// # Errors
    /// [`LayerError::MapBelowKernel`] where the kernel does not fit, [`LayerError::Map`] where the
    /// output is too large.
    pub fn output(&self, input: MapSize, channels: usize) -> Result<MapSize, LayerError> {
        let along = |size: usize, axis: usize| {
            let padded = size + self.pad[axis] + self.pad[axis + 2];
            Some(padded.checked_sub(self.kernel[axis])? / self.stride[axis] + 1)
        };
        match (along(input.height, 0), along(input.width, 1)) {
            (Some(height), Some(width)) => MapSize::new(height, width, channels),
            _ => Err(LayerError::MapBelowKernel([input.height, input.width])),
        }
    }

    /// Columns of the padded map that so many outputs side by side see; there is at least one.
    pub(super) fn columns_under(&self, outputs: usize) -> usize {
        (outputs - 1) * self.stride[1] + self.kernel[1]
    }

    /// The row or column under tap `tap` of output `output` along `axis`, or `None` in the padding.
    pub(super) fn under_tap(
        &self,
        axis: usize,
        output: usize,
        tap: usize,
        size: usize,
    ) -> Option<usize> {
        (output * self.stride[axis] + tap).checked_sub(self.pad[axis]).filter(|&at| at < size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A test natively and in the browser, where a `usize` has 32 bits.
    macro_rules! everywhere {
        ($(fn $name:ident() $body:block)*) => {$(
            #[cfg_attr(not(target_family = "wasm"), test)]
            #[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
            fn $name() $body
        )*};
    }

    /// Steps that wrap a product to something small, or to nothing, with 32 and with 64 bits.
    const EXTREME: [usize; 9] = [
        0,
        ConvShape::MAX_STRIDE + 1,
        1_000_000_000,
        954_437_177,
        1 << 31,
        usize::MAX / 55,
        usize::MAX / 55 + 1,
        usize::MAX / 2,
        usize::MAX,
    ];

    everywhere! {
        fn extreme_steps_are_refused() {
            for step in EXTREME {
                for stride in [[1, step], [step, 1]] {
                    let shape = ConvShape::new([3, 3], stride, [1; 4]);
                    assert_eq!(shape, Err(LayerError::Stride(stride)));
                }
            }
            // Those of files that made the kernels read out of bounds or abort.
            for step in [1_000_000_000_u64, 10_000_000_000_000, 62_886_627_524_009_835] {
                let stride = [1, step as usize];
                assert_eq!(ConvShape::new([1, 1], stride, [0; 4]), Err(LayerError::Stride(stride)));
            }
        }

        fn extreme_kernels_and_pads_are_refused() {
            for side in EXTREME {
                for kernel in [[side, 1], [1, side]] {
                    let shape = ConvShape::new(kernel, [1, 1], [0; 4]);
                    assert_eq!(shape, Err(LayerError::Kernel(kernel)));
                }
                for at in 0..4 {
                    let mut pad = [0; 4];
                    pad[at] = side.max(3);
                    assert_eq!(ConvShape::new([3, 3], [1, 1], pad), Err(LayerError::Pad(pad)));
                }
            }
            assert!(ConvShape::new([64, 64], [4096, 4096], [63; 4]).is_ok());
        }

        fn extreme_maps_are_refused() {
            for side in EXTREME.into_iter().filter(|&side| side > 1 << 16) {
                let one = [[side, 1, 1], [1, side, 1], [1, 1, side]];
                for size in one.into_iter().chain([[side; 3], [0, side, 1], [0, 0, side]]) {
                    let [height, width, channels] = size;
                    assert_eq!(MapSize::new(height, width, channels), Err(LayerError::Map(size)));
                }
            }
            // Each side is allowed, the product is not: 2^32 is nothing in 32 bits.
            assert!(MapSize::new(1 << 16, 1 << 16, 1).is_err());
            assert!(MapSize::new(1 << 16, 1 << 16, 1 << 16).is_err());
            assert!(MapSize::new(1 << 16, 1 << 13, 1).is_ok());
            assert!(MapSize::new(1 << 16, (1 << 13) + 1, 1).is_err());
        }

        fn outputs_end_with_the_map() {
            let map = MapSize::new(5, 9, 3).unwrap();
            let shape = ConvShape::new([3, 4], [2, 4096], [1, 0, 2, 3]).unwrap();
            assert_eq!(shape.output(map, 7), MapSize::new(3, 1, 7));
            let shape = ConvShape::new([6, 1], [1, 1], [0; 4]).unwrap();
            assert_eq!(shape.output(map, 7), Err(LayerError::MapBelowKernel([5, 9])));
            // Padding makes more of it than is allowed.
            let map = MapSize::new(1 << 16, 1, 1).unwrap();
            let shape = ConvShape::new([3, 3], [1, 1], [2; 4]).unwrap();
            assert_eq!(shape.output(map, 1), Err(LayerError::Map([(1 << 16) + 2, 3, 1])));
        }
    }
}
