//! What a path asks for.

/// What a request asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Call<'a> {
    Create,
    /// Ends the alert of this identifier.
    End(&'a str),
    /// Something else with the alert of this identifier.
    Other(&'a str, &'a str),
    /// What became of a request.
    Status(&'a str),
    /// The alert of this identifier.
    One(&'a str),
    /// What was written to it.
    Notes(&'a str),
    /// Something of it that there is never any of here.
    Nothing(&'a str),
    Many,
    Count,
}

/// Words after an alert's identifier that say what is done with it.
const DEEDS: &[&str] = &[
    "acknowledge",
    "unacknowledge",
    "notes",
    "note",
    "snooze",
    "assign",
    "escalate",
    "responders",
    "teams",
    "tags",
    "details",
    "attachments",
    "message",
    "description",
    "priority",
];

/// What is known of alerts over there and not here.
const UNKNOWN: &[&str] = &["logs"];
/// What alerts have over there and never here: the list is empty.
const EMPTY: &[&str] = &["recipients", "attachments"];

pub(super) fn read<'a>(method: &str, path: &'a str) -> Option<Call<'a>> {
    let path = path.trim_matches('/');
    let path = path.strip_prefix("jsm/ops/integration/").unwrap_or(path);
    let path = path.strip_prefix("v2/").unwrap_or(path);
    match (method, path) {
        ("POST", "alerts" | "") => return Some(Call::Create),
        ("GET", "alerts") => return Some(Call::Many),
        ("GET", "alerts/count") => return Some(Call::Count),
        _ => {}
    }
    let rest = path.strip_prefix("alerts/")?;
    if rest.starts_with("saved-searches") {
        return None;
    }
    match (method, rest.rsplit_once('/')) {
        ("GET", Some(("requests", id))) => Some(Call::Status(id)),
        ("GET", Some((identifier, "notes"))) => Some(Call::Notes(identifier)),
        ("GET", Some((_, word))) if UNKNOWN.contains(&word) => None,
        ("GET", Some((identifier, word))) if EMPTY.contains(&word) => {
            Some(Call::Nothing(identifier))
        }
        // An alias may hold slashes.
        ("GET", _) => Some(Call::One(rest)),
        ("POST", Some((identifier, "close"))) => Some(Call::End(identifier)),
        ("POST" | "PUT" | "PATCH" | "DELETE", Some((identifier, deed)))
            if DEEDS.contains(&deed) =>
        {
            Some(Call::Other(identifier, deed))
        }
        ("POST", Some((rest, _))) => {
            let identifier = rest.strip_suffix("/actions")?;
            Some(Call::Other(identifier, "actions"))
        }
        // One of the things that were put to an alert, not an alert.
        ("DELETE", Some((rest, _)))
            if rest.ends_with("/attachments") || rest.ends_with("/notes") =>
        {
            None
        }
        ("DELETE", _) => Some(Call::End(rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_what_is_wanted() {
        for (method, path, expected) in [
            ("POST", "v2/alerts", Some(Call::Create)),
            ("POST", "jsm/ops/integration/v2/alerts", Some(Call::Create)),
            ("POST", "v2/alerts/a/b/close", Some(Call::End("a/b"))),
            ("DELETE", "v2/alerts/x", Some(Call::End("x"))),
            ("POST", "v2/alerts/x/notes", Some(Call::Other("x", "notes"))),
            (
                "PUT",
                "v2/alerts/x/message",
                Some(Call::Other("x", "message")),
            ),
            (
                "POST",
                "v2/alerts/x/actions/restart",
                Some(Call::Other("x", "actions")),
            ),
            ("DELETE", "v2/alerts/x/tags", Some(Call::Other("x", "tags"))),
            ("GET", "v2/alerts/requests/r", Some(Call::Status("r"))),
            ("GET", "v2/alerts", Some(Call::Many)),
            ("GET", "v2/alerts/count", Some(Call::Count)),
            ("GET", "v2/alerts/x", Some(Call::One("x"))),
            ("GET", "v2/alerts/a/b", Some(Call::One("a/b"))),
            ("GET", "v2/alerts/a/b/notes", Some(Call::Notes("a/b"))),
            ("GET", "v2/alerts/x/logs", None),
            ("GET", "v2/alerts/x/attachments", Some(Call::Nothing("x"))),
            ("DELETE", "v2/alerts/x/attachments/7", None),
            (
                "PATCH",
                "v2/alerts/x/description",
                Some(Call::Other("x", "description")),
            ),
            ("GET", "v2/alerts/saved-searches", None),
            ("POST", "v2/alerts/x/explode", None),
            ("POST", "v2/teams", None),
        ] {
            assert_eq!(read(method, path), expected, "{method} {path}");
        }
    }
}
