//! The picture as a program reads it: from interleaved RGB bytes to what the first layer reads, by a
//! table for each channel.
//!
//! A network of real numbers quantises its pixels first, in the file's own steps or by what they are. Each
//! pixel's colour is a byte, so there are 256 results a channel, worked out once.

use std::cell::Cell;

use crate::input::{Channels, Input, InputProblem, Normalisation};
use crate::kernels::{reals, scratch};

thread_local! {
    /// The picture as whichever program reads it, in bytes.
    static BYTES: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// The same in real numbers.
    static REALS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// Scale and zero point of quantised numbers.
pub(crate) type Steps = (f32, u8);

/// What a program reads of a picture: its pixels, NHWC, in the order of the network's channels.
#[derive(Debug)]
pub(crate) struct Entry {
    input: Input,
    /// To which real pixels are quantised, if they are.
    steps: Option<Steps>,
    pixels: Pixels,
}

/// What a byte of a picture becomes, for each of the network's channels.
#[derive(Debug)]
enum Pixels {
    /// It stays what it is.
    Same,
    Bytes(Box<[[u8; 256]; 3]>),
    Reals(Box<[[f32; 256]; 3]>),
}

impl Entry {
    /// Of a network with this `input`, whose real pixels become `steps`, or stay real.
    pub(crate) fn new(input: &Input, steps: Option<Steps>) -> Self {
        let levels = input.normalisation.as_ref().map(Normalisation::levels);
        let pixels = match (levels, steps) {
            (None, _) => Pixels::Same,
            (Some(levels), Some(steps)) => {
                Pixels::Bytes(levels.map(|levels| quantised(levels, steps)).into())
            }
            (Some(levels), None) => Pixels::Reals(levels.into()),
        };
        Self { input: input.clone(), steps, pixels }
    }

    /// With real pixels scaled otherwise.
    ///
    /// # Errors
    /// Where the network reads bytes, or the numbers are out of their ranges.
    pub(crate) fn rescale(&mut self, normalisation: Normalisation) -> Result<(), InputProblem> {
        let input = Input { normalisation: Some(normalisation), ..self.input.clone() };
        input.check()?;
        *self = Self::new(&input, self.steps);
        Ok(())
    }

    /// Calls `work` with the pixels of `picture`, `[side][side][3]` RGB, as the program reads them; real
    /// ones have four bytes each.
    pub(crate) fn read<R>(&self, picture: &[u8], work: impl FnOnce(&[u8]) -> R) -> R {
        let order = match self.input.channels {
            Channels::Rgb => [0, 1, 2],
            Channels::Bgr => [2, 1, 0],
        };
        match &self.pixels {
            Pixels::Same if self.input.channels == Channels::Rgb => work(picture),
            Pixels::Same => scratch::with(&BYTES, picture.len(), |pixels| {
                place(picture, pixels, order, |_, byte| byte);
                work(pixels)
            }),
            Pixels::Bytes(tables) => scratch::with(&BYTES, picture.len(), |pixels| {
                place(picture, pixels, order, |channel, byte| tables[channel][usize::from(byte)]);
                work(pixels)
            }),
            Pixels::Reals(tables) => scratch::with(&REALS, picture.len(), |pixels| {
                place(picture, pixels, order, |channel, byte| tables[channel][usize::from(byte)]);
                work(reals::bytes(pixels))
            }),
        }
    }
}

/// Writes `value(channel, byte)` of each byte of `picture` to its place, the channels in this `order`.
#[inline]
fn place<T>(picture: &[u8], to: &mut [T], order: [usize; 3], value: impl Fn(usize, u8) -> T) {
    for (to, rgb) in to.as_chunks_mut().0.iter_mut().zip(picture.as_chunks::<3>().0) {
        *to = std::array::from_fn::<T, 3, _>(|channel| value(channel, rgb[order[channel]]));
    }
}

/// As QuantizeLinear has it, of each level.
fn quantised(levels: [f32; 256], (scale, zero): Steps) -> [u8; 256] {
    levels.map(|real| {
        let steps = (real / scale).round_ties_even() + f32::from(zero);
        steps.clamp(0.0, 255.0) as u8
    })
}
