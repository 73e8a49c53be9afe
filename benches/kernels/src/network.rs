//! EfficientNet-Lite0 at 224x224 as a list of kernels with noise for weights: the shapes that matter.

use crate::kernels::{
    Add, Conv, ConvShape, Depthwise, Head, InputQuant, Pointwise, Requant, Variant,
};

/// Classes of the head.
const CLASSES: usize = 2;
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
    height: usize,
    width: usize,
    input: usize,
    output: usize,
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

    /// `[channels][depth]`, bell-shaped and scaled as an exporter does it, the greatest of a channel to 127. So layers of
    /// little depth have the greatest spread, as trained ones do.
    fn weights(&mut self, channels: usize, depth: usize) -> Vec<i8> {
        let mut weights = Vec::with_capacity(channels * depth);
        for _ in 0..channels {
            let row: Vec<i32> = (0..depth).map(|_| self.bell()).collect();
            let greatest = row.iter().map(|weight| weight.abs()).max().unwrap_or(0).max(1);
            weights.extend(row.iter().map(|weight| (weight * 127 / greatest) as i8));
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
    variant: Variant,
    noise: Noise,
    side: usize,
    channels: usize,
    layers: Vec<Layer>,
}

/// Multipliers that keep noise within the output range.
fn requant(channels: usize, depth: usize) -> Requant {
    let multiplier = vec![1.0 / (45.0 * (depth as f32).sqrt()); channels];
    Requant { multiplier, zero_point: 60, min: 0, max: 127 }
}

const ACTIVATIONS: InputQuant = InputQuant { zero_point: 60, max: 127 };
const PIXELS: InputQuant = InputQuant { zero_point: 127, max: 255 };

fn same(kernel: usize, stride: usize) -> ConvShape {
    ConvShape { kernel: [kernel; 2], stride: [stride; 2], pad: [kernel / 2; 4] }
}

impl Builder {
    fn push(&mut self, name: String, macs: usize, side: usize, channels: usize, kernel: Kernel) {
        let layer = Layer {
            name,
            macs,
            height: self.side,
            width: self.side,
            input: self.side * self.side * self.channels,
            output: side * side * channels,
            kernel,
        };
        (self.side, self.channels) = (side, channels);
        self.layers.push(layer);
    }

    fn stem(&mut self, cout: usize) {
        let (cin, shape) = (self.channels, same(3, 2));
        let (side, _) = shape.output(self.side, self.side);
        let weights = self.noise.weights(cout, cin * 9);
        let conv = Conv::new(
            self.variant,
            &weights,
            &vec![0; cout],
            cin,
            cout,
            shape,
            PIXELS,
            requant(cout, 54),
        );
        let name = format!("conv3 s2 {cin}->{cout} @{}", self.side);
        self.push(name, side * side * cout * cin * 9, side, cout, Kernel::Conv(conv));
    }

    fn pointwise(&mut self, cout: usize) {
        let (cin, side) = (self.channels, self.side);
        let weights = self.noise.weights(cout, cin);
        let pw = Pointwise::new(
            self.variant,
            &weights,
            &vec![0; cout],
            cin,
            cout,
            ACTIVATIONS,
            requant(cout, cin),
        );
        self.push(
            format!("pw {cin}->{cout} @{side}"),
            side * side * cin * cout,
            side,
            cout,
            Kernel::Pointwise(pw),
        );
    }

    fn depthwise(&mut self, kernel: usize, stride: usize) {
        let (c, shape) = (self.channels, same(kernel, stride));
        let (side, _) = shape.output(self.side, self.side);
        let taps = kernel * kernel;
        let weights = self.noise.weights(c, taps);
        let dw = Depthwise::new(
            self.variant,
            &weights,
            &vec![0; c],
            c,
            shape,
            ACTIVATIONS,
            requant(c, taps),
        );
        let name = format!("dw{kernel} s{stride} {c} @{}", self.side);
        self.push(name, side * side * c * taps, side, c, Kernel::Depthwise(dw));
    }

    fn add(&mut self) {
        let add = Add::new(self.variant, (60, 0.5), (60, 0.3), 0.5, 60, 0, 127);
        self.push(
            format!("add {} @{}", self.channels, self.side),
            0,
            self.side,
            self.channels,
            Kernel::Add(add),
        );
    }

    fn head(&mut self) {
        let cin = self.channels;
        let weights = self.noise.weights(CLASSES, cin);
        let head = Head::new(
            self.variant,
            &weights,
            &[0; CLASSES],
            cin,
            CLASSES,
            ACTIVATIONS,
            &[1e-4; CLASSES],
        );
        let macs = self.side * self.side * cin * CLASSES;
        self.push(
            format!("head {cin}->{CLASSES} @{}", self.side),
            macs,
            self.side,
            CLASSES,
            Kernel::Head(head),
        );
    }
}

/// A network with its buffers for one picture.
pub struct Network {
    pub layers: Vec<Layer>,
    picture: Vec<u8>,
    buffers: [Vec<u8>; 2],
    residual: Vec<u8>,
    pub logits: [f32; CLASSES],
    cam: Vec<f32>,
}

impl Network {
    pub fn new(variant: Variant) -> Self {
        let mut b =
            Builder { variant, noise: Noise(1), side: 224, channels: 3, layers: Vec::new() };
        b.stem(32);
        for [kernel, stride, expansion, cout, repeats] in STAGES {
            for repeat in 0..repeats {
                let cin = b.channels;
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
        let largest = layers.iter().map(|l| l.output.max(l.input)).max().unwrap_or(0);
        let bytes = |noise: &mut Noise, mask: u8| {
            (0..largest).map(|_| (noise.next() >> 9) as u8 & mask).collect()
        };
        Network {
            picture: bytes(&mut noise, 255),
            buffers: [bytes(&mut noise, 127), bytes(&mut noise, 127)],
            residual: bytes(&mut noise, 127),
            logits: [0.0; CLASSES],
            cam: vec![0.0; 49 * CLASSES],
            layers,
        }
    }

    /// One layer alone, from whatever its input buffer holds.
    pub fn run_layer(&mut self, index: usize) {
        let layer = &self.layers[index];
        let [x, out] = &mut self.buffers;
        let x = if index == 0 { &self.picture[..layer.input] } else { &x[..layer.input] };
        let out = &mut out[..layer.output];
        match &layer.kernel {
            Kernel::Conv(conv) => conv.run(x, layer.height, layer.width, out),
            Kernel::Pointwise(pointwise) => pointwise.run(x, out),
            Kernel::Depthwise(depthwise) => depthwise.run(x, layer.height, layer.width, out),
            Kernel::Add(add) => add.run(x, &self.residual[..layer.input], out),
            Kernel::Head(head) => head.run(x, &mut self.cam, &mut self.logits),
        }
    }

    /// The whole network on the one picture.
    pub fn run(&mut self) {
        for index in 0..self.layers.len() {
            self.run_layer(index);
            if matches!(self.layers[index].kernel, Kernel::Add(_))
                || self.layers[index].name.starts_with("pw")
            {
                let output = self.layers[index].output;
                if output <= 56 * 56 * 24 {
                    self.residual[..output].copy_from_slice(&self.buffers[1][..output]);
                }
            }
            self.buffers.swap(0, 1);
        }
    }
}
