//! Chat groups that are made at DingTalk when they are first needed, and made anew when they are gone or are for
//! other people. Calls for the same group share one making; of several nodes the store's row lets one make it.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use balefire_channels::dingtalk_app::{Group, Groups, NewGroup};
use balefire_channels::error::{ErrorKind, SendError};
use balefire_core::time::Time;
use balefire_store::{ChatGroup, ChatGroupClaim};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared as SharedFuture};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::Engine;
use crate::delivery::settle;
use crate::delivery::shared::Shared;
use crate::meta::Trouble;

/// How long it is asked whether an account is good.
const ASKING: Duration = Duration::from_secs(2);

/// A group that messages are to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedChat {
    /// The account that makes it.
    pub account: Arc<str>,
    /// Whose alarms it is for; with the level it makes the group one of a kind.
    pub owner: String,
    /// The level of those alarms.
    pub level: u32,
    /// What it is called.
    pub name: String,
    /// The user id of who owns it; empty for the first of the members.
    pub chat_owner: String,
    /// The user ids of its members.
    pub members: Vec<String>,
    /// The template of a scene group.
    pub template: Option<String>,
}

/// What came of asking for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chat {
    /// It is there.
    Ready(Arc<str>),
    /// Not now; the next alarm asks again.
    Later(String),
    /// The platform does not make it.
    Refused(String),
}

type OneMaking = SharedFuture<BoxFuture<'static, Chat>>;

/// A group that is being made now, and for whom.
struct Under {
    people: Arc<str>,
    making: OneMaking,
}

/// The groups that are being made now; no more than the configuration has groups.
#[derive(Default)]
pub(super) struct Making(Mutex<FxHashMap<Arc<str>, Under>>);

impl WantedChat {
    /// What the store knows it by: within 190 characters, as accounts have 64 and owners 100.
    fn id(&self) -> Arc<str> {
        format!("{}/{}/{}", self.account, self.level, self.owner).into()
    }

    /// Those whom it is for, in one order.
    fn people(&self) -> Arc<str> {
        let mut people: Vec<&str> = self.members.iter().map(String::as_str).collect();
        people.push(&self.chat_owner);
        people.retain(|user| !user.is_empty());
        people.sort_unstable();
        people.dedup();
        serde_json::to_string(&people).unwrap_or_default().into()
    }

