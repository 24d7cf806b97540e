use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::matcher::{MatchOp, Matcher, Mode, parse};

fn at(seconds: i64) -> Time {
    Time::from_secs(seconds)
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    Labels::from_pairs(pairs.iter().copied()).expect("labels")
}

fn matchers(text: &str) -> Matchers {
    Matchers(parse(text, Mode::Fallback).expect("matchers"))
}

fn silence(id: &str, text: &str, starts_at: i64, ends_at: i64) -> Silence {
    Silence {
        id: id.into(),
        matcher_sets: vec![matchers(text)],
        starts_at: at(starts_at),
        ends_at: at(ends_at),
        updated_at: at(0),
        created_by: "me".to_owned(),
        comment: "c".to_owned(),
        annotations: Annotations::empty(),
    }
}

/// Puts a silence and applies what follows, as the engine does.
fn put(
    set: &mut Silences,
    words: Silence,
    new_id: &str,
    now: i64,
) -> Result<Arc<str>, SilenceError> {
    let put = set.put(words, new_id.to_owned(), at(now))?;
    for changed in put.changed {
        assert!(set.apply(changed), "a decided change takes effect");
    }
    Ok(put.id)
}

fn with(silences: &[Silence]) -> Silences {
    let mut set = Silences::default();
    for silence in silences {
        set.apply(silence.clone());
    }
    set
}

#[test]
fn a_new_silence_starts_now_at_the_earliest() {
    let mut set = Silences::default();
    let id = put(&mut set, silence("", "a=b", 10, 200), "new", 100).expect("put");
    assert_eq!(&*id, "new");
    let made = set.get("new").expect("made");
    assert_eq!(
        (made.starts_at, made.ends_at, made.updated_at),
        (at(100), at(200), at(100))
    );
    put(&mut set, silence("", "a=b", 150, 200), "later", 100).expect("put");
    assert_eq!(set.get("later").map(|s| s.starts_at), Some(at(150)));
}

#[test]
fn an_edit_keeps_the_id_only_if_history_stays_as_it_was() {
    // A silence from 100 to 200, edited at `now` to run from `start` to `end`.
    for (case, now, text, start, end, keeps) in [
        ("active, later end", 150, "a=b", 100, 300, true),
        ("active, earlier end", 150, "a=b", 100, 160, true),
        ("active, ends now", 150, "a=b", 100, 150, true),
        ("active, moved start", 150, "a=b", 101, 300, false),
        ("active, other matchers", 150, "a=c", 100, 200, false),
        ("active, other operator", 150, "a=~b", 100, 200, false),
        ("pending, moved", 50, "a=b", 60, 90, true),
        ("pending, starts now", 50, "a=b", 50, 90, true),
        ("pending, start in the past", 50, "a=b", 40, 90, false),
        ("pending, other matchers", 50, "a=c", 100, 200, false),
        ("expired", 250, "a=b", 100, 300, false),
        ("just expired", 200, "a=b", 100, 300, false),
    ] {
        let before = with(&[silence("old", "a=b", 100, 200)]);
        let mut set = before.clone();
        let id = put(&mut set, silence("old", text, start, end), "new", now).expect(case);
        assert_eq!(&*id, if keeps { "old" } else { "new" }, "{case}");
        let edited = set.get(&id).expect(case);
        assert_eq!(edited.ends_at, at(end), "{case}");
        assert_eq!(
            edited.starts_at,
            if keeps { at(start) } else { at(start.max(now)) },
            "{case}"
        );
        assert_eq!(edited.updated_at, at(now), "{case}");
        if !keeps {
            let old = set.get("old").expect(case);
            assert_eq!(old.state(at(now)), SilenceState::Expired, "{case}");
            assert_eq!(old.ends_at, at(now.min(200)), "{case}");
            assert_eq!(old.matcher_sets, [matchers("a=b")], "{case}");
        }
    }
}

#[test]
fn an_edit_within_the_second_of_the_start_keeps_the_start() {
    let mut old = silence("old", "a=b", 100, 200);
    old.starts_at = Time::from_micros(100_123_456);
    let mut set = with(&[old.clone()]);
    let mut words = silence("old", "a=b", 100, 300);
    words.starts_at = Time::from_millis(100_123);
    put(&mut set, words, "new", 150).expect("put");
    assert_eq!(
        set.get("old").map(|s| (s.starts_at, s.ends_at)),
        Some((old.starts_at, at(300)))
    );
}

