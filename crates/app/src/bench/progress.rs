//! How far a run is: a bar on a terminal, else a line every ten seconds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at};

use crate::output::{is_watched, say};

/// How often the bar moves; seldom enough not to be measured along.
const BAR: Duration = Duration::from_millis(250);
/// How often a line is written where there is no terminal.
const LINE: Duration = Duration::from_secs(10);

/// Shows a run's progress until it is dropped.
pub(super) struct Progress {
    showing: JoinHandle<()>,
    bar: ProgressBar,
}

impl Progress {
    /// Shows how many of `count` requests have been taken up.
    pub(super) fn of(count: usize, taken_up: Arc<AtomicUsize>) -> Self {
        let watched = is_watched();
        let bar = if watched {
            ProgressBar::new(count as u64)
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) =
            ProgressStyle::with_template("{wide_bar} {pos}/{len} requests, {eta} left")
        {
            bar.set_style(style);
        }
        let shown = bar.clone();
        let showing = tokio::spawn(async move {
            let every = if watched { BAR } else { LINE };
            let mut ticks = interval_at(Instant::now() + every, every);
            loop {
                ticks.tick().await;
                let done = taken_up.load(Ordering::Relaxed).min(count);
                if watched {
                    shown.set_position(done as u64);
                } else {
                    say(&format!("{done} of {count} requests"));
                }
            }
        });
        Self { showing, bar }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.showing.abort();
        self.bar.finish_and_clear();
    }
}
