//! What is around every page: the bar at the top, and the templates' environment.

use std::sync::LazyLock;

use axum::response::{Html, IntoResponse, Response};
use balefire_core::alert::Lifecycle;
use balefire_core::message::Locale;
use balefire_engine::engine::Engine;
use balefire_template::{clean, i18n};
use http::StatusCode;
use minijinja::value::{Kwargs, Serde};
use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, context,
    escape_formatter,
};
use serde::Serialize;

use super::assets;
use super::links::Links;
use super::oncall;
use super::words::Viewer;
use crate::state::WebState;

/// Every template there is.
const TEMPLATES: [(&str, &str); 19] = [
    ("base.html", include_str!("../../templates/base.html")),
    ("inbox.html", include_str!("../../templates/inbox.html")),
    ("_cards.html", include_str!("../../templates/_cards.html")),
    (
        "_senders.html",
        include_str!("../../templates/_senders.html"),
    ),
    ("alert.html", include_str!("../../templates/alert.html")),
    (
        "incidents.html",
        include_str!("../../templates/incidents.html"),
    ),
    (
        "incident.html",
        include_str!("../../templates/incident.html"),
    ),
    (
        "reminders.html",
        include_str!("../../templates/reminders.html"),
    ),
    (
        "heartbeats.html",
        include_str!("../../templates/heartbeats.html"),
    ),
    (
        "channels.html",
        include_str!("../../templates/channels.html"),
    ),
    ("sources.html", include_str!("../../templates/sources.html")),
    ("answer.html", include_str!("../../templates/answer.html")),
    ("oncall.html", include_str!("../../templates/oncall.html")),
    ("people.html", include_str!("../../templates/people.html")),
    (
        "schedule.html",
        include_str!("../../templates/schedule.html"),
    ),
    ("reports.html", include_str!("../../templates/reports.html")),
    ("what_if.html", include_str!("../../templates/what_if.html")),
    (
        "silences.html",
        include_str!("../../templates/silences.html"),
    ),
    ("problem.html", include_str!("../../templates/problem.html")),
];

static ENGLISH: LazyLock<Environment<'static>> = LazyLock::new(|| environment(Locale::En));
static CHINESE: LazyLock<Environment<'static>> = LazyLock::new(|| environment(Locale::ZhCn));

/// Everything is escaped, whatever a template is called; what is not defined is an error.
fn environment(locale: Locale) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(visible);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in TEMPLATES {
        if let Err(error) = environment.add_template(name, source) {
            tracing::error!(name, %error, "a template of the console cannot be read");
        }
    }
    environment.add_function("t", move |key: &str, _: Kwargs| {
        i18n::lookup(locale, key, &[]).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidOperation,
                format!("there is no text {key:?}"),
            )
        })
    });
    environment
}

/// Writes a value of a page, escaped; characters that cannot be seen or that turn a line around are written
/// as `\u{202e}`, so that an alert looks as what it is.
fn visible(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let hidden = |c: char| clean::reorders(c) || (c.is_control() && !c.is_ascii_whitespace());
    let text = value.as_str().filter(|text| text.contains(hidden));
    let Some(text) = text.filter(|_| !value.is_safe()) else {
        return escape_formatter(out, state, value);
    };
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    escape_formatter(out, state, &Value::from(shown))
}

/// The bar at the top.
#[derive(Debug, Serialize)]
pub(super) struct Shell {
    name: &'static str,
    lang: &'static str,
    base: String,
    home: String,
    incidents: String,
    silences: String,
    reminders: String,
    heartbeats: String,
    sources: String,
    channels: String,
    on_call: String,
    people: String,
    reports: String,
    /// Who is on call now; empty without schedules.
    there: String,
    assets: &'static str,
    counts: String,
    well: bool,
    languages: [Language; 2],
}

/// A language to choose.
#[derive(Debug, Serialize)]
struct Language {
    lang: &'static str,
    word: &'static str,
    href: String,
    current: bool,
}

