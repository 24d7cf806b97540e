//! The JSON interfaces: ours, and Alertmanager's.

pub(crate) mod v1;
pub(crate) mod v2;

use axum::Router;

use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    Router::new().merge(v1::routes()).merge(v2::routes())
}
