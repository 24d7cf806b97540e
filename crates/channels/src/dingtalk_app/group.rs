//! Groups that an application makes: `POST /v1.0/im/group/create`, or from a scene group's template.
//!
//! Vendor pages: <https://open.dingtalk.com/document/development/create-common-group-new-version-v2> and
//! create-a-scene-group. Limits: names of 20 (scene groups 30) characters; a company has so many groups. Both
//! refuse everybody when one person has left the company; so that a group is not lost for that, those who are not
//! in the address book are left out, and told one by one.

use balefire_core::time::Time;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde_json::{Value, json};

use super::app::App;
use super::people::harmless;
use super::{SPEC, names};
use crate::cut::{Length, cut};
use crate::error::{ErrorKind, SendError};
use crate::options::Options;
use crate::spec::{Build, BuildError};

/// Longest name of a group, and of a scene group.
const NAME: Length = Length::Chars(20);
const SCENE_NAME: Length = Length::Chars(30);
/// Questions under way at once.
const AT_ONCE: usize = 4;

/// Makes groups as one application.
#[derive(Debug)]
pub struct Groups {
    app: App,
}

/// A group to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewGroup {
    /// What it is called; cut to 20 characters, of a scene group to 30.
    pub name: String,
    /// The user id of its owner; whoever comes first of `users` if empty.
    pub owner: String,
    /// The user ids of its members; the owner belongs to them in any case.
    pub users: Vec<String>,
    /// The template of a scene group (场景群模板), whose robots are in the group from the start; else a plain internal
    /// group, to which the robot has to be added.
    pub template: Option<String>,
    /// The idempotency key of a scene group: the same one makes no second group. Empty for none.
    pub id: String,
}

/// A group that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Its `openConversationId`, as `conversation_id` of a receiver's entry takes it.
    pub conversation_id: String,
    /// Its older `chatid`; empty if DingTalk gave none.
    pub chat_id: String,
    /// Those who are not in it since they are not in the company, and what DingTalk said of each.
    pub left_out: Vec<(String, SendError)>,
}

impl Groups {
    /// Reads an account; the receiver's entry may stay empty.
    pub fn of(build: &Build<'_>) -> Result<Self, Vec<BuildError>> {
        let mut options = Options::of(build);
        let app = App::of(&mut options, build, SPEC.timeout);
        options.finish(app.map(|app| Self { app }))
    }

    /// Makes a group. When DingTalk refuses it, everybody is looked up in the address book, and it is made
    /// without those who are not there; without them all, or when all are there, the refusal is the answer.
    /// A stale token is renewed once. After an unknown outcome there may be a group.
    pub async fn create(&self, wanted: &NewGroup, now: Time) -> Result<Group, SendError> {
        let members = members(wanted);
        let refused = match self.make(wanted, &members, now).await {
            Err(error) if error.kind == ErrorKind::Rejected => error,
            made => return self.hide(made),
        };
        let mut left_out = Vec::new();
        for (user, found) in self.look_up(&members, now).await {
            match found {
                Err(error) if error.kind == ErrorKind::Rejected => left_out.push((user, error)),
                // Who cannot be looked up now stays: the second try will tell.
                _ => {}
            }
        }
        let is_there = |user: &&str| !left_out.iter().any(|(gone, _)| gone == user);
        let there: Vec<&str> = members.iter().copied().filter(is_there).collect();
        if left_out.is_empty() || there.is_empty() {
            return self.hide(Err(refused));
        }
        let made = self.make(wanted, &there, now).await;
        self.hide(made.map(|group| Group { left_out, ..group }))
    }

    /// Whether a refusal of `via: group` says that the group is gone, so that another one has to be made.
    pub fn is_gone(error: &SendError) -> bool {
        names::is_gone(error)
    }

    async fn make(
        &self,
        wanted: &NewGroup,
        members: &[&str],
        now: Time,
    ) -> Result<Group, SendError> {
        let Some(first) = members.first() else {
            let error = SendError::new(ErrorKind::Rejected, "a group needs members");
            return Err(error.fix("name at least one user id"));
        };
        let owner = Some(wanted.owner.as_str())
            .filter(|owner| members.contains(owner))
            .unwrap_or(first);
        let (path, body) = request(wanted, owner, members);
        let answer = match self.app.v1(path, &body, now).await {
            Err(error) if error.kind == ErrorKind::StaleCredential => {
                self.app.v1(path, &body, now).await?
            }
            answer => answer?,
        };
        // A scene group's answer is written in snake case.
        let word = |keys: [&str; 2]| {
            let found = keys.iter().find_map(|key| answer[key].as_str());
            found.unwrap_or_default().to_owned()
        };
        let group = Group {
            conversation_id: word(["openConversationId", "open_conversation_id"]),
            chat_id: word(["chatid", "chat_id"]),
            left_out: Vec::new(),
        };
        if group.conversation_id.is_empty() {
            let detail = "the answer holds no openConversationId";
            return Err(SendError::new(ErrorKind::UnknownOutcome, detail));
        }
        Ok(group)
    }

    /// What the address book says of each.
    async fn look_up(&self, users: &[&str], now: Time) -> Vec<(String, Result<(), SendError>)> {
        let mut questions = Vec::with_capacity(users.len());
        for user in users {
            questions.push(async move {
                let body = json!({"userid": user});
                let answer = self.app.topapi("v2/user/get", &body, now).await;
                ((*user).to_owned(), answer.map(|_| ()).map_err(harmless))
            });
        }
        stream::iter(questions).buffered(AT_ONCE).collect().await
    }

    fn hide(&self, made: Result<Group, SendError>) -> Result<Group, SendError> {
        made.map_err(|error| self.app.hide(Err(error.clone())).err().unwrap_or(error))
    }
}

/// Owner and members, each once.
fn members(wanted: &NewGroup) -> Vec<&str> {
    let mut members: Vec<&str> = Vec::new();
    let users = wanted.users.iter().map(String::as_str);
    for user in std::iter::once(wanted.owner.as_str()).chain(users) {
        if !user.is_empty() && !members.contains(&user) {
            members.push(user);
        }
    }
    members
}

fn request(wanted: &NewGroup, owner: &str, members: &[&str]) -> (&'static str, Value) {
    let name = |most| match wanted.name.trim() {
        "" => "Balefire".to_owned(),
        name => cut(name, most).into_owned(),
    };
    let Some(template) = &wanted.template else {
        let body = json!({
            "name": name(NAME),
            "owner": owner,
            "ownerType": "emp",
            "useridlist": members,
            // An internal group; others need the vendor's leave.
            "conversationTag": 2,
        });
        return ("im/group/create", body);
    };
    let mut body = json!({
        "title": name(SCENE_NAME),
        "template_id": template,
        "owner_user_id": owner,
        "user_ids": members,
    });
    if !wanted.id.is_empty() {
        body["uuid"] = wanted.id.as_str().into();
    }
    ("im/sceneGroup/create", body)
}
