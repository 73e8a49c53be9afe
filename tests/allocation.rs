//! What is allocated. Running the model allocates next to nothing: its activations, the greatest of which have a
//! megabyte, stay in one buffer, and its input in another. Decoding allocates no more than its limits say, whatever a
//! file claims. In a browser this is what keeps a worker's memory flat.
#![cfg(not(target_family = "wasm"))]
#![allow(unsafe_code, reason = "an allocator that counts can be written in no other way")]

mod common;
#[path = "allocation/decoding.rs"]
mod decoding;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use histoscope::manifest::{Input, Outputs, Variant};
use histoscope::model::Model;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts the bytes that each thread asks for.
struct Counting;

// SAFETY: every call goes to the system's allocator as it is; the count is a plain number of the thread.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Bytes that `work` asks for.
fn allocated(work: impl FnOnce()) -> usize {
    let before = ALLOCATED.get();
    work();
    ALLOCATED.get() - before
}

#[test]
fn only_the_first_pass_allocates_activations() {
    let engine =
        Model::load(&common::model_bytes(Variant::Int8), &Input::raw(224), &Outputs::default())
            .unwrap();
    let patch = vec![200; 224 * 224 * 3];
    let run = || drop(engine.infer(&patch).unwrap());
    let first = allocated(run);
    assert!(first > 1 << 20, "the first pass makes the buffers, got {first} bytes");
    run();
    let later = allocated(run);
    // The results are 14 x 14 x 2 numbers, copied a few times; the rest is the plan's own bookkeeping.
    assert!(later < 64 << 10, "a later pass asked for {later} bytes");
    assert_eq!(allocated(run), later, "every later pass asks for the same");
}
