//! The sources: where each sender sends to, and what to paste there.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use balefire_core::message::Locale;
use balefire_sources::setup;
use http::HeaderMap;
use minijinja::context;
use serde::Serialize;

use super::address::Address;
use super::card::cut;
use super::shell::{Shell, page, value};
use super::words::Viewer;
use crate::api::v1::sources::address as source_address;
use crate::state::WebState;

/// A source.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    kind: &'static str,
    address: String,
    labels: String,
    /// What to do at the sender's side.
    setup: Vec<Part>,
}

/// A paragraph, or something to paste.
#[derive(Debug, PartialEq, Serialize)]
struct Part {
    code: bool,
    text: String,
}

/// `GET /sources`.
pub(super) async fn list(
    State(state): State<WebState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let address = Address::of(query.as_deref());
    let viewer = Viewer::of(&state, address.lang.as_deref(), &headers);
    let plan = state.engine.plan();
    let rows = plan.sources.values().map(|source| {
        let at = source_address(&plan, source);
        Row {
            name: cut(&source.name, 100),
            kind: match viewer.reader.locale {
                Locale::En => source.spec.title.0,
                Locale::ZhCn => source.spec.title.1,
            },
            address: at.url(),
            labels: if source.labels.is_empty() {
                String::new()
            } else {
                cut(&source.labels.to_string(), 300)
            },
            setup: parts(&setup::page(source.spec, &at)),
        }
    });
    let rows: Vec<Row> = rows.collect();
    let shell = Shell::of(&state, &viewer, "/sources", "");
    page(
        &viewer,
        "sources.html",
        context! { shell => value(&shell), rows => value(&rows) },
    )
}

/// The paragraphs and code blocks of a page of ours.
fn parts(page: &str) -> Vec<Part> {
    let fenced = page.split("```").enumerate();
    let part = |code, text: &str| Part {
        code,
        text: text.trim().to_owned(),
    };
    let parts = fenced.flat_map(|(index, text)| {
        if index % 2 == 1 {
            // The fence's first line names a language.
            let (_, code) = text.split_once('\n').unwrap_or(("", text));
            vec![part(true, code)]
        } else {
            text.split("\n\n").map(|text| part(false, text)).collect()
        }
    });
    parts.filter(|part| !part.text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_paragraphs_and_what_to_paste() {
        let part = |code, text: &str| Part {
            code,
            text: text.to_owned(),
        };
        assert_eq!(
            parts("Do this.\n\nAnd that:\n\n```yaml\na: 1\n\nb: 2\n```\n\nDone.\n"),
            [
                part(false, "Do this."),
                part(false, "And that:"),
                part(true, "a: 1\n\nb: 2"),
                part(false, "Done."),
            ]
        );
    }
}
