//! One image's patches, shared out among threads. The result does not depend on how many there are.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use histoscope::model::BatchOutput;
use histoscope::pipeline::{Classifier, Micrograph, Said};
use histoscope::{Error, Result};

/// Runs the network over all patches that vote.
///
/// # Errors
/// Those of [`Classifier::infer`].
pub(crate) fn infer(
    classifier: &Classifier,
    micrograph: &Micrograph,
    threads: usize,
) -> Result<Said> {
    let plan = micrograph.plan();
    let (voters, most) = (plan.voters.len(), plan.options.batch_size as usize);
    // As much for each thread, but no more patches at once than were asked for.
    let share = voters.div_ceil(threads.max(1)).clamp(1, most);
    let shares = voters.div_ceil(share);
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<Result<BatchOutput>>>> = Mutex::new(vec![None; shares]);
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= shares {
                break;
            }
            let first = index * share;
            let pixels = micrograph.voters(first..voters.min(first + share));
            let output = classifier.infer(&pixels.expect("within the voters"));
            done.lock().expect("no thread panics with the lock")[index] = Some(output);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(shares) {
            scope.spawn(work);
        }
        work();
    });
    let mut said = Said::default();
    for output in done.into_inner().expect("no thread panics with the lock") {
        let missing = || Error::Internal { detail: "a share was left undone".into() };
        let BatchOutput { logits, features, .. } = output.ok_or_else(missing)??;
        said.logits.extend(logits);
        said.features.extend(features);
    }
    Ok(said)
}