#[test]
fn what_is_wrong_is_said_in_alertmanagers_words() {
    let set = with(&[silence("old", "a=b", 100, 200)]);
    let refused = |words: Silence| {
        set.put(words, "new".to_owned(), at(150))
            .expect_err("refused")
            .to_string()
    };
    assert_eq!(
        refused(silence("nil", "a=b", 100, 300)),
        "silence not found"
    );
    for (start, end, words) in [
        (
            300,
            300,
            "Failed to create silence: start time must be before end time",
        ),
        (
            300,
            200,
            "Failed to create silence: start time must be before end time",
        ),
        (
            100,
            149,
            "Failed to create silence: end time can't be in the past",
        ),
    ] {
        assert_eq!(refused(silence("", "a=b", start, end)), words);
    }
    for (sets, words) in [
        (vec![], "invalid silence: at least one matcher set required"),
        (vec![""], "invalid silence: matcher set 0 is empty"),
        (
            vec!["a=b", "a=~.*,c=\"\""],
            "invalid silence: matcher set 1: at least one matcher must not match the empty string",
        ),
        (
            vec!["a=b,\"\"=c"],
            "invalid silence: invalid label matcher 1 in set 0: invalid label name \"\"",
        ),
    ] {
        let matcher_sets = sets.into_iter().map(matchers).collect();
        let words_of = Silence {
            matcher_sets,
            ..silence("", "a=b", 100, 300)
        };
        assert_eq!(refused(words_of), words);
    }
    let error = matcher_set(0, [("a", MatchOp::Equal, "("), ("a", MatchOp::Regex, "(")])
        .expect_err("a bad pattern");
    assert_eq!(
        SilenceError::from(error).to_string(),
        "invalid silence: invalid label matcher 1 in set 0: invalid regular expression \"(\": \
         error parsing regexp: missing closing ): `(`"
    );
    // A negative matcher asks for something, as in Alertmanager.
    assert!(
        set.put(silence("", "a!=b", 100, 300), "new".to_owned(), at(150))
            .is_ok()
    );
}

#[test]
fn expiring_takes_effect_at_once_and_only_once() {
    for (now, expected) in [(50, Some((50, 50))), (150, Some((100, 150))), (200, None)] {
        let mut set = with(&[silence("old", "a=b", 100, 200)]);
        let outcome = set.expire("old", at(now)).expect("known");
        let times = outcome
            .as_ref()
            .map(|s| (s.starts_at.secs(), s.ends_at.secs()));
        assert_eq!(times, expected);
        if let Some(expired) = outcome {
            assert!(set.apply(expired));
        }
        assert_eq!(
            set.get("old").map(|s| s.state(at(now))),
            Some(SilenceState::Expired)
        );
        assert_eq!(set.expire("old", at(now)), Ok(None));
        assert_eq!(set.expire("nil", at(now)), Err(SilenceError::NotFound));
    }
}

#[test]
fn an_older_state_never_replaces_a_newer_one() {
    let newer = Silence {
        updated_at: at(20),
        ..silence("x", "a=b", 0, 500)
    };
    let older = Silence {
        updated_at: at(10),
        ..silence("x", "a=c", 0, 100)
    };
    let mut set = with(std::slice::from_ref(&older));
    let version = set.version();
    assert!(set.apply(newer.clone()) && set.version() > version);
    let version = set.version();
    assert!(!set.apply(older) && !set.apply(newer.clone()));
    assert_eq!((set.get("x"), set.version()), (Some(&newer), version));
    assert!(set.mutes(&labels(&[("a", "c")]), at(50)).is_empty());
    assert_eq!(set.mutes(&labels(&[("a", "b")]), at(50)), ["x".into()]);
}

#[test]
fn an_edit_wins_even_when_the_clock_was_set_back() {
    let old = Silence {
        updated_at: at(1_000),
        ..silence("old", "a=b", 100, 2_000)
    };
    let mut set = with(&[old]);
    put(&mut set, silence("old", "a=b", 100, 3_000), "new", 500).expect("put");
    assert_eq!(set.get("old").map(|s| s.ends_at), Some(at(3_000)));
    let expired = set.expire("old", at(500)).expect("known").expect("active");
    assert!(set.apply(expired));
}

#[test]
fn the_list_has_active_ones_first_then_pending_then_expired() {
    let set = with(&[
        silence("expired-early", "a=b", 0, 50),
        silence("active-late", "a=b", 0, 300),
        silence("pending-late", "a=b", 250, 260),
        silence("expired-late", "a=b", 0, 90),
        silence("active-soon", "a=b", 0, 200),
        silence("pending-soon", "a=b", 150, 900),
        silence("active-also-soon", "a=b", 10, 200),
    ]);
    let ids: Vec<String> = set
        .list(at(100))
        .iter()
        .map(|(_, s)| s.id.to_string())
        .collect();
    assert_eq!(
        ids,
        [
            "active-also-soon",
            "active-soon",
            "active-late",
            "pending-soon",
            "pending-late",
            "expired-late",
            "expired-early"
        ]
    );
}

#[test]
fn expired_silences_go_after_the_retention() {
    let mut set = with(&[
        silence("gone", "a=b", 0, 99),
        silence("kept", "a=b", 0, 100),
        silence("open", "a=b", 0, 1_000),
        silence("never", "a=b", 0, 0),
    ]);
    let forever = Silence {
        ends_at: Time::NEVER,
        ..silence("forever", "a=b", 0, 0)
    };
    set.apply(forever);
    assert_eq!(
        set.prune(at(200), Duration::from_secs(100)),
        ["gone".into(), "never".into()]
    );
    assert_eq!(set.len(), 3);
    assert_eq!(set.mutes(&labels(&[("a", "b")]), at(99)).len(), 3);
}

