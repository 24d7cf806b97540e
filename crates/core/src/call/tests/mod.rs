//! The rules one by one, and a simulated estate of phones under a virtual clock.

mod app;
mod estate;

use super::*;

fn at(seconds: i64) -> Time {
    Time::from_secs(seconds)
}

fn board() -> Switchboard {
    Switchboard::new(Rules::of(Duration::from_secs(90)))
}

fn phones(list: &[&str]) -> Vec<Arc<str>> {
    list.iter().map(|phone| Arc::from(*phone)).collect()
}

fn wanted(id: &str, list: &[&str], seconds: i64) -> Wanted {
    Wanted {
        id: id.into(),
        phones: phones(list),
        priority: Severity::Warning,
        at: at(seconds),
        rounds: 2,
        done: 0,
        max_age: Duration::from_mins(30),
    }
}

fn worse(id: &str, seconds: i64) -> Wanted {
    Wanted {
        priority: Severity::Critical,
        ..wanted(id, &["3"], seconds)
    }
}

fn served(board: &mut Switchboard, agent: &str, seconds: i64) -> Option<String> {
    let serve = board.poll(agent, at(seconds))?;
    Some(serve.id.to_string())
}

#[test]
fn asking_takes_nothing_away() {
    let mut board = board();
    assert_eq!(board.poll("m", at(0)), None);
    assert!(board.place(wanted("a", &["1", "2"], 0), at(0)));
    let first = board.poll("m", at(1));
    for second in 2..200 {
        assert_eq!(board.poll("m", at(second)), first);
    }
    assert_eq!(first.expect("a call").phones, phones(&["1", "2"]));
}

#[test]
fn an_empty_list_is_never_served() {
    let mut board = board();
    assert!(!board.place(wanted("a", &[], 0), at(0)));
    assert_eq!(board.poll("m", at(1)), None);
}

#[test]
fn a_phone_that_dies_after_its_first_question_keeps_the_call_five_minutes() {
    let mut board = board();
    board.place(wanted("a", &["1"], 0), at(0));
    assert_eq!(served(&mut board, "m", 0).as_deref(), Some("a"));
    assert_eq!(served(&mut board, "n", 299), None);
    assert_eq!(served(&mut board, "n", 300).as_deref(), Some("a"));
    assert_eq!(served(&mut board, "m", 301), None);
}

#[test]
fn a_phone_that_dies_later_keeps_the_call_ninety_seconds() {
    let mut board = board();
    board.place(wanted("a", &["1", "2"], 0), at(0));
    served(&mut board, "m", 0);
    // The first number rang; a phone that begins anew would ring it again, and be silent as long.
    served(&mut board, "m", 60);
    served(&mut board, "m", 70);
    assert_eq!(served(&mut board, "n", 159), None);
    assert_eq!(served(&mut board, "n", 160).as_deref(), Some("a"));
}

#[test]
fn other_calls_go_to_other_phones_and_an_equal_one_takes_nobody_away() {
    let mut board = board();
    board.place(wanted("a", &["1"], 0), at(0));
    board.place(wanted("b", &["2"], 1), at(1));
    assert_eq!(served(&mut board, "m", 2).as_deref(), Some("a"));
    assert_eq!(served(&mut board, "n", 2).as_deref(), Some("b"));
    assert_eq!(served(&mut board, "o", 2), None);
    assert_eq!(served(&mut board, "m", 12).as_deref(), Some("a"));
}

#[test]
fn a_worse_call_takes_the_phone_and_another_may_take_what_it_left() {
    let mut board = board();
    board.place(wanted("a", &["1"], 0), at(0));
    served(&mut board, "m", 0);
    board.place(worse("b", 5), at(5));
    assert_eq!(served(&mut board, "m", 10).as_deref(), Some("b"));
    assert_eq!(served(&mut board, "n", 11).as_deref(), Some("a"));
    assert_eq!(served(&mut board, "m", 20).as_deref(), Some("b"));
}

#[test]
fn nobody_answers_in_two_rounds_and_the_call_is_over() {
    let mut board = board();
    board.place(wanted("a", &["1"], 0), at(0));
    served(&mut board, "m", 0);
    assert_eq!(board.unanswered("a", "m", at(40)), Round::Again(1));
    // The same word again, before and after the list was given out anew.
    assert_eq!(board.unanswered("a", "m", at(41)), Round::Ignored);
    assert_eq!(served(&mut board, "m", 50).as_deref(), Some("a"));
    assert_eq!(board.unanswered("a", "m", at(50)), Round::Ignored);
    served(&mut board, "m", 90);
    assert_eq!(board.unanswered("a", "m", at(90)), Round::Over(2));
    assert_eq!(board.unanswered("a", "m", at(91)), Round::Ignored);
    assert!(board.is_empty());
}

