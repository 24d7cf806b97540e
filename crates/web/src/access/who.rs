//! Who a caller is, for the record of what they do.

use std::sync::Arc;

use axum::extract::Request;
use balefire_config::plan::Access;

use super::credentials::{Credentials, same};

/// Who a caller has shown to be: the name of a token or a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Who(Arc<str>);

impl Who {
    /// The name that belongs to credentials which were found to be right.
    pub(super) fn shown(access: &Access, credentials: &Credentials) -> Option<Self> {
        let name = match credentials {
            Credentials::None => None,
            Credentials::Bearer(token) => access
                .tokens
                .iter()
                .find(|known| same(&known.token, token.reveal()))
                .map(|known| known.name.as_str()),
            Credentials::Basic(name, _) => Some(name.as_str()),
        };
        name.map(|name| Self(name.into()))
    }

    /// The caller of a request, when they had to show who they are.
    pub(crate) fn of(request: &Request) -> Option<Arc<str>> {
        let who = request.extensions().get::<Self>();
        who.map(|who| Arc::clone(&who.0))
    }
}
