//! A fused layer with packed weights: the size of its output, its cost, and its evaluation on plain slices.

use anyhow::{bail, ensure};

use crate::kernels::{
    Add, Conv, Depthwise, Dynamic, Head, Isa, LayerError, MapSize, MaxPool, Pointwise, Weights,
    reals,
};
use crate::program::layer::{
    AddSpec, ConvSpec, DynamicPooledSpec, DynamicSpec, HeadSpec, LayerSpec, PooledSpec,
};

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
    Pooled(PooledSpec),
    MaxPool(MaxPool),
    Dynamic(Dynamic),
    RealAdd([f32; 2]),
    DynamicPooled(DynamicPooledSpec),
}

/// Weights of a layer, in the order of the file, and its bias.
pub(crate) struct Constants {
    /// As the file has them: less what stands for zero they are what is multiplied.
    pub weights: Vec<i16>,
    /// Absent biases are zero.
    pub bias: Option<Vec<i32>>,
}

impl Packed {
    /// A layer whose input has `cin` channels, in the kernels of `isa`. `constants` are asked for where
    /// it has some.
    ///
    /// # Errors
    /// Where weights and input do not fit each other, and those of `constants`.
    ///
    /// # Panics
    /// When the instruction set is not available.
    pub(crate) fn new(
        spec: &LayerSpec,
        cin: usize,
        isa: Isa,
        constants: impl FnOnce() -> anyhow::Result<Constants>,
    ) -> anyhow::Result<Self> {
        let (channels, input, zeros) = match spec {
            LayerSpec::Add(spec) => {
                return Ok(Self { kernel: Kernel::Add(add(spec, isa)?), weights: 0 });
            }
            LayerSpec::Pooled(spec) => {
                let weights = spec.weights.len();
                return Ok(Self { kernel: Kernel::Pooled(spec.clone()), weights });
            }
            LayerSpec::MaxPool(shape) => {
                return Ok(Self { kernel: Kernel::MaxPool(MaxPool::new(*shape)), weights: 0 });
            }
            LayerSpec::Dynamic(spec) => {
                let mut weights = constants()?.weights;
                subtract(&mut weights, &spec.weight_zeros);
                let kernel = Kernel::Dynamic(dynamic(spec, isa, cin, &weights)?);
                return Ok(Self { kernel, weights: weights.len() });
            }
            LayerSpec::RealAdd(clip) => {
                return Ok(Self { kernel: Kernel::RealAdd(*clip), weights: 0 });
            }
            LayerSpec::DynamicPooled(spec) => {
                let weights = spec.weights.len();
                return Ok(Self { kernel: Kernel::DynamicPooled(spec.clone()), weights });
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
            _ => bail!("this layer has no such constants"),
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
            Kernel::Dynamic(kernel) => kernel.kernel_name(),
            Kernel::MaxPool(_)
            | Kernel::Pooled(_)
            | Kernel::RealAdd(_)
            | Kernel::DynamicPooled(_) => "portable",
        }
    }

    /// Whether its outputs are real numbers: the map `float [h,w,classes]` and its mean
    /// `float [classes]`. Every other layer makes one activation.
    pub(crate) fn is_head(&self) -> bool {
        matches!(self.kernel, Kernel::Head(_) | Kernel::Pooled(_) | Kernel::DynamicPooled(_))
    }

    /// Whether its activation, if it makes one, is of real numbers.
    pub(crate) fn is_real(&self) -> bool {
        matches!(self.kernel, Kernel::Dynamic(_) | Kernel::RealAdd(_))
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
            Kernel::Add(_) | Kernel::RealAdd(_) => Ok(x),
            Kernel::MaxPool(kernel) => kernel.output(x),
            Kernel::Dynamic(kernel) => kernel.output(x),
            Kernel::DynamicPooled(spec) => spec.output(x),
            Kernel::Head(kernel) => kernel.output(x),
            Kernel::Pooled(spec) => spec.output(x),
        }
    }

    /// Products that make an output of size `output`, or sums of an addition, or what a pooling looks at.
    pub(crate) fn cost(&self, output: MapSize) -> u64 {
        match &self.kernel {
            Kernel::Add(_) | Kernel::RealAdd(_) => output.len() as u64,
            Kernel::MaxPool(kernel) => output.len() as u64 * kernel.taps() as u64,
            _ => self.products(output),
        }
    }

    /// Products that make an output of size `output`.
    pub(crate) fn products(&self, output: MapSize) -> u64 {
        self.weights as u64 * output.pixels() as u64
    }

    /// Evaluates every layer but a head: `inputs` have the size `x`, `out` has [`Packed::output`], real
    /// numbers four bytes each.
    ///
    /// # Errors
    /// For a head, and where an addition has not two inputs or another layer not one.
    pub(crate) fn run(&self, inputs: &[&[u8]], x: MapSize, out: &mut [u8]) -> anyhow::Result<()> {
        match (&self.kernel, inputs) {
            (Kernel::Pointwise(kernel), [input]) => kernel.run(input, out),
            (Kernel::Add(kernel), [a, b]) => kernel.run(a, b, out),
            (Kernel::Depthwise(kernel), [input]) => kernel.run(input, x, out),
            (Kernel::Conv(kernel), [input]) => kernel.run(input, x, out),
            (Kernel::MaxPool(kernel), [input]) => kernel.run(input, x, out),
            (Kernel::Dynamic(kernel), [input]) => {
                kernel.run(reals::of(input), x, reals::of_mut(out));
            }
            (Kernel::RealAdd(clip), [a, b]) => {
                real_add(reals::of(a), reals::of(b), *clip, reals::of_mut(out));
            }
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
        match &self.kernel {
            Kernel::Head(kernel) => kernel.run(x, map, logits),
            Kernel::Pooled(spec) => {
                spec.run(x, logits);
                map.copy_from_slice(logits);
            }
            Kernel::DynamicPooled(spec) => {
                spec.run(reals::of(x), logits);
                map.copy_from_slice(logits);
            }
            _ => bail!("this layer is no head"),
        }
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

/// A convolution of `cin` channels of real numbers.
fn dynamic(
    spec: &DynamicSpec,
    isa: Isa,
    cin: usize,
    weights: &[i16],
) -> Result<Dynamic, LayerError> {
    let (shape, real) = (spec.shape, spec.real.clone());
    if spec.depthwise {
        Dynamic::depthwise(isa, weights, shape, real)
    } else {
        Dynamic::dense(isa, weights, cin, shape, real)
    }
}

/// The sums of real numbers, between `low` and `high`; what is no number stays none.
fn real_add(a: &[f32], b: &[f32], [low, high]: [f32; 2], out: &mut [f32]) {
    for ((&a, &b), out) in a.iter().zip(b).zip(out) {
        let sum = if a + b < low { low } else { a + b };
        *out = if sum > high { high } else { sum };
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
