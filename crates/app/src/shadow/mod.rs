//! Shadow mode beside an Alertmanager: the same alerts go to both, only the Alertmanager tells people, and
//! every round its groups are compared with ours. What differs in two rounds running is logged and
//! written down, so that moving over is a matter of an empty list.

mod compare;
mod copies;
mod peer;
mod report;
mod rounds;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use balefire_core::dispatch::{GroupId, GroupRef};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::time::Time;
use balefire_engine::engine::Engine;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use self::compare::{GroupName, Standing, View, compare, groups_of};
use self::copies::Copies;
use self::report::Lasting;
pub(crate) use self::report::Report;
use self::rounds::Rounds;
use crate::client::Client;

/// How often a summary is logged.
const SUMMARY: Duration = Duration::from_mins(10);
/// Groups read under one lock; between them the dispatcher gets its turn.
const AT_ONCE: usize = 256;

/// A comparison that runs beside a node.
pub(crate) struct Shadow {
    /// The node.
    pub(crate) engine: Engine,
    /// The Alertmanager.
    pub(crate) peer: Client,
    /// How often they are compared.
    pub(crate) every: Duration,
    /// Whether the Alertmanager's silences are copied.
    pub(crate) copy_silences: bool,
    /// Where the report is written.
    pub(crate) folder: PathBuf,
}

impl Shadow {
    /// Compares until `stop`; then logs a last summary.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut copies = Copies::default();
        let mut rounds = Rounds::default();
        let mut report = self.first_report();
        let mut said = self.engine.now();
        let mut ticks = interval(self.every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => {}
            }
            // A slow Alertmanager must not hold up the end.
            let failure = tokio::select! {
                () = stop.cancelled() => break,
                done = self.round(&mut copies, &mut rounds, &mut report) => done.err(),
            };
            if failure.is_some() && failure != report.failure {
                tracing::warn!(
                    why = failure.as_deref(),
                    "the Alertmanager cannot be compared with"
                );
            }
            report.failure = failure;
            report.at = self.engine.now();
            self.write(&report).await;
            if report.at >= said.after(SUMMARY) {
                said = report.at;
                tracing::info!(rounds = report.rounds, "shadow: {}", report.summary());
            }
        }
        tracing::info!(rounds = report.rounds, "shadow: {}", report.summary());
    }

    fn first_report(&self) -> Report {
        let now = self.engine.now();
        Report {
            compared_with: self.peer.url().to_owned(),
            since: now,
            at: now,
            rounds: 0,
            failure: None,
            equal: 0,
            differ: 0,
            unsettled: 0,
            copied_silences: 0,
            differences: Vec::new(),
        }
    }

    /// One comparison; the error is what a person must be told.
    async fn round(
        &self,
        copies: &mut Copies,
        rounds: &mut Rounds,
        report: &mut Report,
    ) -> Result<(), String> {
        if self.copy_silences {
            let originals = peer::silences(&self.peer)
                .await
                .map_err(|error| error.to_string())?;
            let followed = copies.follow(&self.engine, &originals).await;
            report.copied_silences = followed.map_err(|error| error.to_string())?;
        }
        let there = peer::groups(&self.peer)
            .await
            .map_err(|error| error.to_string())?;
        let engine = self.engine.clone();
        let compared = tokio::task::spawn_blocking(move || {
            let now = engine.now();
            (compare(&there, &ours(&engine, now)), now)
        });
        let ((found, groups), now) = compared.await.map_err(|error| error.to_string())?;
        let news = rounds.learn(found, now);
        for difference in &news.began {
            let labels = format!("{:?}", difference.labels);
            tracing::warn!(
                receiver = difference.receiver,
                labels,
                "shadow: {}",
                difference.words()
            );
        }
        for difference in &news.ended {
            let labels = format!("{:?}", difference.labels);
            tracing::info!(
                receiver = difference.receiver,
                labels,
                "shadow: no longer so: {}",
                difference.words()
            );
        }
        report.rounds += 1;
        report.differ = groups_of(rounds.lasting().map(|(difference, _)| difference));
        report.unsettled = groups_of(rounds.seen()).saturating_sub(report.differ);
        report.equal = groups.saturating_sub(report.differ + report.unsettled);
        let lasting = rounds.lasting().take(report::MOST);
        report.differences = lasting
            .map(|(difference, since)| Lasting {
                since,
                words: difference.words(),
                difference: difference.clone(),
            })
            .collect();
        Ok(())
    }

    async fn write(&self, report: &Report) {
        let (report, folder) = (report.clone(), self.folder.clone());
        let written = tokio::task::spawn_blocking(move || report.write(&folder)).await;
        if let Ok(Err(error)) = written {
            let file = Report::file(&self.folder);
            tracing::warn!(%error, file = %file.display(), "the report of shadow mode cannot be written");
        }
    }
}

/// Our groups with the alerts that fire.
fn ours(engine: &Engine, now: Time) -> View {
    let ids: Vec<GroupId> = engine.state().groups().map(GroupRef::id).collect();
    let mut view = View::new();
    let mut standings: HashMap<Fingerprint, Standing> = HashMap::new();
    for some in ids.chunks(AT_ONCE) {
        let state = engine.state();
        for group in some.iter().filter_map(|id| state.group(*id)) {
            let firing = group.alerts().filter(|(_, alert)| !alert.resolved_at(now));
            let alerts: Vec<(String, Standing)> = firing
                .map(|(episode, _)| {
                    let fingerprint = episode.fingerprint;
                    let standing = standings.entry(fingerprint).or_insert_with(|| {
                        let status = state.status(fingerprint, now);
                        Standing {
                            silenced_by: status
                                .silenced_by
                                .iter()
                                .map(ToString::to_string)
                                .collect(),
                            inhibited_by: status
                                .inhibited_by
                                .iter()
                                .map(ToString::to_string)
                                .collect(),
                        }
                    });
                    (fingerprint.to_string(), standing.clone())
                })
                .collect();
            if alerts.is_empty() {
                continue;
            }
            let pairs = group.labels().iter();
            let name = GroupName {
                labels: pairs
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
                receiver: group.route().receiver.to_string(),
            };
            view.entry(name).or_default().extend(alerts);
        }
    }
    view
}
