//! EfficientNet-Lite0 at 224x224 as a list of kernels with noise for weights: the shapes that
//! matter.

use crate::kernels::{
    Add, Conv, ConvShape, Depthwise, Head, InputQuant, Isa, MapSize, OutputQuant, Pointwise,
    Requant, Weights,
};

/// Classes of the head.
const CLASSES: usize = 2;
/// No layer has more channels.
const BIAS: [i32; 1280] = [0; 1280];
/// `kernel, stride, expansion, channels out, repeats` of each stage.
const STAGES: [[usize; 5]; 7] = [
    [3, 1, 1, 16, 1],
    [3, 2, 6, 24, 2],
    [5, 2, 6, 40, 2],
    [3, 2, 6, 80, 3],
    [5, 1, 6, 112, 3],
    [5, 2, 6, 192, 4],
    [3, 1, 6, 320, 1],
];

/// One layer and the size of its input.
pub struct Layer {
    pub name: String,
    pub macs: usize,
    input: MapSize,
    output: MapSize,
    kernel: Kernel,
}

enum Kernel {
    Conv(Conv),
    Pointwise(Pointwise),
    Depthwise(Depthwise),
    /// With the first of the block's tensors.
    Add(Add),
    Head(Head),
}

/// Deterministic bytes (xorshift).
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// `[channels][depth]`, bell-shaped and scaled as an exporter does it, the greatest of a
    /// channel to 127. So layers of little depth have the greatest spread, as trained ones do.
    fn weights(&mut self, channels: usize, depth: usize) -> Vec<i16> {
        let mut weights = Vec::with_capacity(channels * depth);
        for _ in 0..channels {
            let row: Vec<i32> = (0..depth).map(|_| self.bell()).collect();
            let greatest = row.iter().map(|weight| weight.abs()).max().unwrap_or(0).max(1);
            weights.extend(row.iter().map(|weight| (weight * 127 / greatest) as i16));
        }
        weights
    }

    /// The sum of eight even numbers.
    fn bell(&mut self) -> i32 {
        let halves = [self.next(), self.next()].map(|bits| bits.to_le_bytes());
        halves.as_flattened().iter().map(|&byte| i32::from(byte as i8)).sum()
    }
}

/// Builds layers one after the other, keeping track of the size of the picture.
struct Builder {
    isa: Isa,
    noise: Noise,
    /// What the next layer sees.
    map: MapSize,
    layers: Vec<Layer>,
}

/// Multipliers that keep noise within the output range.
fn requant(channels: usize, depth: usize) -> Requant {
    let multiplier = vec![1.0 / (45.0 * (depth as f32).sqrt()); channels];
    Requant::new(multiplier, output()).expect("finite multipliers")
}

fn output() -> OutputQuant {
    OutputQuant::new(60, 0, 127).expect("a range")
}

/// A layer's weights, without a bias.
fn checked<'a>(weights: &'a [i16], bias: &'a [i32], zero_point: u8, max: u8) -> Weights<'a> {
    let input = InputQuant::new(zero_point, max).expect("a range");
    Weights::new(weights, bias, input).expect("weights of a benchmark")
}

fn same(kernel: usize, stride: usize) -> ConvShape {
    ConvShape::new([kernel; 2], [stride; 2], [kernel / 2; 4]).expect("a shape of a benchmark")
}

impl Builder {
    /// `macs` are those of a pixel of the output.
    fn push(&mut self, name: String, macs: usize, output: MapSize, kernel: Kernel) {
        let input = std::mem::replace(&mut self.map, output);
        self.layers.push(Layer { name, macs: macs * output.pixels(), input, output, kernel });
    }

    fn stem(&mut self, cout: usize) {
        let (cin, side) = (self.map.channels(), self.map.width());
        let weights = self.noise.weights(cout, cin * 9);
        let weights = checked(&weights, &BIAS[..cout], 127, 255);
        let conv = Conv::new(self.isa, weights, cin, same(3, 2), requant(cout, 54));
        let conv = conv.expect("a stem");
        let output = conv.output(self.map).expect("an output");
        let name = format!("conv3 s2 {cin}->{cout} @{side}");
        self.push(name, cout * cin * 9, output, Kernel::Conv(conv));
    }

    fn pointwise(&mut self, cout: usize) {
        let (cin, side) = (self.map.channels(), self.map.width());
        let weights = self.noise.weights(cout, cin);
        let weights = checked(&weights, &BIAS[..cout], 60, 127);
        let pointwise = Pointwise::new(self.isa, weights, requant(cout, cin)).expect("a layer");
        let output = pointwise.output(self.map).expect("an output");
        let name = format!("pw {cin}->{cout} @{side}");
        self.push(name, cin * cout, output, Kernel::Pointwise(pointwise));
    }

