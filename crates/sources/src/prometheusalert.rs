//! PrometheusAlert's address: `/prometheusalert?type=dd&tpl=prometheus-dd&ddurl=…&at=…`.
//!
//! There, the query says where the message goes and the body is whatever the monitoring system
//! sends. Here routes decide where a message goes, so the parameters become labels that routes can
//! match: `pa_type`, `pa_tpl`, `pa_phone`, `pa_email` and so on. A robot's URL holds its
//! credential and is never kept: it is looked up among the source's `robots`, and the name found
//! there becomes `pa_robot`. Mentions (`at`) are words for people, not a place.
//! Source: PrometheusAlert's documentation of its interface (parameters only).

use balefire_core::alert::Lifecycle;
use balefire_core::field::{Field, Kind};
use balefire_core::label::Labels;
use serde_json::Value;

use crate::bounds;
use crate::detect;
use crate::manners::Manners;
use crate::parsed::{Identity, Parsed, Refusal};
use crate::spec::{Inbound, SourceSpec};

/// The static description of this source.
pub static SPEC: SourceSpec = SourceSpec {
    kind: "prometheusalert",
    title: ("PrometheusAlert", "PrometheusAlert"),
    lifecycle: Lifecycle::Explicit,
    body_limit: 8 * 1_048_576,
    fields: &[Field::optional(
        "robots",
        Kind::Map(&Kind::SecretUrl),
        "Robots' URLs by name: a ddurl, wxurl, fsurl or webhookurl that is listed gives the label pa_robot its name.",
    )],
    setup: include_str!("../setup/prometheusalert.md"),
    manners: Manners::USUAL,
    parse,
};

/// Parameters that say to whom, in the order of the documentation.
const PLACES: &[(&str, &str)] = &[
    ("type", "pa_type"),
    ("tpl", "pa_tpl"),
    ("phone", "pa_phone"),
    ("email", "pa_email"),
    ("wxuser", "pa_wxuser"),
    ("wxparty", "pa_wxparty"),
    ("wxtag", "pa_wxtag"),
    ("groupid", "pa_groupid"),
];

/// Parameters with robots' URLs, several divided by commas.
const ROBOTS: &[&str] = &["ddurl", "wxurl", "fsurl", "webhookurl", "webhook"];

/// Parameters that are words for people.
const WORDS: &[(&str, &str)] = &[("at", "pa_at"), ("emailtitle", "pa_emailtitle")];

/// Longest parameter kept, in bytes.
const MAX_PARAMETER: usize = 1_024;

fn parse(inbound: &Inbound<'_>) -> Result<Parsed, Refusal> {
    let query = Query::of(inbound.query);
    if query.first("type").is_none() {
        return Err(Refusal::malformed(
            "type",
            "the query must say the type, such as ?type=dd&tpl=prometheus-dd",
        ));
    }
    let mut parsed = detect::read(inbound)?;
    let unknown = query.robots(inbound.options);
    let labels = query.labels(&unknown.known);
    let words = query.words();
    for parameter in unknown.unknown {
        parsed.note(format!(
            "the {parameter} of the query is not among this source's robots; routes decide alone"
        ));
    }
    for alert in &mut parsed.alerts {
        alert.labels = alert.labels.overlaid(&labels);
        alert.annotations = words.overlaid(&alert.annotations);
        // The same alert sent to two places is two alerts here, so it needs two keys as well.
        if let Identity::Key(key) = &mut alert.identity {
            *key = format!("{labels}{key}");
        }
    }
    Ok(parsed)
}

/// The query's parameters in order; of a repeated one the first counts, as there.
struct Query(Vec<(String, String)>);

/// What the robots' parameters come to.
struct Robots {
    known: Vec<String>,
    unknown: Vec<&'static str>,
}

impl Query {
    fn of(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).take(64);
        Self(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    fn first(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        let value = value.trim();
        let fits = !value.is_empty() && !value.contains('\0');
        fits.then(|| bounds::up_to(value, MAX_PARAMETER))
    }

    fn robots(&self, options: &Value) -> Robots {
        let configured = options.get("robots").and_then(Value::as_object);
        let mut robots = Robots {
            known: Vec::new(),
            unknown: Vec::new(),
        };
        for parameter in ROBOTS {
            let urls = self.0.iter().filter(|(name, _)| name == parameter);
            for url in urls.flat_map(|(_, value)| value.split(',')).map(str::trim) {
                let name = configured
                    .into_iter()
                    .flatten()
                    .find(|(_, known)| known.as_str() == Some(url));
                match name {
                    Some((name, _)) => robots.known.push(name.clone()),
                    None if robots.unknown.contains(parameter) => {}
                    None => robots.unknown.push(parameter),
                }
            }
        }
        robots
    }

    fn labels(&self, robots: &[String]) -> Labels {
        let robots = robots.join(",");
        let places = PLACES
            .iter()
            .filter_map(|(name, label)| Some((*label, self.first(name)?)));
        // Fixed, distinct names and values without NUL always make a label set.
        Labels::from_pairs(places.chain([("pa_robot", robots.as_str())])).unwrap_or_default()
    }

    fn words(&self) -> Labels {
        let words = WORDS
            .iter()
            .filter_map(|(name, label)| Some((*label, self.first(name)?)));
        Labels::annotations(words).unwrap_or_default()
    }
}
