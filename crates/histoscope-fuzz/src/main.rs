//! `histoscope-fuzz TARGET|all [--executions N] [--seed K] [--findings FOLDER]`: runs until N inputs were tried.
//! `histoscope-fuzz TARGET --input FILE`: runs one again.
//!
//! Every finding is written to the folder with what it did; exit status 1 if there was one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use histoscope_fuzz::{Counting, Target, Watch, run};

#[global_allocator]
static COUNTING: Counting = Counting;

/// Inputs between two lines of progress.
const ROUND: u64 = 10_000;

struct Arguments {
    targets: Vec<Target>,
    executions: u64,
    seed: u64,
    findings: PathBuf,
    input: Option<PathBuf>,
}

fn arguments() -> Option<Arguments> {
    let mut words = std::env::args().skip(1);
    let name = words.next()?;
    let targets: Vec<Target> =
        Target::ALL.iter().copied().filter(|t| name == "all" || t.name() == name).collect();
    let findings = PathBuf::from("target/fuzz");
    let mut found = Arguments { targets, executions: 100_000, seed: 1, findings, input: None };
    while let Some(option) = words.next() {
        let value = words.next()?;
        match option.as_str() {
            "--executions" => found.executions = value.parse().ok()?,
            "--seed" => found.seed = value.parse().ok()?,
            "--findings" => found.findings = value.into(),
            "--input" => found.input = Some(value.into()),
            _ => return None,
        }
    }
    (!found.targets.is_empty()).then_some(found)
}

fn main() -> ExitCode {
    let Some(Arguments { targets, executions, seed, findings, input }) = arguments() else {
        let names: Vec<&str> = Target::ALL.iter().map(|target| target.name()).collect();
        eprintln!(
            "usage: histoscope-fuzz {}|all [--executions N] [--seed K] [--findings FOLDER] [--input FILE]",
            names.join("|")
        );
        return ExitCode::from(2);
    };
    if let Some(input) = input {
        return replay(&targets, &input);
    }
    let mut failed = 0;
    for target in targets {
        let start = Instant::now();
        let (mut done, mut accepted) = (0, 0);
        while done < executions {
            let round = ROUND.min(executions - done);
            let tally = run(target, seed.wrapping_add(done), round, &mut |finding, input| {
                failed += 1;
                let file = findings.join(format!("{}-{seed}-{failed}", target.name()));
                let written =
                    std::fs::create_dir_all(&findings).and_then(|()| std::fs::write(&file, input));
                println!("FOUND {finding:?}\n  {} {written:?}", file.display());
            });
            done += tally.executions;
            accepted += tally.accepted;
            let seconds = start.elapsed().as_secs_f64();
            println!(
                "{}: {done} executions, {accepted} accepted, {:.0} a second, {failed} findings",
                target.name(),
                done as f64 / seconds
            );
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Runs one input, and says what it does.
fn replay(targets: &[Target], input: &Path) -> ExitCode {
    let input = match std::fs::read(input) {
        Ok(input) => input,
        Err(error) => {
            eprintln!("{}: {error}", input.display());
            return ExitCode::from(2);
        }
    };
    let mut code = ExitCode::SUCCESS;
    for &target in targets {
        let start = Instant::now();
        let result = Watch::new(target).run(|| target.run(&input));
        println!("{}: {result:?}, {:.2} s", target.name(), start.elapsed().as_secs_f64());
        if result.is_err() {
            code = ExitCode::from(1);
        }
    }
    code
}
