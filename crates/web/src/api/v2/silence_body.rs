//! A silence as it is posted: what must be there, in the order and words of go-openapi's checks.

use balefire_core::label::Annotations;
use balefire_core::matcher::{MatchOp, Matchers};
use balefire_core::silence::{Silence, SilenceError, matcher_set};
use balefire_core::time::Time;
use balefire_sources::json;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::error::ApiError;

/// Most matchers of one silence.
const MAX_MATCHERS: usize = 1_000;

/// Reads a silence; an empty id asks for a new one.
pub(super) fn read(body: &[u8]) -> Result<Silence, ApiError> {
    let value = json::read(body).map_err(|error| unreadable(&error.to_string()))?;
    let Value::Object(fields) = value else {
        return Err(unreadable(&format!(
            "json: cannot unmarshal {} into Go value of type models.PostableSilence",
            json::fields::kind(&value)
        )));
    };
    let form = Form(&fields);
    // All types are looked at before anything is missed.
    let id = form.text("id")?;
    let annotations = form.annotations()?;
    let (comment, created_by) = (form.text("comment")?, form.text("createdBy")?);
    let (ends_at, starts_at) = (form.time("endsAt")?, form.time("startsAt")?);
    let matchers = form.matchers()?;

    let comment = comment.ok_or_else(|| ApiError::required("comment"))?;
    let created_by = created_by.ok_or_else(|| ApiError::required("createdBy"))?;
    let ends_at = ends_at.ok_or_else(|| ApiError::required("endsAt"))?;
    let matchers = checked(matchers)?;
    let starts_at = starts_at.ok_or_else(|| ApiError::required("startsAt"))?;
    Ok(Silence {
        id: id.unwrap_or_default().into(),
        matcher_sets: vec![matchers],
        starts_at,
        ends_at,
        updated_at: Time::EPOCH,
        created_by: created_by.to_owned(),
        comment: comment.to_owned(),
        annotations,
    })
}

/// A matcher as posted.
struct Posted<'a> {
    name: Option<&'a str>,
    value: Option<&'a str>,
    is_regex: Option<bool>,
    is_equal: Option<bool>,
}

fn checked(posted: Option<Vec<Posted<'_>>>) -> Result<Matchers, ApiError> {
    let posted = posted.ok_or_else(|| ApiError::required("matchers"))?;
    if posted.is_empty() {
        let message = "matchers in body should have at least 1 items".to_owned();
        return Err(ApiError::Coded(612, message));
    }
    let mut complete = Vec::with_capacity(posted.len());
    for (index, matcher) in posted.iter().enumerate() {
        let missing = |field: &str| ApiError::required(&format!("matchers.{index}.{field}"));
        let is_regex = matcher.is_regex.ok_or_else(|| missing("isRegex"))?;
        let name = matcher.name.ok_or_else(|| missing("name"))?;
        let value = matcher.value.ok_or_else(|| missing("value"))?;
        let op = MatchOp::from_flags(is_regex, matcher.is_equal.unwrap_or(true));
        complete.push((name, op, value));
    }
    matcher_set(0, complete)
        .map_err(|invalid| ApiError::domain(SilenceError::from(invalid).to_string()))
}

/// The fields of an object, each of which may be absent or null.
struct Form<'a>(&'a Map<String, Value>);

impl<'a> Form<'a> {
    fn given(&self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    fn text(&self, field: &str) -> Result<Option<&'a str>, ApiError> {
        let value = self.given(field);
        value
            .map(|value| {
                value
                    .as_str()
                    .ok_or_else(|| mismatch(value, field, "string"))
            })
            .transpose()
    }

    fn flag(&self, field: &str) -> Result<Option<bool>, ApiError> {
        let value = self.given(field);
        value
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| mismatch(value, field, "bool"))
            })
            .transpose()
    }

    fn time(&self, field: &str) -> Result<Option<Time>, ApiError> {
        let text = self.text(field)?;
        text.map(|text| {
            let shown: String = text.chars().take(60).collect();
            let problem =
                format!("parsing time {shown:?} failed: write RFC 3339, as 2026-03-04T02:15:00Z");
            text.parse::<Timestamp>()
                .map(Time::from)
                .map_err(|_| unreadable(&problem))
        })
        .transpose()
    }

    fn annotations(&self) -> Result<Annotations, ApiError> {
        let Some(value) = self.given("annotations") else {
            return Ok(Annotations::empty());
        };
        let wrong = || mismatch(value, "annotations", "models.LabelSet");
        let pairs: Option<Vec<(&str, &str)>> = value
            .as_object()
            .ok_or_else(wrong)?
            .iter()
            .map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .collect();
        Annotations::annotations(pairs.ok_or_else(wrong)?)
            .map_err(|error| ApiError::domain(format!("invalid silence: {error}")))
    }

    fn matchers(&self) -> Result<Option<Vec<Posted<'a>>>, ApiError> {
        let Some(value) = self.given("matchers") else {
            return Ok(None);
        };
        let items = value
            .as_array()
            .ok_or_else(|| mismatch(value, "matchers", "models.Matchers"))?;
        if items.len() > MAX_MATCHERS {
            let message = format!("matchers in body should have at most {MAX_MATCHERS} items");
            return Err(ApiError::Coded(611, message));
        }
        let posted = items.iter().map(|item| {
            let fields = item
                .as_object()
                .ok_or_else(|| mismatch(item, "matchers", "models.Matcher"))?;
            let form = Form(fields);
            Ok(Posted {
                name: form.text("name")?,
                value: form.text("value")?,
                is_regex: form.flag("isRegex")?,
                is_equal: form.flag("isEqual")?,
            })
        });
        posted.collect::<Result<_, ApiError>>().map(Some)
    }
}

