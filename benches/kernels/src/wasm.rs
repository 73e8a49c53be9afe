//! What the page calls. Names and numbers cross without wasm-bindgen, so that the module stays a
//! benchmark of the kernels and nothing else.

use crate::kernels::Isa;
use crate::network::Network;
use core::arch::wasm32::*;
use std::cell::RefCell;
use std::hint::black_box;

thread_local! {
    static NETWORK: RefCell<Option<Network>> = const { RefCell::new(None) };
}

fn with<R>(work: impl FnOnce(&mut Network) -> R) -> R {
    NETWORK.with_borrow_mut(|network| {
        work(network.get_or_insert_with(|| Network::new(Isa::best(), 1)))
    })
}

/// Builds the network; the number of its layers.
#[unsafe(no_mangle)]
pub extern "C" fn layers() -> usize {
    with(|network| network.layers.len())
}

/// Builds the network anew for an instruction set (0 = scalar, then as [`Isa::available`]).
#[unsafe(no_mangle)]
pub extern "C" fn choose(isa: usize) -> usize {
    let isa = Isa::available().nth(isa).expect("a isa of this build");
    NETWORK.set(Some(Network::new(isa, 1)));
    layers()
}

/// Builds the network anew for so many pictures at once.
#[unsafe(no_mangle)]
pub extern "C" fn choose_batch(batch: usize) {
    NETWORK.set(Some(Network::new(Isa::best(), batch)));
}

#[unsafe(no_mangle)]
pub extern "C" fn name_ptr(layer: usize) -> *const u8 {
    with(|network| network.layers[layer].name.as_ptr())
}

#[unsafe(no_mangle)]
pub extern "C" fn name_len(layer: usize) -> usize {
    with(|network| network.layers[layer].name.len())
}

#[unsafe(no_mangle)]
pub extern "C" fn macs(layer: usize) -> f64 {
    with(|network| network.layers[layer].macs as f64)
}

#[unsafe(no_mangle)]
pub extern "C" fn run_layer(layer: usize, times: usize) {
    with(|network| (0..times).for_each(|_| network.run_layer(layer)));
}

/// Runs the network; the first logit, to be compared between variants.
#[unsafe(no_mangle)]
pub extern "C" fn run_network(times: usize) -> f32 {
    with(|network| {
        (0..times).for_each(|_| network.run());
        network.logits[0]
    })
}

/// Ten independent chains of one dot product in registers: what the multipliers can do at best.
/// 8 multiply-accumulates a dot with 16-bit steps, 16 with 8-bit ones; `40 * times` dots.
#[inline(always)]
fn chains(times: usize, dot: impl Fn(v128, v128) -> v128) -> i32 {
    let weights = i32x4_splat(black_box(0x0102_0304));
    let mut acc = [(); 10].map(|()| i32x4_splat(black_box(0x0101_0101)));
    for _ in 0..times {
        for _ in 0..4 {
            acc.iter_mut().for_each(|acc| *acc = dot(weights, *acc));
        }
    }
    acc.into_iter().fold(0, |sum, acc| sum ^ i32x4_extract_lane::<0>(acc))
}

#[unsafe(no_mangle)]
pub extern "C" fn ceiling_pairs(times: usize) -> i32 {
    chains(times, |w, acc| i32x4_add(acc, i32x4_dot_i16x8(w, acc)))
}

#[cfg(target_feature = "relaxed-simd")]
#[unsafe(no_mangle)]
pub extern "C" fn ceiling_fused(times: usize) -> i32 {
    chains(times, |w, acc| i32x4_relaxed_dot_i8x16_i7x16_add(w, acc, acc))
}

#[cfg(target_feature = "relaxed-simd")]
#[unsafe(no_mangle)]
pub extern "C" fn ceiling_split(times: usize) -> i32 {
    let ones = i16x8_splat(1);
    chains(times, |w, acc| {
        i32x4_add(acc, i32x4_dot_i16x8(i16x8_relaxed_dot_i8x16_i7x16(w, acc), ones))
    })
}
