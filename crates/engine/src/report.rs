//! Reports, read from what is stored: bounded, and off the hot path.

use std::collections::HashMap;
use std::sync::Arc;

use balefire_config::plan::Plan;
use balefire_core::message::{Mention, Occasion};
use balefire_core::report::{Figures, Handled, Noise, Page, Paged, noisiest, paged, per_day};
use balefire_core::schedule::Stretch;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use balefire_core::wall::Zone;
use balefire_store::{Notification, StoreError};
use jiff::civil::Date;

use crate::engine::Engine;
use crate::history::Told;

/// Rows that are read together.
const ROWS: usize = 1000;
/// Incidents that a report reads.
pub const MOST_INCIDENTS: usize = 20_000;
/// Notifications that a report reads.
pub const MOST_NOTIFICATIONS: usize = 50_000;
/// Of what made noise, so many are named.
pub const NOISIEST: usize = 20;

/// What happened in a part of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which part.
    pub within: Stretch,
    /// The zone by whose clock days are counted: the server's.
    pub zone: Zone,
    /// Whether everything was read; else the figures are those of the oldest [`MOST_INCIDENTS`] incidents and
    /// [`MOST_NOTIFICATIONS`] notifications.
    pub complete: bool,
    /// The incidents that were opened.
    pub incidents: Vec<Handled>,
    /// What became of them.
    pub figures: Figures,
    /// The same by severity, the worst first.
    pub by_severity: Vec<(Severity, Figures)>,
    /// For each day: incidents opened, and notifications that something fires.
    pub days: Vec<(Date, usize, usize)>,
    /// Notifications that something fires, to anybody.
    pub notifications: usize,
    /// Those to an address, a number or a name that is a person's, by person.
    pub people: Vec<Paged>,
    /// The groups that made most notifications, by Alertmanager's key.
    pub noisiest: Vec<Noise>,
}

impl Engine {
    /// What happened in a part of time. Notifications go as far back as the retention keeps them.
    pub async fn report(&self, within: Stretch) -> Result<Report, StoreError> {
        let plan = self.plan();
        let zone = server_zone(&plan);
        let (incidents, all_incidents) = self.opened(within).await?;
        let (told, all_told) = self.told(&plan, within).await?;
        let opened = per_day(&zone, within, incidents.iter().map(|one| one.opened_at));
        let notified = per_day(&zone, within, told.times.iter().copied());
        let days = opened.into_iter().zip(notified);
        Ok(Report {
            within,
            complete: all_incidents && all_told,
            figures: Figures::of(incidents.iter()),
            by_severity: Figures::by_severity(&incidents),
            incidents,
            days: days
                .map(|((day, opened), (_, told))| (day, opened, told))
                .collect(),
            notifications: told.times.len(),
            people: paged(&told.pages, &|key| zone_of(&plan, key, &zone)),
            noisiest: noisiest(told.groups.into_iter(), NOISIEST),
            zone,
        })
    }

    async fn opened(&self, within: Stretch) -> Result<(Vec<Handled>, bool), StoreError> {
        let mut incidents: Vec<Handled> = Vec::new();
        loop {
            let after = incidents.last().map_or(0, |one| one.id);
            let page = self.store().incidents_opened(within, after, ROWS).await?;
            let is_last = page.len() < ROWS;
            incidents.extend(page);
            if is_last || incidents.len() >= MOST_INCIDENTS {
                return Ok((incidents, is_last));
            }
        }
    }

    async fn told(&self, plan: &Plan, within: Stretch) -> Result<(Firing, bool), StoreError> {
        let addresses = Addresses::of(plan);
        let mut firing = Firing::default();
        let (mut after, mut read) = (0, 0);
        loop {
            let page = self.store().notifications_within(within, after, ROWS);
            let page = page.await?;
            read += page.len();
            after = page.last().map_or(after, |row| row.seq);
            for row in &page {
                firing.take(row, &addresses);
            }
            let is_last = page.len() < ROWS;
            if is_last || read >= MOST_NOTIFICATIONS {
                return Ok((firing, is_last));
            }
        }
    }
}

fn server_zone(plan: &Plan) -> Zone {
    Zone::named(&plan.server.reader.zone).unwrap_or_else(|_| Zone::utc())
}

/// A person's own zone, else the server's.
fn zone_of(plan: &Plan, key: &str, server: &Zone) -> Zone {
    let own = plan
        .people
        .get(key)
        .map(|person| person.reader.zone.as_str());
    let own = own.filter(|zone| !zone.is_empty());
    own.and_then(|zone| Zone::named(zone).ok())
        .unwrap_or_else(|| server.clone())
}

/// Notifications that something fires.
#[derive(Default)]
struct Firing {
    times: Vec<Time>,
    pages: Vec<Page>,
    groups: Vec<Arc<str>>,
}

impl Firing {
    fn take(&mut self, row: &Notification, addresses: &Addresses) {
        // What a fallback took over is told by the first way's row already.
        if row.occasion != Occasion::Firing || row.fallback_of.is_some() {
            return;
        }
        let at = row.created_at;
        self.times.push(at);
        if let Some(person) = addresses.person(&row.target) {
            self.pages.push(Page { at, person });
        }
        if let Told::Group(group) = Told::of(row) {
            self.groups.push(group.key().into());
        }
    }
}

/// Whose an address, a number or a name at a platform is.
pub(crate) struct Addresses(HashMap<String, Arc<str>>);

impl Addresses {
    /// Those of a document's people.
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut known = HashMap::new();
        for (key, person) in &plan.people {
            let key: Arc<str> = key.as_str().into();
            for address in all(&person.contact) {
                known
                    .entry(plain(address))
                    .or_insert_with(|| Arc::clone(&key));
            }
        }
        Self(known)
    }

    /// Whose a target is, if it is somebody's.
    pub(crate) fn person(&self, target: &str) -> Option<Arc<str>> {
        self.0.get(&plain(target)).cloned()
    }
}

fn all(contact: &Mention) -> impl Iterator<Item = &String> {
    let Mention {
        name: _,
        phone,
        email,
        dingtalk,
        wecom,
        feishu,
        slack,
        telegram,
        discord,
        mattermost,
        matrix,
        googlechat,
    } = contact;
    [
        phone, email, dingtalk, wecom, feishu, slack, telegram, discord, mattermost, matrix,
        googlechat,
    ]
    .into_iter()
    .filter(|address| !address.is_empty())
}

/// An address as it compares: case does not count, nor does what numbers are spaced with.
fn plain(address: &str) -> String {
    let is_spacing = |c: char| matches!(c, ' ' | '-' | '(' | ')');
    let is_number = address
        .chars()
        .all(|c| c.is_ascii_digit() || c == '+' || is_spacing(c));
    let kept = address.chars().filter(|c| !is_number || !is_spacing(*c));
    kept.flat_map(char::to_lowercase).collect()
}
