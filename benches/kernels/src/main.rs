//! Native counterpart of `run.mjs`: least time of each layer and of the network, for every isa.

use kernel_bench::kernels::Isa;
use kernel_bench::network::Network;
use std::time::{Duration, Instant};

const CALLS: u32 = 60;

fn least(mut call: impl FnMut()) -> Duration {
    let time = |_| {
        let start = Instant::now();
        call();
        start.elapsed()
    };
    (0..CALLS).map(time).min().unwrap_or_default()
}

fn main() {
    for isa in Isa::available().filter(|&isa| isa != Isa::Scalar) {
        let mut network = Network::new(isa);
        let mut sum = Duration::ZERO;
        for index in 0..network.layers.len() {
            let time = least(|| network.run_layer(index));
            let (name, macs) = (&network.layers[index].name, network.layers[index].macs);
            let rate = macs as f64 / time.as_secs_f64() / 1e9;
            println!("{name:24} {:8.3} ms {rate:6.1} GMAC/s", time.as_secs_f64() * 1e3);
            sum += time;
        }
        let whole = least(|| network.run());
        let logit = network.logits[0];
        println!("{}: layers {sum:.2?}, network {whole:.2?}, logit {logit}", isa.name());
    }
}