impl Shell {
    /// The bar of the page at `path`, which may be the inbox of one group.
    pub(super) fn of(state: &WebState, viewer: &Viewer, path: &str, group: &str) -> Self {
        let links = links(state, viewer);
        let language = |lang: &'static str, tag, word| Language {
            lang,
            word,
            href: links.in_language(tag, path, group),
            current: viewer.tag() == lang,
        };
        Self {
            name: "Balefire",
            lang: viewer.tag(),
            home: links.home(),
            incidents: links.incidents("", 0),
            silences: links.silences(),
            reminders: links.reminders(),
            heartbeats: links.heartbeats(),
            sources: links.sources(),
            channels: links.channels(),
            on_call: links.on_call(),
            people: links.people(),
            reports: links.reports(0),
            there: there(&state.engine, viewer),
            assets: &assets::VERSION,
            counts: counts(&state.engine, viewer),
            well: state.engine.is_well(),
            languages: [
                language("en", "en", "English"),
                language("zh-CN", "zh", "中文"),
            ],
            base: links.base,
        }
    }
}

/// The addresses a viewer's page uses.
pub(super) fn links(state: &WebState, viewer: &Viewer) -> Links {
    let plan = state.engine.plan();
    let lang = match viewer.reader.locale {
        Locale::En => "en",
        Locale::ZhCn => "zh",
    };
    Links {
        base: plan.server.route_prefix.trim_end_matches('/').to_owned(),
        lang: viewer.chosen.then_some(lang),
    }
}

/// Who is on call now, in all schedules.
fn there(engine: &Engine, viewer: &Viewer) -> String {
    let roster = engine.roster();
    if roster.schedules().is_empty() {
        return String::new();
    }
    let who = oncall::now(&roster.on_call_at(viewer.now));
    if who.is_empty() {
        return viewer.word("console-oncall-nobody");
    }
    who
}

/// How many alerts fire, how many notifications wait, how many were given up on since the start.
fn counts(engine: &Engine, viewer: &Viewer) -> String {
    let firing = engine
        .state()
        .alerts()
        .filter(|alert| alert.lifecycle != Lifecycle::Event && !alert.resolved_at(viewer.now))
        .count();
    let metrics = engine.metrics();
    let waiting = u64::try_from(metrics.notifications_pending.get()).unwrap_or(0);
    let failed = metrics.dead_letters.get();
    let mut parts = vec![viewer.text("console-firing-count", &[("count", firing.into())])];
    if waiting > 0 {
        parts.push(viewer.text("console-waiting-count", &[("count", waiting.into())]));
    }
    if failed > 0 {
        parts.push(viewer.text("console-failed-count", &[("count", failed.into())]));
    }
    parts.join(" · ")
}

/// Renders a page.
pub(super) fn render(viewer: &Viewer, name: &str, values: Value) -> Result<String, Error> {
    let environment = match viewer.reader.locale {
        Locale::En => &*ENGLISH,
        Locale::ZhCn => &*CHINESE,
    };
    environment.get_template(name)?.render(values)
}

/// A part of what a template is given.
pub(super) fn value<T: Serialize>(part: &T) -> Value {
    Value::from(Serde(part))
}

/// A page as an answer; a template that fails is our own mistake and is said so.
pub(super) fn page(viewer: &Viewer, name: &str, values: Value) -> Response {
    match render(viewer, name, values) {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(name, %error, "a page could not be made");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "this page could not be made; the log says why",
            )
                .into_response()
        }
    }
}

/// What to say in place of a page.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    /// One line.
    pub(super) title: String,
    /// What is wrong, and what would be right.
    pub(super) detail: String,
}

/// A page that says what is wrong.
pub(super) fn problem(
    state: &WebState,
    viewer: &Viewer,
    status: StatusCode,
    problem: &Problem,
) -> Response {
    let shell = Shell::of(state, viewer, "/", "");
    let page = page(
        viewer,
        "problem.html",
        context! { shell => value(&shell), problem => value(&problem) },
    );
    (status, page).into_response()
}