#[test]
fn what_was_tried_the_least_comes_first_among_equals() {
    let mut board = board();
    board.place(wanted("a", &["1"], 0), at(0));
    board.place(wanted("b", &["2"], 1), at(1));
    served(&mut board, "m", 2);
    board.unanswered("a", "m", at(40));
    assert_eq!(served(&mut board, "m", 41).as_deref(), Some("b"));
}

#[test]
fn rounds_before_a_restart_count() {
    let mut board = board();
    let resumed = Wanted {
        done: 1,
        ..wanted("a", &["1"], 0)
    };
    board.place(resumed, at(100));
    served(&mut board, "m", 100);
    served(&mut board, "m", 140);
    assert_eq!(board.unanswered("a", "m", at(140)), Round::Over(2));
}

#[test]
fn another_phones_word_that_nobody_answered_means_nothing_and_a_nameless_ones_does() {
    let mut board = board();
    board.place(wanted("a", &["1"], 0), at(0));
    served(&mut board, "n", 0);
    board.place(wanted("b", &["2"], 0), at(0));
    served(&mut board, "m", 0);
    assert_eq!(board.unanswered("a", "m", at(20)), Round::Ignored);
    assert_eq!(
        board.unanswered("a", "198.51.100.7", at(20)),
        Round::Again(1)
    );
}

#[test]
fn the_first_answer_counts_whoever_gives_it() {
    let mut board = board();
    board.place(wanted("a", &["13800138000"], 0), at(0));
    let answer = board.answered("a", "+86 138-0013-8000");
    assert_eq!(answer.as_deref(), Some("13800138000"));
    assert_eq!(board.answered("a", "13900139000"), None);
    assert_eq!(board.answered("never", "1"), None);
    board.place(wanted("b", &["1"], 0), at(0));
    assert_eq!(board.answered("b", "2").as_deref(), Some("2"), "not listed");
}

#[test]
fn an_old_call_is_not_served_and_comes_out_once() {
    let mut board = board();
    board.place(wanted("a", &["1"], 0), at(0));
    let end = 30 * 60;
    assert_eq!(served(&mut board, "m", end - 1).as_deref(), Some("a"));
    assert_eq!(served(&mut board, "m", end), None);
    assert_eq!(board.due(at(end - 1)), Vec::<Arc<str>>::new());
    assert_eq!(board.due(at(end)), vec![Arc::from("a")]);
    assert_eq!(board.due(at(end)), Vec::<Arc<str>>::new());
}

#[test]
fn silence_is_told_after_two_minutes_and_after_five_while_one_may_be_dialling() {
    let mut board = board();
    assert_eq!(board.silent(at(10_000)), None);
    board.place(wanted("a", &["1"], 0), at(1_000));
    assert_eq!(board.silent(at(1_119)), None);
    assert_eq!(board.silent(at(1_120)), Some(Duration::from_mins(2)));
    served(&mut board, "m", 1_200);
    assert_eq!(board.silent(at(1_499)), None);
    assert_eq!(board.silent(at(1_500)), Some(Duration::from_mins(5)));
    assert!(board.withdraw("a") && !board.withdraw("a"));
    assert_eq!(board.silent(at(9_999)), None);
}

#[test]
fn a_clock_that_is_set_back_prolongs_nothing() {
    let mut board = board();
    board.place(wanted("a", &["1"], 10_000), at(10_000));
    served(&mut board, "m", 10_000);
    board.set_back(Duration::from_hours(1));
    let later = 10_000 - 3_600 + 300;
    assert_eq!(served(&mut board, "n", later - 1), None);
    assert_eq!(served(&mut board, "n", later).as_deref(), Some("a"));
    assert_eq!(board.due(at(10_000 - 1_800)), vec![Arc::from("a")]);
}

#[test]
fn phones_that_change_their_name_with_each_question_cost_no_memory() {
    let mut board = board();
    for number in 0..10_000 {
        board.poll(&format!("phone {number}"), at(number));
    }
    assert!(board.agents_known() <= 64);
}

#[test]
fn numbers_are_the_same_with_and_without_their_country() {
    assert!(same_number("+8613800138000", "138 0013 8000"));
    assert!(same_number("008613800138000", "13800138000"));
    assert!(!same_number("13800138000", "13800138001"));
    assert!(!same_number("", "") && !same_number("nobody", "someone"));
    let list = [
        "13800138000",
        "+8613800138000",
        "13900139000",
        "13800138000",
    ];
    assert_eq!(
        distinct(phones(&list)),
        phones(&["13800138000", "13900139000"])
    );
    assert_eq!(
        neighbours_differ(phones(&list)),
        phones(&["13800138000", "13900139000", "13800138000"])
    );
    let codes = ["*7213800138000", "*72", "13800138000"];
    assert_eq!(distinct(phones(&codes)), phones(&codes));
}
