//! What one commit writes: a batch of calls becomes a few multi-row statements. Pure.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use balefire_core::event::{Input, Seq};
use balefire_core::time::Time;

use crate::codec::{self, BatchBody};
use crate::db::{Arg, Sql};
use crate::detail;
use crate::error::StoreError;
use crate::event::event_key;
use crate::key;
use crate::name::{Names, NewNames};
use crate::notification::{
    Attempt, Decided, Decision, Notification, NotificationState, Settlement,
};
use crate::said;
use crate::writer::task::Numbers;

pub(crate) const INSERT_NAME: Sql = Sql::new("INSERT INTO name (id, word) VALUES ($1, $2)");
const INSERT_EVENT: Sql =
    Sql::new("INSERT INTO event (id, last_seq, at, crc, body) VALUES ($1, $2, $3, $4, $5)");
const INSERT_DECISIONS: &str =
    "INSERT INTO decision (seq, at, upto, config, crc, body) VALUES {rows:6}";
const INSERT_NOTIFICATIONS: &str = "INSERT INTO notification \
    (seq, decision, grp, receiver, account, created_at, detail) VALUES {rows:7}";
const INSERT_WAITING: &str =
    "INSERT INTO waiting (seq, node, next_try_at, attempts, last_error) VALUES {rows:5}";
/// The same attempt again overwrites itself; what it settled may have been learnt since.
const INSERT_ATTEMPTS: &str = "INSERT INTO attempt \
    (id, at, took, kind, state, error, answer, provider_id) \
    VALUES {rows:8}{upsert:id:state,error}";
/// What was settled meanwhile is not waiting, and so stays as it is.
const WITHDRAW: &str = "INSERT INTO attempt (id, at, took, state, error) \
    SELECT seq * 65536 + attempts * 2 + 1, 0, 0, $1, $2 FROM waiting \
    WHERE seq IN ({list}){upsert:id:state,error}";
const END_WAITING: &str = "DELETE FROM waiting WHERE seq IN ({list})";
const WAIT_ON: Sql =
    Sql::new("UPDATE waiting SET attempts = $1, next_try_at = $2, last_error = $3 WHERE seq = $4");
const KEEP_BODY: Sql =
    Sql::new("INSERT INTO kept (notification, body) VALUES ($1, $2){upsert:notification:body}");

/// Rows a statement may have: few enough sizes that each is prepared once and stays cached, close enough
/// that two or three statements make up any number.
const SIZES: [usize; 16] = [256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1];

/// The calls of one commit, without their answers.
#[derive(Default)]
pub(crate) struct Batch<'b> {
    pub(crate) appends: Vec<(&'b [Input], &'b [u8], Time)>,
    pub(crate) decisions: Vec<&'b Decision>,
    pub(crate) settlements: Vec<&'b [Settlement]>,
}

/// The statements of one commit, and what is true once it is done.
pub(crate) struct Plan {
    pub(crate) steps: Vec<(Sql, Vec<Arg>)>,
    pub(crate) appended: Vec<RangeInclusive<Seq>>,
    pub(crate) decided: Vec<Decided>,
    pub(crate) names: HashMap<Arc<str>, i64>,
    pub(crate) numbers: Numbers,
    /// Number and checksum of the first decision, by which it is known again.
    pub(crate) mark: Option<(u64, i64)>,
}

/// Puts a batch into statements, numbering from `numbers` on.
pub(crate) fn plan(
    batch: &Batch<'_>,
    mut numbers: Numbers,
    names: &Names,
    node: u16,
) -> Result<Plan, StoreError> {
    let mut words = NewNames::over(names);
    let mut steps = Vec::new();
    let appended = append(batch, &mut numbers, node, &mut steps);
    let mut decided = Vec::new();
    let mut rows = DecisionRows::default();
    for decision in &batch.decisions {
        decided.push(rows.push(decision, &mut numbers, &mut words)?);
    }
    let mark = rows.mark;
    rows.into_steps(&mut steps);
    for (decision, decided) in batch.decisions.iter().zip(&decided) {
        let facts = decision.facts.iter();
        steps.extend(facts.map(|fact| (fact.sql, fact.numbered(decided))));
    }
    let settlements: Vec<_> = batch
        .decisions
        .iter()
        .flat_map(|decision| &decision.settlements)
        .chain(batch.settlements.iter().copied().flatten())
        .collect();
    settle(&settlements, &mut words, &mut steps);
    // Words come first, so that no row ever names one that is not there.
    let new_words = words.rows().into_iter().map(|row| (INSERT_NAME, row));
    steps.splice(0..0, new_words);
    let names = words.into_added();
    Ok(Plan {
        steps,
        appended,
        decided,
        names,
        numbers,
        mark,
    })
}

