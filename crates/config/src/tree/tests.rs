use std::fmt::Write;

use super::*;
use crate::problem::Findings;

fn read(text: &str) -> (Option<Node>, Vec<String>) {
    let mut findings = Findings::new("x.yml");
    let node = parse(text, &mut findings);
    (
        node,
        findings
            .sorted()
            .0
            .iter()
            .map(ToString::to_string)
            .collect(),
    )
}

fn good(text: &str) -> Node {
    let (node, problems) = read(text);
    assert_eq!(problems, Vec::<String>::new());
    node.expect("a tree")
}

#[test]
fn every_value_knows_where_it_stands() {
    let tree = good("a: 1\nlist:\n- x: y\n- '你好': {deep: [1, two]}\n");
    let list = tree.at("list").expect("list");
    let second = &list.items()[1];
    assert_eq!((second.place.line, second.place.column), (4, 3));
    let deep = second.at("你好").and_then(|n| n.at("deep")).expect("deep");
    assert_eq!((deep.place.line, deep.place.column), (4, 16));
    assert_eq!(deep.items()[1].text(), Some("two"));
    assert_eq!(second.entries()[0].place, Place { line: 4, column: 3 });
}

#[test]
fn plain_words_are_truth_values_and_quoted_ones_are_texts() {
    let tree = good("a: yes\nb: 'yes'\nc: ~\nd: ''\ne: !!str true\n");
    assert_eq!(tree.bool_at("a"), Some(true));
    assert_eq!(tree.bool_at("b"), None);
    assert!(tree.at("c").is_none());
    assert_eq!(tree.text_at("d"), Some(""));
    assert_eq!(tree.bool_at("e"), None);
}

#[test]
fn a_key_given_twice_is_named_with_both_places_and_the_rest_is_read() {
    let (tree, problems) = read("a: 1\nb: 2\na: 3\n");
    assert_eq!(
        problems,
        ["x.yml:3:1: the key \"a\" stands here a second time; the first is at line 1"]
    );
    assert_eq!(tree.expect("tree").text_at("b"), Some("2"));
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let tree = good("base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: *b\n");
    assert_eq!(tree.at("one").and_then(|n| n.text_at("x")), Some("1"));
    assert_eq!(tree.at("one").and_then(|n| n.text_at("y")), Some("3"));
    assert_eq!(tree.at("two").and_then(|n| n.text_at("y")), Some("2"));
}

#[test]
fn a_bomb_of_aliases_is_refused_before_it_grows() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let refs = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{refs}]").expect("a text takes all");
    }
    let (tree, problems) = read(&text);
    assert!(tree.is_none());
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].contains("more than 200000 values"),
        "{problems:?}"
    );
}

#[test]
fn bounds_tags_documents_and_syntax_are_checked() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let long = format!("a: {}", "x".repeat(LARGEST_DOCUMENT));
    for (text, expected) in [
        (deep.as_str(), "x.yml:1:65: not YAML"),
        (long.as_str(), "bytes long"),
        ("a: 1\n---\nb: 2\n", "a second document"),
        ("a: !secret x\n", "the tag !secret means nothing here"),
        ("a: [1\nb: 2\n", "not YAML"),
        ("a: *nowhere\n", "not YAML"),
        ("a: &a [*a]\n", "an alias inside its own anchor"),
        ("? [a]\n: b\n", "a key is a text, not a list"),
    ] {
        let (tree, problems) = read(text);
        assert!(tree.is_none(), "{expected}");
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].contains(expected),
            "{problems:?} should say {expected}"
        );
    }
}

#[test]
fn an_empty_text_is_nothing() {
    for text in ["", "\u{feff}", "# only words\n", "---\n"] {
        assert!(good(text).shape == Shape::Null, "{text:?}");
    }
}
