//! `POST /api/v1/templates/render`: what a template, or a receiver as it is configured, would say through every
//! channel. Nothing is sent.

use axum::Json;
use axum::extract::{Request, State};
use balefire_engine::preview::{Preview, Source, group_of, sample_of};
use balefire_template::template::Template;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::body::{self, Fields};
use super::query::Query;
use crate::error::Problem;
use crate::state::WebState;

/// A template and what it is tried on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RenderBody {
    /// A Go template, as a string of an `alertmanager.yml`.
    go: Option<String>,
    /// A title as it stands under `messages:`.
    title: Option<String>,
    /// A text as it stands under `messages:`.
    text: Option<String>,
    /// Only through this receiver's channels; with no template, what its entries are configured to say.
    receiver: Option<String>,
    /// `firing`, `resolved`, `mixed`, `missed`, `event` or `huge`; `firing` when it is left out.
    sample: Option<String>,
    /// Alerts of your own instead of a sample, as in Alertmanager's webhook.
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

impl Fields for RenderBody {
    const FIELDS: &'static [&'static str] = &["go", "title", "text", "receiver", "sample", "data"];
}

/// What would be said.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenderAnswer {
    /// One for each channel: `kind`, `entry`, `texts` (`key`, `text`, `length`, `unit`, `most`, `cut`, `parts`), and
    /// `error` (`message`, `place`, `line`, `column`) when the template fails.
    #[schema(value_type = Vec<Object>)]
    previews: Vec<Preview>,
}

/// What a template would say, through every channel and within its limits.
#[utoipa::path(
    post, path = "/api/v1/templates/render", tag = "configuration",
    request_body = RenderBody,
    responses(
        (status = 200, body = RenderAnswer),
        (status = 400, body = Problem),
        (status = 404, body = Problem),
    )
)]
pub(crate) async fn render(
    State(state): State<WebState>,
    request: Request,
) -> Result<Json<RenderAnswer>, Problem> {
    Query::read(request.uri().query(), &[], &[])?;
    let (headers, bytes) = body::bytes(&state.engine, request).await?;
    let asked: RenderBody = body::json(&headers, &bytes)?;
    let group = match (&asked.data, asked.sample.as_deref()) {
        (Some(_), Some(_)) => return Err(Problem::bad_request("give data or sample, not both")),
        (Some(data), None) => group_of(data),
        (None, sample) => sample_of(sample.unwrap_or("firing")),
    };
    let group = group.map_err(|error| Problem::bad_request(&error.0))?;
    let source = source_of(&asked)?;
    let receiver = asked.receiver.as_deref();
    let Some(previews) = state.engine.preview(&source, receiver, &group).await else {
        let name = receiver.unwrap_or_default();
        return Err(Problem::not_found(&format!(
            "no receiver is named {name:?}"
        )));
    };
    Ok(Json(RenderAnswer { previews }))
}

fn source_of(asked: &RenderBody) -> Result<Source, Problem> {
    let own = Template {
        title: asked.title.clone(),
        text: asked.text.clone(),
    };
    match (&asked.go, own.is_empty()) {
        (Some(_), false) => Err(Problem::bad_request("give go, or title and text, not both")),
        (Some(go), true) => Ok(Source::Go(go.clone())),
        (None, false) => Ok(Source::Own(own)),
        (None, true) if asked.receiver.is_none() => Err(Problem::bad_request(
            "give a template (go, or title and text) or a receiver",
        )),
        (None, true) => Ok(Source::Configured),
    }
}
