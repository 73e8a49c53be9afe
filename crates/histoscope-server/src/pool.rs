//! A few threads that share out images batch by batch, so that no image waits for another whole one.
//!
//! An image is first opened (decoded and screened), then a thread runs one batch of it and puts it
//! back at the end of the line. Images that nobody waits for any more are dropped at their next turn.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use histoscope::Error;
use histoscope::lesson::Lesson;
use histoscope::options::Options;
use histoscope::pipeline::{Classifier, Micrograph, Said};
use histoscope::report::{ImageReport, Timings};
use tokio::sync::oneshot;

/// What a request hands in.
#[derive(Debug)]
pub(crate) struct Image {
    /// As the client calls it; it stands in the report and nowhere else.
    pub name: String,
    pub bytes: Vec<u8>,
    pub options: Options,
    /// What judges, if not the model's own head.
    pub lesson: Option<Arc<Lesson>>,
}

pub(crate) type Outcome = Result<ImageReport, Error>;

/// Threads that classify until the pool is dropped.
#[derive(Debug)]
pub(crate) struct Pool {
    line: Arc<Line>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Line {
    places: Mutex<Places>,
    changed: Condvar,
    /// Images that are decoded at once.
    most_open: usize,
}

#[derive(Debug, Default)]
struct Places {
    new: VecDeque<Waiting>,
    begun: VecDeque<Box<Begun>>,
    /// Those in `begun` and those in a thread's hands.
    open: usize,
    closed: bool,
}

#[derive(Debug)]
struct Waiting {
    image: Image,
    reply: oneshot::Sender<Outcome>,
}

/// An image that is open.
#[derive(Debug)]
struct Begun {
    micrograph: Micrograph,
    said: Said,
    next: usize,
    start: Instant,
    /// Until now; `total` is known at the end.
    timings: Timings,
    lesson: Option<Arc<Lesson>>,
    reply: oneshot::Sender<Outcome>,
}

enum Turn {
    Open(Waiting),
    GoOn(Box<Begun>),
}

impl Pool {
    /// Starts `workers` threads that share `classifier`.
    pub(crate) fn start(classifier: &Arc<Classifier>, workers: usize, most_open: usize) -> Self {
        let line = Arc::new(Line {
            places: Mutex::default(),
            changed: Condvar::new(),
            most_open: most_open.max(1),
        });
        let threads = (0..workers.max(1))
            .map(|_| {
                let (line, classifier) = (Arc::clone(&line), Arc::clone(classifier));
                thread::spawn(move || work(&line, &classifier))
            })
            .collect();
        Self { line, threads }
    }

    /// Puts an image into the line. Whoever drops the receiver takes it out again.
    pub(crate) fn submit(&self, image: Image) -> oneshot::Receiver<Outcome> {
        let (reply, outcome) = oneshot::channel();
        self.line.lock().new.push_back(Waiting { image, reply });
        self.line.changed.notify_one();
        outcome
    }
}

impl Drop for Pool {
    /// Waits for what is in the line.
    fn drop(&mut self) {
        self.line.lock().closed = true;
        self.line.changed.notify_all();
        for thread in self.threads.drain(..) {
            // Its panics were caught and answered.
            let _ = thread.join();
        }
    }
}

impl Line {
    fn lock(&self) -> MutexGuard<'_, Places> {
        // Nothing runs under the lock that could leave the places half changed.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next turn; `None` once the pool is closed and nothing is left.
    fn next(&self) -> Option<Turn> {
        let mut places = self.lock();
        loop {
            places.new.retain(|waiting| !waiting.reply.is_closed());
            // A new image first: it costs one turn, and then it stands at the end of the line.
            if places.open < self.most_open
                && let Some(waiting) = places.new.pop_front()
            {
                places.open += 1;
                return Some(Turn::Open(waiting));
            }
            if let Some(begun) = places.begun.pop_front() {
                return Some(Turn::GoOn(begun));
            }
            if places.closed && places.new.is_empty() && places.open == 0 {
                return None;
            }
            places = self.changed.wait(places).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn put_back(&self, begun: Box<Begun>) {
        self.lock().begun.push_back(begun);
        self.changed.notify_one();
    }

    fn leave(&self) {
        self.lock().open -= 1;
        // Threads that wait for the end look at the same condition.
        self.changed.notify_all();
    }
}

fn work(line: &Line, classifier: &Classifier) {
    while let Some(turn) = line.next() {
        let begun = match turn {
            Turn::Open(waiting) => open(classifier, waiting),
            Turn::GoOn(begun) => go_on(classifier, begun),
        };
        match begun {
            Some(begun) => line.put_back(begun),
            None => line.leave(),
        }
    }
}

/// A bug in a decoder must cost one image and no thread.
fn guarded<T>(run: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(Error::Internal { detail: "a panic, see the log".into() }))
}

/// Opens an image; `None` if it is answered already.
fn open(classifier: &Classifier, Waiting { image, reply }: Waiting) -> Option<Box<Begun>> {
    let Image { name, bytes, options, lesson } = image;
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    match guarded(|| classifier.open(&bytes, &name, &options, &clock)) {
        Ok((micrograph, timings)) => {
            let begun =
                Begun { micrograph, said: Said::default(), next: 0, start, timings, lesson, reply };
            finish_if_done(classifier, Box::new(begun))
        }
        Err(error) => {
            let _ = reply.send(Err(error));
            None
        }
    }
}

/// Runs one batch; `None` if the image is answered or nobody waits for it.
fn go_on(classifier: &Classifier, mut begun: Box<Begun>) -> Option<Box<Begun>> {
    if begun.reply.is_closed() {
        return None;
    }
    let start = Instant::now();
    match guarded(|| classifier.infer(&begun.micrograph.batch(begun.next))) {
        Ok(output) => {
            begun.said.logits.extend(output.logits);
            begun.said.features.extend(output.features);
            begun.next += 1;
            begun.timings.inference += start.elapsed().as_secs_f64() * 1e3;
            finish_if_done(classifier, begun)
        }
        Err(error) => {
            let _ = begun.reply.send(Err(error));
            None
        }
    }
}

fn finish_if_done(classifier: &Classifier, begun: Box<Begun>) -> Option<Box<Begun>> {
    if begun.next < begun.micrograph.plan().batch_count() {
        return Some(begun);
    }
    let Begun { micrograph, said, start, timings, lesson, reply, .. } = *begun;
    let timings = Timings { total: start.elapsed().as_secs_f64() * 1e3, ..timings };
    let plan = micrograph.plan().clone();
    let _ = reply.send(guarded(|| classifier.report(plan, &said, lesson.as_deref(), timings)));
    None
}
