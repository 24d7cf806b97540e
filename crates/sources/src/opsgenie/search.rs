//! The parameters of a list: Opsgenie's search query ("Search queries for alerts"), as far as it can be answered here.
//!
//! Terms are `field:value`, with quotes where a value has blanks, and words of the message; all must be so, with `AND`
//! between them or without. `OR`, `NOT` and parentheses are refused rather than understood wrongly.

use balefire_core::severity::Severity;

use crate::ask::{Ask, MOST, Wanted};
use crate::parsed::Complaint;
use crate::spec::Inbound;

/// How many alerts a page has when nothing is said (Opsgenie's own default).
const PAGE: usize = 20;
/// Most that can be left out (Opsgenie's own limit on offset + limit).
const FURTHEST: usize = 20_000;

/// What a list asks for.
pub(super) fn list(inbound: &Inbound<'_>) -> Result<Ask, Complaint> {
    Ok(Ask::Many {
        wanted: wanted(inbound)?,
        offset: number(inbound, "offset", 0, 0..=FURTHEST)?,
        limit: number(inbound, "limit", PAGE, 1..=MOST)?,
        oldest_first: inbound.parameter("order").as_deref() == Some("asc"),
    })
}

/// What a count asks for.
pub(super) fn count(inbound: &Inbound<'_>) -> Result<Ask, Complaint> {
    wanted(inbound).map(Ask::Count)
}

fn number(
    inbound: &Inbound<'_>,
    name: &str,
    default: usize,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize, Complaint> {
    let Some(given) = inbound.parameter(name).filter(|text| !text.is_empty()) else {
        return Ok(default);
    };
    let parsed = given.parse().ok().filter(|number| range.contains(number));
    parsed.ok_or_else(|| {
        let problem = format!(
            "{given:?} is no number from {} to {}",
            range.start(),
            range.end()
        );
        Complaint::new(name, problem)
    })
}

fn wanted(inbound: &Inbound<'_>) -> Result<Wanted, Complaint> {
    if inbound.parameter("searchIdentifier").is_some() {
        let problem = "there are no saved searches here: write the query";
        return Err(Complaint::new("searchIdentifier", problem));
    }
    let query = inbound.parameter("query").unwrap_or_default();
    read(&query)
}

fn read(query: &str) -> Result<Wanted, Complaint> {
    let mut wanted = Wanted::default();
    let mut rest = query.trim();
    while !rest.is_empty() {
        let (term, left) = text(rest);
        if let Some(after) = left.strip_prefix(':') {
            let (value, left) = text(after.trim_start());
            field(&mut wanted, &term.to_lowercase(), &value)?;
            rest = left.trim_start();
            continue;
        }
        rest = left.trim_start();
        match term.as_str() {
            "AND" => {}
            "OR" | "NOT" => return Err(beyond(&term)),
            _ if term.contains(['(', ')', '<', '>', '*']) => return Err(beyond(&term)),
            _ => wanted.words.push(term.to_lowercase()),
        }
    }
    Ok(wanted)
}

/// The next word or quoted text, and what follows it.
fn text(from: &str) -> (String, &str) {
    if let Some(quoted) = from.strip_prefix('"') {
        let (inner, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
        return (inner.to_owned(), rest);
    }
    let end = from
        .find(|c: char| c.is_whitespace() || c == ':')
        .unwrap_or(from.len());
    // A colon alone is a word, or nothing would be taken.
    let end = if end == 0 {
        from.chars().next().map_or(0, char::len_utf8)
    } else {
        end
    };
    let (word, rest) = from.split_at(end);
    (word.to_owned(), rest)
}

fn field(wanted: &mut Wanted, name: &str, value: &str) -> Result<(), Complaint> {
    let is = |word: &str| value.eq_ignore_ascii_case(word);
    let label = |name: &str| (name.to_owned(), value.to_owned());
    match name {
        "status" if is("open") || is("closed") => wanted.over = Some(is("closed")),
        "acknowledged" if is("true") || is("false") => wanted.acknowledged = Some(is("true")),
        "message" => wanted.words.push(value.to_lowercase()),
        "alias" | "entity" | "source" => wanted.labels.push(label(name)),
        "tag" | "tags" => wanted.listed.push(label("tags")),
        "responders" | "teams" => wanted.listed.push(label("responders")),
        "priority" => {
            let severity = Severity::from_word(value).ok_or_else(|| beyond(value))?;
            let severity = severity.as_str().to_owned();
            wanted.labels.push(("severity".to_owned(), severity));
        }
        // Nothing is put off or marked as seen here.
        "snoozed" | "isseen" if is("false") => {}
        _ => return Err(beyond(&format!("{name}:{value}"))),
    }
    Ok(())
}

fn beyond(term: &str) -> Complaint {
    let known = "status, acknowledged, message, alias, entity, source, tag, responders, priority, with AND between them";
    Complaint::new(
        "query",
        format!("{term:?} cannot be searched for here; there are: {known}"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_query_is_its_terms() {
        let wanted =
            read("status: open AND tag:db priority:P1 message:\"Disk  Full\" alias: a/b cpu")
                .expect("good");
        assert_eq!(wanted.over, Some(false));
        assert_eq!(wanted.words, ["disk  full", "cpu"]);
        assert_eq!(wanted.listed, [("tags".to_owned(), "db".to_owned())]);
        let labels = wanted.labels.iter().map(|(n, v)| format!("{n}={v}"));
        assert_eq!(
            labels.collect::<Vec<_>>(),
            ["severity=critical", "alias=a/b"]
        );
        for bad in [
            "a OR b",
            "NOT a",
            "createdAt > 1",
            "owner:me",
            "status:new",
            "(a)",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_read_to_its_end(query in "\\PC{0,60}") {
            let _ = read(&query);
        }
    }
}
