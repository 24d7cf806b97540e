//! The page of faults, as the tool box always showed it.

use std::fmt::Write as _;

use balefire_core::incident::Incident;
use jiff::tz::TimeZone;

use super::listing::{name, state};
use super::said::NAME;
use crate::legacy::apptools::{NONE, datetime};

const COLUMNS: [&str; 11] = [
    NAME,
    "fault_level",
    "fault_state",
    "fault_penson",
    "processing_penson",
    "fault_report",
    "fault_start_time",
    "fault_end_time",
    "duration",
    "fault_issue",
    "fault_summary",
];

/// The page with these faults of `total`.
pub(super) fn page(faults: &[Incident], total: u64, zone: &TimeZone) -> String {
    let mut html = String::from(
        "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>Fault Info V0.1</title>\n\
         </head>\n<body>\n<h1>Welcome to FaultInfo</h1>\n<table border=\"1\">\n<tr>",
    );
    for column in COLUMNS {
        // Writing to a String cannot fail.
        let _ = write!(html, "<th>{column}</th>");
    }
    html.push_str("</tr>\n");
    for fault in faults {
        html.push_str("<tr>");
        for cell in cells(fault, zone) {
            html.push_str("<td>");
            escape(&cell, &mut html);
            html.push_str("</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table>\n");
    if (faults.len() as u64) < total {
        let shown = faults.len();
        let _ = writeln!(
            html,
            "<p>共 {total} 条，本页 {shown} 条；其余见 /fault?page=1&amp;limit=100</p>"
        );
    }
    html.push_str("</body>\n</html>\n");
    html
}

fn cells(fault: &Incident, zone: &TimeZone) -> [String; 11] {
    let none = || NONE.to_owned();
    let text = |text: &Option<String>| text.clone().unwrap_or_else(none);
    let time = |time| datetime::written(time, zone);
    [
        name(fault).to_owned(),
        fault.severity.grade().to_string(),
        state(fault).to_string(),
        text(&fault.responsible),
        text(&fault.worker),
        text(&fault.report),
        time(fault.started_at),
        fault.ended_at.map_or_else(none, time),
        fault.duration().map_or_else(none, datetime::span),
        text(&fault.cause),
        text(&fault.summary),
    ]
}

/// A text in which nothing is markup.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
}
