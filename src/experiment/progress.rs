//! How far the runs are: two counters that a terminal may look at.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::record::{Fact, Observer, Record};

/// Tasks between two words to the outside.
const TASKS_PER_WORD: u64 = 4_096;

/// How far the runs of a comparison are. Written by the runs, read by whoever draws.
#[derive(Debug, Default)]
pub struct Progress {
    tasks: AtomicU64,
    clusters: AtomicU64,
}

impl Progress {
    /// Nothing done yet.
    pub const fn new() -> Self {
        Self {
            tasks: AtomicU64::new(0),
            clusters: AtomicU64::new(0),
        }
    }

    /// Tasks that have arrived so far, over all clusters; a few thousand may not be counted yet.
    pub fn tasks(&self) -> u64 {
        self.tasks.load(Ordering::Relaxed)
    }

    /// Clusters whose run is over.
    pub fn clusters(&self) -> u64 {
        self.clusters.load(Ordering::Relaxed)
    }

    pub(super) fn cluster_done(&self) {
        self.clusters.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts one run's arrivals.
#[derive(Debug)]
pub(super) struct Counter<'a> {
    progress: &'a Progress,
    uncounted: u64,
}

impl<'a> Counter<'a> {
    pub(super) const fn new(progress: &'a Progress) -> Self {
        Self {
            progress,
            uncounted: 0,
        }
    }
}

impl Observer for Counter<'_> {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskArrived { .. } = record.fact {
            self.uncounted += 1;
            if self.uncounted == TASKS_PER_WORD {
                self.progress
                    .tasks
                    .fetch_add(TASKS_PER_WORD, Ordering::Relaxed);
                self.uncounted = 0;
            }
        }
    }
}
