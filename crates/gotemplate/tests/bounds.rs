//! No input makes the engine panic, and none makes it take more than it may.

use std::collections::BTreeMap;
use std::rc::Rc;

use balefire_gotemplate::budget::Limits;
use balefire_gotemplate::error::{Error, Kind};
use balefire_gotemplate::exec::{Run, run};
use balefire_gotemplate::set::Set;
use balefire_gotemplate::value::{ANY_LIST, ANY_MAP, Value};
use proptest::prelude::*;

fn dot() -> Value {
    let list = Value::list(&ANY_LIST, (0..50).map(Value::Int).collect());
    let entries: [(&str, Value); 3] = [
        ("Text", Value::text("a <b> & \"c\" ü")),
        ("List", list),
        ("Number", Value::Float(1.5)),
    ];
    let entries: BTreeMap<Rc<str>, Value> = entries
        .into_iter()
        .map(|(key, value)| (Rc::from(key), value))
        .collect();
    Value::map(&ANY_MAP, entries)
}

fn render(source: &str, html: bool, limits: Limits) -> Result<String, Error> {
    let mut set = Set::new(&[]);
    set.parse("t", source)?;
    let with = Run {
        html,
        limits,
        host: &(),
    };
    run(&set, "t", &dot(), &with)
}

fn kind(source: &str) -> Option<Kind> {
    render(source, false, Limits::default())
        .err()
        .map(|error| error.kind)
}

#[test]
fn what_takes_too_much_is_stopped_and_says_so() {
    let nested = "{{ range $.List }}".repeat(6) + "x" + &"{{ end }}".repeat(6);
    let doubling = format!(
        "{{{{ $x := \"xxxxxxxxxxxxxxxx\" }}}}{}",
        "{{ $x = print $x $x }}".repeat(40)
    );
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(500), ")".repeat(500));
    let blocks = "{{ if true }}".repeat(500) + &"{{ end }}".repeat(500);
    assert_eq!(kind(&nested), Some(Kind::Limit));
    assert_eq!(kind(&doubling), Some(Kind::Limit));
    assert_eq!(kind("{{ printf \"%1000000d\" 1 | len }}"), None);
    assert_eq!(
        kind("{{ range $.List }}{{ printf \"%1000000d\" 1 }}{{ end }}"),
        Some(Kind::Limit)
    );
    assert_eq!(
        kind("{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}"),
        Some(Kind::Limit)
    );
    assert_eq!(kind(&deep), Some(Kind::Syntax));
    assert_eq!(kind(&blocks), Some(Kind::Syntax));
    assert_eq!(
        kind("{{ range 9223372036854775807 }}{{ end }}"),
        Some(Kind::Limit)
    );
}

/// The deepest nesting that is taken fits the smallest stack we run on.
#[test]
fn the_deepest_template_fits_a_small_stack() {
    let source = format!(
        "{{{{ define \"r\" }}}}{}{{{{ template \"r\" }}}}{}{{{{ end }}}}{{{{ template \"r\" }}}}",
        "{{ with (print (print (print 1))) }}".repeat(20),
        "{{ end }}".repeat(20)
    );
    let small = std::thread::Builder::new().stack_size(1024 * 1024);
    let thread = small.spawn(move || kind(&source)).expect("a thread");
    assert_eq!(thread.join().expect("no overflow"), Some(Kind::Limit));
}

#[test]
fn loops_within_loops_end_at_the_limit_of_steps() {
    let source =
        "{{ range $.List }}".repeat(6) + "{{ printf \"%s\" $.Text }}" + &"{{ end }}".repeat(6);
    assert_eq!(kind(&source), Some(Kind::Limit));
}

/// Pieces that templates are made of, in any order.
fn piece() -> impl Strategy<Value = String> {
    let words = [
        "{{",
        "}}",
        "{{-",
        "-}}",
        " ",
        "\n",
        ".",
        "$",
        "$x",
        ":=",
        "=",
        "|",
        "(",
        ")",
        ",",
        "if",
        "else",
        "end",
        "range",
        "with",
        "define",
        "template",
        "block",
        "break",
        "continue",
        "nil",
        "true",
        "1",
        "-1.5e3",
        "0x1f",
        "'a'",
        "\"s\"",
        "`r`",
        ".Text",
        ".List",
        ".Number",
        "index",
        "slice",
        "len",
        "printf",
        "print",
        "html",
        "js",
        "urlquery",
        "eq",
        "lt",
        "and",
        "or",
        "not",
        "call",
        "/*",
        "*/",
        "\"%[2]*.3d %q %x\"",
        "<a href=\"",
        "\">",
        "<style>",
        "</style>",
        "<script>",
        "<!--",
        "-->",
        "<p ",
        "title=",
        "'",
        "ü",
        "\u{0}",
        "{{ if .Text }}",
        "{{ end }}",
        "{{ range $i, $x := .List }}",
        "{{ $x }}",
        "{{ .Text }}",
        "{{ else }}",
        "{{ template \"t\" . }}",
        "{{ define \"d\" }}",
    ];
    prop_oneof![
        8 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_source_makes_it_panic(pieces in prop::collection::vec(piece(), 0..40), html: bool) {
        let limits = Limits { steps: 20_000, output: 10_000, made: 100_000, depth: 60 };
        let source = pieces.concat();
        if let Ok(out) = render(&source, html, limits) {
            prop_assert!(out.len() <= limits.output);
        }
    }

    #[test]
    fn a_text_without_actions_is_printed_as_it_is(text in "[^{}]*") {
        prop_assert_eq!(render(&text, false, Limits::default()).ok(), Some(text));
    }

    #[test]
    fn a_value_never_becomes_markup(text in ".*", place in 0..4_usize) {
        let mut set = Set::new(&[]);
        let sources = ["<p>{{ . }}</p>", "<p title=\"{{ . }}\">", "<a href='{{ . }}'>", "<b title={{ . }}>"];
        set.parse("t", sources[place]).expect("good");
        let with = Run { html: true, limits: Limits::default(), host: &() };
        let out = run(&set, "t", &Value::text(&text), &with).expect("rendered");
        let ends: Vec<&str> = sources[place].split("{{ . }}").collect();
        let inner = &out[ends[0].len()..out.len() - ends[1].len()];
        prop_assert!(!inner.contains(['<', '>', '"', '\'']), "{}", inner);
        if place == 2 {
            prop_assert!(!inner.to_lowercase().starts_with("javascript:"));
        }
        if place == 3 {
            prop_assert!(!inner.contains([' ', '=', '`', '\n']));
        }
    }
}
