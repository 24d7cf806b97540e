//! `/api/v1`: Balefire's own interface.

use axum::Router;

use crate::state::WebState;

pub(crate) fn routes() -> Router<WebState> {
    Router::new()
}
