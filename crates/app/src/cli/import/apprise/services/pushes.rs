//! Telephones: push services, texts, and those who wake people.

use super::{Address, Way, Why, folder, required, token};

/// `ntfy://topic` at ntfy.sh, `ntfy[s]://[user:password@|token@]host[:port]/topic/…`.
pub(super) fn ntfy(address: &mut Address) -> Result<Way, Why> {
    let mut topics = address.targets(0);
    let mode = address.take("mode").unwrap_or_default();
    let cloud = topics.is_empty() && address.port.is_none() || mode == "cloud";
    let given = address.take("token");
    let _ = address.take("auth");
    let base = if cloud {
        topics.insert(0, address.host.clone());
        "https://ntfy.sh".to_owned()
    } else {
        address.base()
    };
    let is_token = |text: &String| text.starts_with("tk_");
    let token = given.or_else(|| address.user.clone().filter(is_token));
    let basic = address
        .user
        .clone()
        .filter(|user| token.as_ref() != Some(user));
    let tags = address.take("xtags");
    let mut way = Way::new("ntfy")
        .account("base_url", base)
        .account("token", token)
        .list("topic", &topics)
        .entry("tags", tags);
    if let Some(user) = basic {
        let password = address.password.clone().unwrap_or_default();
        let login = serde_json::json!({"basic_auth": {"username": user, "password": password}});
        way.account.insert("http_config".to_owned(), login);
    }
    if let Some(priority) = address.take("priority") {
        match ntfy_priority(&priority) {
            Some(number) => {
                way.entry.insert("priority".to_owned(), number.into());
            }
            None => return Err(format!("{priority:?} is no priority")),
        }
    }
    Ok(way)
}

/// Apprise goes by the first letter, or by the number.
fn ntfy_priority(word: &str) -> Option<i64> {
    let small = word.to_lowercase();
    if let Some(number) = small.parse().ok().filter(|number| (1..=5).contains(number)) {
        return Some(number);
    }
    match small.as_str() {
        word if word.starts_with("min") => Some(1),
        word if word.starts_with('l') => Some(2),
        word if word.starts_with(['d', 'n']) => Some(3),
        word if word.starts_with('h') => Some(4),
        word if word.starts_with('m') || word.starts_with('e') => Some(5),
        _ => None,
    }
}

/// `gotify[s]://host[:port][/path]/token`.
pub(super) fn gotify(address: &mut Address) -> Result<Way, Why> {
    let key = required(address.path.last().cloned(), "the token")?;
    let folder = folder(&address.path[..address.path.len() - 1]);
    let mut way = Way::new("gotify")
        .account("base_url", format!("{}{folder}", address.base()))
        .account("token", key);
    if let Some(priority) = address.take("priority") {
        // Apprise's words stand for these numbers.
        let number = match priority.to_lowercase().as_str() {
            word if word.starts_with('l') => Some(1),
            word if word.starts_with('m') => Some(3),
            word if word.starts_with('n') => Some(5),
            word if word.starts_with('h') => Some(8),
            word if word.starts_with('e') => Some(10),
            word => word.parse::<i64>().ok(),
        };
        let number = number.ok_or_else(|| format!("{priority:?} is no priority"))?;
        way.entry.insert("priority".to_owned(), number.into());
    }
    Ok(way)
}

/// `pover://user@token[/device/…]`.
pub(super) fn pushover(address: &mut Address) -> Result<Way, Why> {
    let token = token(address, "the application's token")?;
    let user = required(address.user.clone(), "the user's key")?;
    let devices = address.targets(0);
    let device = (!devices.is_empty()).then(|| devices.join(","));
    Ok(Way::new("pushover")
        .account("token", token)
        .entry("user_key", user)
        .entry("device", device)
        .entry("sound", address.take("sound"))
        .entry("priority", address.take("priority")))
}

/// `bark[s]://host[:port]/key/…`.
pub(super) fn bark(address: &mut Address) -> Result<Way, Why> {
    let keys = address.targets(0);
    let key = required(keys.first().cloned(), "the device's key")?;
    let mut way = Way::new("bark")
        .account("base_url", address.base())
        .account("device_key", key)
        .entry("group", address.take("group"))
        .entry("sound", address.take("sound"));
    if let Some(user) = &address.user {
        let password = address.password.clone().unwrap_or_default();
        let login = serde_json::json!({"basic_auth": {"username": user, "password": password}});
        way.account.insert("http_config".to_owned(), login);
    }
    Ok(way.note_if(
        keys.len() > 1,
        "only the first device is taken: write an entry with device_key for each",
    ))
}

/// `schan://key`.
pub(super) fn serverchan(address: &mut Address) -> Result<Way, Why> {
    Ok(Way::new("serverchan").account("send_key", token(address, "the SendKey")?))
}

/// `pushplus://token[/topic]`.
pub(super) fn pushplus(address: &mut Address) -> Result<Way, Why> {
    let token = address
        .take("token")
        .map_or_else(|| token(address, "the token"), Ok)?;
    let topic = address.take("topic");
    let targets = address.targets(0);
    let friends = targets.iter().any(|target| target.starts_with('@'));
    let topics: Vec<&String> = targets
        .iter()
        .filter(|target| !target.starts_with('@'))
        .collect();
    let topic = topic.or_else(|| {
        topics
            .first()
            .map(|topic| topic.trim_start_matches('#').to_owned())
    });
    Ok(Way::new("pushplus")
        .account("token", token)
        .entry("topic", topic)
        .note_if(friends, "friends are left out: name one by to")
        .note_if(
            topics.len() > 1,
            "only the first topic is taken: write an entry for each",
        ))
}

