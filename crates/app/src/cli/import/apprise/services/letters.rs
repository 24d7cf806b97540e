//! Mail, and requests of Apprise's own making.

use serde_json::{Value, json};

use super::{Address, Way, Why, folder, required};

/// Mail providers whose address alone says which server to use, with what presets call them here.
const PRESETS: [(&str, &str); 12] = [
    ("gmail.com", "gmail"),
    ("googlemail.com", "gmail"),
    ("qq.com", "qq"),
    ("foxmail.com", "qq"),
    ("163.com", "163"),
    ("126.com", "126"),
    ("outlook.com", "outlook"),
    ("hotmail.com", "outlook"),
    ("live.com", "outlook"),
    ("office365.com", "outlook"),
    ("exmail.qq.com", "exmail"),
    ("smtpdm.aliyun.com", "aliyun_dm"),
];

/// `mailto[s]://user:password@host[:port]/to/…`, with `smtp=`, `from=`, `to=`, `cc=`, `bcc=`.
pub(super) fn mail(address: &mut Address) -> Result<Way, Why> {
    let host = address.host.clone();
    let server = address.take("smtp");
    let user = address.take("user").or_else(|| address.user.clone());
    let full = |name: &str| {
        if name.contains('@') {
            name.to_owned()
        } else {
            format!("{name}@{host}")
        }
    };
    let from = address.take("from").map(|from| {
        if from.contains('@') {
            from
        } else {
            full(&from)
        }
    });
    let from = from.or_else(|| user.as_deref().map(full));
    let from = required(from, "the sender")?;
    let from = match address.take("name") {
        Some(name) if !from.contains('<') => format!("{name} <{from}>"),
        _ => from,
    };
    let mut to: Vec<String> = address.targets(0);
    for more in ["cc", "bcc"] {
        let extra = address.take(more).unwrap_or_default();
        to.extend(
            extra
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(ToOwned::to_owned),
        );
    }
    if to.is_empty() {
        // Apprise writes to oneself then.
        to.push(user.as_deref().map_or_else(|| from.clone(), full));
    }
    let preset = PRESETS
        .iter()
        .find(|(domain, _)| server.is_none() && *domain == host)
        .map(|(_, preset)| *preset);
    let mode = address.take("mode");
    let secure = address.schema == "mailtos" || mode.is_some();
    let login = match preset {
        Some(_) => user.as_deref().map(full),
        None => user,
    };
    let mut way = Way::new("smtp")
        .account("user", login)
        .account("password", address.password.clone())
        .account("from", from);
    if let Some(preset) = preset {
        way = way.account("preset", preset.to_owned());
    } else {
        way = way.account("host", server.unwrap_or(host));
        let implicit = mode.as_deref() == Some("ssl");
        let port = address.port.unwrap_or(match (secure, implicit) {
            (true, true) => 465,
            (true, false) => 587,
            (false, _) => 25,
        });
        way.account.insert("port".to_owned(), port.into());
    }
    let clear = "Apprise would have sent it in clear text; here the server must offer TLS, or the entry says require_tls: false";
    Ok(way
        .list("to", &to)
        .note_if(!secure && preset.is_none(), clear))
}

/// The words that Apprise has for how bad it is.
const KIND: &str = "{{ 'success' if status == 'resolved' else 'info' if severity == 'info' else 'warning' if severity == 'warning' else 'failure' }}";

/// `json[s]://[user:password@]host[:port][/path]`: its own body, word for word.
pub(super) fn json(address: &mut Address) -> Result<Way, Why> {
    let body = format!(
        "{{\"version\": \"1.0\", \"title\": \"{{{{ title }}}}\", \"message\": \"{{{{ text }}}}\", \"attachments\": [], \"type\": \"{KIND}\"}}"
    );
    custom(address, "json", body)
}

/// `form[s]://[user:password@]host[:port][/path]`.
pub(super) fn form(address: &mut Address) -> Result<Way, Why> {
    let body = format!("version=1.0&title={{{{ title }}}}&message={{{{ text }}}}&type={KIND}");
    custom(address, "form", body)
}

fn custom(address: &mut Address, format: &str, body: String) -> Result<Way, Why> {
    let host = required(Some(address.host.clone()), "the host")?;
    let method = address
        .take("method")
        .unwrap_or_else(|| "POST".to_owned())
        .to_uppercase();
    if !matches!(method.as_str(), "POST" | "PUT" | "PATCH" | "GET")
        || method == "GET" && format == "json"
    {
        return Err(format!("{method} is not sent here"));
    }
    let folder = folder(&address.path);
    let secure = address.schema.ends_with('s');
    let scheme = if secure { "https" } else { "http" };
    let port = address
        .port
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let mut headers = serde_json::Map::new();
    // `+` begins a header, `-` a value of the query, `:` a field of the body.
    let (mut fields, mut asked) = (false, false);
    for name in address.left() {
        let value = |address: &mut Address| address.take(&name).unwrap_or_default();
        match name.chars().next() {
            // A plus of a query is read as a blank.
            Some('+' | ' ') => {
                let text = value(address);
                headers.insert(name[1..].to_owned(), json!(text));
            }
            Some('-') => {
                query.append_pair(&name[1..], &value(address));
                asked = true;
            }
            Some(':') => {
                let _ = value(address);
                fields = true;
            }
            _ => {}
        }
    }
    let query = query.finish();
    let mark = if asked { "?" } else { "" };
    let mut way = Way::new("http")
        .account(
            "url",
            format!("{scheme}://{host}{port}{folder}{mark}{query}"),
        )
        .account("method", (method != "POST").then_some(method))
        .account("format", format.to_owned())
        .account("body", body);
    if !headers.is_empty() {
        way.account
            .insert("headers".to_owned(), Value::Object(headers));
    }
    if let Some(user) = &address.user {
        let password = address.password.clone().unwrap_or_default();
        let login = json!({"basic_auth": {"username": user, "password": password}});
        way.account.insert("http_config".to_owned(), login);
    }
    Ok(way.note_if(
        fields,
        "fields with : are left out: write them into the template of body",
    ))
}
