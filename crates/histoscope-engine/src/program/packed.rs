//! A fused layer with packed weights: the shapes of its outputs, and its evaluation on plain slices.

use anyhow::{bail, ensure};

use crate::kernels::{
    Add, Conv, Depthwise, Head, LayerError, MapSize, OutputQuant, Pointwise, Requant, Variant,
    Weights,
};
use crate::program::layer::{AddSpec, ConvSpec, HeadSpec, LayerSpec};

/// Shape of an activation: pictures, rows, columns, channels.
pub(crate) type Nhwc = [usize; 4];

/// A layer that has everything but its activations.
#[derive(Debug)]
pub(crate) enum Packed {
    Pointwise(Pointwise),
    Depthwise(Depthwise),
    Conv(Conv),
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
            LayerSpec::Add(spec) => return Ok(Self::add(spec, variant)?),
            LayerSpec::Conv(spec) => spec.multiplier.len(),
            LayerSpec::Head(spec) => spec.scale.len(),
        };
        let Constants { weights, bias } = constants()?;
        let bias = bias.unwrap_or_else(|| vec![0; channels]);
        ensure!(bias.len() == channels, "{} biases for {channels} channels", bias.len());
        match spec {
            LayerSpec::Conv(spec) => Ok(Self::conv(spec, variant, cin, &weights, &bias)?),
            LayerSpec::Head(spec) => Ok(Self::head(spec, variant, &weights, &bias)?),
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
    ) -> Result<Self, LayerError> {
        let output = OutputQuant::new(spec.zero_point, spec.min, spec.max)?;
        let requant = Requant::new(spec.multiplier.clone(), output)?;
        let weights = Weights::new(weights, bias, spec.input)?;
        let shape = spec.shape()?;
        Ok(if spec.depthwise {
            Self::Depthwise(Depthwise::new(variant, weights, shape, requant)?)
        } else if shape.is_pointwise() {
            Self::Pointwise(Pointwise::new(variant, weights, requant)?)
        } else {
            Self::Conv(Conv::new(variant, weights, cin, shape, requant)?)
        })
    }

    /// A classifier; `weights` is `[classes][cin]`.
    fn head(
        spec: &HeadSpec,
        variant: Variant,
        weights: &[i8],
        bias: &[i32],
    ) -> Result<Self, LayerError> {
        let classes = spec.scale.len();
        let weights = Weights::new(weights, bias, spec.input)?;
        let kernel = Head::new(variant, weights, spec.scale.clone())?;
        Ok(Self::Head { kernel, classes })
    }

    fn add(spec: &AddSpec, variant: Variant) -> Result<Self, LayerError> {
        let &AddSpec { a, b, scale, zero_point, min, max } = spec;
        let output = OutputQuant::new(zero_point, min, max)?;
        Ok(Self::Add(Add::new(variant, a, b, scale, output)?))
    }

    /// Which kernel runs this layer.
    pub fn kernel_name(&self) -> &'static str {
        match self {
            Self::Pointwise(kernel) => kernel.kernel_name(),
            Self::Depthwise(kernel) => kernel.kernel_name(),
            Self::Conv(kernel) => kernel.kernel_name(),
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
    ///
    /// # Errors
    /// Where the layer takes no input of that shape.
    pub fn output_shape(&self, x: Nhwc) -> Result<Nhwc, LayerError> {
        let [n, h, w, c] = x;
        let input = MapSize::new(h, w, c)?;
        let output = match self {
            Self::Pointwise(kernel) => kernel.output(input)?,
            Self::Depthwise(kernel) => kernel.output(input)?,
            Self::Conv(kernel) => kernel.output(input)?,
            Self::Add(_) => input,
            Self::Head { kernel, .. } => kernel.output(input)?,
        };
        Ok([n, output.height(), output.width(), output.channels()])
    }

    /// Evaluates every layer but a head: `inputs` have the shape `x`, `out` has
    /// [`Packed::output_shape`].
    ///
    /// # Errors
    /// For a head, and where an addition has not two inputs or another layer not one.
    pub fn run(&self, inputs: &[&[u8]], x: Nhwc, out: &mut [u8]) -> anyhow::Result<()> {
        let [n, h, w, c] = x;
        let size = MapSize::new(h, w, c)?;
        match (self, inputs) {
            // These see every pixel alone, whichever picture it is of.
            (Self::Pointwise(kernel), [x]) => kernel.run(x, out),
            (Self::Add(kernel), [a, b]) => kernel.run(a, b, out),
            (Self::Depthwise(kernel), [x]) => {
                each_picture(n, x, out, |x, out| kernel.run(x, size, out));
            }
            (Self::Conv(kernel), [x]) => {
                each_picture(n, x, out, |x, out| kernel.run(x, size, out));
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
