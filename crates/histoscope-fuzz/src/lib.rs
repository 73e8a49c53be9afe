//! Spoilt files for everything that Histoscope reads, and what must hold whatever they are.
//!
//! A [`Target`] takes an input, seeds of it and mutations that keep most of its structure: what is
//! spoilt everywhere is refused at once and tests nothing. [`Watch`] sees to what must hold: no
//! panic, not even one that is caught further up; no execution above [`MAX_SECONDS`]; no more memory
//! at a time than [`Target::most_memory`].
//!
//! `cargo run --release -p histoscope-fuzz -- all --executions 1000000` runs long; the tests of this
//! crate run each target for a moment. What was found is in `docs/decisions/0011-fuzzing.md`.

mod mutate;
mod seeds;
mod target;
mod watch;

pub use target::Target;
pub use watch::{Counting, Finding, MAX_SECONDS, Watch};

/// What a run did.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Inputs that were run.
    pub executions: u64,
    /// Those that were accepted: a run in which all are refused tests nothing.
    pub accepted: u64,
}

/// Runs `target` on `executions` inputs that follow from `seed`, and hands every finding to `found`.
pub fn run(
    target: Target,
    seed: u64,
    executions: u64,
    found: &mut dyn FnMut(Finding, &[u8]),
) -> Tally {
    let seeds = seeds::of(target);
    let mut random = fastrand::Rng::with_seed(seed);
    let watch = Watch::new(target);
    let mut tally = Tally::default();
    while tally.executions < executions {
        let start = random.choice(&seeds).expect("every target has seeds");
        let other = random.choice(&seeds).expect("every target has seeds");
        let input = mutate::input(target, start, other, &mut random);
        tally.executions += 1;
        match watch.run(|| target.run(&input)) {
            Ok(accepted) => tally.accepted += u64::from(accepted),
            Err(finding) => found(finding, &input),
        }
    }
    tally
}
