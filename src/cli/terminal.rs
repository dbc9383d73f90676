//! Printing, and the progress bar.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::experiment::Progress;

/// How often the bar is redrawn.
const REDRAW: Duration = Duration::from_millis(120);

/// How long a run goes on before a bar appears.
const PATIENCE: u32 = 8;

/// Prints a result on stdout.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Says something on stderr; there is nobody to tell if that fails.
pub(super) fn talk(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Does `work` while a bar shows how far it is; on a terminal only, and only if it takes long.
pub(super) fn with_progress<T: Send>(
    (progress, clusters): (&Progress, u64),
    is_wanted: bool,
    work: impl FnOnce() -> T + Send,
) -> T {
    if !is_wanted || !io::stderr().is_terminal() {
        return work();
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let result = work();
            is_over.store(true, Ordering::Release);
            result
        });
        draw(progress, clusters, &is_over);
        match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn draw(progress: &Progress, clusters: u64, is_over: &AtomicBool) {
    let bar = ProgressBar::hidden();
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} clusters  {msg}  {elapsed}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_length(clusters);
    let mut turns = 0;
    while !is_over.load(Ordering::Acquire) {
        std::thread::sleep(REDRAW);
        turns += 1;
        if turns == PATIENCE {
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
        bar.set_position(progress.clusters());
        bar.set_message(format!("{} tasks", progress.tasks()));
    }
    bar.finish_and_clear();
}