    fn depthwise(&mut self, kernel: usize, stride: usize) {
        let (c, side) = (self.map.channels(), self.map.width());
        let taps = kernel * kernel;
        let weights = self.noise.weights(c, taps);
        let weights = checked(&weights, &BIAS[..c], 60, 127);
        let shape = same(kernel, stride);
        let depthwise = Depthwise::new(self.isa, weights, shape, requant(c, taps));
        let depthwise = depthwise.expect("a layer");
        let output = depthwise.output(self.map).expect("an output");
        let name = format!("dw{kernel} s{stride} {c} @{side}");
        self.push(name, c * taps, output, Kernel::Depthwise(depthwise));
    }

    fn add(&mut self) {
        let add = Add::new(self.isa, (60, 0.5), (60, 0.3), 0.5, output()).expect("a layer");
        let name = format!("add {} @{}", self.map.channels(), self.map.width());
        self.push(name, 0, self.map, Kernel::Add(add));
    }

    fn head(&mut self) {
        let (cin, side) = (self.map.channels(), self.map.width());
        let weights = self.noise.weights(CLASSES, cin);
        let weights = checked(&weights, &BIAS[..CLASSES], 60, 127);
        let head = Head::new(self.isa, weights, vec![1e-4; CLASSES]).expect("a layer");
        let output = head.output(self.map).expect("an output");
        let name = format!("head {cin}->{CLASSES} @{side}");
        self.push(name, cin * CLASSES, output, Kernel::Head(head));
    }
}

/// A network with its buffers for `batch` pictures that pass each layer together.
pub struct Network {
    pub layers: Vec<Layer>,
    batch: usize,
    pictures: Vec<u8>,
    buffers: [Vec<u8>; 2],
    residual: Vec<u8>,
    pub logits: [f32; CLASSES],
    cam: Vec<f32>,
}

impl Network {
    pub fn new(isa: Isa, batch: usize) -> Self {
        let map = MapSize::new(224, 224, 3).expect("a picture");
        let mut b = Builder { isa, noise: Noise(1), map, layers: Vec::new() };
        b.stem(32);
        for [kernel, stride, expansion, cout, repeats] in STAGES {
            for repeat in 0..repeats {
                let cin = b.map.channels();
                if expansion > 1 {
                    b.pointwise(cin * expansion);
                }
                b.depthwise(kernel, if repeat == 0 { stride } else { 1 });
                b.pointwise(cout);
                if repeat > 0 {
                    b.add();
                }
            }
        }
        b.pointwise(1280);
        b.head();
        let Builder { mut noise, layers, .. } = b;
        let largest = layers.iter().map(|l| l.output.len().max(l.input.len())).max().unwrap_or(0);
        let bytes = |noise: &mut Noise, mask: u8| {
            (0..largest * batch).map(|_| (noise.next() >> 9) as u8 & mask).collect()
        };
        Network {
            pictures: bytes(&mut noise, 255),
            buffers: [bytes(&mut noise, 127), bytes(&mut noise, 127)],
            residual: bytes(&mut noise, 127),
            logits: [0.0; CLASSES],
            cam: vec![0.0; 49 * CLASSES],
            batch,
            layers,
        }
    }

    /// One layer alone, from whatever its input buffer holds.
    pub fn run_layer(&mut self, index: usize) {
        let layer = &self.layers[index];
        let (input, output) = (layer.input, layer.output);
        let [x, out] = &mut self.buffers;
        let (len, out_len) = (input.len() * self.batch, output.len() * self.batch);
        let x = if index == 0 { &self.pictures[..len] } else { &x[..len] };
        let out = &mut out[..out_len];
        let each = x.chunks_exact(input.len()).zip(out.chunks_exact_mut(output.len()));
        match &layer.kernel {
            Kernel::Conv(conv) => each.for_each(|(x, out)| conv.run(x, input, out)),
            Kernel::Pointwise(pointwise) => pointwise.run(x, out),
            Kernel::Depthwise(depthwise) => each.for_each(|(x, out)| depthwise.run(x, input, out)),
            Kernel::Add(add) => add.run(x, &self.residual[..len], out),
            Kernel::Head(head) => {
                x.chunks_exact(input.len())
                    .for_each(|x| head.run(x, &mut self.cam, &mut self.logits));
            }
        }
    }

    /// The whole network on all pictures.
    pub fn run(&mut self) {
        for index in 0..self.layers.len() {
            self.run_layer(index);
            if matches!(self.layers[index].kernel, Kernel::Add(_))
                || self.layers[index].name.starts_with("pw")
            {
                let output = self.layers[index].output.len();
                if output <= 56 * 56 * 24 {
                    let output = output * self.batch;
                    self.residual[..output].copy_from_slice(&self.buffers[1][..output]);
                }
            }
            self.buffers.swap(0, 1);
        }
    }
}
