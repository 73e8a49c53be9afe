//! Native counterpart of `run.mjs`: least time of each layer and of the network, for every
//! instruction set. With `batches` as its argument the counterpart of `batches.mjs`: processor time
//! of the network for a picture, when so many pass each layer together.

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

/// Processor time of this thread, which does not run on while others have the processor.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split_whitespace().next().and_then(|time| time.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a Linux machine"))
}

/// Pictures of a round: some hundred milliseconds, beside which the clock's ticks are nothing.
const PICTURES: usize = 96;
const ROUNDS: usize = 8;

fn batches() {
    let isa = Isa::best();
    let mut networks: Vec<_> =
        [1, 4, 16].map(|batch| (batch, Network::new(isa, batch), vec![])).into();
    for _ in 0..ROUNDS {
        for (batch, network, times) in &mut networks {
            let start = processor_time();
            (0..PICTURES / *batch).for_each(|_| network.run());
            times.push((processor_time() - start) / PICTURES as u32);
        }
    }
    for (batch, network, times) in &mut networks {
        times.sort();
        let (least, median) = (times[0], times[ROUNDS / 2]);
        let logit = network.logits[0];
        println!("{} x{batch:<3} {least:.2?} {median:.2?} logit {logit}", isa.name());
    }
}

fn main() {
    if std::env::args().nth(1).as_deref() == Some("batches") {
        return batches();
    }
    for isa in Isa::available().filter(|&isa| isa != Isa::Scalar) {
        let mut network = Network::new(isa, 1);
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
