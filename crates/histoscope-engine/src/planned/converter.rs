//! Pixels as the model wants them: from interleaved RGB bytes to its type, layout, channels and range.

use tract_onnx::tract_core::internal::*;

use crate::input::{Channels, Dtype, Input, Layout, Normalisation};

/// Writes patches into the model's input.
#[derive(Debug)]
pub(crate) struct Converter {
    input: Input,
    /// What a byte becomes, for each of the model's channels; empty for a `uint8` input.
    levels: Vec<[f32; 256]>,
}

impl Converter {
    pub(super) fn new(input: &Input) -> Self {
        let levels = input.normalisation.iter().flat_map(Normalisation::levels).collect();
        Self { input: input.clone(), levels }
    }

    /// The input with its pixels scaled otherwise.
    pub(super) fn rescaled(&self, normalisation: Normalisation) -> Input {
        Input { normalisation: Some(normalisation), ..self.input.clone() }
    }

    /// Side of a patch in pixels.
    pub(super) fn side(&self) -> usize {
        self.input.patch_size as usize
    }

    pub(super) fn datum_type(&self) -> DatumType {
        match self.input.dtype {
            Dtype::Uint8 => u8::datum_type(),
            Dtype::Float32 => f32::datum_type(),
        }
    }

    /// Shape of the input for `patches` patches.
    pub(super) fn shape(&self, patches: usize) -> [usize; 4] {
        self.input.shape(patches)
    }

    /// Fills `tensor`, which has the type and shape above, from `uint8 [patches, side, side, 3]`, RGB.
    pub(super) fn fill(&self, pixels: &[u8], tensor: &mut Tensor) -> TractResult<()> {
        let mut plain = tensor.try_as_plain_ram_mut()?;
        match self.input {
            // The shipped model's own form.
            Input {
                dtype: Dtype::Uint8, layout: Layout::Nhwc, channels: Channels::Rgb, ..
            } => {
                plain.as_slice_mut::<u8>()?.copy_from_slice(pixels);
            }
            Input { dtype: Dtype::Uint8, .. } => {
                self.place(pixels, plain.as_slice_mut()?, |_, byte| byte);
            }
            Input { dtype: Dtype::Float32, .. } => {
                let levels = &self.levels;
                self.place(pixels, plain.as_slice_mut()?, |channel, byte| {
                    levels[channel][usize::from(byte)]
                });
            }
        }
        Ok(())
    }

    /// `value(channel, byte)` of every byte, in its place; the channel is one of the model's order.
    fn place<T>(&self, pixels: &[u8], out: &mut [T], value: impl Fn(usize, u8) -> T) {
        let area = self.side() * self.side();
        // From one pixel to the next, and from one channel to the next.
        let (pixel_step, channel_step) = match self.input.layout {
            Layout::Nhwc => (3, 1),
            Layout::Nchw => (1, area),
        };
        let patches = pixels.chunks_exact(3 * area).zip(out.chunks_exact_mut(3 * area));
        for (pixels, out) in patches {
            for channel in 0..3 {
                let from = match self.input.channels {
                    Channels::Rgb => channel,
                    Channels::Bgr => 2 - channel,
                };
                for (index, rgb) in pixels.as_chunks::<3>().0.iter().enumerate() {
                    out[index * pixel_step + channel * channel_step] = value(channel, rgb[from]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two patches of 1x1 pixel and one of 2x2, each byte another.
    const TWO: [u8; 6] = [10, 20, 30, 40, 50, 60];
    const SQUARE: [u8; 12] = [1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33];

    fn filled<T: Datum + Copy>(input: &Input, pixels: &[u8]) -> Vec<T> {
        let converter = Converter::new(input);
        let patches = pixels.len() / (3 * converter.side() * converter.side());
        let mut tensor =
            Tensor::zero_dt(converter.datum_type(), &converter.shape(patches)).unwrap();
        converter.fill(pixels, &mut tensor).unwrap();
        tensor.try_as_plain_ram().unwrap().as_slice::<T>().unwrap().to_vec()
    }

    fn float(patch_size: u32, layout: Layout, channels: Channels, n: Normalisation) -> Input {
        let normalisation = Some(n);
        Input { dtype: Dtype::Float32, layout, channels, patch_size, normalisation }
    }

    /// A byte as it is.
    const RAW: Normalisation = Normalisation { divisor: 1.0, mean: [0.0; 3], std: [1.0; 3] };

    #[test]
    fn raw_pixels_are_copied() {
        assert_eq!(filled::<u8>(&Input::raw(2), &SQUARE), SQUARE);
        assert_eq!(filled::<u8>(&Input::raw(1), &TWO), TWO);
    }

    #[test]
    fn layout_and_channels_are_those_of_the_model() {
        let planes = [1, 11, 21, 31, 2, 12, 22, 32, 3, 13, 23, 33];
        let nchw = Input { layout: Layout::Nchw, ..Input::raw(2) };
        assert_eq!(filled::<u8>(&nchw, &SQUARE), planes);
        let bgr = Input { channels: Channels::Bgr, ..Input::raw(1) };
        assert_eq!(filled::<u8>(&bgr, &TWO), [30, 20, 10, 60, 50, 40]);
        let both = Input { channels: Channels::Bgr, ..nchw };
        assert_eq!(filled::<u8>(&both, &SQUARE), [3, 13, 23, 33, 2, 12, 22, 32, 1, 11, 21, 31]);
        let floats = filled::<f32>(&float(2, Layout::Nchw, Channels::Rgb, RAW), &SQUARE);
        assert_eq!(floats, planes.map(f32::from));
    }

    #[test]
    fn normalisation_is_that_of_torchvision() {
        let imagenet = Normalisation {
            divisor: 255.0,
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
        };
        let [zero, full] = [0u8, 255].map(|byte| {
            filled::<f32>(&float(1, Layout::Nchw, Channels::Rgb, imagenet), &[byte; 3])
        });
        // -mean / std and (1 - mean) / std, as torchvision documents them.
        assert_eq!(zero, [-2.117_904, -2.035_714_4, -1.804_444_4]);
        assert_eq!(full, [2.248_908_3, 2.428_571_5, 2.64]);
    }

    #[test]
    fn mean_and_std_follow_the_models_channels() {
        let n = Normalisation { divisor: 1.0, mean: [1.0, 2.0, 3.0], std: [1.0, 2.0, 4.0] };
        let bgr = filled::<f32>(&float(1, Layout::Nhwc, Channels::Bgr, n), &TWO[..3]);
        assert_eq!(bgr, [29.0, 9.0, 1.75]);
    }
}
