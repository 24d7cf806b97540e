//! When a domain expires, by its registry's RDAP service (RFC 9082, RFC 9083), found by IANA's list (RFC 9224).

use std::time::Duration;

use balefire_core::time::Time;
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use super::{LookError, Seen, shown};
use crate::http::{Http, HttpRequest};

/// IANA's list of services by top-level domain: <https://data.iana.org/rdap/dns.json>.
pub const BOOTSTRAP: &str = "https://data.iana.org/rdap/dns.json";
/// Bytes of an answer that are read; the list has 80 KiB by now.
const LONGEST: usize = 1 << 20;

/// Asks `rdap`, or the service of the domain's registry, when a domain expires, all within `patience`.
pub async fn look(
    http: &Http,
    domain: &str,
    rdap: Option<&str>,
    patience: Duration,
) -> Result<Seen, LookError> {
    let until = Instant::now() + patience;
    let service = if let Some(service) = rdap {
        service.to_owned()
    } else {
        let list = get(http, BOOTSTRAP, until).await?;
        service(&list, domain).ok_or_else(|| {
            let why = "IANA's list names no RDAP service for its top-level domain";
            LookError::Unknown(format!("{domain}: {why}"))
        })?
    };
    let url = format!("{}/domain/{domain}", service.trim_end_matches('/'));
    let answer = get(http, &url, until).await?;
    expiry(&answer).ok_or_else(|| {
        LookError::Unknown(format!(
            "the registry's RDAP says no date on which {domain} expires"
        ))
    })
}

async fn get(http: &Http, url: &str, until: Instant) -> Result<Value, LookError> {
    let left = until.saturating_duration_since(Instant::now());
    let request = HttpRequest::get(url).header("accept", "application/rdap+json, application/json");
    let reply = http.fetch(request, LONGEST, left).await;
    let reply = reply.map_err(|error| LookError::Unreachable(shown(&error.to_string())))?;
    let unreadable = |why: &str| LookError::Unreadable(format!("{url}: {why}"));
    match reply.status {
        404 => return Err(unreadable("nobody has registered it (404)")),
        200 => {}
        status => return Err(unreadable(&format!("it answered {status}"))),
    }
    if !reply.whole {
        return Err(unreadable("the answer broke off or is too long"));
    }
    serde_json::from_slice(&reply.body).map_err(|_| unreadable("the answer is no JSON"))
}

/// The service of a domain: that of the longest entry its name ends with, over https where there is a choice.
fn service(list: &Value, domain: &str) -> Option<String> {
    let services = list["services"].as_array()?.iter();
    let found = services.filter_map(|service| {
        let ends = service[0].as_array()?.iter().filter_map(Value::as_str);
        let longest = ends
            .filter(|end| ends_with(domain, end))
            .map(str::len)
            .max()?;
        let urls = service[1].as_array()?.iter().filter_map(Value::as_str);
        let url = urls.max_by_key(|url| url.starts_with("https:"))?;
        Some((longest, url))
    });
    let (_, url) = found.max_by_key(|(longest, _)| *longest)?;
    Some(url.to_owned())
}

/// Whether a name is below an entry of the list, label by label.
fn ends_with(domain: &str, end: &str) -> bool {
    let start = domain.len().checked_sub(end.len());
    start.is_some_and(|start| {
        domain.is_char_boundary(start)
            && domain[start..].eq_ignore_ascii_case(end)
            && (start == 0 || domain[..start].ends_with('.'))
    })
}

/// The registry's date, and the registrar.
fn expiry(answer: &Value) -> Option<Seen> {
    let events = answer["events"].as_array()?.iter();
    let expires = |event: &&Value| {
        let action = event["eventAction"].as_str().unwrap_or_default();
        action.eq_ignore_ascii_case("expiration")
    };
    let date = events.clone().find(expires)?["eventDate"].as_str()?;
    let at: Timestamp = date.parse().ok()?;
    Some(Seen {
        detail: shown(&registrar(answer).unwrap_or_default()),
        ..Seen::at(Time::from(at))
    })
}

/// The registrar's name: the entity's `fn` in its vCard (RFC 7095).
fn registrar(answer: &Value) -> Option<String> {
    let entities = answer["entities"].as_array()?.iter();
    let is_registrar = |entity: &&Value| {
        let roles = entity["roles"].as_array().map(Vec::as_slice);
        roles
            .unwrap_or_default()
            .iter()
            .any(|role| role == "registrar")
    };
    let entity = entities.clone().find(is_registrar)?;
    let card = entity["vcardArray"][1].as_array()?.iter();
    let name = card.clone().find(|line| line[0] == "fn")?;
    name[3].as_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_service_is_that_of_the_longest_entry_a_name_ends_with() {
        let list = json!({"services": [
            [["com", "net"], ["http://old.example/", "https://com.example/v1/"]],
            [["uk", "co.uk"], ["https://uk.example/"]],
            [["org.uk"], ["https://org-uk.example/"]],
            [[], []],
            ["broken"],
        ]});
        let of = |name: &str| service(&list, name).unwrap_or_default();
        assert_eq!(of("example.com"), "https://com.example/v1/");
        assert_eq!(of("a.co.uk"), "https://uk.example/");
        assert_eq!(of("a.org.uk"), "https://org-uk.example/");
        assert_eq!(of("a.NET"), "https://com.example/v1/");
        for none in ["examplecom", "a.cn", "", "例.中国"] {
            assert_eq!(of(none), "", "{none}");
        }
        assert_eq!(service(&json!({}), "a.com"), None);
    }
}
