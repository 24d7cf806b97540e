//! Alertmanager's clients: its recorded answers, its own command-line tool, and many alerts.

mod amtool;
mod answers;
mod many;
mod replay;
mod transcript;

use crate::site::Site;

/// Waits until the dispatcher has taken in all that is on disk.
async fn settled(site: &Site) {
    let mut changes = site.engine.changes();
    loop {
        changes.mark_unchanged();
        if site.engine.state().cursor() >= site.engine.store().last_event() {
            return;
        }
        changes.changed().await.expect("a running engine");
    }
}