type Steps = Vec<(Sql, Vec<Arg>)>;

fn append(
    batch: &Batch<'_>,
    numbers: &mut Numbers,
    node: u16,
    steps: &mut Steps,
) -> Vec<RangeInclusive<Seq>> {
    let first = numbers.event;
    let Some(row_at) = batch.appends.iter().map(|(_, _, at)| *at).min() else {
        return Vec::new();
    };
    let mut body = BatchBody::default();
    let mut ranges = Vec::new();
    let mut keys = BTreeMap::new();
    for &(inputs, encoded, at) in &batch.appends {
        let begin = numbers.event;
        if !inputs.is_empty() {
            body.push(row_at, at, encoded);
        }
        numbers.event += inputs.len() as u64;
        ranges.push(begin..=numbers.event - 1);
        for input in inputs {
            if let Input::Key { key, fingerprint } = input {
                keys.insert(key, (*fingerprint, at));
            }
        }
    }
    if numbers.event > first {
        let (id, last) = (event_key(node, first), numbers.event - 1);
        let body = body.pack();
        let crc = codec::crc(&[id, last.cast_signed(), row_at.micros()], &body);
        let row = vec![
            id.into(),
            last.into(),
            row_at.micros().into(),
            crc.into(),
            body.into(),
        ];
        steps.push((INSERT_EVENT, row));
    }
    let keys = keys
        .iter()
        .map(|(key, (fingerprint, at))| key::row(key, *fingerprint, *at));
    repeat(key::UPSERT, keys.collect(), steps);
    ranges
}

#[derive(Default)]
struct DecisionRows {
    mark: Option<(u64, i64)>,
    decisions: Vec<Vec<Arg>>,
    notifications: Vec<Vec<Arg>>,
    waiting: Vec<Vec<Arg>>,
    ended: Vec<Vec<Arg>>,
}

impl DecisionRows {
    fn push(
        &mut self,
        decision: &Decision,
        numbers: &mut Numbers,
        words: &mut NewNames<'_>,
    ) -> Result<Decided, StoreError> {
        let seq = numbers.decision;
        let config = words.id(&decision.config_version);
        let (at, cursor) = (decision.at.micros(), decision.cursor.cast_signed());
        let body = codec::pack(&decision.body);
        let crc = codec::crc(&[seq.cast_signed(), at, cursor, config], &body);
        self.mark.get_or_insert((seq, crc));
        self.decisions.push(vec![
            seq.into(),
            at.into(),
            cursor.into(),
            config.into(),
            crc.into(),
            body.into(),
        ]);
        let first = numbers.notification;
        for notification in &decision.notifications {
            self.notify(notification, numbers.notification, seq, words)?;
            numbers.notification += 1;
        }
        numbers.decision += 1;
        Ok(Decided {
            decision: seq,
            notifications: first..numbers.notification,
        })
    }

    fn notify(
        &mut self,
        notification: &Notification,
        seq: u64,
        decision: u64,
        words: &mut NewNames<'_>,
    ) -> Result<(), StoreError> {
        let integration = words.id(&notification.integration);
        self.notifications.push(vec![
            seq.into(),
            decision.into(),
            notification.group.into(),
            words.id(&notification.receiver).into(),
            words.id(&notification.account).into(),
            notification.created_at.micros().into(),
            detail::detail(notification, integration)?.into(),
        ]);
        let error = notification.last_error.as_deref();
        if notification.state == NotificationState::Pending {
            self.waiting.push(vec![
                seq.into(),
                i64::from(notification.node).into(),
                Arg::Int(notification.next_try_at.map(Time::micros)),
                i64::from(notification.attempts).into(),
                error.into(),
            ]);
        } else {
            self.ended.push(end_row(
                seq,
                notification.attempts,
                notification.state,
                error,
            ));
        }
        Ok(())
    }

    fn into_steps(self, steps: &mut Steps) {
        repeat(INSERT_DECISIONS, self.decisions, steps);
        repeat(INSERT_NOTIFICATIONS, self.notifications, steps);
        repeat(INSERT_WAITING, self.waiting, steps);
        repeat(INSERT_ATTEMPTS, self.ended, steps);
    }
}

/// The statements of settlements, in the order in which they must run.
#[derive(Default)]
struct Settling {
    /// By state and reason.
    withdrawn: BTreeMap<(i64, Option<Arc<str>>), Vec<u64>>,
    attempts: BTreeMap<i64, Vec<Arg>>,
    ended: Vec<u64>,
    single: Steps,
}

