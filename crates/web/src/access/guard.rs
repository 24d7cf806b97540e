//! The one place where a request is let in or turned away.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use balefire_config::plan::{Access, Plan};
use http::{HeaderMap, Method, header};

use super::credentials::{Credentials, same};
use super::network::contains;
use crate::error::Problem;
use crate::state::WebState;

/// What a request needs to be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Nothing: health checks.
    Open,
    /// Bring alerts in.
    Ingest,
    /// See.
    Read,
    /// Silence, send, redrive.
    Write,
    /// Reload, configuration.
    Admin,
}

impl Scope {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// Whether somebody with `scopes` may; admin may all, write may read.
    fn within(self, scopes: &[String]) -> bool {
        scopes.iter().any(|scope| {
            scope == "admin" || scope == self.as_str() || (scope == "write" && self == Self::Read)
        })
    }
}

/// Lets a request through, or answers why not.
pub(crate) async fn guard(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let plan = state.engine.plan();
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0);
    match verdict(&plan, peer, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let reason = format!(
                "{} {}: {}",
                request.method(),
                request.uri().path(),
                problem.detail
            );
            state.engine.reject("access", &reason, &[]).await;
            problem.into_response()
        }
    }
}

fn verdict(plan: &Plan, peer: Option<SocketAddr>, request: &Request) -> Result<(), Problem> {
    let path = request.uri().path();
    let path = path
        .strip_prefix(plan.server.route_prefix.trim_end_matches('/'))
        .unwrap_or(path);
    let scope = scope_of(request.method(), path);
    same_origin(plan, request)?;
    let Some(peer) = peer else {
        return Err(Problem::forbidden("the connection has no address"));
    };
    let access = &plan.access;
    let mut asks_token = true;
    if let Some(rule) = access
        .rules
        .iter()
        .find(|rule| path.starts_with(&rule.path))
    {
        let inside = rule.networks.is_empty()
            || rule
                .networks
                .iter()
                .any(|network| contains(network, peer.ip()));
        if !inside {
            return Err(Problem::forbidden(
                "access.rules lets nobody from your network in here",
            ));
        }
        asks_token = rule.token;
    }
    if scope == Scope::Open || !asks_token {
        return Ok(());
    }
    // A source with a token of its own is guarded by that one.
    if scope == Scope::Ingest && has_own_token(plan, path) {
        return Ok(());
    }
    if exempt(plan, peer, request.headers()) {
        return Ok(());
    }
    known(access, &Credentials::of(request.headers()), scope)
}

fn scope_of(method: &Method, path: &str) -> Scope {
    let reading = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    match path {
        "/-/healthy" | "/-/ready" => Scope::Open,
        "/-/reload" => Scope::Admin,
        _ if path.starts_with("/in/") => Scope::Ingest,
        "/api/v1/alerts" | "/api/v2/alerts" if !reading => Scope::Ingest,
        _ if reading => Scope::Read,
        _ => Scope::Write,
    }
}

fn has_own_token(plan: &Plan, path: &str) -> bool {
    let name = path
        .strip_prefix("/in/")
        .and_then(|rest| rest.split('/').next());
    name.and_then(|name| plan.sources.get(name))
        .is_some_and(|source| source.token.is_some())
}

/// Requests from this machine, not forwarded, need no token as long as nobody else can reach us by the
/// configured address and no token or user exists.
fn exempt(plan: &Plan, peer: SocketAddr, headers: &HeaderMap) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    peer.ip().to_canonical().is_loopback()
        && !forwarded.iter().any(|name| headers.contains_key(*name))
        && plan.access.tokens.is_empty()
        && plan.access.users.is_empty()
        && is_loopback_url(&plan.server.external_url)
        && headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .is_none_or(is_local_host)
}

fn is_loopback_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.host_str().is_some_and(is_local_host))
}

/// `localhost`, `127.x.x.x` or `[::1]`, with or without a port.
fn is_local_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None if host.matches(':').count() == 1 => host.split(':').next().unwrap_or(host),
        None => host,
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback())
}

fn known(access: &Access, credentials: &Credentials, scope: Scope) -> Result<(), Problem> {
    let scopes = match credentials {
        Credentials::None => None,
        Credentials::Bearer(token) => access
            .tokens
            .iter()
            .find(|known| same(&known.token, token.reveal()))
            .map(|known| &known.scopes),
        Credentials::Basic(user, password) => access
            .users
            .iter()
            .find(|known| known.name == *user && same(&known.password, password.reveal()))
            .map(|known| &known.scopes),
    };
    match scopes {
        None => Err(Problem::unauthorized(
            "a token is needed: send `Authorization: Bearer …` with one of access.tokens, or the password of one of access.users",
        )),
        Some(scopes) if scope.within(scopes) => Ok(()),
        Some(_) => Err(Problem::forbidden(&format!(
            "the scope {:?} is needed",
            scope.as_str()
        ))),
    }
}

/// Browsers name the page a request comes from; another site's page may not change anything here.
fn same_origin(plan: &Plan, request: &Request) -> Result<(), Problem> {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return Ok(());
    }
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(Problem::forbidden("the request comes from another site"));
    }
    let Some(origin) = text("origin") else {
        return Ok(());
    };
    let ours = text("host").is_some_and(|host| {
        url::Url::parse(origin).is_ok_and(|url| url.authority().eq_ignore_ascii_case(host))
    });
    let external = url::Url::parse(&plan.server.external_url).is_ok_and(|url| {
        url.origin()
            .ascii_serialization()
            .eq_ignore_ascii_case(origin)
    });
    if ours || external {
        return Ok(());
    }
    Err(Problem::forbidden(&format!(
        "the origin {origin:?} is not ours"
    )))
}
