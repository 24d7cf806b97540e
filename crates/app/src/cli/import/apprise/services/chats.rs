//! Chats.

use super::{Address, Way, Why, folder, required, token};

/// `dingtalk://[secret@]token[/phone/…]`.
pub(super) fn dingtalk(address: &mut Address) -> Result<Way, Why> {
    let token = address
        .take("token")
        .map_or_else(|| token(address, "the token"), Ok)?;
    let secret = address.take("secret").or_else(|| address.user.clone());
    let phones = address.targets(0);
    Ok(Way::new("dingtalk_robot")
        .account("token", token)
        .account("secret", secret)
        .list("at_mobiles", &phones))
}

/// `wecombot://key`.
pub(super) fn wecom(address: &mut Address) -> Result<Way, Why> {
    let key = address
        .take("key")
        .map_or_else(|| token(address, "the key"), Ok)?;
    Ok(Way::new("wecom_robot").account("key", key))
}

/// `feishu://token` and `lark://token`.
pub(super) fn feishu(address: &mut Address) -> Result<Way, Why> {
    let token = address
        .take("token")
        .map_or_else(|| token(address, "the token"), Ok)?;
    let abroad = address.schema == "lark";
    let base = abroad.then(|| "https://open.larksuite.com".to_owned());
    Ok(Way::new("feishu_robot")
        .account("token", token)
        .account("base_url", base))
}

/// `slack://[name@]A/B/C[/#channel…]` for a webhook, `slack://[name@]xoxb-…[/#channel…]` for a bot.
pub(super) fn slack(address: &mut Address) -> Result<Way, Why> {
    let first = address
        .take("token")
        .map_or_else(|| token(address, "the token"), Ok)?;
    let name = address.user.clone();
    let pieces: Vec<String> = first.split('/').map(ToOwned::to_owned).collect();
    if let [only] = pieces.as_slice()
        && only.starts_with("xox")
    {
        let channels: Vec<String> = address
            .targets(0)
            .iter()
            .map(|name| slack_channel(name))
            .collect();
        if channels.is_empty() {
            return Err("a bot needs a channel".to_owned());
        }
        return Ok(Way::new("slack_bot")
            .account("token", only.clone())
            .entry("channel", channels.join(","))
            .entry("username", name));
    }
    let (a, from) = (first, 2);
    let (b, c) = (address.path.first().cloned(), address.path.get(1).cloned());
    let (b, c) = (
        required(b, "the second part of the webhook")?,
        required(c, "the third part of the webhook")?,
    );
    let channels = address.targets(from);
    let own = "an incoming webhook writes to its own channel: the others are left out; a bot's token writes to all";
    Ok(Way::new("slack_webhook")
        .account(
            "url",
            format!("https://hooks.slack.com/services/{a}/{b}/{c}"),
        )
        .entry("channel", channels.first().map(|name| slack_channel(name)))
        .entry("username", name)
        .note_if(channels.len() > 1, own))
}

/// `+` marks an id; a bare word is a channel's name.
fn slack_channel(name: &str) -> String {
    match name.strip_prefix('+') {
        Some(id) => id.to_owned(),
        None if name.starts_with(['#', '@']) => name.to_owned(),
        None => format!("#{name}"),
    }
}

/// `tgram://number:key/chat[:topic]/…`.
pub(super) fn telegram(address: &mut Address) -> Result<Way, Why> {
    let token = token(address, "the bot's token")?;
    if !token.contains(':') {
        return Err("the bot's token is number:key".to_owned());
    }
    let topic = address.take_any(&["topic", "thread"]);
    let mut topics: Vec<String> = topic.into_iter().collect();
    let mut chats = Vec::new();
    for target in address.targets(0) {
        let (chat, own) = target.split_once(':').unwrap_or((&target, ""));
        chats.push(chat.to_owned());
        topics.extend((!own.is_empty()).then(|| own.to_owned()));
    }
    if chats.is_empty() {
        return Err("no chat is named; Apprise asks the bot who wrote to it last".to_owned());
    }
    topics.dedup();
    let mut way = Way::new("telegram")
        .account("bot_token", token)
        .list("chat_id", &chats);
    if let Some(topic) = topics.first().and_then(|topic| topic.parse::<i64>().ok()) {
        way.entry
            .insert("message_thread_id".to_owned(), topic.into());
    }
    if address.is_on("silent") {
        way.entry
            .insert("disable_notifications".to_owned(), true.into());
    }
    Ok(way.note_if(
        topics.len() > 1,
        "only the first topic is taken: an entry has one",
    ))
}

/// `discord://[name@]id/token`.
pub(super) fn discord(address: &mut Address) -> Result<Way, Why> {
    let id = token(address, "the webhook's id")?;
    let key = required(address.path.first().cloned(), "the webhook's token")?;
    Ok(Way::new("discord")
        .account(
            "url",
            format!("https://discord.com/api/webhooks/{id}/{key}"),
        )
        .entry("username", address.user.clone())
        .entry("avatar_url", address.take("avatar_url"))
        .entry("thread_id", address.take("thread")))
}

