//! Processor time of a picture in tract's own operators where 1, 4 and 16 pass each layer together: the counterpart of
//! `kernel-bench batches`, for graphs that are not fused. Linux only.
//!
//! ```text
//! cargo run --release --target-dir ../../target/bench-planned -- ../../models/histoscope-v0.f32.onnx
//! ```

use std::time::Duration;

use tract_onnx::Onnx;
use tract_onnx::prelude::*;

/// Side of a picture, in pixels.
const SIDE: usize = 224;
/// Pictures of a round: a second or so, beside which the clock's ticks are nothing.
const PICTURES: usize = 32;
const ROUNDS: usize = 8;

/// Processor time of this thread, which does not run on while others have the processor.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split_whitespace().next().and_then(|time| time.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a Linux machine"))
}

struct Planned {
    batch: usize,
    plan: Arc<TypedRunnableModel>,
    pixels: Tensor,
    times: Vec<Duration>,
}

impl Planned {
    fn new(file: &str, batch: usize) -> TractResult<Self> {
        // What is declared of the outputs is of any batch.
        let framework = Onnx { ignore_value_info: true, ..tract_onnx::onnx() };
        let shape = [batch, SIDE, SIDE, 3];
        let fact = u8::fact(shape).into();
        let plan = framework
            .model_for_path(file)?
            .with_input_fact(0, fact)?
            .into_optimized()?
            .into_runnable()?;
        let bytes: Vec<u8> = (0..shape.iter().product()).map(|at: usize| (at * 37) as u8).collect();
        let pixels = Tensor::from_shape(&shape, &bytes)?;
        Ok(Self { batch, plan, pixels, times: vec![] })
    }

    fn round(&mut self) -> TractResult<()> {
        let start = processor_time();
        for _ in 0..PICTURES / self.batch {
            self.plan.run(tvec![self.pixels.clone().into()])?;
        }
        self.times.push((processor_time() - start) / PICTURES as u32);
        Ok(())
    }
}

fn main() -> TractResult<()> {
    for file in std::env::args().skip(1) {
        let mut networks = Vec::new();
        for batch in [1, 4, 16] {
            networks.push(Planned::new(&file, batch)?);
        }
        // In turns, so that none has the quieter minute.
        for _ in 0..ROUNDS {
            for network in &mut networks {
                network.round()?;
            }
        }
        for Planned { batch, times, .. } in &mut networks {
            times.sort();
            let (least, median) = (times[0], times[ROUNDS / 2]);
            println!("{file} x{batch:<3} {least:.2?} {median:.2?}");
        }
    }
    Ok(())
}
