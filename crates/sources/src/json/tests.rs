use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn refusal(body: &[u8]) -> JsonError {
    read(body).expect_err("this body must be refused")
}

/// `"0":0,"1":0,` …
fn members(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|i| format!("\"{i}\":0,")).collect();
    names.concat()
}

#[test]
fn errors_carry_line_column_and_path() {
    let error = refusal(b"{\"alerts\": [\n  {\"labels\": {\"a\": }}]}");
    assert_eq!((error.line, error.column), (2, 20));
    assert_eq!(error.path, "alerts[0].labels.a");
    assert_eq!(
        error.to_string(),
        "line 2, column 20 at alerts[0].labels.a: expected a value, found '}'"
    );
}

#[test]
fn a_repeated_key_is_refused_with_its_path() {
    let error = refusal(br#"[{"labels":{"a":"1","a":"2"}}]"#);
    assert_eq!(
        (error.path.as_str(), error.problem.as_str()),
        ("[0].labels.a", "this key is given twice")
    );
    let escaped = refusal(br#"{"a":1,"\u0061":2}"#);
    assert_eq!(escaped.problem, "this key is given twice");
    let many = format!("{{{}\"77\":1}}", members(100));
    assert_eq!(refusal(many.as_bytes()).path, "77");
}

#[test]
fn hostile_json_is_refused() {
    let deep = "[".repeat(100_000);
    let members = members(1_000_000);
    let members = format!("{{{members}\"x\":0}}");
    let values = format!("[{}0]", "0,".repeat(1_000_000));
    let cases: [(&[u8], &str); 20] = [
        (deep.as_bytes(), "nested deeper than 64 levels"),
        (members.as_bytes(), "more than 10000 members in one object"),
        (values.as_bytes(), "more than 250000 values"),
        (br#"{"value":1e999}"#, "a number too large to hold"),
        (br#"{"value":NaN}"#, "expected a value, found 'N'"),
        (br#"{"value":-Infinity}"#, "expected a digit, found 'I'"),
        (br#""\ud800""#, "half of a surrogate pair"),
        (br#""\ud800\u0041""#, "half of a surrogate pair"),
        (br#""\udc00""#, "half of a surrogate pair"),
        (br#""\u0000""#, "a NUL character"),
        (b"\"\0\"", "a raw control character in a string"),
        (b"\"\n\"", "a raw control character in a string"),
        (
            b"\xef\xbb\xbf{}",
            "the body starts with a byte order mark; JSON has none",
        ),
        (b"\xff\xfe{\0}\0", "the body is not UTF-8"),
        (b"{\0}\0", "expected a string, found '\\0'"),
        (b"{}}", "expected the end of the body, found '}'"),
        (b"[1,]", "expected a value, found ']'"),
        (b"{'a':1}", "expected a string, found '\\''"),
        (b"01", "expected the end of the body, found '1'"),
        (b"", "unexpected end of JSON, expected a value"),
    ];
    for (body, problem) in cases {
        assert_eq!(refusal(body).problem, problem, "{:?}", body.get(..20));
    }
}

#[test]
fn depth_is_counted_by_open_containers_not_by_all_of_them() {
    let wide = format!("[{}[]]", "[],".repeat(1000));
    assert!(read(wide.as_bytes()).is_ok());
    let deep = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert!(read(deep.as_bytes()).is_ok());
}

#[test]
fn skipping_is_as_strict_as_reading() {
    for body in ["{\"a\":1,\"a\":2}", "[1e999]", "[\"\\ud800\"]", "[nul]"] {
        assert!(
            Reader::new(body.as_bytes())
                .and_then(|mut r| r.skip())
                .is_err(),
            "{body}"
        );
    }
}

#[test]
fn passing_over_a_value_knows_no_rules_but_json_s() {
    let passed = |body: &str| {
        let mut reader = Reader::new(body.as_bytes())?;
        let start = reader.mark();
        assert!(reader.skip().is_err(), "{body}");
        reader.pass_over(start)?;
        reader.finish()
    };
    for body in [
        "{\"a\":1,\"a\":2}",
        "[1e999]",
        "[\"\\ud800\\u0041\\u0000\"]",
    ] {
        assert_eq!(passed(body), Ok(()), "{body}");
    }
    for body in ["{\"a\":1,\"a\":}", "[1e999", "[\"\\u00zz\"]", "[nul]"] {
        assert!(passed(body).is_err(), "{body}");
    }
    let deep = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(passed(&deep(PASSED_DEPTH)), Ok(()));
    assert!(passed(&deep(PASSED_DEPTH + 1)).is_err());
}

#[test]
fn escapes_and_numbers_read_as_they_are_meant() {
    let value =
        read(br#"["\u4e2d\ud83d\ude00\"\\\/\b\f\n\r\t", 18446744073709551615, -0.0, -7, 1.5e3]"#)
            .expect("json");
    assert_eq!(
        value,
        json!(["中😀\"\\/\u{8}\u{c}\n\r\t", u64::MAX, -0.0, -7, 1500.0])
    );
}

#[test]
fn values_are_read_leniently() {
    let value = json!({"n": 4, "s": " 4 ", "b": true, "z": null, "e": " ", "o": {}});
    assert_eq!(fields::text(&value, "n").as_deref(), Some("4"));
    assert_eq!(fields::text(&value, "s").as_deref(), Some("4"));
    assert_eq!(fields::text(&value, "b").as_deref(), Some("true"));
    assert_eq!(
        ["z", "e", "o", "gone"].map(|k| fields::text(&value, k)),
        [const { None }; 4]
    );
    assert_eq!(
        (fields::whole(&value, "n"), fields::whole(&value, "s")),
        (Some(4), Some(4))
    );
}

/// JSON-like trees, written out by serde_json.
fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|n| json!(n)),
        (-1e12..1e12f64).prop_map(|n| json!(n)),
        "[^\0]{0,8}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::btree_map("[^\0]{0,4}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn passing_over_goes_where_reading_goes(value in tree()) {
        let text = serde_json::to_string_pretty(&value).expect("json");
        let mut reader = Reader::new(text.as_bytes()).expect("text");
        let start = reader.mark();
        prop_assert_eq!(reader.pass_over(start), Ok(()));
        prop_assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn what_serde_json_writes_we_read_back(value in tree()) {
        let pretty = serde_json::to_string_pretty(&value).expect("json");
        prop_assert_eq!(read(pretty.as_bytes()), Ok(value));
    }

    #[test]
    fn what_we_read_serde_json_reads_the_same(
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "[\\[\\]{},:\"0-9eE.+\\- a\\\\untrlsfb]{0,24}".prop_map(String::into_bytes),
        ]
    ) {
        match (read(&body), serde_json::from_slice::<Value>(&body)) {
            (Ok(ours), theirs) => prop_assert_eq!(ours, theirs.expect("serde_json refuses it")),
            // Ours is stricter in two things only, within the bounds: repeated keys and NUL.
            (Err(ours), Ok(_)) => prop_assert!(
                ours.is_json && (ours.problem.contains("twice") || ours.problem.contains("NUL")),
                "{}", ours
            ),
            (Err(_), Err(_)) => {}
        }
    }
}