/// `mmost[s]://[name@]host[:port][/path]/token`.
pub(super) fn mattermost(address: &mut Address) -> Result<Way, Why> {
    if address
        .take("mode")
        .is_some_and(|mode| mode.starts_with('b'))
    {
        return Err(
            "Apprise's bots are another interface: use an account of the kind mattermost_bot"
                .to_owned(),
        );
    }
    let key = required(address.path.last().cloned(), "the webhook's key")?;
    let folder = folder(&address.path[..address.path.len() - 1]);
    let channels = address.take_any(&["channel", "channels", "to"]);
    let name = address.take("botname").or_else(|| address.user.clone());
    let several = channels.as_deref().is_some_and(|names| names.contains(','));
    let channel = channels.and_then(|names| {
        names
            .split(',')
            .next()
            .map(|name| name.trim().trim_start_matches('#').to_owned())
    });
    Ok(Way::new("mattermost")
        .account("url", format!("{}{folder}/hooks/{key}", address.base()))
        .entry("channel", channel)
        .entry("username", name)
        .entry("icon_url", address.take("icon_url"))
        .note_if(
            several,
            "only the first channel is taken: write an entry for each",
        ))
}

/// `workflows://host[:port]/workflow/signature`.
pub(super) fn teams(address: &mut Address) -> Result<Way, Why> {
    let workflow = address.take("id").or_else(|| address.path.first().cloned());
    let workflow = required(workflow, "the workflow's id")?;
    let signature = address.take("sig").or_else(|| address.path.get(1).cloned());
    let signature = required(signature, "the signature")?;
    let version = address.take_any(&["api-version", "ver"]);
    let version = version.unwrap_or_else(|| "2016-06-01".to_owned());
    let automate = address.is_on("pa") || address.is_on("powerautomate");
    let route = address.take_any(&["route", "routeid"]);
    let folder = match (automate, route) {
        (false, _) => String::new(),
        (true, None) => "/powerautomate/automations/direct".to_owned(),
        (true, Some(route)) => format!("/powerautomate/automations/direct/cu/{route}"),
    };
    let port = address
        .port
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("api-version", &version)
        .append_pair("sp", "/triggers/manual/run")
        .append_pair("sv", "1.0")
        .append_pair("sig", &signature)
        .finish();
    let host = &address.host;
    let url = format!(
        "https://{host}{port}{folder}/workflows/{workflow}/triggers/manual/paths/invoke?{query}"
    );
    let _ = address.take("wrap");
    Ok(Way::new("teams").account("url", url))
}

/// `gchat://workspace/key/token`.
pub(super) fn googlechat(address: &mut Address) -> Result<Way, Why> {
    let mut parts = address.path.iter().cloned();
    let (key, secret) = (parts.next(), parts.next());
    let key = address.take("key").or(key);
    let secret = address.take("token").or(secret);
    let (key, secret) = (required(key, "the key")?, required(secret, "the token")?);
    let space = address
        .take("workspace")
        .map_or_else(|| token(address, "the space"), Ok)?;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("key", &key)
        .append_pair("token", &secret)
        .finish();
    let threads = address.take("thread").is_some() || address.path.len() > 2;
    Ok(Way::new("googlechat")
        .account(
            "url",
            format!("https://chat.googleapis.com/v1/spaces/{space}/messages?{query}"),
        )
        .note_if(
            threads,
            "the thread is left out: each group of alerts has one of its own",
        ))
}

/// `matrix[s]://token@host[:port]/room/…`; rooms are `#alias` or `!id`.
pub(super) fn matrix(address: &mut Address) -> Result<Way, Why> {
    if address
        .take("mode")
        .is_some_and(|mode| mode != "off" && mode != "server")
    {
        return Err("Apprise's webhook modes have no counterpart: use an access token".to_owned());
    }
    let given = address.take("token");
    let token = match (given, &address.user, &address.password) {
        (Some(token), ..) => token,
        (None, Some(token), None) => token.clone(),
        (None, Some(_), Some(_)) => {
            return Err("a user with a password logs in at each start of Apprise; here an access token is needed".to_owned());
        }
        _ => return Err("the access token is missing".to_owned()),
    };
    let rooms: Vec<String> = address
        .targets(0)
        .iter()
        .map(|room| full_room(room, &address.host))
        .collect();
    if rooms.is_empty() {
        return Err("no room is named; Apprise writes to all that the user is in".to_owned());
    }
    Ok(Way::new("matrix")
        .account("base_url", address.base())
        .account("access_token", token)
        .list("room", &rooms))
}

/// A bare word is an alias, and without a server it is one of this host.
fn full_room(room: &str, host: &str) -> String {
    let marked = if room.starts_with(['#', '!']) {
        room.to_owned()
    } else {
        format!("#{room}")
    };
    if marked.contains(':') {
        marked
    } else {
        format!("{marked}:{host}")
    }
}
