//! What one commit writes: a batch of calls becomes a few multi-row statements. Pure.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use balefire_core::event::{Event, Input, Seq};
use balefire_core::time::Time;

use crate::codec::{self, BatchBody};
use crate::db::{Arg, Sql};
use crate::error::StoreError;
use crate::event::event_key;
use crate::key;
use crate::name::{Names, NewNames};
use crate::notification::{
    Attempt, Decided, Decision, Notification, NotificationState, Settlement,
};
use crate::notifications;
use crate::writer::task::Numbers;

pub(crate) const INSERT_NAME: Sql = Sql::new("INSERT INTO name (id, word) VALUES ($1, $2)");
const INSERT_EVENT: Sql =
    Sql::new("INSERT INTO event (id, last_seq, at, crc, body) VALUES ($1, $2, $3, $4, $5)");
const INSERT_DECISIONS: &str =
    "INSERT INTO decision (seq, at, upto, config, crc, body) VALUES {rows:6}";
const INSERT_NOTIFICATIONS: &str = "INSERT INTO notification \
    (seq, state, node, decision, grp, receiver, account, created_at, next_try_at, attempts, detail) \
    VALUES {rows:11}";
const INSERT_ATTEMPTS: &str = "INSERT INTO attempt \
    (notification, number, at, took, kind, answer, provider_id) \
    VALUES {rows:7}{ignore:notification,number}";
/// Most deliveries succeed at the first try and become the same row, so one statement serves many.
const SETTLE_MANY: &str = "UPDATE notification SET state = $1, attempts = $2, next_try_at = NULL, \
    last_error = NULL WHERE seq IN ({list})";
const WITHDRAW_MANY: &str = "UPDATE notification SET state = $1, next_try_at = NULL \
    WHERE state = 0 AND seq IN ({list})";
const SETTLE_ONE: Sql = Sql::new(
    "UPDATE notification SET state = $1, attempts = $2, next_try_at = $3, last_error = $4 \
     WHERE seq = $5",
);
const KEEP_BODY: Sql = Sql::new("UPDATE notification SET kept = $1 WHERE seq = $2");

/// Rows a statement may have: few sizes, so that each is prepared once and stays cached.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

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
    pub(crate) events: Vec<Event>,
    pub(crate) event_bytes: usize,
    pub(crate) names: HashMap<Arc<str>, i64>,
    pub(crate) numbers: Numbers,
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
    let (appended, events, event_bytes) = append(batch, &mut numbers, node, &mut steps);
    let mut decided = Vec::new();
    let mut rows = DecisionRows::default();
    for decision in &batch.decisions {
        decided.push(rows.push(decision, &mut numbers, &mut words)?);
    }
    rows.into_steps(&mut steps);
    let settlements: Vec<_> = batch
        .decisions
        .iter()
        .flat_map(|decision| &decision.settlements)
        .chain(batch.settlements.iter().copied().flatten())
        .collect();
    settle(&settlements, &mut words, &mut steps);
    // Words come first, so that no row ever names one that is not there.
    let named = words.rows().into_iter().map(|row| (INSERT_NAME, row));
    steps.splice(0..0, named);
    let names = words.into_added();
    Ok(Plan {
        steps,
        appended,
        decided,
        events,
        event_bytes,
        names,
        numbers,
    })
}

type Steps = Vec<(Sql, Vec<Arg>)>;

fn append(
    batch: &Batch<'_>,
    numbers: &mut Numbers,
    node: u16,
    steps: &mut Steps,
) -> (Vec<RangeInclusive<Seq>>, Vec<Event>, usize) {
    let first = numbers.event;
    let Some(row_at) = batch.appends.iter().map(|(_, _, at)| *at).min() else {
        return (Vec::new(), Vec::new(), 0);
    };
    let mut body = BatchBody::default();
    let (mut ranges, mut events, mut bytes) = (Vec::new(), Vec::new(), 0);
    let mut keys = BTreeMap::new();
    for &(inputs, encoded, at) in &batch.appends {
        let begin = numbers.event;
        if !inputs.is_empty() {
            body.push(row_at, at, encoded);
        }
        for input in inputs {
            if let Input::Key { key, fingerprint } = input {
                keys.insert(Arc::clone(key), (*fingerprint, at));
            }
            events.push(Event {
                seq: numbers.event,
                at,
                input: input.clone(),
            });
            numbers.event += 1;
        }
        bytes += encoded.len();
        ranges.push(begin..=numbers.event - 1);
    }
    if !events.is_empty() {
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
    (ranges, events, bytes)
}

#[derive(Default)]
struct DecisionRows {
    decisions: Vec<Vec<Arg>>,
    notifications: Vec<Vec<Arg>>,
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
            let row = notification_row(notification, numbers.notification, seq, words)?;
            self.notifications.push(row);
            numbers.notification += 1;
        }
        numbers.decision += 1;
        Ok(Decided {
            decision: seq,
            notifications: first..numbers.notification,
        })
    }

    fn into_steps(self, steps: &mut Steps) {
        repeat(INSERT_DECISIONS, self.decisions, steps);
        repeat(INSERT_NOTIFICATIONS, self.notifications, steps);
    }
}

