//! What Alertmanager's templates see of a group, with the types and methods they have there.

use std::collections::BTreeMap;
use std::rc::Rc;

use balefire_core::label::Labels;
use balefire_core::message::{AlertView, GroupView, Status};
use balefire_core::time::Time;
use balefire_gotemplate::value::function::{Call, Failure, Function, Takes};
use balefire_gotemplate::value::{Missing, Type, Value};

use super::time;

const NONE: Type = Type {
    name: "",
    methods: &[],
    text: None,
    missing: Missing::Nothing,
};

static DATA: Type = Type {
    name: "*template.Data",
    ..NONE
};

static ALERT: Type = Type {
    name: "template.Alert",
    ..NONE
};

static SOME_ALERTS: Type = Type {
    name: "[]template.Alert",
    ..NONE
};

static ALERTS: Type = Type {
    name: "template.Alerts",
    methods: &[
        method("Firing", &[], |_, of| Ok(alerts_that(&of[0], "firing"))),
        method("Resolved", &[], |_, of| Ok(alerts_that(&of[0], "resolved"))),
    ],
    ..NONE
};

static KV: Type = Type {
    name: "template.KV",
    methods: &[
        method("SortedPairs", &[], |_, of| Ok(pairs(&of[0]))),
        method("Names", &[], |_, of| Ok(names(&pairs(&of[0])))),
        method("Values", &[], |_, of| Ok(values(&pairs(&of[0])))),
        method("Remove", &[Takes::Texts], |call, of| {
            call.budget.make(of[0].size().unwrap_or_default() * 16)?;
            Ok(without(&of[0], &of[1]))
        }),
        method("String", &[], |call, of| call.text(written(&pairs(&of[0])))),
    ],
    text: Some(|value| written(&pairs(value))),
    missing: Missing::Empty,
};

static PAIR: Type = Type {
    name: "template.Pair",
    ..NONE
};

static PAIRS: Type = Type {
    name: "template.Pairs",
    methods: &[
        method("Names", &[], |_, of| Ok(names(&of[0]))),
        method("Values", &[], |_, of| Ok(values(&of[0]))),
        method("String", &[], |call, of| call.text(written(&of[0]))),
    ],
    text: Some(written),
    ..NONE
};

static STRINGS: Type = Type {
    name: "template.Strings",
    methods: &[method("Join", &[Takes::Text], |call, of| {
        call.text(joined(&of[0], of[1].as_text().unwrap_or_default()))
    })],
    ..NONE
};

const fn method(
    name: &'static str,
    takes: &'static [Takes],
    call: fn(&Call<'_>, &[Value]) -> Result<Value, Failure>,
) -> Function {
    Function {
        name,
        takes,
        rest: None,
        call,
    }
}

/// The dot of a group.
pub(super) fn of(group: &GroupView) -> Value {
    let alerts = group.alerts.iter().map(alert).collect();
    Value::of_fields(
        &DATA,
        vec![
            ("Receiver", Value::text(quoted_meta(&group.receiver))),
            ("Status", Value::text(group.status.as_str())),
            ("Alerts", Value::list(&ALERTS, alerts)),
            ("NotificationReason", Value::text(&*group.reason)),
            ("GroupLabels", labels(&group.group_labels)),
            ("CommonLabels", labels(&group.common_labels)),
            ("CommonAnnotations", labels(&group.common_annotations)),
            ("RouteLabels", Value::map(&KV, BTreeMap::new())),
            ("ExternalURL", Value::text(&*group.external_url)),
        ],
    )
}

/// As Go's `regexp.QuoteMeta`: Alertmanager hands the receiver's name on like that, for its link.
fn quoted_meta(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn alert(alert: &AlertView) -> Value {
    let ends = match (alert.status, alert.ends_at) {
        (Status::Resolved, Some(end)) => time::of(end),
        _ => time::zero(),
    };
    Value::of_fields(
        &ALERT,
        vec![
            ("Status", Value::text(alert.status.as_str())),
            ("Labels", labels(&alert.labels)),
            ("Annotations", labels(&alert.annotations)),
            ("StartsAt", starts(alert.starts_at)),
            ("EndsAt", ends),
            ("GeneratorURL", Value::text(&*alert.generator_url)),
            ("Fingerprint", Value::text(alert.fingerprint.to_string())),
        ],
    )
}

fn starts(at: Time) -> Value {
    time::of(at)
}

fn labels(labels: &Labels) -> Value {
    let entries = labels
        .iter()
        .map(|(name, value)| (Rc::from(name), Value::text(value)));
    Value::map(&KV, entries.collect())
}

fn field<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Struct(fields) => {
            let found = fields.fields.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value)
        }
        _ => None,
    }
}

fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(list) => &list.items,
        _ => &[],
    }
}

fn alerts_that(alerts: &Value, status: &str) -> Value {
    let is = |alert: &&Value| field(alert, "Status").and_then(Value::as_text) == Some(status);
    let some = items(alerts).iter().filter(is).cloned().collect();
    Value::list(&SOME_ALERTS, some)
}

/// Name and value, `alertname` first, the others by name.
fn pairs(kv: &Value) -> Value {
    let Value::Map(map) = kv else {
        return Value::list(&PAIRS, Vec::new());
    };
    let is_first = |name: &str| name == "alertname";
    let (first, others): (Vec<_>, Vec<_>) =
        map.entries.iter().partition(|(name, _)| is_first(name));
    let pairs = first.into_iter().chain(others).map(|(name, value)| {
        let fields = vec![
            ("Name", Value::Text(Rc::clone(name))),
            ("Value", value.clone()),
        ];
        Value::of_fields(&PAIR, fields)
    });
    Value::list(&PAIRS, pairs.collect())
}

fn column(pairs: &Value, name: &str) -> Value {
    let column = items(pairs)
        .iter()
        .filter_map(|pair| field(pair, name).cloned());
    Value::list(&STRINGS, column.collect())
}

fn names(pairs: &Value) -> Value {
    column(pairs, "Name")
}

fn values(pairs: &Value) -> Value {
    column(pairs, "Value")
}

fn without(kv: &Value, keys: &Value) -> Value {
    let Value::Map(map) = kv else {
        return Value::map(&KV, BTreeMap::new());
    };
    let mut entries = map.entries.clone();
    for key in items(keys) {
        entries.remove(key.as_text().unwrap_or_default());
    }
    Value::map(&KV, entries)
}

fn written(pairs: &Value) -> String {
    let text = |pair: &Value, name| {
        field(pair, name)
            .and_then(Value::as_text)
            .unwrap_or_default()
            .to_owned()
    };
    let pairs = items(pairs)
        .iter()
        .map(|pair| format!("{}={}", text(pair, "Name"), text(pair, "Value")));
    pairs.collect::<Vec<_>>().join(", ")
}

/// The texts of a list with something between them.
pub(super) fn joined(list: &Value, between: &str) -> String {
    let texts: Vec<&str> = items(list).iter().filter_map(Value::as_text).collect();
    texts.join(between)
}
