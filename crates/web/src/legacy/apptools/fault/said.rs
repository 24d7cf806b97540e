//! What a request says of a fault.

use balefire_core::incident::Field;
use balefire_core::severity::Severity;
use balefire_core::time::Time;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::legacy::apptools::datetime;
use crate::legacy::request::text;

/// The field by which faults are known.
pub(super) const NAME: &str = "fault_name";
/// Characters of a name and of every short text, as the service's own table had them.
const SHORT: usize = 100;
/// Characters of a wrong value that are shown.
const SHOWN: usize = 60;

/// What a request says of a fault; fields it does not mention are left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    pub(super) name: String,
    pub(super) severity: Option<Severity>,
    pub(super) is_over: Option<bool>,
    pub(super) ended_at: Option<Time>,
    /// What can be set as it is, the end included.
    pub(super) fields: Vec<Field>,
}

impl Said {
    /// Reads a request; the error names the field and says what is wrong with it.
    pub(super) fn read(fields: &Map<String, Value>, zone: &TimeZone) -> Result<Self, String> {
        let reader = Reader { fields, zone };
        let mut said = Self {
            name: name(fields)?,
            severity: reader.severity("fault_level")?,
            is_over: reader.is_over("fault_state")?,
            ended_at: reader.time("fault_end_time")?,
            fields: Vec::new(),
        };
        if let Some(penson) = reader.short("fault_penson")? {
            let penson = penson.ok_or_else(|| empty("fault_penson"))?;
            said.fields.push(Field::Responsible(Some(penson)));
        }
        let started_at = reader.time("fault_start_time")?;
        said.fields.extend(started_at.map(Field::StartedAt));
        let ended_at = said.ended_at.map(|end| Field::EndedAt(Some(end)));
        said.fields.extend(ended_at);
        let worker = reader.short("processing_penson")?;
        said.fields.extend(worker.map(Field::Worker));
        let cause = reader.short("fault_issue")?;
        said.fields.extend(cause.map(Field::Cause));
        let summary = reader.short("fault_summary")?;
        said.fields.extend(summary.map(Field::Summary));
        let report = reader.text("fault_report")?;
        said.fields.extend(report.map(Field::Report));
        Ok(said)
    }
}

/// The fault's name.
pub(super) fn name(fields: &Map<String, Value>) -> Result<String, String> {
    let value = fields.get(NAME).unwrap_or(&Value::Null);
    let name = text(Some(value)).ok_or_else(|| wrong(NAME, value, "文本"))?;
    check_length(NAME, &name)?;
    Ok(name)
}

fn empty(field: &str) -> String {
    format!("{field} 不能为空")
}

fn wrong(field: &str, value: &Value, right: &str) -> String {
    let mut shown: String = value.to_string().chars().take(SHOWN + 1).collect();
    if shown.chars().count() > SHOWN {
        shown.pop();
        shown.push('…');
    }
    format!("{field} 的值 {shown} 不正确，应为{right}")
}

fn check_length(field: &str, text: &str) -> Result<(), String> {
    if text.chars().nth(SHORT).is_some() {
        return Err(format!("{field} 太长，最多 {SHORT} 个字符"));
    }
    Ok(())
}

/// Reads fields one by one: `Ok(None)` is one that was not mentioned.
struct Reader<'r> {
    fields: &'r Map<String, Value>,
    zone: &'r TimeZone,
}

impl Reader<'_> {
    /// A text that may be unknown.
    fn text(&self, field: &str) -> Result<Option<Option<String>>, String> {
        match self.fields.get(field) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            value @ Some(given) => match text(value) {
                Some(text) => Ok(Some(Some(text))),
                None => Err(wrong(field, given, "文本")),
            },
        }
    }

    fn short(&self, field: &str) -> Result<Option<Option<String>>, String> {
        let text = self.text(field)?;
        if let Some(Some(text)) = &text {
            check_length(field, text)?;
        }
        Ok(text)
    }

    /// A value that cannot be unknown.
    fn known(&self, field: &str) -> Result<Option<&Value>, String> {
        match self.fields.get(field) {
            Some(Value::Null) => Err(empty(field)),
            value => Ok(value),
        }
    }

    fn severity(&self, field: &str) -> Result<Option<Severity>, String> {
        let Some(value) = self.known(field)? else {
            return Ok(None);
        };
        let severity = whole(value).and_then(Severity::of_grade);
        match severity {
            Some(severity) => Ok(Some(severity)),
            None => Err(wrong(field, value, " 1 到 4 的整数")),
        }
    }

    fn is_over(&self, field: &str) -> Result<Option<bool>, String> {
        let Some(value) = self.known(field)? else {
            return Ok(None);
        };
        match whole(value) {
            Some(0) => Ok(Some(true)),
            Some(1) => Ok(Some(false)),
            _ => Err(wrong(field, value, " 0（关闭）或 1（进行中）")),
        }
    }

    fn time(&self, field: &str) -> Result<Option<Time>, String> {
        let Some(value) = self.known(field)? else {
            return Ok(None);
        };
        let time = text(Some(value)).and_then(|text| datetime::read(&text, self.zone));
        match time {
            Some(time) => Ok(Some(time)),
            None => Err(wrong(field, value, "时间，例如 2018-11-22 10:00:00")),
        }
    }
}

/// A whole number, written as a number or as a text.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => {
            let whole = |value: &f64| value.fract() == 0.0 && value.abs() < 1e15;
            let float = || number.as_f64().filter(whole).map(|value| value as i64);
            number.as_i64().or_else(float)
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<Said, String> {
        let Value::Object(fields) = value else {
            panic!("an object");
        };
        Said::read(&fields, &TimeZone::UTC)
    }

    #[test]
    fn numbers_may_be_texts_and_texts_numbers() {
        for (level, state) in [
            (json!(2), json!(0)),
            (json!("2"), json!("0")),
            (json!(2.0), json!(" 0 ")),
        ] {
            let said = read(json!({"fault_name": 7, "fault_level": level, "fault_state": state}));
            let said = said.expect("reads");
            assert_eq!(said.name, "7");
            assert_eq!(
                (said.severity, said.is_over),
                (Some(Severity::Error), Some(true))
            );
            assert!(said.fields.is_empty(), "nothing else was mentioned");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_field() {
        for (field, value) in [
            ("fault_level", json!(0)),
            ("fault_level", json!(5)),
            ("fault_level", json!("high")),
            ("fault_level", json!(true)),
            ("fault_level", json!(null)),
            ("fault_state", json!(2)),
            ("fault_state", json!([1])),
            ("fault_penson", json!({"a": 1})),
            ("fault_penson", json!(null)),
            ("processing_penson", json!(["li"])),
            ("fault_start_time", json!("tomorrow")),
            ("fault_end_time", json!(12)),
            ("fault_issue", json!("长".repeat(101))),
            ("fault_report", json!(false)),
        ] {
            let why = read(json!({"fault_name": "a", field: value})).expect_err("refused");
            assert!(why.starts_with(field), "{why}");
            assert!(why.chars().count() < 160, "{why}");
        }
        let why = read(json!({"fault_name": "名".repeat(101)})).expect_err("refused");
        assert!(
            why.starts_with("fault_name") && why.contains("100"),
            "{why}"
        );
        assert!(read(json!({"fault_name": "名".repeat(100)})).is_ok());
    }

    #[test]
    fn null_takes_back_what_may_be_unknown() {
        let said = read(json!({"fault_name": "a", "fault_issue": null, "fault_summary": ""}));
        assert_eq!(
            said.expect("reads").fields,
            [Field::Cause(None), Field::Summary(Some(String::new()))]
        );
    }
}
