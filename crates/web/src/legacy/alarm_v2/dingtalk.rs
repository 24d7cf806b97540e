//! The DingTalk way: a group of the alarm's own, one that the operator names, or work notices to its people.

use std::sync::Arc;
use std::time::Duration;

use balefire_config::legacy::{AccountName, AlarmGroup, MakeGroups};
use balefire_config::plan::Plan;
use balefire_engine::engine::{Chat, WantedChat};
use balefire_store::AlarmWay;
use serde_json::{Value, json};

use super::code::Code;
use super::group::person;
use super::ways::Telling;

/// How long is waited for a group; what is left of the caller's time is for its message.
const MAKING: Duration = Duration::from_secs(4);

/// What an alarm's group is found or made with.
pub(super) struct Chats<'c> {
    pub(super) plan: &'c Plan,
    pub(super) group: &'c AlarmGroup,
    pub(super) make: Option<&'c MakeGroups>,
    pub(super) account: &'c AccountName,
    /// The user ids of the people.
    pub(super) people: &'c [String],
}

/// Tells by DingTalk. Whenever a group does not do, the people get work notices: an alarm reaches them, whatever
/// the code.
pub(super) async fn tell(telling: Telling<'_>, chats: &Chats<'_>) -> Option<Code> {
    if !chats.group.conversation_id.is_empty() {
        let said = to_group(telling, chats, &chats.group.conversation_id).await;
        return or_notices(telling, chats, said.err().map(|(code, _)| code)).await;
    }
    let Some(wanted) = chats.wanted() else {
        return notices(telling, chats).await;
    };
    let mut failed = None;
    // A group that is gone is made anew, once.
    for _ in 0..2 {
        let group = match telling
            .state
            .engine
            .chat(&wanted, MAKING.min(telling.left()))
            .await
        {
            Chat::Ready(group) => group,
            Chat::Later(why) => {
                tracing::debug!(
                    account = &**chats.account,
                    why,
                    "work notices stand in for a group"
                );
                return notices(telling, chats).await;
            }
            Chat::Refused(_) => {
                failed = Some(chats.refused(telling).await);
                break;
            }
        };
        match to_group(telling, chats, &group).await {
            Ok(()) => return None,
            Err((code, said)) => {
                failed = Some(code);
                if !chats.is_gone(telling, &wanted, (&group, &said)).await {
                    break;
                }
            }
        }
    }
    or_notices(telling, chats, failed).await
}

impl Chats<'_> {
    /// The group that is to be made; `None` where none is.
    fn wanted(&self) -> Option<WantedChat> {
        let make = self.make?;
        let name = Some(&self.group.chat_name).filter(|name| !name.is_empty());
        let owner = make
            .owner
            .as_ref()
            .and_then(|owner| person(self.plan, owner));
        Some(WantedChat {
            account: Arc::clone(self.account),
            owner: self.group.owner.clone(),
            level: self.group.level,
            name: name.unwrap_or(&self.group.title).clone(),
            chat_owner: owner.map_or_else(String::new, |owner| owner.contact.dingtalk.clone()),
            members: self.people.to_vec(),
            template: make.template.clone(),
        })
    }

    async fn is_gone(
        &self,
        telling: Telling<'_>,
        wanted: &WantedChat,
        (group, said): (&str, &str),
    ) -> bool {
        let engine = &telling.state.engine;
        engine.chat_is_gone(wanted, group, said).await
    }

    /// The code of a group that is not made.
    async fn refused(&self, telling: Telling<'_>) -> Code {
        let engine = &telling.state.engine;
        let options = self.notice();
        if engine.refuses_account(self.account, &options).await {
            Code::DingTalkAccount
        } else {
            Code::DingTalkGroup
        }
    }

    fn notice(&self) -> Value {
        json!({"via": "work_notice", "to_user": self.people})
    }
}

/// A message to a group; what it met, when it is lost.
async fn to_group(
    telling: Telling<'_>,
    chats: &Chats<'_>,
    group: &str,
) -> Result<(), (Code, String)> {
    let options = json!({"via": "group", "conversation_id": group});
    let told = telling
        .send(AlarmWay::DingTalk, chats.account, options.clone())
        .await;
    let codes = (Code::DingTalkAccount, Code::DingTalk);
    let way = (chats.account, &options);
    match telling.code(&told, way, codes).await {
        None => Ok(()),
        Some(code) => Err((code, told.trouble().unwrap_or_default())),
    }
}

async fn notices(telling: Telling<'_>, chats: &Chats<'_>) -> Option<Code> {
    let options = chats.notice();
    let told = telling
        .send(AlarmWay::DingTalk, chats.account, options.clone())
        .await;
    let codes = (Code::DingTalkAccount, Code::DingTalk);
    telling.code(&told, (chats.account, &options), codes).await
}

/// Work notices where a group failed; the first failure's code stays.
async fn or_notices(telling: Telling<'_>, chats: &Chats<'_>, failed: Option<Code>) -> Option<Code> {
    let failed = failed?;
    if chats.people.is_empty() || failed == Code::NotStored {
        return Some(failed);
    }
    let notices = notices(telling, chats).await;
    Some(notices.map_or(failed, |code| code.min(failed)))
}
