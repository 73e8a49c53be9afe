//! Every target for a moment: what a change breaks at once is seen at once.

use histoscope_fuzz::{Counting, Finding, Target, run};

#[global_allocator]
static COUNTING: Counting = Counting;

fn holds(target: Target, executions: u64) {
    let mut findings = vec![];
    let mut in_tract = 0;
    let tally = run(target, 7, executions, &mut |finding, input| match finding {
        Finding::InTract(_) => in_tract += 1,
        _ => findings.push(format!("{finding:?} of {} bytes", input.len())),
    });
    // Decision 11 tells what tract panicked at. One more is a gate that was lost, or a panic that nobody met before.
    assert_eq!(in_tract, 0, "of {executions} make tract panic");
    assert_eq!(findings, Vec::<String>::new());
    assert_eq!(tally.executions, executions);
    let share = tally.accepted as f64 / executions as f64;
    // All refused, or all accepted: the mutations test nothing.
    assert!((0.002..0.98).contains(&share), "{target:?}: {share} of the inputs are accepted");
}

#[test]
fn images() {
    holds(Target::Image, 1000);
}

#[test]
fn networks() {
    holds(Target::Network, 1500);
}

#[cfg(feature = "tract")]
#[test]
fn networks_in_tracts_plan() {
    holds(Target::Planned, 500);
}

#[test]
fn descriptions() {
    holds(Target::Inspection, 1500);
}

#[test]
fn manifests() {
    holds(Target::Manifest, 2000);
}

#[test]
fn options() {
    holds(Target::Options, 5000);
}

#[test]
fn slides() {
    holds(Target::Slide, 1500);
}

#[test]
fn regions() {
    holds(Target::Regions, 3000);
}

#[test]
fn lessons() {
    holds(Target::Lesson, 1000);
}

#[test]
fn reports() {
    holds(Target::Reports, 1000);
    holds(Target::Saved, 1000);
}
