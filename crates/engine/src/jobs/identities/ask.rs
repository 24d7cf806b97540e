//! A round of questions: each account's address book is asked about the people whose turn it is, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use balefire_channels::directory::{By, Directory, Stands};
use balefire_channels::error::{ErrorKind, SendError};
use balefire_config::plan::Plan;
use balefire_core::identity::{AGAIN, Identity, Platform, Standing};
use balefire_core::time::Time;
use balefire_store::StoreError;

use crate::engine::Engine;
use crate::identity::{Question, What};
use crate::meta::Trouble;

/// Questions of one account in a round; the others follow in the next.
const MOST: usize = 500;
/// Numbers and addresses that nobody has in one round; then this account is asked for no more of them until the next
/// day. WeCom shuts its address book to small companies after some five.
const MISSES: usize = 3;
/// Refusals one after the other after which an account is asked no more in this round.
const REFUSALS: usize = 3;
/// How long after a failure that may pass the question is asked again.
const SOON: Duration = Duration::from_mins(10);
/// How long an account is left alone that was asked too much, unless it says longer.
const SHUT: Duration = Duration::from_hours(1);
/// Names in a finding; the others are counted.
const NAMED: usize = 10;

/// How far apart the questions of a platform are: Slack takes 50 a minute, the others 20 a second and more.
const fn apart(platform: Platform) -> Duration {
    match platform {
        Platform::Slack => Duration::from_millis(1_300),
        _ => Duration::from_millis(100),
    }
}

/// Accounts that are left alone until some time, and what they were asked too much about.
#[derive(Default)]
pub(super) struct Round {
    shut: BTreeMap<Arc<str>, Time>,
    no_more_misses: BTreeMap<Arc<str>, Time>,
}

/// What became of the questions to one account.
#[derive(Default)]
struct Tally {
    misses: usize,
    refusals: usize,
    /// Who was not answered about, and the last reason.
    refused: Vec<Arc<str>>,
    why: String,
}

impl Round {
    /// Asks all that is due; whether anything was answered.
    pub(super) async fn run(&mut self, engine: &Engine) -> Result<bool, StoreError> {
        let (plan, now) = (engine.plan(), engine.now());
        let identities = &engine.shared().identities;
        let mut due: BTreeMap<Arc<str>, Vec<Question>> = BTreeMap::new();
        for person in plan.people.values() {
            let questions = Platform::ALL.into_iter();
            let questions = questions.filter_map(|platform| Question::of(person, platform));
            for question in questions.filter(|question| identities.is_due(question, now)) {
                let account = Arc::clone(&question.account);
                due.entry(account).or_default().push(question);
            }
        }
        // A clock that is set back ends no wait, but a wait never lasts for more than a day.
        let is_ahead = |until: &mut Time| now < *until && *until <= now.after(AGAIN);
        self.shut.retain(|_, until| is_ahead(until));
        self.no_more_misses.retain(|_, until| is_ahead(until));
        let mut answered = false;
        for (account, questions) in due {
            if !self.shut.contains_key(&account) {
                answered |= self.account(engine, &plan, &account, questions).await?;
            }
        }
        Ok(answered)
    }

    /// Asks one account.
    async fn account(
        &mut self,
        engine: &Engine,
        plan: &Plan,
        name: &Arc<str>,
        questions: Vec<Question>,
    ) -> Result<bool, StoreError> {
        let open = plan.accounts.get(&**name);
        let Some(Ok(book)) = open
            .and_then(|account| account.directory.as_ref())
            .map(|open| open())
        else {
            return Ok(false);
        };
        let mut tally = Tally::default();
        let mut answered = false;
        for question in questions.iter().take(MOST) {
            let is_search = matches!(question.what, What::Found { .. });
            if is_search && self.no_more_misses.contains_key(name) {
                continue;
            }
            let now = engine.now();
            let answer = tokio::select! {
                () = engine.stopping().cancelled() => return Ok(answered),
                answer = ask(&*book, question, now) => answer,
            };
            match answer {
                Ok((id, stands)) => {
                    tally.refusals = 0;
                    tally.misses += usize::from(stands.standing == Standing::Nobody);
                    if tally.misses >= MISSES {
                        self.no_more_misses
                            .insert(Arc::clone(name), now.after(AGAIN));
                    }
                    keep(engine, question, id, stands, now).await?;
                    if is_search {
                        // Whoever is paged meanwhile is not to wait for the rest of the round.
                        engine.take_over_identities();
                    }
                    answered = true;
                }
                Err(error) => {
                    if self.refused(engine, question, &error, &mut tally, now) {
                        break;
                    }
                }
            }
            tokio::select! {
                () = engine.stopping().cancelled() => return Ok(answered),
                () = tokio::time::sleep(apart(question.platform)) => {}
            }
        }
        tell(engine, name, &tally);
        Ok(answered)
    }

