//! `POST /topapi/message/corpconversation/asyncsend_v2`: work notices; and `getsendresult`, what became of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use balefire_core::time::Time;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{AGENT_ID, Company, Pace, Refusal, old_fault, refuse};
use crate::provider::{Call, Fault, Judged, Rules, Sim, Site};
use crate::received::Verdict;
use crate::reply::Reply;

/// Largest `msg` in bytes.
pub const MAX_BYTES: usize = 2_048;
/// Most user ids, and most departments.
pub const MAX_USERS: usize = 100;
/// See [`MAX_USERS`].
pub const MAX_DEPARTMENTS: usize = 20;
/// The same words reach a person once in this time.
const DAY: Duration = Duration::from_hours(24);
/// Words and receivers remembered.
const REMEMBERED: usize = 10_000;

/// The first notice's `task_id`; larger than 32 bits, as the vendor's are.
const FIRST_TASK: i64 = 256_271_667_526;
/// How long it is told what became of a notice.
const ANSWERED: Duration = DAY;
/// Notices of which it is told.
const TASKS: usize = 10_000;

/// What became of a notice.
#[derive(Debug)]
struct Task {
    at: Time,
    /// Those who have it.
    reached: Vec<String>,
    /// Those named who are not in the company.
    invalid: Vec<String>,
    /// Those who had the same words today.
    repeated: Vec<String>,
}

/// What people do with notices, as a test says.
#[derive(Debug, Default)]
struct Readers {
    /// They read whatever they get.
    reading: BTreeSet<String>,
    /// They get nothing, with this code.
    shielded: BTreeMap<String, i64>,
}

/// The simulated work notices.
#[derive(Debug)]
pub struct DingTalkNotice {
    tasks: Mutex<Vec<Task>>,
    readers: Mutex<Readers>,
    company: Arc<Company>,
    pace: Pace,
    /// When a receiver last had these words.
    told: Mutex<BTreeMap<(String, String), Time>>,
}

/// [`DingTalkNotice`] with its record.
pub type DingTalkNoticeSim = Sim<DingTalkNotice>;

impl Sim<DingTalkNotice> {
    /// The application's AgentId.
    pub fn agent_id(&self) -> i64 {
        AGENT_ID
    }

    /// These people read every notice from now on, also those they have.
    pub fn set_reading(&self, users: &[&str]) {
        let users = users.iter().map(|&user| user.to_owned());
        self.rules.readers.lock().reading = users.collect();
    }

    /// These people get nothing, as `forbidden_list` says with this code.
    pub fn set_shielded(&self, users: &[&str], code: i64) {
        let users = users.iter().map(|&user| (user.to_owned(), code));
        self.rules.readers.lock().shielded = users.collect();
    }

    /// How often it was asked what became of a notice.
    pub fn questions(&self) -> usize {
        let calls = self.requests();
        calls
            .iter()
            .filter(|call| call.target.contains("getsendresult"))
            .count()
    }
}

impl DingTalkNotice {
    pub(crate) fn new(site: Site, company: &Arc<Company>) -> Self {
        Self {
            company: Arc::clone(company),
            pace: Pace::new(site),
            told: Mutex::default(),
            tasks: Mutex::default(),
            readers: Mutex::default(),
        }
    }

    /// What every call must have: a token, and the application's own number.
    fn open(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        if call.method != http::Method::POST {
            return Err((43_002, "需要POST请求".into()));
        }
        let token = call.query("access_token");
        let checked = self.company.tokens.check(token.as_deref(), now);
        checked.map_err(|code| (code, "不合法的access_token".to_owned()))?;
        if !self.pace.admits(call.uri.path(), now) {
            return Err((90_018, "调用频率过高".into()));
        }
        let body: Value = serde_json::from_slice(&call.body)
            .map_err(|error| (40_035, format!("不合法的参数: {error}")))?;
        if body["agent_id"].as_i64() != Some(AGENT_ID) {
            return Err((40_056, "不合法的agentid".into()));
        }
        Ok(body)
    }

    /// What became of a notice, in the lists of the vendor's page.
    fn result(&self, call: &Call, now: Time) -> Result<Value, Refusal> {
        let body = self.open(call, now)?;
        let wrong = || (40_035, "不合法的参数: task_id".to_owned());
        let number = body["task_id"].as_i64().ok_or_else(wrong)?;
        let tasks = self.tasks.lock();
        let at = usize::try_from(number - FIRST_TASK).map_err(|_| wrong())?;
        let task = tasks.get(at).ok_or_else(wrong)?;
        if now.since(task.at) > ANSWERED {
            return Err(wrong());
        }
        let readers = self.readers.lock();
        let shielded: Vec<Value> = task
            .reached
            .iter()
            .filter_map(|user| Some((user, readers.shielded.get(user)?.to_string())))
            .chain(task.repeated.iter().map(|user| (user, "143106".to_owned())))
            .map(|(user, code)| json!({"code": code, "count": 1, "userid": user}))
            .collect();
        let kept: Vec<&Value> = shielded.iter().map(|one| &one["userid"]).collect();
        let reached = task
            .reached
            .iter()
            .filter(|user| !readers.shielded.contains_key(*user));
        let (read, unread): (Vec<&String>, Vec<&String>) =
            reached.partition(|user| readers.reading.contains(*user));
        Ok(
            json!({"invalid_user_id_list": task.invalid, "forbidden_user_id_list": kept, "failed_user_id_list": [],
            "read_user_id_list": read, "unread_user_id_list": unread, "invalid_dept_id_list": [],
            "forbidden_list": shielded}),
        )
    }