fn settle(settlements: &[&Settlement], words: &mut NewNames<'_>, steps: &mut Steps) {
    let mut settling = Settling::default();
    for settlement in settlements {
        settling.add(settlement, words);
    }
    let Settling {
        withdrawn,
        attempts,
        mut ended,
        single,
    } = settling;
    // Withdrawing comes first: what was delivered in the same commit stays delivered.
    let mut gone = Vec::new();
    for ((state, error), seqs) in withdrawn {
        list(
            WITHDRAW,
            &[state.into(), error.as_deref().into()],
            &seqs,
            steps,
        );
        gone.extend(seqs);
    }
    repeat(INSERT_ATTEMPTS, attempts.into_values().collect(), steps);
    ended.extend(gone);
    ended.sort_unstable();
    ended.dedup();
    list(END_WAITING, &[], &ended, steps);
    steps.extend(single);
}

impl Settling {
    fn add(&mut self, settlement: &Settlement, words: &mut NewNames<'_>) {
        let Settlement {
            seq, state, tries, ..
        } = *settlement;
        let error = settlement.last_error.as_deref();
        let ends = state != NotificationState::Pending && !state.yields();
        let last = settlement.attempts.len();
        for (attempt, n) in settlement.attempts.iter().zip(1..) {
            let outcome = (ends && n == last).then_some((state, error));
            // Keyed, because one statement must not name a row twice; the later report counts.
            let id = detail::attempt_id(attempt.notification, attempt.number);
            self.attempts
                .insert(id, attempt_row(id, attempt, outcome, words));
        }
        if state.yields() {
            let reason = settlement.last_error.clone();
            self.withdrawn
                .entry((state.number(), reason))
                .or_default()
                .push(seq);
        } else if ends {
            self.ended.push(seq);
            if last == 0 {
                let id = detail::attempt_id(seq, tries) + 1;
                self.attempts.insert(id, end_row(seq, tries, state, error));
            }
        } else {
            let row = vec![
                i64::from(tries).into(),
                Arg::Int(settlement.next_try_at.map(Time::micros)),
                error.into(),
                seq.into(),
            ];
            self.single.push((WAIT_ON, row));
        }
        if let Some(body) = &settlement.body {
            self.single
                .push((KEEP_BODY, vec![seq.into(), codec::pack(body).into()]));
        }
    }
}

/// An end without a try of its own, after `tries` tries.
fn end_row(seq: u64, tries: u32, state: NotificationState, error: Option<&str>) -> Vec<Arg> {
    let id = detail::attempt_id(seq, tries) + 1;
    let none = || Arg::Text(None);
    vec![
        id.into(),
        0_i64.into(),
        0_i64.into(),
        Arg::Int(None),
        state.number().into(),
        error.into(),
        none(),
        none(),
    ]
}

fn attempt_row(
    id: i64,
    attempt: &Attempt,
    outcome: Option<(NotificationState, Option<&str>)>,
    words: &mut NewNames<'_>,
) -> Vec<Arg> {
    vec![
        id.into(),
        attempt.at.micros().into(),
        attempt.took_micros.into(),
        words.id(&attempt.kind).into(),
        Arg::Int(outcome.map(|(state, _)| state.number())),
        outcome.and_then(|(_, error)| error).into(),
        said::column(attempt).as_deref().into(),
        attempt.provider_id.as_deref().into(),
    ]
}

/// Rows as multi-row statements of a few sizes.
pub(crate) fn repeat(template: &'static str, rows: Vec<Vec<Arg>>, steps: &mut Steps) {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    for size in SIZES {
        while left >= size {
            let args = rows.by_ref().take(size).flatten().collect();
            steps.push((Sql::repeated(template, size), args));
            left -= size;
        }
    }
}

/// One statement over many keys; the last list is filled up with a key it already holds.
fn list(template: &'static str, fixed: &[Arg], seqs: &[u64], steps: &mut Steps) {
    for chunk in seqs.chunks(SIZES[0]) {
        let size = SIZES
            .into_iter()
            .rev()
            .find(|size| *size >= chunk.len())
            .unwrap_or(SIZES[0]);
        let filled = chunk
            .iter()
            .chain(std::iter::repeat(&chunk[chunk.len() - 1]))
            .take(size);
        let args = fixed
            .iter()
            .cloned()
            .chain(filled.map(|seq| Arg::from(*seq)))
            .collect();
        steps.push((Sql::repeated(template, size), args));
    }
}
