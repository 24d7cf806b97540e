use proptest::prelude::*;

use super::*;

fn code(text: &str) -> Code {
    Code::parse(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn a_code_is_read_as_people_type_it_and_a_sentence_is_no_answer() {
    let is = |text: &str| Reply::Code(code(text));
    for (text, reply) in [
        ("4711", is("4711")),
        (" 4711.\n", is("4711")),
        ("Ack 4711", is("4711")),
        ("收到4711", is("4711")),
        ("回复：４７１１", is("4711")),
        ("RE: 4711", is("4711")),
        ("1", Reply::Word),
        ("１", Reply::Word),
        ("ACK!", Reply::Word),
        ("收到。", Reply::Word),
        ("收到，好的", Reply::Word),
        ("ok, ack", Reply::Word),
        ("", Reply::Other),
        ("ok", Reply::Other),
        ("no", Reply::Other),
        ("2", Reply::Other),
        ("0471", Reply::Other),
        ("471", Reply::Other),
        ("47110", Reply::Other),
        ("4711 4712", Reply::Other),
        ("4711 1", Reply::Other),
        ("not 4711", Reply::Other),
        ("没收到", Reply::Other),
        ("没收到4711", Reply::Other),
        ("I cannot acknowledge", Reply::Other),
        ("call me at 4711", Reply::Other),
        ("47 11", Reply::Other),
    ] {
        assert_eq!(Reply::read(text), reply, "{text:?}");
    }
    assert_eq!(
        Reply::read(&format!("4711{}", " ".repeat(70))),
        Reply::Other
    );
}

#[test]
fn a_word_means_the_only_open_page_and_a_code_any() {
    let page = |code: &str, is_open| Answerable {
        code: Code::parse(code).expect("a code"),
        is_open,
    };
    let one = [page("4711", true), page("4712", false)];
    let two = [page("4711", true), page("4712", true)];
    let over = [page("4711", false)];
    for (text, pages, verdict) in [
        ("1", &one[..], Verdict::Takes(0)),
        ("1", &two[..], Verdict::Which),
        ("1", &over[..], Verdict::NothingOpen),
        ("1", &[][..], Verdict::Stranger),
        ("4712", &one[..], Verdict::Takes(1)),
        ("4712", &two[..], Verdict::Takes(1)),
        ("4711", &over[..], Verdict::Takes(0)),
        ("4713", &two[..], Verdict::WrongCode),
        ("4711", &[][..], Verdict::Stranger),
        ("hello", &two[..], Verdict::NoAnswer),
        ("hello", &[][..], Verdict::Stranger),
    ] {
        assert_eq!(judge(Reply::read(text), pages), verdict, "{text} {pages:?}");
    }
}

proptest! {
    #[test]
    fn a_drawn_code_is_free_and_is_read_back(random: u64, taken in prop::collection::vec(1_000_i64..=9_999, 0..200)) {
        let taken: Vec<Code> = taken.into_iter().filter_map(Code::from_number).collect();
        let drawn = Code::draw(random, &taken).expect("one is free");
        prop_assert!(!taken.contains(&drawn));
        prop_assert_eq!(Code::parse(&drawn.to_string()), Some(drawn));
        prop_assert_eq!(Code::from_number(i64::from(drawn.number())), Some(drawn));
        prop_assert_eq!(Reply::read(&drawn.to_string()), Reply::Code(drawn));
    }

    #[test]
    fn no_text_makes_it_panic_and_only_digits_are_a_code(text in "\\PC{0,90}") {
        if let Reply::Code(code) = Reply::read(&text) {
            let digits: String = text.chars().map(narrow).filter(char::is_ascii_digit).collect();
            prop_assert_eq!(digits, code.to_string());
        }
    }
}

#[test]
fn when_all_codes_are_taken_there_is_none() {
    let all: Vec<Code> = (1_000..=9_999).filter_map(Code::from_number).collect();
    assert_eq!(all.len(), 9_000);
    assert_eq!(Code::draw(7, &all), None);
    assert_eq!(Code::draw(u64::MAX, &all[1..]), Some(all[0]));
}
