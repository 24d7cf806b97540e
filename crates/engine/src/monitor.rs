//! Looking at what expires, and keeping the reminder of its name: the telling is the reminders' job.

use std::sync::Arc;
use std::time::Duration;

use balefire_channels::http::Http;
use balefire_channels::look::{LookError, Seen, certificate, domain};
use balefire_config::monitor::Monitor;
use balefire_core::monitor::{PATIENCE, Sight, Target};
use balefire_core::reminder::{Edit, Reminder};
use balefire_core::time::Time;
use balefire_store::{MonitorRow, ReminderKey, ReminderPut, StoreError};
use tokio::sync::Semaphore;

use crate::engine::Engine;
use crate::meta::Trouble;

/// Looks at once: each is a connection, and none of them is urgent.
static LOOKING: Semaphore = Semaphore::const_new(4);
/// How long one look may take.
const PATIENT: Duration = Duration::from_secs(20);

/// A monitor as it stands.
#[derive(Clone, Debug)]
pub struct MonitorState {
    /// As the document has it.
    pub monitor: Arc<Monitor>,
    /// What was seen of it.
    pub sight: Sight,
    /// When it is looked at next.
    pub next_look: Time,
}

impl Engine {
    /// All monitors of the document as they stand, by name.
    pub async fn monitor_states(&self) -> Result<Vec<MonitorState>, StoreError> {
        let (plan, now) = (self.plan(), self.now());
        if plan.monitors.by_name.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.store().monitors().await?;
        let all = plan.monitors.by_name.values();
        let states = all.map(|monitor| {
            let sight = sight(&rows, monitor);
            MonitorState {
                next_look: sight.next_look(&monitor.name, now),
                monitor: Arc::clone(monitor),
                sight,
            }
        });
        Ok(states.collect())
    }

    /// Looks at a monitor now, writes down what was seen, and keeps its reminder.
    pub async fn look_at(&self, state: &MonitorState) -> Result<Sight, StoreError> {
        let monitor = &state.monitor;
        let http = self.plan().monitors.http.clone();
        let seen = look(http.as_ref(), &monitor.target, self.now()).await;
        let (now, mut sight) = (self.now(), state.sight.clone());
        match seen {
            Ok(seen) => sight.see(seen.expires_at, seen.detail, seen.certificate, now),
            Err(error) => sight.fail(&error.to_string(), now),
        }
        if sight.complain(now) {
            let text = format!(
                "{} ({}) could not be looked at for more than {} h: {}; when it expires may be unknown",
                monitor.name,
                monitor.target.shown(),
                PATIENCE.as_secs() / 3_600,
                sight.error
            );
            self.findings()
                .report(now, Trouble::Monitor, &monitor.name, text);
        }
        let row = MonitorRow {
            name: Arc::clone(&monitor.name),
            target: words(&monitor.target),
            sight: sight.clone(),
        };
        // First the reminder: what is written down as seen has one.
        self.keep_reminder(monitor, &sight).await?;
        self.store().writer().put_monitor(row).await?;
        Ok(sight)
    }

    /// Makes the reminder of a monitor's name, or brings it up to date. Who has seen to it stays until the date moves.
    pub(crate) async fn keep_reminder(
        &self,
        monitor: &Monitor,
        sight: &Sight,
    ) -> Result<(), StoreError> {
        let Some(expires_at) = sight.expires_at else {
            return Ok(());
        };
        let (store, now) = (self.store(), self.now());
        let key = ReminderKey::Name(monitor.name.to_string());
        let wanted = reminder(monitor, sight, expires_at);
        let put = match store.reminder(&key).await? {
            None => store.writer().add_reminder(wanted, now).await?,
            Some(found) => {
                let edit = edit(wanted);
                if edit.apply(&found, found.changed_at).as_ref() == Ok(&found) {
                    return Ok(());
                }
                store.writer().edit_reminder(key, edit, now).await?
            }
        };
        if let ReminderPut::Refused(fault) = put {
            let text = format!("the reminder {} could not be kept: {fault}", monitor.name);
            self.findings()
                .report(now, Trouble::Monitor, &monitor.name, text);
        }
        Ok(())
    }
}

/// What was seen of a monitor, unless it looks at something else by now.
fn sight(rows: &[MonitorRow], monitor: &Monitor) -> Sight {
    let row = rows.iter().find(|row| row.name == monitor.name);
    let same = row.filter(|row| row.target == words(&monitor.target));
    same.map(|row| row.sight.clone()).unwrap_or_default()
}

/// What is looked at, as it is written down.
fn words(target: &Target) -> Arc<str> {
    format!("{} {}", target.kind(), target.shown()).into()
}

async fn look(http: Option<&Http>, target: &Target, now: Time) -> Result<Seen, LookError> {
    if let Target::Date(at) = target {
        return Ok(Seen {
            expires_at: *at,
            detail: String::new(),
            certificate: None,
        });
    }
    let Some(http) = http else {
        return Err(LookError::Unreachable(
            "no client could be built".to_owned(),
        ));
    };
    // The semaphore is never closed.
    let _turn = LOOKING.acquire().await;
    match target {
        Target::Certificate {
            host,
            port,
            server_name,
            starttls,
        } => {
            let server = certificate::Server {
                host,
                port: *port,
                name: server_name,
                starttls: *starttls,
            };
            certificate::look(http, server, now, PATIENT).await
        }
        Target::Domain { name, rdap, whois } => {
            let ask = domain::Ask {
                rdap: rdap.as_deref(),
                whois: whois.as_ref().map(|(host, port)| (host.as_str(), *port)),
            };
            domain::look(http, name, ask, PATIENT).await
        }
        Target::Date(_) => Err(LookError::Unreadable(String::new())),
    }
}

/// The reminder that a monitor is to have.
fn reminder(monitor: &Monitor, sight: &Sight, expires_at: Time) -> Reminder {
    let shown = match &monitor.target {
        Target::Date(_) => String::new(),
        other => other.shown(),
    };
    let lines = [monitor.description.as_str(), &shown, &sight.detail];
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    monitor.reminder(lines.join("\n"), expires_at)
}

/// What makes the reminder that is there into this one.
fn edit(wanted: Reminder) -> Edit {
    Edit {
        content: Some(wanted.content),
        email: Some(wanted.email),
        ways: Some(wanted.ways),
        owner: Some(wanted.owner),
        advance_days: Some(wanted.advance_days),
        expires_at: Some(wanted.expires_at),
        ..Edit::default()
    }
}
