//! A fused layer with packed weights: the shapes of its outputs, and its evaluation on plain slices.

use anyhow::{bail, ensure};

use crate::kernels::{Add, Conv, ConvShape, Depthwise, Head, Pointwise, Requant, Variant};
use crate::program::layer::{AddSpec, ConvSpec, HeadSpec, LayerSpec};

/// Shape of an activation: pictures, rows, columns, channels.
pub(crate) type Nhwc = [usize; 4];

/// A layer that has everything but its activations.
#[derive(Debug)]
pub(crate) enum Packed {
    Pointwise { kernel: Pointwise, cout: usize },
    Depthwise { kernel: Depthwise, shape: ConvShape },
    Conv { kernel: Conv, shape: ConvShape, cout: usize },
    Add(Add),
    Head { kernel: Head, classes: usize },
}

/// Weights of a layer, in the order of the file, and its bias.
pub(crate) struct Constants {
    pub weights: Vec<i8>,
    /// Absent biases are zero.
    pub bias: Option<Vec<i32>>,
}

impl Packed {
    /// A layer whose input has `cin` channels. `constants` are asked for where it has some.
    ///
    /// # Errors
    /// Where weights and input do not fit each other, and those of `constants`.
    pub fn new(
        spec: &LayerSpec,
        cin: usize,
        constants: impl FnOnce() -> anyhow::Result<Constants>,
    ) -> anyhow::Result<Self> {
        let variant = Variant::best();
        let channels = match spec {
            LayerSpec::Add(spec) => return Ok(Self::add(spec, variant)),
            LayerSpec::Conv(spec) => spec.multiplier.len(),
            LayerSpec::Head(spec) => spec.scale.len(),
        };
        let Constants { weights, bias } = constants()?;
        let bias = bias.unwrap_or_else(|| vec![0; channels]);
        ensure!(bias.len() == channels, "{} biases for {channels} channels", bias.len());
        match spec {
            LayerSpec::Conv(spec) => Self::conv(spec, variant, cin, &weights, &bias),
            LayerSpec::Head(spec) => Self::head(spec, variant, cin, &weights, &bias),
            LayerSpec::Add(_) => bail!("a sum has no constants"),
        }
    }

    /// A convolution of `cin` channels; `weights` is OIHW, `bias` one value an output channel.
    fn conv(
        spec: &ConvSpec,
        variant: Variant,
        cin: usize,
        weights: &[i8],
        bias: &[i32],
    ) -> anyhow::Result<Self> {
        let cout = spec.multiplier.len();
        let taps = spec.kernel[0] * spec.kernel[1];
        let cin_per_group = if spec.depthwise { 1 } else { cin };
        ensure!(weights.len() == cout * cin_per_group * taps, "weights do not fit the input");
        ensure!(!spec.depthwise || cin == cout, "depthwise keeps the number of channels");
        let requant = Requant {
            multiplier: spec.multiplier.clone(),
            zero_point: spec.zero_point,
            min: spec.min,
            max: spec.max,
        };
        let shape = spec.shape();
        let pointwise = taps == 1 && spec.strides == [1, 1] && spec.pads == [0; 4];
        Ok(if spec.depthwise {
            let kernel = Depthwise::new(variant, weights, bias, cout, shape, spec.input, requant);
            Self::Depthwise { kernel, shape }
        } else if pointwise {
            let kernel = Pointwise::new(variant, weights, bias, cin, cout, spec.input, requant);
            Self::Pointwise { kernel, cout }
        } else {
            let kernel = Conv::new(variant, weights, bias, cin, cout, shape, spec.input, requant);
            Self::Conv { kernel, shape, cout }
        })
    }

    /// A classifier of `cin` channels; `weights` is `[classes][cin]`.
    fn head(
        spec: &HeadSpec,
        variant: Variant,
        cin: usize,
        weights: &[i8],
        bias: &[i32],
    ) -> anyhow::Result<Self> {
        let classes = spec.scale.len();
        ensure!(weights.len() == classes * cin, "weights do not fit the input");
        let kernel = Head::new(variant, weights, bias, cin, classes, spec.input, &spec.scale);
        Ok(Self::Head { kernel, classes })
    }