    fn check(&self, call: &Call, now: Time, notes: &mut Vec<String>) -> Result<Verdict, Refusal> {
        let body = self.open(call, now)?;
        let users = ids(&body, "userid_list", MAX_USERS)?;
        let departments = ids(&body, "dept_id_list", MAX_DEPARTMENTS)?;
        if departments.iter().any(|id| id.parse::<i64>().is_err()) {
            return Err((40_035, "不合法的参数: dept_id_list".into()));
        }
        if users.is_empty() && departments.is_empty() && body["to_all_user"] != true {
            return Err((40_035, "userid_list和dept_id_list不能同时为空".into()));
        }
        check_message(&body["msg"])?;
        let reached: Vec<&String> = users
            .iter()
            .filter(|user| self.company.employs(user))
            .collect();
        if reached.is_empty() && departments.is_empty() {
            return Err((33_012, "无效的USERID".into()));
        }
        if reached.len() < users.len() {
            notes.push("somebody named is not in the company and gets nothing".into());
        }
        let invalid: Vec<String> = users
            .iter()
            .filter(|user| !reached.contains(user))
            .cloned()
            .collect();
        let receivers = reached.into_iter().chain(&departments);
        let fresh = self.tell(&body["msg"], receivers, now);
        let (reached, repeated): (Vec<_>, Vec<_>) =
            fresh.into_iter().partition(|(_, fresh)| *fresh);
        let names = |list: Vec<(String, bool)>| list.into_iter().map(|(user, _)| user).collect();
        let verdict = if reached.is_empty() {
            Verdict::Repeated
        } else {
            Verdict::Accepted
        };
        let mut tasks = self.tasks.lock();
        if tasks.len() < TASKS {
            tasks.push(Task {
                at: now,
                reached: names(reached),
                invalid,
                repeated: names(repeated),
            });
        }
        Ok(verdict)
    }

    /// The same words are dropped for whoever had them today, without a word: whether each of them is told now.
    fn tell<'a>(
        &self,
        message: &Value,
        receivers: impl Iterator<Item = &'a String>,
        now: Time,
    ) -> Vec<(String, bool)> {
        let mut told = self.told.lock();
        if told.len() > REMEMBERED {
            told.clear();
        }
        let words = message.to_string();
        let mut all = Vec::new();
        for receiver in receivers {
            let key = (receiver.clone(), words.clone());
            let fresh = told.get(&key).is_none_or(|last| now.since(*last) >= DAY);
            if fresh {
                told.insert(key, now);
            }
            all.push((receiver.clone(), fresh));
        }
        all
    }
}

/// A list of ids, written as one text with commas.
fn ids(body: &Value, name: &str, most: usize) -> Result<Vec<String>, Refusal> {
    let text = match &body[name] {
        Value::Null => return Ok(Vec::new()),
        Value::String(text) => text,
        _ => return Err((40_035, format!("不合法的参数: {name}"))),
    };
    let ids: Vec<String> = text.split(',').map(ToOwned::to_owned).collect();
    if ids.len() > most || ids.iter().any(|id| id.trim() != id || id.is_empty()) {
        return Err((40_035, format!("不合法的参数: {name}")));
    }
    Ok(ids)
}

fn check_message(message: &Value) -> Result<(), Refusal> {
    if message.to_string().len() > MAX_BYTES {
        return Err((34_016, format!("msg exceeds {MAX_BYTES} bytes")));
    }
    let kind = message["msgtype"].as_str().unwrap_or_default();
    let within = |field: &str, most: usize| {
        let text = message[kind][field].as_str().unwrap_or_default();
        if text.trim().is_empty() || text.chars().count() > most {
            return Err((34_016, format!("{kind}.{field}: empty, or over {most}")));
        }
        Ok(())
    };
    match kind {
        "text" => within("content", 5_000),
        "markdown" => within("title", 64).and_then(|()| within("text", 5_000)),
        "action_card" => {
            within("title", 64)?;
            within("markdown", 5_000)?;
            within("single_title", 20)?;
            within("single_url", 500)
        }
        _ => Err((40_035, format!("不合法的消息类型: {kind}"))),
    }
}

impl Rules for DingTalkNotice {
    fn judge(&self, call: &Call, now: Time) -> Judged {
        let mut notes = Vec::new();
        let account = AGENT_ID.to_string();
        if call.uri.path().ends_with("/getsendresult") {
            return match self.result(call, now) {
                Ok(result) => {
                    let reply = json!({"errcode": 0, "errmsg": "ok", "send_result": result, "request_id": "sim-request"});
                    Judged::new(Verdict::Answered, account, Reply::json(&reply))
                }
                Err(refusal) => refuse(&account, &refusal, notes),
            };
        }
        match self.check(call, now, &mut notes) {
            Ok(verdict) => {
                let number = i64::try_from(self.tasks.lock().len()).unwrap_or(i64::MAX);
                let reply = json!({"errcode": 0, "errmsg": "ok", "task_id": FIRST_TASK + number - 1,
                    "request_id": "sim-request"});
                Judged {
                    notes,
                    ..Judged::new(verdict, account, Reply::json(&reply))
                }
            }
            Err(refusal) => refuse(&account, &refusal, notes),
        }
    }

    fn fault(&self, fault: &Fault) -> Reply {
        old_fault(fault)
    }

    fn shown(&self, body: &Value) -> String {
        let message = &body["msg"];
        let inner = &message[message["msgtype"].as_str().unwrap_or_default()];
        let parts = ["title", "content", "text", "markdown"];
        let shown = parts.iter().filter_map(|part| inner[*part].as_str());
        shown.collect::<Vec<_>>().join("\n")
    }
}
