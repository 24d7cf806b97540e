//! Which site a request was meant for, and which site's page sent it.

use balefire_config::plan::Plan;
use http::request::Parts;
use http::{HeaderMap, header};
use url::Url;

use crate::error::Problem;

/// The host a request was meant for: HTTP/2's authority, else the `Host` header.
pub(super) fn host(head: &Parts) -> Result<Option<&str>, Problem> {
    let mut given = head.headers.get_all(header::HOST).iter();
    let header = given.next().map(|value| value.to_str());
    if given.next().is_some() {
        return Err(Problem::bad_request("a request has one Host header"));
    }
    let header = header
        .transpose()
        .map_err(|_| Problem::bad_request("the Host header is not a host"))?;
    Ok(head
        .uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or(header))
}

/// Whether the address we are known by is on this machine.
pub(super) fn is_local_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.host_str().is_some_and(is_local_host))
}

/// `localhost`, `127.x.x.x` or `[::1]`, with or without a port.
pub(super) fn is_local_host(host: &str) -> bool {
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

/// Browsers name the page a request comes from; another site's page may not change anything here.
/// Programs send neither header and are let through.
pub(super) fn check_origin(plan: &Plan, head: &Parts) -> Result<(), Problem> {
    let site = text(&head.headers, "sec-fetch-site");
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(Problem::forbidden("the request comes from another site"));
    }
    if !head.headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    let origin = text(&head.headers, "origin").unwrap_or_default();
    let ours = host(head)?.is_some_and(|host| {
        Url::parse(origin).is_ok_and(|url| url.authority().eq_ignore_ascii_case(host))
    });
    let external = Url::parse(&plan.server.external_url).is_ok_and(|url| {
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

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
