//! What must hold of every execution, and how it is seen.

use std::alloc::{GlobalAlloc, Layout, System};
use std::backtrace::Backtrace;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{LazyLock, Once};
use std::time::Instant;

use crate::target::Target;

/// An execution above this hangs, in seconds of an optimised build on a processor of its own.
pub const MAX_SECONDS: f64 = 2.0;

/// What an execution did that it must not.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// It panicked, with this message; something may have caught it.
    Panic(String),
    /// tract did, on a graph that it does not take. The engine says so ([`Panicked`]); in a browser it
    /// costs the worker that tries a model out.
    ///
    /// [`Panicked`]: histoscope_engine::Error::Panicked
    InTract(String),
    /// It took so many seconds.
    Hang(f64),
    /// It held so many bytes at a time.
    Memory(usize),
}

thread_local! {
    /// Bytes that this thread holds, and the most since it was last asked.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
    /// Whether an execution runs.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    /// The last panic of an execution, and whether it is tract's.
    static PANIC: Cell<Option<(String, bool)>> = const { Cell::new(None) };
}

/// The system's allocator, which counts what each thread holds. A program that wants
/// [`Finding::Memory`] makes it its global allocator.
#[derive(Debug)]
pub struct Counting;

fn count(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    MOST.set(MOST.get().max(held));
}

#[expect(unsafe_code, reason = "an allocator can be written in no other way")]
// SAFETY: every call goes to the system's allocator as it is; the counts are plain numbers of the thread.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What this thread has had of a processor, in seconds; where the system does not tell, what has
/// passed. A machine that is busy with something else hangs nothing.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let nanoseconds = || -> Option<f64> {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        text.split(' ').next()?.parse().ok()
    };
    nanoseconds().map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// Whether a panic in `file` is one of tract's, or of what else the engine depends on, which runs in tract
/// alone. In the standard library it is of whose function stands nearest in `trace`, which is taken for that.
fn is_tracts(file: &str, trace: impl FnOnce() -> String) -> bool {
    if !file.contains("/library/") {
        return file.contains("/registry/src/");
    }
    let trace = trace();
    let place = |crate_name: &str| trace.find(&format!("{crate_name}::")).unwrap_or(usize::MAX);
    // The hook that takes it is of `histoscope_fuzz`.
    let ours = ["histoscope", "histoscope_engine", "histoscope_slide"].map(place);
    let tracts = ["tract_core", "tract_data", "tract_hir", "tract_linalg", "tract_onnx"].map(place);
    tracts.into_iter().min() < ours.into_iter().min()
}

/// Sees to what must hold of executions of one target.
#[derive(Debug)]
pub struct Watch {
    most_memory: usize,
    runs_tract: bool,
}

impl Watch {
    /// From now on this process prints no panic of an execution.
    #[must_use]
    pub fn new(target: Target) -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let usual = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                if WATCHED.get() {
                    let file = info.location().map_or("", Location::file);
                    let trace = || Backtrace::force_capture().to_string();
                    PANIC.set(Some((info.to_string(), is_tracts(file, trace))));
                } else {
                    usual(info);
                }
            }));
        });
        let runs_tract = matches!(target, Target::Network | Target::Planned | Target::Inspection);
        Self { most_memory: target.most_memory(), runs_tract }
    }

    /// The same, of an execution that may hold at most so many bytes.
    #[must_use]
    pub fn within(self, most_memory: usize) -> Self {
        Self { most_memory, ..self }
    }

    /// Whether `execution` accepted its input.
    ///
    /// # Errors
    /// What it did that it must not.
    pub fn run(&self, execution: impl Fn() -> bool) -> Result<bool, Finding> {
        PANIC.set(None);
        let before = HELD.get();
        MOST.set(before);
        let start = seconds();
        WATCHED.set(true);
        let accepted = catch_unwind(AssertUnwindSafe(execution));
        WATCHED.set(false);
        let took = seconds() - start;
        if let Some((message, is_tracts)) = PANIC.take() {
            let in_tract = self.runs_tract && is_tracts;
            return Err(if in_tract { Finding::InTract(message) } else { Finding::Panic(message) });
        }
        let most = usize::try_from(MOST.get() - before).unwrap_or(0);
        if most > self.most_memory {
            return Err(Finding::Memory(most));
        }
        if took > MAX_SECONDS {
            return Err(Finding::Hang(took));
        }
        Ok(accepted.unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_of_whose_function_stands_nearest() {
        const OF_TRACT: &str =
            "/registry/src/index.crates.io/tract-core-0.23.9/src/ops/cnn/conv.rs";
        const OF_STD: &str = "/rustc/0123456789/library/alloc/src/raw_vec/mod.rs";
        let never = || -> String { unreachable!("the place says it") };
        assert!(is_tracts(OF_TRACT, never));
        assert!(!is_tracts("crates/histoscope-engine/src/onnx/port.rs", never));
        let frames = |first: &str, second: &str| {
            format!(
                "0: histoscope_fuzz::watch::Watch::new\n1: alloc::raw_vec::fail\n2: {first}\n3: {second}"
            )
        };
        let ours = "histoscope_engine::planned::Planned::run";
        let tracts = "tract_core::plan::SimpleState::run";
        assert!(is_tracts(OF_STD, || frames(tracts, ours)));
        assert!(!is_tracts(OF_STD, || frames(ours, tracts)));
        assert!(!is_tracts(OF_STD, || frames(ours, "main")));
        assert!(!is_tracts(OF_STD, || "<unknown>".into()));
    }

    #[test]
    fn a_panic_of_the_standard_library_is_ours_where_we_call_it() {
        let watch = Watch::new(Target::Network);
        let found = watch.run(|| Vec::<u8>::with_capacity(usize::MAX).is_empty());
        assert!(matches!(found, Err(Finding::Panic(_))), "{found:?}");
    }
}
