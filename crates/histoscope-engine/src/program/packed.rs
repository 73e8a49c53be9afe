//! A fused layer with packed weights: the size of its output, its cost, and its evaluation on plain slices.

use anyhow::{bail, ensure};

use crate::kernels::{Add, Conv, Depthwise, Head, Isa, LayerError, MapSize, Pointwise, Weights};
use crate::program::layer::{AddSpec, ConvSpec, HeadSpec, LayerSpec};

/// A layer that has everything but its activations.
#[derive(Debug)]
pub(crate) struct Packed {
    kernel: Kernel,
    /// Weights that make one pixel of the output; none for a sum.
    weights: usize,
}

#[derive(Debug)]
enum Kernel {
    Pointwise(Pointwise),
    Depthwise(Depthwise),
    Conv(Conv),
    Add(Add),
    Head(Head),
}

/// Weights of a layer, in the order of the file, and its bias.
pub(crate) struct Constants {
    /// As the file has them: less what stands for zero they are what is multiplied.
    pub weights: Vec<i16>,
    /// Absent biases are zero.
    pub bias: Option<Vec<i32>>,
}

impl Packed {
    /// A layer whose input has `cin` channels. `constants` are asked for where it has some.
    ///
    /// # Errors
    /// Where weights and input do not fit each other, and those of `constants`.
    pub(crate) fn new(
        spec: &LayerSpec,
        cin: usize,
        constants: impl FnOnce() -> anyhow::Result<Constants>,
    ) -> anyhow::Result<Self> {
        let isa = Isa::best();
        let (channels, input, zeros) = match spec {
            LayerSpec::Add(spec) => {
                return Ok(Self { kernel: Kernel::Add(add(spec, isa)?), weights: 0 });
            }
            LayerSpec::Conv(ConvSpec { requant, input, weight_zeros, .. }) => {
                (requant.multiplier().len(), *input, weight_zeros)
            }
            LayerSpec::Head(HeadSpec { scale, input, weight_zeros }) => {
                (scale.len(), *input, weight_zeros)
            }
        };
        let Constants { mut weights, bias } = constants()?;
        subtract(&mut weights, zeros);
        let bias = bias.unwrap_or_else(|| vec![0; channels]);
        ensure!(bias.len() == channels, "{} biases for {channels} channels", bias.len());
        let packed = Weights::new(&weights, &bias, input)?;
        let kernel = match spec {
            LayerSpec::Conv(spec) => conv(spec, isa, cin, packed)?,
            LayerSpec::Head(HeadSpec { scale, .. }) => {
                Kernel::Head(Head::new(isa, packed, scale.clone())?)
            }
            LayerSpec::Add(_) => bail!("a sum has no constants"),
        };
        Ok(Self { kernel, weights: weights.len() })
    }

    /// Which kernel runs this layer.
    pub(crate) fn kernel_name(&self) -> &'static str {
        match &self.kernel {
            Kernel::Pointwise(kernel) => kernel.kernel_name(),
            Kernel::Depthwise(kernel) => kernel.kernel_name(),
            Kernel::Conv(kernel) => kernel.kernel_name(),
            Kernel::Add(kernel) => kernel.kernel_name(),
            Kernel::Head(kernel) => kernel.kernel_name(),
        }
    }

    /// Whether its outputs are real numbers: the map `float [h,w,classes]` and its mean
    /// `float [classes]`. Every other layer makes one `uint8` activation.
    pub(crate) fn is_head(&self) -> bool {
        matches!(self.kernel, Kernel::Head(_))
    }

    /// Size of the activation, or of the head's map, for an input of size `x`.
    ///
    /// # Errors
    /// Where the layer takes no input of that size, or what it makes would be too large.
    pub(crate) fn output(&self, x: MapSize) -> Result<MapSize, LayerError> {
        match &self.kernel {
            Kernel::Pointwise(kernel) => kernel.output(x),
            Kernel::Depthwise(kernel) => kernel.output(x),
            Kernel::Conv(kernel) => kernel.output(x),
            Kernel::Add(_) => Ok(x),
            Kernel::Head(kernel) => kernel.output(x),
        }
    }

    /// Products that make an output of size `output`, or sums of an addition.
    pub(crate) fn cost(&self, output: MapSize) -> u64 {
        match self.kernel {
            Kernel::Add(_) => output.len() as u64,
            _ => self.products(output),
        }
    }

    /// Products that make an output of size `output`.
    pub(crate) fn products(&self, output: MapSize) -> u64 {
        self.weights as u64 * output.pixels() as u64
    }

    /// Evaluates every layer but a head: `inputs` have the size `x`, `out` has [`Packed::output`].
    ///
    /// # Errors
    /// For a head, and where an addition has not two inputs or another layer not one.
    pub(crate) fn run(&self, inputs: &[&[u8]], x: MapSize, out: &mut [u8]) -> anyhow::Result<()> {
        match (&self.kernel, inputs) {
            (Kernel::Pointwise(kernel), [input]) => kernel.run(input, out),
            (Kernel::Add(kernel), [a, b]) => kernel.run(a, b, out),
            (Kernel::Depthwise(kernel), [input]) => kernel.run(input, x, out),
            (Kernel::Conv(kernel), [input]) => kernel.run(input, x, out),
            _ => bail!("{} inputs for a layer that takes others", inputs.len()),
        }
        Ok(())
    }

    /// Evaluates a head: `map` `[h,w,classes]`, `logits` `[classes]`.
    ///
    /// # Errors
    /// For any other layer.
    pub(crate) fn run_head(
        &self,
        x: &[u8],
        map: &mut [f32],
        logits: &mut [f32],
    ) -> anyhow::Result<()> {
        let Kernel::Head(kernel) = &self.kernel else { bail!("this layer is no head") };
        kernel.run(x, map, logits);
        Ok(())
    }
}

/// Takes `zeros`, one for each output channel or none, from the weights of their channels.
pub(crate) fn subtract(weights: &mut [i16], zeros: &[i16]) {
    let depth = weights.len().checked_div(zeros.len()).unwrap_or(0);
    for (row, zero) in weights.chunks_exact_mut(depth.max(1)).zip(zeros) {
        row.iter_mut().for_each(|weight| *weight -= zero);
    }
}

/// A convolution of `cin` channels.
fn conv(spec: &ConvSpec, isa: Isa, cin: usize, weights: Weights<'_>) -> Result<Kernel, LayerError> {
    let (shape, requant) = (spec.shape, spec.requant.clone());
    Ok(if spec.depthwise {
        Kernel::Depthwise(Depthwise::new(isa, weights, shape, requant)?)
    } else if shape.is_pointwise() {
        Kernel::Pointwise(Pointwise::new(isa, weights, requant)?)
    } else {
        Kernel::Conv(Conv::new(isa, weights, cin, shape, requant)?)
    })
}

fn add(spec: &AddSpec, isa: Isa) -> Result<Add, LayerError> {
    let &AddSpec { a, b, scale, output } = spec;
    Add::new(isa, a, b, scale, output)
}