/// What Go's decoder says when a value has the wrong type.
fn mismatch(value: &Value, field: &str, expected: &str) -> ApiError {
    unreadable(&format!(
        "json: cannot unmarshal {} into Go struct field PostableSilence.{field} of type {expected}",
        json::fields::kind(value)
    ))
}

fn unreadable(problem: &str) -> ApiError {
    ApiError::unreadable("silence", problem)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn whole() -> Value {
        json!({
            "matchers": [{"name": "a", "value": "b|c", "isRegex": true}],
            "startsAt": "2026-11-01T08:00:00.5+08:00", "endsAt": "2026-12-01T00:00:00Z",
            "createdBy": "me", "comment": "", "annotations": {"ticket": "OPS-1"}, "unknown": [1]
        })
    }

    fn of(value: &Value) -> Result<Silence, ApiError> {
        read(value.to_string().as_bytes())
    }

    #[test]
    fn a_whole_silence_is_read_and_unknown_fields_count_for_nothing() {
        let silence = of(&whole()).expect("a silence");
        assert_eq!(silence.matcher_sets[0].to_string(), "{a=~\"b|c\"}");
        assert_eq!(silence.starts_at.millis(), 1_793_491_200_500);
        let words = (
            &*silence.id,
            silence.created_by.as_str(),
            silence.comment.as_str(),
        );
        assert_eq!(words, ("", "me", ""));
        assert_eq!(silence.annotations.get("ticket"), Some("OPS-1"));
    }

    #[test]
    fn what_is_missing_is_named_in_the_order_of_the_fields() {
        let mut value = whole();
        for (field, message) in [
            ("startsAt", "startsAt in body is required"),
            ("matchers", "matchers in body is required"),
            ("endsAt", "endsAt in body is required"),
            ("createdBy", "createdBy in body is required"),
            ("comment", "comment in body is required"),
        ] {
            value[field] = Value::Null;
            assert_eq!(of(&value), Err(ApiError::Coded(602, message.to_owned())));
        }
    }

    #[test]
    fn matchers_are_checked_one_by_one() {
        let with = |matchers: Value| {
            let mut value = whole();
            value["matchers"] = matchers;
            of(&value).expect_err("refused")
        };
        let required = |path: &str| ApiError::required(path);
        assert!(matches!(with(json!([])), ApiError::Coded(612, _)));
        let good = json!({"name": "a", "value": "b", "isRegex": false, "isEqual": null});
        let first = with(json!([good, {"name": "a", "value": "b"}]));
        assert_eq!(first, required("matchers.1.isRegex"));
        assert_eq!(
            with(json!([{"isRegex": true}])),
            required("matchers.0.name")
        );
        assert_eq!(
            with(json!([{"isRegex": true, "name": ""}])),
            required("matchers.0.value")
        );
        assert!(matches!(with(json!([1])), ApiError::Coded(400, _)));
        let many: Vec<Value> = std::iter::repeat_n(good, MAX_MATCHERS + 1).collect();
        assert!(matches!(with(many.into()), ApiError::Coded(611, _)));
        let pattern = with(json!([{"name": "a", "value": "(", "isRegex": true}]));
        assert!(
            matches!(&pattern, ApiError::Words(_, words) if words.contains("missing closing )")),
            "{pattern:?}"
        );
    }

    #[test]
    fn a_wrong_type_wins_over_what_is_missing() {
        for (field, wrong) in [
            ("comment", json!(1)),
            ("startsAt", json!("yesterday")),
            ("matchers", json!({})),
            ("annotations", json!({"a": 1})),
        ] {
            let error = of(&json!({field: wrong})).expect_err("refused");
            assert!(
                matches!(error, ApiError::Coded(400, _)),
                "{field}: {error:?}"
            );
        }
        for body in ["", "{", "[]", "null", "{\"a\":1,\"a\":2}"] {
            let error = read(body.as_bytes()).expect_err("refused");
            assert!(
                matches!(error, ApiError::Coded(400, _)),
                "{body}: {error:?}"
            );
        }
    }
}
