//! The greatest byte of each channel under a window: plain code, of which compilers make vectors.
use super::super::error::LayerError;
use super::super::shape::{ConvShape, MapSize};

/// A pooling by the greatest byte; beside the map there is nothing.
#[derive(Clone, Copy, Debug)]
pub struct MaxPool {
    shape: ConvShape,
}

impl MaxPool {
    /// With the window and the steps of `shape`, whose pads are less than the window, so that none is
    /// empty.
    pub fn new(shape: ConvShape) -> Self {
        Self { shape }
    }

    /// Bytes under a window of a channel.
    pub fn taps(&self) -> usize {
        self.shape.taps()
    }

    /// Size of the map that it makes of one of `input`.
    ///
    /// # Errors
    /// Where the input is empty or smaller than the window, or the output would be too large.
    pub fn output(&self, input: MapSize) -> Result<MapSize, LayerError> {
        if input.is_empty() {
            return Err(LayerError::MapBelowKernel([input.height(), input.width()]));
        }
        self.shape.output(input, input.channels())
    }

    /// One map `x` of size `input` to `out` of the size [`MaxPool::output`].
    ///
    /// # Panics
    /// When a length does not match, or there is no output.
    pub fn run(&self, x: &[u8], input: MapSize, out: &mut [u8]) {
        let output = self.output(input).expect("an input with an output");
        assert_eq!(x.len(), input.len());
        assert_eq!(out.len(), output.len());
        let channels = input.channels();
        let [rows, columns] = self.shape.kernel();
        for (index, out) in out.chunks_exact_mut(channels).enumerate() {
            let [oy, ox] = [index / output.width(), index % output.width()];
            out.fill(0);
            for y in (0..rows).filter_map(|tap| self.shape.under_tap(0, oy, tap, input.height())) {
                let line = &x[y * input.width() * channels..][..input.width() * channels];
                for x in
                    (0..columns).filter_map(|tap| self.shape.under_tap(1, ox, tap, input.width()))
                {
                    for (out, &byte) in out.iter_mut().zip(&line[x * channels..][..channels]) {
                        *out = byte.max(*out);
                    }
                }
            }
        }
    }
}