    fn add(spec: &AddSpec, variant: Variant) -> Self {
        let &AddSpec { a, b, scale, zero_point, min, max } = spec;
        Self::Add(Add::new(variant, a, b, scale, zero_point, min, max))
    }

    /// Which kernel runs this layer.
    pub fn kernel_name(&self) -> &'static str {
        match self {
            Self::Pointwise { kernel, .. } => kernel.kernel_name(),
            Self::Depthwise { kernel, .. } => kernel.kernel_name(),
            Self::Conv { kernel, .. } => kernel.kernel_name(),
            Self::Add(kernel) => kernel.kernel_name(),
            Self::Head { kernel, .. } => kernel.kernel_name(),
        }
    }

    /// Whether its outputs are real numbers: the map `float [n,h,w,classes]` and its mean
    /// `float [n,classes]`. Every other layer makes one `uint8` activation.
    pub fn is_head(&self) -> bool {
        matches!(self, Self::Head { .. })
    }

    /// Shape of the activation, or of the head's map, for an input of shape `x`.
    pub fn output_shape(&self, x: Nhwc) -> Nhwc {
        let [n, h, w, c] = x;
        let window = |shape: &ConvShape, channels: usize| {
            let (h, w) = shape.output(h, w);
            [n, h, w, channels]
        };
        match self {
            Self::Pointwise { cout, .. } => [n, h, w, *cout],
            Self::Depthwise { shape, .. } => window(shape, c),
            Self::Conv { shape, cout, .. } => window(shape, *cout),
            Self::Add(_) => x,
            Self::Head { classes, .. } => [n, h, w, *classes],
        }
    }

    /// Evaluates every layer but a head: `inputs` have the shape `x`, `out` has
    /// [`Packed::output_shape`].
    ///
    /// # Errors
    /// For a head, and where an addition has not two inputs or another layer not one.
    pub fn run(&self, inputs: &[&[u8]], x: Nhwc, out: &mut [u8]) -> anyhow::Result<()> {
        let [n, h, w, _] = x;
        match (self, inputs) {
            // These see every pixel alone, whichever picture it is of.
            (Self::Pointwise { kernel, .. }, [x]) => kernel.run(x, out),
            (Self::Add(kernel), [a, b]) => kernel.run(a, b, out),
            (Self::Depthwise { kernel, .. }, [x]) => {
                each_picture(n, x, out, |x, out| kernel.run(x, h, w, out));
            }
            (Self::Conv { kernel, .. }, [x]) => {
                each_picture(n, x, out, |x, out| kernel.run(x, h, w, out));
            }
            _ => bail!("{} inputs for a layer that takes others", inputs.len()),
        }
        Ok(())
    }

    /// Evaluates a head on `pictures` inputs: `map` `[n,h,w,classes]`, `logits` `[n,classes]`.
    ///
    /// # Errors
    /// For any other layer.
    pub fn run_head(
        &self,
        x: &[u8],
        pictures: usize,
        map: &mut [f32],
        logits: &mut [f32],
    ) -> anyhow::Result<()> {
        let Self::Head { kernel, classes } = self else { bail!("this layer is no head") };
        let map = map.chunks_exact_mut(map.len() / pictures);
        let results = map.zip(logits.chunks_exact_mut(*classes));
        for (x, (map, logits)) in x.chunks_exact(x.len() / pictures).zip(results) {
            kernel.run(x, map, logits);
        }
        Ok(())
    }
}

/// Calls `work(picture, output)` for each of `n` pictures that lie one behind the other.
fn each_picture(n: usize, x: &[u8], out: &mut [u8], mut work: impl FnMut(&[u8], &mut [u8])) {
    let (x_len, out_len) = (x.len() / n, out.len() / n);
    for (x, out) in x.chunks_exact(x_len).zip(out.chunks_exact_mut(out_len)) {
        work(x, out);
    }
}
