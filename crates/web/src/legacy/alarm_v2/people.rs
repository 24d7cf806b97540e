//! Who is told, by which ways; the ways do not wait for each other.

use balefire_config::legacy::{AccountName, AlarmGroup, AlarmV2};
use balefire_config::plan::{Person, Plan};
use balefire_core::message::Mention;
use serde_json::{Value, json};

use super::code::Code;
use crate::legacy::send::{Told, tell as send, words};
use crate::state::WebState;

/// Tells everybody of an owner and level; the code of the first way that failed for good.
pub(super) async fn tell(
    state: &WebState,
    plan: &Plan,
    service: &AlarmV2,
    (owner, level): (&str, &str),
    text: &str,
) -> Code {
    let level: Option<u32> = level.trim().parse().ok();
    let group = service
        .groups
        .iter()
        .find(|group| group.owner == owner && Some(group.level) == level);
    let Some(group) = group else {
        return Code::Nobody;
    };
    let ids = |names: &[String], id: fn(&Mention) -> &str| ids(plan, group, names, id);
    let dingtalk = ids(&group.dingtalk_people, |contact| &contact.dingtalk);
    let wecom = ids(&group.wecom_people, |contact| &contact.wecom);
    let mail = ids(&group.email_people, |contact| &contact.email);
    let by_dingtalk = if group.conversation_id.is_empty() {
        way(
            service.dingtalk.as_ref(),
            &dingtalk,
            || json!({"via": "work_notice", "to_user": dingtalk}),
        )
    } else {
        let options = json!({"via": "group", "conversation_id": group.conversation_id});
        service.dingtalk.as_ref().map(|account| (account, options))
    };
    let by_wecom = way(
        service.wecom.as_ref(),
        &wecom,
        || json!({"to_user": wecom, "message_type": "text"}),
    );
    let by_mail = way(
        service.mail.as_ref(),
        &mail,
        || json!({"to": mail, "html": ""}),
    );
    if by_dingtalk.is_none() && by_wecom.is_none() && by_mail.is_none() {
        return Code::Nobody;
    }
    let go = async |way: Option<(&AccountName, Value)>, title: &str| match way {
        Some((account, options)) => {
            Some(Box::pin(send(state, account, options, words(title, text))).await)
        }
        None => None,
    };
    let (dingtalk, wecom, mail) = tokio::join!(
        go(by_dingtalk, &group.title),
        go(by_wecom, ""),
        go(by_mail, &group.title)
    );
    let codes = [
        failed(dingtalk.as_ref(), Code::DingTalkAccount, Code::DingTalk),
        failed(wecom.as_ref(), Code::WeComAccount, Code::WeCom),
        failed(mail.as_ref(), Code::Mail, Code::Mail),
    ];
    codes.into_iter().flatten().next().unwrap_or(Code::Done)
}

fn way<'s>(
    account: Option<&'s AccountName>,
    people: &[String],
    options: impl FnOnce() -> Value,
) -> Option<(&'s AccountName, Value)> {
    account
        .filter(|_| !people.is_empty())
        .map(|account| (account, options()))
}

/// The code of a way that failed for good; what is stored and tried again has not.
fn failed(told: Option<&Told>, account: Code, way: Code) -> Option<Code> {
    match told? {
        Told::Delivered(_) | Told::Partly { .. } | Told::Kept(_) => None,
        Told::Unstored(_) => Some(Code::NotStored),
        Told::Refused(_) => Some(account),
        Told::Lost(_) => Some(way),
    }
}

/// The ids of people at a platform; whoever cannot be found there is named in the log, and the others are told.
fn ids(plan: &Plan, group: &AlarmGroup, names: &[String], id: fn(&Mention) -> &str) -> Vec<String> {
    names
        .iter()
        .filter_map(|name| {
            let found = person(plan, name).map(|person| id(&person.contact)).filter(|id| !id.is_empty());
            if found.is_none() {
                tracing::warn!(%name, owner = %group.owner, level = group.level, "somebody to be told has no address there");
            }
            found.map(ToOwned::to_owned)
        })
        .collect()
}

/// Somebody by key, else by name.
fn person<'p>(plan: &'p Plan, name: &str) -> Option<&'p Person> {
    plan.people.get(name).or_else(|| {
        plan.people
            .values()
            .find(|person| person.contact.name == name)
    })
}
