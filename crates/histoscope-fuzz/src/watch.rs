//! What must hold of every execution, and how it is seen.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    /// The last panic of an execution.
    static PANIC: Cell<Option<String>> = const { Cell::new(None) };
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
                if WATCHED.get() { PANIC.set(Some(info.to_string())) } else { usual(info) }
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
        if let Some(message) = PANIC.take() {
            // What else the engine depends on runs in tract alone.
            let in_tract = self.runs_tract && message.contains("/registry/src/");
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
