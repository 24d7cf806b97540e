//! `GET /event_reminder`: all reminders, as a page for people or as JSON.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use balefire_config::plan::Plan;
use balefire_core::reminder::Reminder;
use balefire_store::{ReminderFilter, ReminderOrder};
use http::{HeaderMap, header};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{datetime, json_answer, zone};
use crate::legacy::{off, page};
use crate::state::WebState;

/// The title of the original, with its misprint: scripts look for it.
const TITLE: &str = "penDevOps事件提醒";
const COLUMNS: [&str; 5] = ["name", "content", "email", "advance", "expire"];
/// Entries of one page at most, and of the page for people.
const MOST: usize = 1_000;
/// Entries of one page of JSON when nothing is said.
const USUAL: usize = 100;
/// Longest text that is searched for, in characters.
const LONGEST: usize = 200;

/// What is asked for.
#[derive(Debug, Default)]
struct Asked {
    json: bool,
    page: Option<u64>,
    limit: Option<u64>,
    key: Option<String>,
    value: Option<String>,
}

pub(super) async fn list(State(state): State<WebState>, request: Request) -> Response {
    let plan = state.engine.plan();
    if plan.legacy.apptools.is_none() {
        return off("apptools");
    }
    let now = datetime::written(state.engine.now(), &zone(&plan));
    let refused = |why: String| {
        let answer = json!({"status": -3, "data": [], "datetime": now, "msg": why, "total": 0});
        json_answer(&answer)
    };
    let asked = match Asked::read(request.headers(), request.uri().query()) {
        Ok(asked) => asked,
        Err(why) => return refused(why),
    };
    let filter = match asked.filter() {
        Ok(filter) => filter,
        Err(why) => return refused(why),
    };
    let (found, total) = match state.engine.store().reminders(&filter).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "reminders could not be listed");
            return refused("数据库暂时不可用".to_owned());
        }
    };
    if asked.json {
        let rows: Vec<Value> = found.iter().map(|row| entry(&plan, row)).collect();
        let answer = json!({
            "status": 0, "data": rows, "datetime": now, "msg": "查询成功", "total": total,
        });
        return json_answer(&answer);
    }
    let rows = found.iter().map(|row| cells(&plan, row));
    page::table((TITLE, TITLE), &COLUMNS, rows).into_response()
}

impl Asked {
    fn read(headers: &HeaderMap, query: Option<&str>) -> Result<Self, String> {
        let accepts = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok());
        let mut asked = Self {
            json: accepts.is_some_and(wants_json),
            ..Self::default()
        };
        let number = |key: &str, value: &str| {
            let read = value.parse().ok().filter(|number| *number >= 1);
            read.ok_or_else(|| format!("{key}: 应为正整数，不是 {:?}", short(value)))
        };
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match &*key {
                "format" => asked.json = value == "json",
                "page" => asked.page = Some(number("page", &value)?),
                "limit" => asked.limit = Some(number("limit", &value)?),
                "key" => asked.key = Some(value.into_owned()),
                "value" => asked.value = Some(value.into_owned()),
                // The original looks at nothing, so that nothing else may matter.
                _ => {}
            }
        }
        Ok(asked)
    }

    fn filter(&self) -> Result<ReminderFilter, String> {
        let limit = self
            .limit
            .map_or(if self.json { USUAL } else { MOST }, |limit| {
                usize::try_from(limit).unwrap_or(MOST).min(MOST)
            });
        let before = self.page.unwrap_or(1) - 1;
        let mut filter = ReminderFilter {
            order: ReminderOrder::Made,
            offset: before.saturating_mul(limit as u64),
            limit,
            ..ReminderFilter::default()
        };
        let value = self.value.clone().filter(|value| !value.is_empty());
        if value
            .as_ref()
            .is_some_and(|value| value.chars().count() > LONGEST)
        {
            return Err(format!("value: 最多 {LONGEST} 个字符"));
        }
        match self.key.as_deref().unwrap_or_default() {
            "" => filter.any = value,
            "name" => filter.name = value,
            "content" => filter.content = value,
            "email" => filter.email = value,
            other => {
                let other = short(other);
                return Err(format!("key: 应为 name、content 或 email，不是 {other:?}"));
            }
        }
        Ok(filter)
    }
}

/// Whether JSON is asked for before a page: browsers name both, with the page first.
fn wants_json(accept: &str) -> bool {
    let kinds = accept
        .split(',')
        .map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let mut wanted = kinds.filter(|kind| matches!(*kind, "application/json" | "text/html"));
    wanted.next() == Some("application/json")
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn entry(plan: &Plan, row: &Reminder) -> Value {
    json!({
        "id": row.id,
        "name": row.name,
        "content": row.content,
        "email": row.email,
        "advance_at": row.advance_days,
        "expire_at": datetime::written(row.expires_at, &zone(plan)),
        "create_at": datetime::written(row.created_at, &zone(plan)),
        "update_at": datetime::written(row.changed_at, &zone(plan)),
    })
}

fn cells(plan: &Plan, row: &Reminder) -> Vec<String> {
    let or_none = |text: &str| if text.is_empty() { "None" } else { text }.to_owned();
    vec![
        row.name.clone(),
        or_none(&row.content),
        or_none(&row.email),
        row.advance_days.to_string(),
        datetime::written(row.expires_at, &zone(plan)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(query: &str) -> Result<ReminderFilter, String> {
        Asked::read(&HeaderMap::new(), Some(query)).and_then(|asked| asked.filter())
    }

    #[test]
    fn pages_and_searches_are_read_as_the_successor_wrote_them() {
        let page = filter("format=json&page=3&limit=15&key=name&value=ssl").expect("fine");
        assert_eq!((page.offset, page.limit), (30, 15));
        assert_eq!(page.name.as_deref(), Some("ssl"));
        let any = filter("value=x&other=1").expect("fine");
        assert_eq!((any.any.as_deref(), any.limit), (Some("x"), MOST));
        assert_eq!(filter("limit=99999999999").expect("fine").limit, MOST);
        let far = filter("page=18446744073709551615&limit=1000").expect("fine");
        assert_eq!(far.offset, u64::MAX);
        for wrong in ["page=0", "page=-1", "limit=x", "key=id%20DESC&value=1"] {
            assert!(filter(wrong).is_err(), "{wrong}");
        }
        assert!(filter(&format!("value={}", "x".repeat(201))).is_err());
    }

    #[test]
    fn a_browser_gets_the_page_and_a_program_json() {
        assert!(wants_json("application/json"));
        assert!(wants_json("application/json, text/html;q=0.5"));
        assert!(!wants_json("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(!wants_json("*/*"));
    }
}
