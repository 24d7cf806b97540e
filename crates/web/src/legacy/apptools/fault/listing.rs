//! `GET /fault`: all faults as a page for people, or as JSON for whoever asks for it.

use axum::response::{IntoResponse, Response};
use balefire_core::incident::{Incident, IncidentState};
use balefire_core::severity::Severity;
use balefire_engine::engine::Engine;
use balefire_store::{IncidentFilter, IncidentSort, SameText, StoreError};
use http::{HeaderMap, header};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::page;
use super::said::NAME;
use super::{NAMESPACE, unstored};
use crate::legacy::apptools::{datetime, json_answer, zone};
use crate::state::WebState;

/// Faults of a page when nothing is said, and at most.
const USUAL: usize = 100;
const MOST: usize = 1000;
/// Faults read at once; each may have a report of 1 MiB.
const AT_ONCE: usize = 16;
/// Bytes of texts in one answer; a fault alone always fits.
const BYTES: usize = 8 << 20;

/// What can be searched for.
const KEYS: [&str; 7] = [
    NAME,
    "fault_level",
    "fault_state",
    "fault_penson",
    "processing_penson",
    "fault_issue",
    "fault_summary",
];

/// What a query asks for.
#[derive(Debug, Default)]
struct Asked {
    json: bool,
    page: Option<u64>,
    limit: Option<usize>,
    filter: Filter,
}

#[derive(Debug, Default)]
struct Filter {
    incidents: IncidentFilter,
    /// A value that no fault can have was asked for.
    is_hopeless: bool,
}

/// Faults as they were found.
struct Found {
    faults: Vec<Incident>,
    total: u64,
    /// Whether the answer would have become too large with the next one.
    is_cut: bool,
}

/// Answers a `GET`.
pub(in crate::legacy::apptools) async fn list(
    state: &WebState,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let plan = state.engine.plan();
    let zone = zone(&plan);
    let said = |status: i64, data: Value, message: String| {
        json!({
            "status": status,
            "data": data,
            "datetime": datetime::written(state.engine.now(), &zone),
            "msg": message,
        })
    };
    let asked = match Asked::read(query, headers) {
        Ok(asked) => asked,
        Err(why) => return json_answer(&said(-3, json!([]), why)),
    };
    let found = match asked.find(&state.engine).await {
        Ok(found) => found,
        Err(error) => return json_answer(&said(-3, json!([]), unstored(&error).to_owned())),
    };
    if !asked.json {
        return axum::response::Html(page::page(&found.faults, found.total, &zone)).into_response();
    }
    if found.is_cut {
        let why = format!("这一页超过 {} MB，请减小 limit", BYTES >> 20);
        return json_answer(&said(-3, json!([]), why));
    }
    let data = found.faults.iter().map(|fault| record(fault, &zone));
    let mut answer = said(0, data.collect(), "查询成功".to_owned());
    answer["total"] = found.total.into();
    json_answer(&answer)
}

/// A fault as JSON: the columns of the service's own table, and its duration.
fn record(fault: &Incident, zone: &TimeZone) -> Value {
    let time = |time| datetime::written(time, zone);
    let minutes = |span: std::time::Duration| (span.as_secs() / 60).to_string();
    json!({
        "id": fault.id,
        NAME: name(fault),
        "fault_level": fault.severity.grade(),
        "fault_state": state(fault),
        "fault_penson": fault.responsible,
        "processing_penson": fault.worker,
        "fault_report": fault.report,
        "fault_start_time": time(fault.started_at),
        "fault_end_time": fault.ended_at.map(time),
        "fault_duration": fault.duration().map(minutes),
        "duration": fault.duration().map(datetime::span),
        "fault_issue": fault.cause,
        "fault_summary": fault.summary,
        "create_at": time(fault.opened_at),
        "update_at": time(fault.changed_at),
    })
}

/// The name that requests call it by; the title may have been changed elsewhere.
pub(super) fn name(fault: &Incident) -> &str {
    let key = fault.key.as_deref().and_then(|key| key.split_once('/'));
    key.map_or(&fault.title, |(_, name)| name)
}

/// 0 closed, 1 in progress.
pub(super) fn state(fault: &Incident) -> u8 {
    u8::from(fault.state != IncidentState::Resolved)
}