/// `wxpusher://AT_…/UID_…/topic/…`.
pub(super) fn wxpusher(address: &mut Address) -> Result<Way, Why> {
    let token = address
        .take("token")
        .map_or_else(|| token(address, "the appToken"), Ok)?;
    let (users, topics): (Vec<String>, Vec<String>) = address
        .targets(0)
        .into_iter()
        .partition(|target| target.starts_with("UID_"));
    if users.is_empty() && topics.is_empty() {
        return Err("nobody is named".to_owned());
    }
    Ok(Way::new("wxpusher")
        .account("app_token", token)
        .list("uids", &users)
        .list("topic_ids", &topics))
}

/// `pagerduty://integration-key@api-key[/source[/component]]`; events need the integration's key alone.
pub(super) fn pagerduty(address: &mut Address) -> Result<Way, Why> {
    let key = required(address.user.clone(), "the integration's key")?;
    let abroad = address
        .take("region")
        .is_some_and(|region| region.eq_ignore_ascii_case("eu"));
    let url = abroad.then(|| "https://events.eu.pagerduty.com/v2/enqueue".to_owned());
    Ok(Way::new("pagerduty")
        .account("routing_key", key)
        .account("url", url)
        .entry("source", address.path.first().cloned())
        .entry("component", address.path.get(1).cloned())
        .entry("group", address.take("group"))
        .entry("class", address.take("class"))
        .entry("severity", address.take("severity")))
}

/// `opsgenie://[user@]key[/target/…]`; a target's first letter says what it is.
pub(super) fn opsgenie(address: &mut Address) -> Result<Way, Why> {
    let key = token(address, "the API key")?;
    let abroad = address
        .take("region")
        .is_some_and(|region| region.eq_ignore_ascii_case("eu"));
    let base = abroad.then(|| "https://api.eu.opsgenie.com".to_owned());
    let responders: Vec<serde_json::Value> = address
        .targets(0)
        .iter()
        .map(|target| responder(target))
        .collect();
    let priority = address.take("priority");
    let priority = priority
        .map(|word| opsgenie_priority(&word).ok_or_else(|| format!("{word:?} is no priority")))
        .transpose()?;
    let mut way = Way::new("opsgenie")
        .account("api_key", key)
        .account("base_url", base)
        .entry("entity", address.take("entity"))
        .entry("tags", address.take("tags"))
        .entry("priority", priority);
    if !responders.is_empty() {
        way.entry.insert("responders".to_owned(), responders.into());
    }
    Ok(way)
}

fn responder(target: &str) -> serde_json::Value {
    let (kind, name) = match target.chars().next() {
        Some('@') => ("user", &target[1..]),
        Some('^') => ("escalation", &target[1..]),
        Some('*') => ("schedule", &target[1..]),
        Some('#') => ("team", &target[1..]),
        _ => ("team", target),
    };
    let by = if kind == "user" { "username" } else { "name" };
    serde_json::json!({"type": kind, by: name})
}

fn opsgenie_priority(word: &str) -> Option<String> {
    let small = word.to_lowercase();
    let number = match small.trim_start_matches('p') {
        "1" | "2" | "3" | "4" | "5" => small.trim_start_matches('p').to_owned(),
        word if word.starts_with('l') => "1".to_owned(),
        word if word.starts_with('m') => "2".to_owned(),
        word if word.starts_with('n') => "3".to_owned(),
        word if word.starts_with('h') => "4".to_owned(),
        word if word.starts_with('e') => "5".to_owned(),
        _ => return None,
    };
    Some(format!("P{number}"))
}

/// `twilio://sid:token@from/to/…`.
pub(super) fn twilio(address: &mut Address) -> Result<Way, Why> {
    if address
        .take("method")
        .is_some_and(|method| method == "call")
    {
        return Err("it calls: use an account of the kind twilio_voice".to_owned());
    }
    let sid = address.take("sid").or_else(|| address.user.clone());
    let secret = address.take("token").or_else(|| address.password.clone());
    let from = address
        .take("from")
        .unwrap_or_else(|| address.place.clone());
    let key = address.take("apikey");
    let phones = numbers(address)?;
    Ok(Way::new("twilio_sms")
        .account("account_sid", required(sid, "the account's SID")?)
        .account("auth_token", required(secret, "the token")?)
        .account("api_key_sid", key)
        .account("from", international(&from))
        .list("phones", &phones))
}

/// `vonage://key:secret@from/to/…`.
pub(super) fn vonage(address: &mut Address) -> Result<Way, Why> {
    let key = address.take("key").or_else(|| address.user.clone());
    let secret = address.take("secret").or_else(|| address.password.clone());
    let from = address
        .take("from")
        .unwrap_or_else(|| address.place.clone());
    let _ = address.take("ttl");
    let phones = numbers(address)?;
    Ok(Way::new("vonage_sms")
        .account("api_key", required(key, "the key")?)
        .account("api_secret", required(secret, "the secret")?)
        .list("phones", &phones)
        .entry("from", from))
}

/// Those who are told; without any, Apprise tells the sender's own number.
fn numbers(address: &mut Address) -> Result<Vec<String>, Why> {
    let mut numbers = address.targets(0);
    if numbers.is_empty() {
        numbers.push(address.place.clone());
    }
    let numbers: Vec<String> = numbers.iter().map(|number| international(number)).collect();
    if numbers.iter().all(String::is_empty) {
        return Err("no number is named".to_owned());
    }
    Ok(numbers)
}

/// A number without what people write between its digits, and with its plus.
fn international(number: &str) -> String {
    if number.chars().any(char::is_alphabetic) {
        return number.to_owned();
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    // Fewer are a short code.
    if digits.len() < 7 {
        digits
    } else {
        format!("+{digits}")
    }
}
