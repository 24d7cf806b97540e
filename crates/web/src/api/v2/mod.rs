//! `/api/v2`: Alertmanager's interface, as 0.34 describes it and 0.25 answers.

mod post_alerts;

use axum::Router;
use axum::routing::post;

use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    Router::new().route("/api/v2/alerts", post(post_alerts::post_alerts))
}
