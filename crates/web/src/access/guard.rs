//! The one place where a request is let in or turned away.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use balefire_config::legacy::AppTools;
use balefire_config::legacy::paths::{APPTOOLS_FILES, AUTOCALL, is_phone};
use balefire_config::plan::{AccessRule, Plan};
use balefire_engine::metrics::BySource;
use http::StatusCode;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::caller::Caller;
use super::credentials::Credentials;
use super::guesses::Guesses;
use super::log_in::LogIns;
use super::network::contains;
use super::scope::{BADGES, HEARTBEATS, Scope, is_callback, is_ingest, is_link, is_safe};
use super::site;
use super::who::Who;
use crate::error::Problem;
use crate::state::WebState;

/// The source's name under which refusals at the door are recorded.
const DOOR: &str = "access";

/// What the guard needs.
#[derive(Clone)]
pub(crate) struct Gate {
    state: WebState,
    guesses: Arc<Guesses>,
    log_ins: Arc<LogIns>,
}

impl Gate {
    pub(crate) fn new(state: WebState) -> Self {
        Self {
            state,
            guesses: Arc::new(Guesses::new()),
            log_ins: Arc::new(LogIns::new()),
        }
    }

    /// Records a refusal of somebody who has not shown who they are; of very many, only the number.
    async fn note(&self, reason: &str) {
        let engine = &self.state.engine;
        if self.guesses.may_note() {
            engine.reject(DOOR, reason, &[]).await;
            return;
        }
        let source = DOOR.to_owned();
        let rejected = &engine.metrics().requests_rejected;
        rejected.get_or_create(&BySource { source }).inc();
    }
}

/// Lets a request through, or answers why not. A wrong token that a handler finds (a source's own,
/// a signature) counts as one found here.
pub(crate) async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let plan = gate.state.engine.plan();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let Some(peer) = peer.map(|info| info.0) else {
        return Problem::forbidden("the connection has no address").into_response();
    };
    let (mut head, body) = request.into_parts();
    let caller = Caller::of(&plan.access, peer, &head.headers);
    let credentials = Credentials::of(&head.headers);
    if matches!(credentials, Credentials::Basic(..)) && gate.guesses.is_shut(caller.address) {
        return Problem::too_many_guesses(1).into_response();
    }
    head.extensions.insert(ClientAddress(caller.address));
    let words = format!("{} {}", head.method, shown(head.uri.path()));
    let path = head.uri.path();
    let tried = credentials != Credentials::None || is_ingest(path) || is_callback(path);
    let verdict = match verdict(&plan, caller, &head) {
        Ok(None) => Ok(None),
        Ok(Some(scope)) => {
            let allowed = gate.log_ins.allow(&plan.access, &credentials, scope).await;
            allowed.map(|()| Who::shown(&plan.access, &credentials))
        }
        Err(problem) => Err(problem),
    };
    let response = match verdict {
        Ok(who) => {
            if let Some(who) = who {
                head.extensions.insert(who);
            }
            next.run(Request::from_parts(head, body)).await
        }
        Err(problem) => {
            gate.note(&format!("{words}: {}", problem.detail)).await;
            problem.into_response()
        }
    };
    if tried
        && response.status() == StatusCode::UNAUTHORIZED
        && let Err(wait) = gate.guesses.failed(caller.address)
    {
        let seconds = wait.as_secs() as u32 + 1;
        return Problem::too_many_guesses(seconds).into_response();
    }
    response
}

/// From where a request comes, for handlers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

/// A path as it may be written down: what a telephone's ends with may be a token, and so may what follows a
/// heartbeat's, a badge's, a link's and a callback's beginning.
fn shown(path: &str) -> &str {
    if is_phone(path) {
        AUTOCALL[0]
    } else if path.starts_with(HEARTBEATS) {
        HEARTBEATS
    } else if path.starts_with(BADGES) {
        BADGES
    } else if is_link(path) {
        "/a/"
    } else if is_callback(path) {
        "/callback/"
    } else {
        path
    }
}

/// What a caller must be known for; `None` when anybody from there may.
pub(super) fn verdict(plan: &Plan, caller: Caller, head: &Parts) -> Result<Option<Scope>, Problem> {
    // As the router does with the parts of a path that it hands on: what is escaped must not slip past
    // a rule for what it stands for.
    let path = percent_decode_str(head.uri.path()).decode_utf8_lossy();
    if !is_safe(&head.method) || is_ingest(&path) {
        site::check_origin(plan, head)?;
    }
    let host = site::host(head)?;
    let rule = plan.access.rules.iter().find(|rule| covers(rule, &path));
    if let Some(rule) = rule
        && !is_inside(rule, caller.address)
    {
        return Err(Problem::forbidden(
            "access.rules lets nobody from your network in here",
        ));
    }
    let scope = Scope::of(&head.method, &path);
    let asks_token = rule.is_none_or(|rule| rule.token);
    if scope == Scope::Open || !asks_token || is_public_file(plan, head, &path) {
        return Ok(None);
    }
    // A source with a token of its own is guarded by that one, and so are telephones.
    if scope == Scope::Ingest && has_own_token(plan, &path) {
        return Ok(None);
    }
    // A page that has got its own name to mean this machine sends that name as the host.
    if caller.is_local && is_trial(plan) && host.is_none_or(site::is_local_host) {
        return Ok(None);
    }
    Ok(Some(scope))
}

/// Whether a rule lets an address in.
pub(crate) fn is_inside(rule: &AccessRule, address: IpAddr) -> bool {
    let mut networks = rule.networks.iter();
    rule.networks.is_empty() || networks.any(|network| contains(network, address))
}

/// Whether a rule is for a path: the path itself or what lies below it.
pub(crate) fn covers(rule: &AccessRule, path: &str) -> bool {
    path.strip_prefix(rule.path.as_str())
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rule.path.ends_with('/'))
}

/// Whether the document lets anybody fetch AppTools' files.
fn is_public_file(plan: &Plan, head: &Parts, path: &str) -> bool {
    let public = |tools: &AppTools| tools.public_files;
    is_safe(&head.method)
        && path.starts_with(APPTOOLS_FILES)
        && plan.legacy.apptools.as_ref().is_some_and(public)
}

fn has_own_token(plan: &Plan, path: &str) -> bool {
    if is_phone(path) {
        let service = plan.legacy.autocall.as_ref();
        return service.is_some_and(|service| !service.tokens.is_empty());
    }
    let name = path
        .strip_prefix("/in/")
        .and_then(|rest| rest.split('/').next());
    name.and_then(|name| plan.sources.get(name))
        .is_some_and(|source| source.token.is_some())
}

/// Whether nobody else can reach us by the configured address and no token or user exists: then this
/// machine needs none, so that a first trial and a side-car just work.
fn is_trial(plan: &Plan) -> bool {
    plan.access.tokens.is_empty()
        && plan.access.users.is_empty()
        && site::is_local_url(&plan.server.external_url)
}