    /// Notes a question that was not answered; whether its account is asked no more for now.
    fn refused(
        &mut self,
        engine: &Engine,
        question: &Question,
        error: &SendError,
        tally: &mut Tally,
        now: Time,
    ) -> bool {
        let why = in_words(question, error);
        let (again, is_over) = match error.kind {
            ErrorKind::RateLimited => {
                let wait = error.retry_after.unwrap_or_default().max(SHUT);
                (wait.min(AGAIN), true)
            }
            ErrorKind::Transient if error.retry_after.is_some_and(|wait| wait >= SHUT) => {
                (error.retry_after.unwrap_or(SHUT).min(AGAIN), true)
            }
            ErrorKind::Transient | ErrorKind::UnknownOutcome => (SOON, false),
            _ => (AGAIN, false),
        };
        engine
            .shared()
            .identities
            .fail(question, why.clone(), now.after(again));
        if is_over {
            self.shut
                .insert(Arc::clone(&question.account), now.after(again));
        }
        tally.refusals += 1;
        if again >= AGAIN || is_over {
            tally.refused.push(Arc::clone(&question.person));
            tally.why = why;
        }
        is_over || tally.refusals >= REFUSALS
    }
}

/// Their id, and how they stand.
async fn ask(
    book: &dyn Directory,
    question: &Question,
    now: Time,
) -> Result<(String, Stands), SendError> {
    let id = match &question.what {
        What::Written(id) => Some(id.clone()),
        What::Found { phone, email } => {
            let mut found = None;
            if !phone.is_empty() {
                found = book.find(By::Phone(phone), now).await?;
            }
            if found.is_none() && !email.is_empty() {
                found = book.find(By::Email(email), now).await?;
            }
            found
        }
    };
    let Some(id) = id else {
        let nobody = Stands {
            standing: Standing::Nobody,
            said: String::new(),
        };
        return Ok((String::new(), nobody));
    };
    match book.standing(&id, now).await {
        Ok(stands) => Ok((id, stands)),
        // Who was found is there, even if the platform does not say more of them.
        Err(error) if matches!(question.what, What::Found { .. }) => {
            let stands = Stands {
                standing: Standing::Active,
                said: in_words(question, &error),
            };
            Ok((id, stands))
        }
        Err(error) => Err(error),
    }
}

async fn keep(
    engine: &Engine,
    question: &Question,
    id: String,
    stands: Stands,
    now: Time,
) -> Result<(), StoreError> {
    let identities = &engine.shared().identities;
    let before = identities.of(question);
    let found_at = match before {
        _ if id.is_empty() => Time::EPOCH,
        Some(before) if before.id == id => before.found_at,
        _ => now,
    };
    let identity = Identity {
        asked: question.asked,
        id,
        standing: stands.standing,
        said: without_private(question, &stands.said),
        asked_at: now,
        found_at,
    };
    identities.keep(engine.store(), question, identity).await
}

/// A text without the number and the address that were asked about.
fn without_private(question: &Question, text: &str) -> String {
    let mut text = text.to_owned();
    if let What::Found { phone, email } = &question.what {
        let bare = phone.trim_start_matches("+86");
        for private in [phone.as_str(), bare, email.as_str()] {
            if !private.is_empty() {
                text = text.replace(private, "…");
            }
        }
    }
    text
}

fn in_words(question: &Question, error: &SendError) -> String {
    let said = without_private(question, &error.detail);
    match error.fix {
        "" => said,
        fix => format!("{said}: {fix}"),
    }
}

/// Tells of questions that an account's rights keep from being answered; nothing follows from that for the people.
fn tell(engine: &Engine, account: &str, tally: &Tally) {
    if tally.refused.is_empty() {
        return;
    }
    let mut names: Vec<&str> = tally.refused.iter().map(|name| &**name).collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!(
        "{account} does not say whether these people are there: {}{more} ({}). \
         Nothing is taken to follow from that for them",
        names.join(", "),
        tally.why
    );
    let findings = engine.findings();
    findings.report(engine.now(), Trouble::People, account, text);
}