impl Asked {
    fn read(query: Option<&str>, headers: &HeaderMap) -> Result<Self, String> {
        let mut asked = Self {
            json: wants_json(headers),
            ..Self::default()
        };
        let (mut key, mut value) = (String::new(), String::new());
        for (name, given) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let given = given.trim();
            match &*name {
                _ if given.is_empty() => {}
                "format" => asked.json = given.eq_ignore_ascii_case("json"),
                "page" => asked.page = Some(number("page", given, u64::MAX)?),
                "limit" => asked.limit = Some(number("limit", given, MOST as u64)? as usize),
                "key" => given.clone_into(&mut key),
                "value" => given.clone_into(&mut value),
                // Others are left alone, as the service always did.
                _ => {}
            }
        }
        asked.filter = Filter::of(&key, &value)?;
        Ok(asked)
    }

    /// The faults that are asked for, by number. A page for people without a word about which has the newest.
    async fn find(&self, engine: &Engine) -> Result<Found, StoreError> {
        let all = !self.json && self.page.is_none() && self.limit.is_none();
        let most = self.limit.unwrap_or(if all { MOST } else { USUAL });
        let mut filter = self.filter.incidents.clone();
        filter.with_report = true;
        filter.sort = if all {
            IncidentSort::Newest
        } else {
            IncidentSort::Oldest
        };
        let page = self.page.unwrap_or(1) - 1;
        filter.offset = page.saturating_mul(most as u64);
        let mut found = Found {
            faults: Vec::new(),
            total: 0,
            is_cut: false,
        };
        if self.filter.is_hopeless {
            return Ok(found);
        }
        found.total = engine.count_incidents(&filter).await?;
        let mut bytes = 0;
        while found.faults.len() < most {
            filter.limit = AT_ONCE.min(most - found.faults.len());
            let part = engine.incidents(&filter).await?;
            let is_last = part.len() < filter.limit;
            filter.offset = filter.offset.saturating_add(part.len() as u64);
            for fault in part {
                bytes += weight(&fault);
                if bytes > BYTES && !found.faults.is_empty() {
                    found.is_cut = true;
                    break;
                }
                found.faults.push(fault);
            }
            if is_last || found.is_cut {
                break;
            }
        }
        if all {
            found.faults.reverse();
        }
        Ok(found)
    }
}

/// The bytes of a fault's texts.
fn weight(fault: &Incident) -> usize {
    let texts = [
        &fault.responsible,
        &fault.worker,
        &fault.cause,
        &fault.summary,
        &fault.report,
    ];
    let lengths = texts.map(|text| text.as_ref().map_or(0, String::len));
    fault.title.len() + lengths.iter().sum::<usize>()
}

impl Filter {
    fn of(key: &str, value: &str) -> Result<Self, String> {
        let mut filter = Self::default();
        let incidents = &mut filter.incidents;
        incidents.namespace = Some(NAMESPACE.into());
        if key.is_empty() || value.is_empty() {
            return Ok(filter);
        }
        let same = |which| Some((which, value.into()));
        match key {
            NAME => incidents.key = Some(format!("{NAMESPACE}/{value}").into()),
            "fault_level" => {
                incidents.severity = value.parse().ok().and_then(Severity::of_grade);
                filter.is_hopeless = incidents.severity.is_none();
            }
            "fault_state" => match value {
                "0" => incidents.state = Some(IncidentState::Resolved),
                "1" => incidents.unresolved = true,
                _ => filter.is_hopeless = true,
            },
            "fault_penson" => incidents.same = same(SameText::Responsible),
            "processing_penson" => incidents.same = same(SameText::Worker),
            "fault_issue" => incidents.same = same(SameText::Cause),
            "fault_summary" => incidents.same = same(SameText::Summary),
            _ => return Err(format!("不能按 key 查询，可用：{}", KEYS.join(", "))),
        }
        Ok(filter)
    }
}

fn number(name: &str, text: &str, most: u64) -> Result<u64, String> {
    let number = text
        .parse()
        .ok()
        .filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| match most {
        u64::MAX => format!("{name} 应为从 1 开始的整数"),
        _ => format!("{name} 应为 1 到 {most} 的整数"),
    })
}

/// Whether JSON is asked for, and no page for people.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    let accepted = accepted.unwrap_or_default().to_ascii_lowercase();
    accepted.contains("application/json") && !accepted.contains("text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_for_whoever_asks_for_it_alone() {
        for (accept, json) in [
            ("*/*", false),
            ("application/json", true),
            ("application/json, text/plain, */*", true),
            (
                "text/html,application/xhtml+xml,application/json;q=0.9",
                false,
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().expect("a value"));
            assert_eq!(wants_json(&headers), json, "{accept}");
        }
    }

    #[test]
    fn a_query_that_cannot_be_meant_is_named() {
        let read = |query: &str| Asked::read(Some(query), &HeaderMap::new());
        for (query, word) in [
            ("page=0", "page"),
            ("page=x", "page"),
            ("limit=1001", "limit"),
            ("limit=-1", "limit"),
            ("key=id;DROP&value=1", "fault_name"),
        ] {
            let why = read(query).expect_err("refused");
            assert!(why.contains(word), "{query}: {why}");
        }
        let asked = read("page=&limit=7&key=fault_level&value=9&other=1").expect("reads");
        assert_eq!((asked.page, asked.limit), (None, Some(7)));
        assert!(asked.filter.is_hopeless, "no fault has this level");
    }
}
