//! The three ways of an alarm, which do not wait for each other, and the code of the first that failed for good.

use std::time::Duration;

use balefire_config::legacy::{AccountName, AlarmGroup, AlarmV2};
use balefire_config::plan::Plan;
use balefire_store::{AlarmWay, Fact};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::code::Code;
use super::taken::Told;
use super::{dingtalk, people};
use crate::legacy::send::{self, tell_noting, words};
use crate::state::WebState;

/// How long a caller waits for the providers; the older clients give up after ten seconds.
const WAIT: Duration = Duration::from_secs(8);

/// An alarm that is being told.
#[derive(Clone, Copy)]
pub(super) struct Telling<'t> {
    pub(super) state: &'t WebState,
    pub(super) seq: u64,
    pub(super) title: &'t str,
    pub(super) text: &'t str,
    /// Until when anybody waits.
    until: Instant,
}

impl Telling<'_> {
    /// How long is left to wait.
    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Sends by a way, through an account.
    pub(super) async fn send(
        &self,
        way: AlarmWay,
        account: &AccountName,
        options: Value,
    ) -> send::Told {
        // WeCom's texts have no title.
        let title = if way == AlarmWay::WeCom {
            ""
        } else {
            self.title
        };
        let message = words(title, self.text);
        let fact = vec![Fact::alarm_told(self.seq, way)];
        let noted = (fact, self.left());
        Box::pin(tell_noting(self.state, account, options, message, noted)).await
    }

    /// The code of a message that failed for good; what is stored and tried again has not. `account` is the code
    /// for credentials that the provider does not take.
    pub(super) async fn code(
        &self,
        told: &send::Told,
        (account, options): (&AccountName, &Value),
        (account_code, way_code): (Code, Code),
    ) -> Option<Code> {
        match told {
            send::Told::Delivered(_) | send::Told::Partly { .. } | send::Told::Kept(_) => None,
            send::Told::Unstored(_) => Some(Code::NotStored),
            send::Told::Refused(_) => Some(account_code),
            // Who cannot tell the two apart need not ask.
            send::Told::Lost(_) if account_code == way_code => Some(way_code),
            send::Told::Lost(_) => {
                let engine = &self.state.engine;
                let refused = engine.refuses_account(account, options).await;
                Some(if refused { account_code } else { way_code })
            }
        }
    }
}

/// Tells everybody of a group by the ways that have not told yet.
pub(super) async fn tell(
    state: &WebState,
    plan: &Plan,
    (service, group): (&AlarmV2, &AlarmGroup),
    text: &str,
    told: Told,
) -> Code {
    let people = people::of(&state.engine, plan, group);
    let telling = Telling {
        state,
        seq: told.seq,
        title: &group.title,
        text,
        until: Instant::now() + WAIT,
    };
    let named = |account: &Option<AccountName>, people: &[String]| {
        account.clone().filter(|_| !people.is_empty())
    };
    let in_group = !group.conversation_id.is_empty();
    let by_dingtalk = service
        .dingtalk
        .clone()
        .filter(|_| in_group || !people.dingtalk.is_empty());
    let by_wecom = named(&service.wecom, &people.wecom);
    let by_mail = named(&service.mail, &people.email);
    if by_dingtalk.is_none() && by_wecom.is_none() && by_mail.is_none() {
        return Code::Nobody;
    }
    let [dingtalk_told, wecom_told, email_told] = told.ways;
    let dingtalk = async {
        let account = by_dingtalk.filter(|_| !dingtalk_told)?;
        let chat = dingtalk::Chats {
            plan,
            group,
            make: service.make_groups.as_ref(),
            account: &account,
            people: &people.dingtalk,
        };
        dingtalk::tell(telling, &chat).await
    };
    let wecom = async {
        let account = by_wecom.filter(|_| !wecom_told)?;
        let options = json!({"to_user": people.wecom, "message_type": "text"});
        let codes = (Code::WeComAccount, Code::WeCom);
        let told = telling
            .send(AlarmWay::WeCom, &account, options.clone())
            .await;
        telling.code(&told, (&account, &options), codes).await
    };
    let mail = async {
        let account = by_mail.filter(|_| !email_told)?;
        let options = json!({"to": people.email, "html": ""});
        let codes = (Code::Mail, Code::Mail);
        let told = telling
            .send(AlarmWay::Email, &account, options.clone())
            .await;
        telling.code(&told, (&account, &options), codes).await
    };
    let (dingtalk, wecom, mail) = tokio::join!(Box::pin(dingtalk), wecom, mail);
    // In the order of their numbers; what was not stored stands before them all.
    [dingtalk, wecom, mail]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(Code::Done)
}