fn notification_row(
    notification: &Notification,
    seq: u64,
    decision: u64,
    words: &mut NewNames<'_>,
) -> Result<Vec<Arg>, StoreError> {
    let integration = words.id(&notification.integration);
    Ok(vec![
        seq.into(),
        notification.state.number().into(),
        i64::from(notification.node).into(),
        decision.into(),
        notification.group.into(),
        words.id(&notification.receiver).into(),
        words.id(&notification.account).into(),
        notification.created_at.micros().into(),
        Arg::Int(notification.next_try_at.map(Time::micros)),
        i64::from(notification.attempts).into(),
        notifications::detail(notification, integration)?.into(),
    ])
}

fn settle(settlements: &[&Settlement], words: &mut NewNames<'_>, steps: &mut Steps) {
    let attempts = settlements
        .iter()
        .flat_map(|settlement| &settlement.attempts);
    repeat(
        INSERT_ATTEMPTS,
        attempts
            .map(|attempt| attempt_row(attempt, words))
            .collect(),
        steps,
    );
    let mut alike: BTreeMap<(i64, u32), Vec<u64>> = BTreeMap::new();
    let mut withdrawn: BTreeMap<i64, Vec<u64>> = BTreeMap::new();
    for settlement in settlements {
        let state = settlement.state.number();
        if settlement.state.yields() {
            withdrawn.entry(state).or_default().push(settlement.seq);
        } else if settlement.state != NotificationState::Pending && settlement.last_error.is_none()
        {
            alike
                .entry((state, settlement.tries))
                .or_default()
                .push(settlement.seq);
        } else {
            let row = vec![
                state.into(),
                i64::from(settlement.tries).into(),
                Arg::Int(settlement.next_try_at.map(Time::micros)),
                settlement.last_error.as_deref().into(),
                settlement.seq.into(),
            ];
            steps.push((SETTLE_ONE, row));
        }
        if let Some(body) = &settlement.body {
            steps.push((
                KEEP_BODY,
                vec![codec::pack(body).into(), settlement.seq.into()],
            ));
        }
    }
    // Withdrawing comes first: what was delivered in the same commit stays delivered.
    let mut many = Vec::new();
    for (state, seqs) in withdrawn {
        list(WITHDRAW_MANY, &[state], &seqs, &mut many);
    }
    for ((state, tries), seqs) in alike {
        list(SETTLE_MANY, &[state, i64::from(tries)], &seqs, &mut many);
    }
    steps.extend(many);
}

fn attempt_row(attempt: &Attempt, words: &mut NewNames<'_>) -> Vec<Arg> {
    let answer = attempt
        .answer
        .as_deref()
        .map(|answer| cut(answer, Attempt::MAX_ANSWER));
    vec![
        attempt.notification.into(),
        i64::from(attempt.number).into(),
        attempt.at.micros().into(),
        attempt.took_micros.into(),
        words.id(&attempt.kind).into(),
        answer.into(),
        attempt.provider_id.as_deref().into(),
    ]
}

/// The beginning of a text, at most `bytes` long and cut between characters.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
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
fn list(template: &'static str, fixed: &[i64], seqs: &[u64], steps: &mut Steps) {
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
        let fixed = fixed.iter().map(|value| Arg::from(*value));
        let args = fixed.chain(filled.map(|seq| Arg::from(*seq))).collect();
        steps.push((Sql::repeated(template, size), args));
    }
}