#[test]
fn a_silence_reads_back_from_json_as_it_was() {
    let mut silence = silence("x", r#"a=~"b|c",d!="e""#, 1, 2);
    silence.starts_at = Time::from_micros(1_234_567);
    silence.ends_at = Time::NEVER;
    silence.annotations = labels(&[("ticket", "7")]);
    let json = serde_json::to_string(&silence).expect("json");
    assert_eq!(
        serde_json::from_str::<Silence>(&json).expect("silence"),
        silence
    );
}

fn any_matchers() -> impl Strategy<Value = Matchers> {
    let op = prop::sample::select(vec![MatchOp::Equal, MatchOp::NotEqual, MatchOp::Regex]);
    let matcher = ("[ab]", op, "[xy]?")
        .prop_map(|(name, op, value)| Matcher::new(&name, op, &value).expect("matcher"));
    prop::collection::vec(matcher, 1..3).prop_map(Matchers)
}

prop_compose! {
    fn any_silence(id: &'static str)(
        id in id,
        matcher_sets in prop::collection::vec(any_matchers(), 1..3),
        starts_at in 0..20_i64,
        length in 1..20_i64,
        updated_at in 0..20_i64,
    ) -> Silence {
        Silence {
            matcher_sets,
            updated_at: at(updated_at),
            ..silence(&id, "a=b", starts_at, starts_at + length)
        }
    }
}

fn any_labels() -> impl Strategy<Value = Labels> {
    ("[xyz]?", "[xyz]?").prop_map(|(a, b)| labels(&[("a", &a), ("b", &b)]))
}

/// The silences that mute, found by asking every one of them.
fn brute_force(set: &Silences, labels: &Labels, now: Time) -> Vec<Arc<str>> {
    let mut ids: Vec<Arc<str>> = set
        .list(now)
        .into_iter()
        .filter(|(_, s)| s.starts_at <= now && now < s.ends_at)
        .filter(|(_, s)| {
            s.matcher_sets
                .iter()
                .any(|m| m.iter().all(|m| m.matches(labels)))
        })
        .map(|(_, s)| Arc::clone(&s.id))
        .collect();
    ids.sort();
    ids
}

proptest! {
    #[test]
    fn the_index_finds_what_asking_every_silence_finds(
        silences in prop::collection::vec(any_silence("[p-s]"), 0..12),
        alert in any_labels(),
        retention in 0..20_u64,
    ) {
        let mut set = with(&silences);
        for now in 0..42 {
            prop_assert_eq!(set.mutes(&alert, at(now)), brute_force(&set, &alert, at(now)));
        }
        set.prune(at(20), Duration::from_secs(retention));
        for now in 20..42 {
            prop_assert_eq!(set.mutes(&alert, at(now)), brute_force(&set, &alert, at(now)));
        }
    }

    #[test]
    fn answers_hold_until_the_next_change(
        silences in prop::collection::vec(any_silence("[p-s]"), 0..6),
        alert in any_labels(),
        now in 0..42_i64,
    ) {
        let set = with(&silences);
        let until = set.next_change(at(now)).map_or(60, Time::secs);
        prop_assert!(until > now);
        for later in now..until {
            prop_assert_eq!(set.mutes(&alert, at(later)), set.mutes(&alert, at(now)));
        }
    }

    #[test]
    fn the_order_in_which_states_arrive_does_not_matter(
        silences in prop::collection::vec(any_silence("[pq]"), 0..6),
    ) {
        // Every state has its own time; of equal times the last to arrive counts.
        let distinct: Vec<Silence> = (0..)
            .zip(silences)
            .map(|(i, silence)| Silence { updated_at: at(i), ..silence })
            .collect();
        let backwards: Vec<Silence> = distinct.iter().rev().cloned().collect();
        prop_assert_eq!(with(&distinct).list(at(9)), with(&backwards).list(at(9)));
    }

    #[test]
    fn no_edit_and_no_expiry_changes_the_past(
        silences in prop::collection::vec(any_silence("[p-r]"), 0..5),
        words in any_silence("[p-r]?"),
        now in 0..42_i64,
        alert in any_labels(),
        expire in any::<bool>(),
    ) {
        let before = with(&silences);
        let mut after = before.clone();
        if expire {
            if let Ok(Some(expired)) = before.expire(&words.id, at(now)) {
                prop_assert!(after.apply(expired));
            }
        } else if let Ok(id) = put(&mut after, words.clone(), "new", now) {
            let put = after.get(&id).expect("it is there");
            prop_assert_eq!(&put.matcher_sets, &words.matcher_sets);
            prop_assert_eq!(put.ends_at, words.ends_at);
        }
        let muted = |set: &Silences, time| !set.mutes(&alert, at(time)).is_empty();
        for time in 0..now {
            prop_assert_eq!(muted(&after, time), muted(&before, time));
        }
    }
}
