//! The news card that a Grafana notification becomes.

use balefire_core::message::{Block, Link, Message};
use serde_json::{Map, Value};

use crate::legacy::python;
use crate::legacy::send::words;

/// At most so many measured values are shown.
const VALUES: usize = 3;

/// What the card shows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Card {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) url: String,
    pub(super) picture: String,
}

impl Card {
    /// From the body of either alerting of Grafana: the older one has `evalMatches`, the unified one `alerts`.
    pub(super) fn of(fields: &Map<String, Value>) -> Self {
        let text = |name: &str| plain(fields.get(name));
        let alerts = fields.get("alerts").and_then(Value::as_array);
        if let Some(alerts) = alerts {
            let first = |name: &str| {
                alerts
                    .iter()
                    .map(|alert| plain(alert.get(name)))
                    .find(|text| !text.is_empty())
            };
            let lines = alerts
                .iter()
                .take(VALUES)
                .map(line)
                .filter(|line| !line.is_empty());
            let description = lines.collect::<Vec<_>>().join("\n");
            let url = ["panelURL", "dashboardURL", "generatorURL"]
                .into_iter()
                .find_map(first);
            return Self {
                title: text("title"),
                description: if description.is_empty() {
                    text("message")
                } else {
                    description
                },
                url: url.unwrap_or_else(|| text("externalURL")),
                picture: first("imageURL").unwrap_or_default(),
            };
        }
        let values = fields.get("evalMatches").and_then(Value::as_array);
        let values: Vec<String> = values
            .into_iter()
            .flatten()
            .take(VALUES)
            .map(measured)
            .collect();
        let parts = [text("message"), values.join(" ")];
        let parts = parts.iter().filter(|part| !part.is_empty());
        Self {
            title: text("title"),
            description: parts.map(String::as_str).collect::<Vec<_>>().join("\n"),
            url: text("ruleUrl"),
            picture: text("imageUrl"),
        }
    }

    /// The message; a card without a link leads to us, since WeCom refuses one that leads nowhere.
    pub(super) fn message(&self, external_url: &str) -> Message {
        let mut message = words(&self.title, &self.description);
        let url = if self.url.is_empty() {
            external_url
        } else {
            &self.url
        };
        message.link = Some(Link {
            text: self.title.clone(),
            url: url.to_owned(),
        });
        if !self.picture.is_empty() {
            message.body.push(Block::Image(self.picture.clone()));
        }
        message
    }
}

/// `metric:value`, as Python 2 writes it.
fn measured(item: &Value) -> String {
    let value = match item.get("value") {
        Some(Value::Number(number)) if number.is_f64() => {
            python::number(number.as_f64().unwrap_or_default())
        }
        value => plain(value),
    };
    format!("{}:{value}", plain(item.get("metric")))
}

/// One alert of the unified alerting: its summary, else its name and value.
fn line(alert: &Value) -> String {
    let noted = |name: &str| plain(alert.get("annotations").and_then(|notes| notes.get(name)));
    let summary = [noted("summary"), noted("description")];
    if let Some(summary) = summary.into_iter().find(|text| !text.is_empty()) {
        return summary;
    }
    let name = plain(
        alert
            .get("labels")
            .and_then(|labels| labels.get("alertname")),
    );
    let value = plain(alert.get("valueString"));
    format!("{name} {value}").trim().to_owned()
}

/// A text, or a number's; empty for null and what is not there.
fn plain(value: Option<&Value>) -> String {
    crate::legacy::request::text(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn description(body: &Value) -> String {
        Card::of(body.as_object().expect("an object")).description
    }

    #[test]
    fn measured_values_read_as_they_always_did() {
        for (matches, text) in [
            (json!(null), ""),
            (json!([]), ""),
            (json!([{"metric": "cpu", "value": 100}]), "cpu:100"),
            (
                json!([{"metric": "cpu", "value": 59.702_087_450_312_34}, {"metric": "mem", "value": 1e3}]),
                "cpu:59.7020874503 mem:1000.0",
            ),
            (
                json!([{"metric": null, "value": 1}, {"metric": "b", "value": null}, {"metric": "c", "value": 3}, {"metric": "d", "value": 4}]),
                ":1 b: c:3",
            ),
        ] {
            assert_eq!(
                description(&json!({"title": "t", "evalMatches": matches})),
                text
            );
        }
    }

    #[test]
    fn the_alerts_own_words_are_no_longer_lost() {
        let body = json!({"title": "[Alerting] CPU", "message": "too hot", "ruleUrl": "http://g/1", "imageUrl": null,
            "evalMatches": [{"metric": "cpu", "value": 1}]});
        let card = Card::of(body.as_object().expect("an object"));
        assert_eq!(card.description, "too hot\ncpu:1");
        assert_eq!(
            (card.url.as_str(), card.picture.as_str()),
            ("http://g/1", "")
        );
    }

    #[test]
    fn the_unified_alerting_gives_a_card_with_words_too() {
        let body = json!({"title": "[FIRING:1] CPU", "status": "firing", "externalURL": "http://g/", "alerts": [
            {"labels": {"alertname": "CPU"}, "annotations": {"summary": "CPU is hot"}, "generatorURL": "http://g/rule"},
            {"labels": {"alertname": "Mem"}, "annotations": {}, "valueString": "[ value=3 ]"},
        ]});
        let card = Card::of(body.as_object().expect("an object"));
        assert_eq!(card.description, "CPU is hot\nMem [ value=3 ]");
        assert_eq!(card.url, "http://g/rule");
    }
}
