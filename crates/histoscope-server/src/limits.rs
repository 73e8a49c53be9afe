//! What one server takes on at most.

use std::time::Duration;

/// Bounds on memory and time. In the worst case uploads take [`Limits::images`] times
/// [`Limits::upload_bytes`], and decoded pictures [`Limits::open`] times
/// [`histoscope::decode::MAX_DECODE_MIB`].
#[derive(Debug, Clone)]
pub struct Limits {
    /// Threads that compute.
    pub workers: usize,
    /// Images that are read, wait or are worked on at once. A request beyond it is told to come
    /// again; a folder's later images wait for their turn.
    pub images: usize,
    /// Images that are decoded at once.
    pub open: usize,
    /// Bytes of one uploaded file.
    pub upload_bytes: usize,
    /// Files of one folder.
    pub folder_files: usize,
    /// How long a client may send nothing in the middle of its request.
    pub silence: Duration,
}

impl Limits {
    /// For so many threads, at least one.
    pub fn for_workers(workers: usize) -> Self {
        let workers = workers.max(1);
        Self {
            workers,
            images: 32.max(4 * workers),
            open: 4 * workers,
            upload_bytes: 64 << 20,
            folder_files: 10_000,
            silence: Duration::from_secs(30),
        }
    }
}