    /// The same for every try at the same group, so that a scene group is made once even if an answer is lost.
    fn key(&self, made: u64) -> String {
        let words = format!("{}\n{}\n{made}", self.id(), self.people());
        let hash = digest::digest(&digest::SHA256, words.as_bytes());
        hex(&hash.as_ref()[..16])
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Engine {
    /// The group, made if it is not there; what is not done within `patience` goes on without the caller.
    pub async fn chat(&self, wanted: &WantedChat, patience: Duration) -> Chat {
        let shared = &self.inner.shared;
        if shared.shadow {
            return Chat::Later("this node runs in shadow mode and makes no groups".to_owned());
        }
        let (id, people) = (wanted.id(), wanted.people());
        let making = {
            let mut all = self.inner.chats.0.lock();
            match all.get(&id) {
                Some(under) if under.people == people => under.making.clone(),
                _ => {
                    let making = self.make(wanted.clone(), Arc::clone(&id));
                    let under = Under {
                        people,
                        making: making.clone(),
                    };
                    all.insert(id, under);
                    making
                }
            }
        };
        match tokio::time::timeout(patience, making).await {
            Ok(chat) => chat,
            Err(_) => Chat::Later("DingTalk takes its time to make the group".to_owned()),
        }
    }

    /// Begins to make a group, whoever waits for it.
    fn make(&self, wanted: WantedChat, id: Arc<str>) -> OneMaking {
        let engine = self.clone();
        let task = self.tasks().spawn(async move {
            let chat = make(&engine.inner.shared, &wanted, &id).await;
            let mut all = engine.inner.chats.0.lock();
            let mine = |under: &Under| under.people == wanted.people();
            if all.get(&id).is_some_and(mine) {
                all.remove(&id);
            }
            chat
        });
        let broken = || Chat::Later("the making of the group was broken off".to_owned());
        async move { task.await.unwrap_or_else(|_| broken()) }
            .boxed()
            .shared()
    }

    /// Whether what a group's message met says that the group is gone; then it is forgotten, and the next
    /// question makes another.
    pub async fn chat_is_gone(&self, wanted: &WantedChat, group: &str, said: &str) -> bool {
        // The last word on a notification is the error's kind, then what the provider said.
        let said = said.split_once(": ").map_or(said, |(_, said)| said);
        if !Groups::is_gone(&SendError::new(ErrorKind::Misconfigured, said)) {
            return false;
        }
        let writer = self.inner.shared.store.writer();
        if let Err(error) = writer.chat_group_gone(&wanted.id(), group).await {
            tracing::warn!(account = &*wanted.account, %error, "a group that is gone could not be forgotten");
            return false;
        }
        true
    }

    /// Whether the provider says, asked now, that an account's credentials are not good.
    pub async fn refuses_account(&self, account: &str, options: &Value) -> bool {
        let plan = self.plan();
        let Some(account) = plan.accounts.get(account) else {
            return true;
        };
        let Ok(channel) = (account.open)(options) else {
            return true;
        };
        let asked = tokio::time::timeout(ASKING, channel.check(self.now())).await;
        matches!(asked, Ok(Err(error)) if matches!(error.kind, ErrorKind::Misconfigured | ErrorKind::Rejected))
    }
}

async fn make(shared: &Shared, wanted: &WantedChat, id: &str) -> Chat {
    let plan = shared.plan.load_full();
    let account = plan.accounts.get(&*wanted.account);
    let Some(open) = account.and_then(|account| account.groups.clone()) else {
        return Chat::Refused(format!("the account {} makes no groups", wanted.account));
    };
    let groups = match open() {
        Ok(groups) => groups,
        Err(problems) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return Chat::Refused(problems.join("; "));
        }
    };
    let (people, now) = (wanted.people(), shared.clock.now());
    let writer = shared.store.writer();
    let (round, made) = match writer.claim_chat_group(id, &people, now).await {
        Ok(ChatGroupClaim::Ready(group) | ChatGroupClaim::Others(Some(group))) => {
            return Chat::Ready(group.conversation_id);
        }
        Ok(ChatGroupClaim::Others(None)) => {
            return Chat::Later("another node is making the group".to_owned());
        }
        Ok(ChatGroupClaim::Mine { round, made }) => (round, made),
        Err(error) => return Chat::Later(error.to_string()),
    };
    let new = NewGroup {
        name: wanted.name.clone(),
        owner: wanted.chat_owner.clone(),
        users: wanted.members.clone(),
        template: wanted.template.clone(),
        id: wanted.key(made),
    };
    match groups.create(&new, now).await {
        Ok(group) => remember(shared, wanted, (id, round), group).await,
        Err(error) => {
            if let Err(error) = writer.chat_group_failed(id, round).await {
                tracing::warn!(account = &*wanted.account, %error, "that a group was not made could not be noted");
            }
            let why = settle::words(&error).to_string();
            let stale = error.kind == ErrorKind::StaleCredential;
            if error.kind.may_retry() || stale {
                Chat::Later(why)
            } else {
                Chat::Refused(why)
            }
        }
    }
}

/// Notes a group that was made, and says who is not in it.
async fn remember(
    shared: &Shared,
    wanted: &WantedChat,
    (id, round): (&str, u64),
    group: Group,
) -> Chat {
    let conversation_id: Arc<str> = group.conversation_id.into();
    let row = ChatGroup {
        conversation_id: Arc::clone(&conversation_id),
        members: wanted.people(),
    };
    let now: Time = shared.clock.now();
    let noted = shared.store.writer().chat_group_made(id, round, row, now);
    if let Err(error) = noted.await {
        // Later alarms make another one, which is better than none.
        tracing::warn!(account = &*wanted.account, %error, "a group that was made could not be noted");
    }
    if !group.left_out.is_empty() {
        let users: Vec<&str> = group
            .left_out
            .iter()
            .map(|(user, _)| user.as_str())
            .collect();
        let text = format!(
            "the group for {} level {} was made without {}, whom DingTalk does not know in the company any more: take them out of dingtalk_people, or correct people.…dingtalk",
            wanted.owner,
            wanted.level,
            users.join(", ")
        );
        // Not the subject of other gaps of the same group, which would keep this one quiet.
        let subject = format!("DingTalk group of {} {}", wanted.owner, wanted.level);
        shared
            .findings
            .report(now, Trouble::Recipient, &subject, text);
    }
    Chat::Ready(conversation_id)
}
