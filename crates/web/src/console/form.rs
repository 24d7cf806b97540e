//! What a form of a page sent, and who sent it.

use std::collections::BTreeMap;

use axum::extract::Request;
use axum::response::Response;
use url::form_urlencoded;

use super::address::Address;
use super::shell::{self, problem};
use super::words::Viewer;
use crate::access::Who;
use crate::ingest::body;
use crate::state::WebState;

/// Largest form, in bytes.
const MOST: usize = 16 * 1024;
/// Most fields of a form.
const FIELDS: usize = 32;
/// Who does something on a page that asked nobody who they are.
pub(super) const SOMEBODY: &str = "console";

/// A form that was sent.
pub(super) struct Sent {
    pub(super) viewer: Viewer,
    /// Who sent it, for the record.
    pub(super) actor: String,
    fields: BTreeMap<String, String>,
}

impl Sent {
    /// Reads a form; what cannot be read is answered with a page.
    pub(super) async fn read(state: &WebState, request: Request) -> Result<Self, Box<Response>> {
        Self::read_up_to(state, request, MOST).await
    }

    /// The same with so many bytes, for a form that holds a document.
    pub(super) async fn read_up_to(
        state: &WebState,
        request: Request,
        most: usize,
    ) -> Result<Self, Box<Response>> {
        let address = Address::of(request.uri().query());
        let viewer = Viewer::of(state, address.lang.as_deref(), request.headers());
        let actor = Who::of(&request);
        let actor = actor.as_deref().unwrap_or(SOMEBODY).to_owned();
        let (head, stream) = request.into_parts();
        let whole = body::read(&state.engine, &head.headers, stream, most).await;
        let whole = whole.map_err(|error| {
            let told = shell::Problem {
                title: viewer.word("console-unreadable"),
                detail: error.to_string(),
            };
            Box::new(problem(state, &viewer, error.status(), &told))
        })?;
        let fields = form_urlencoded::parse(whole.bytes()).into_owned();
        Ok(Self {
            fields: fields.take(FIELDS).collect(),
            viewer,
            actor,
        })
    }

    /// The text of a field; empty when it was not sent.
    pub(super) fn text(&self, field: &str) -> &str {
        self.fields
            .get(field)
            .map(String::as_str)
            .unwrap_or_default()
    }
}
