//! An alert while it is being read.
//!
//! Formats differ in where things stand, not in what an alert is. A draft collects what a format
//! finds and, when finished, becomes an alert or a complaint by the same bounds for all.

use std::borrow::Cow;
use std::sync::Arc;

use balefire_core::severity::Severity;
use balefire_core::time::Time;

use crate::bounds::{self, Pair};
use crate::link;
use crate::parsed::{Complaint, Identity, Parsed, ParsedAlert, Signal};
use crate::when;

/// What a format has found so far of one alert.
pub(crate) struct Draft<'a> {
    /// Where in the payload it stands, for complaints and notes.
    path: String,
    labels: Vec<Pair<'a>>,
    annotations: Vec<Pair<'a>>,
    identity: Identity,
    /// On, over or once.
    pub(crate) signal: Signal,
    starts_at: Option<Time>,
    ends_at: Option<Time>,
    url: Cow<'a, str>,
    notes: Vec<String>,
}

impl<'a> Draft<'a> {
    /// An empty one; `path` is where it stands, empty for the whole body.
    pub(crate) fn new(path: impl Into<String>, signal: Signal) -> Self {
        Self {
            path: path.into(),
            labels: Vec::with_capacity(16),
            annotations: Vec::with_capacity(8),
            identity: Identity::Labels,
            signal,
            starts_at: None,
            ends_at: None,
            url: Cow::Borrowed(""),
            notes: Vec::new(),
        }
    }

    /// Adds a label unless one of that name is there already.
    pub(crate) fn label(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        add(&mut self.labels, name.into(), value.into());
    }

    /// Adds a label if there is a value for it.
    pub(crate) fn label_if(&mut self, name: &'static str, value: Option<Cow<'a, str>>) {
        if let Some(value) = value {
            self.label(name, value);
        }
    }

    /// Adds an annotation unless one of that name is there already.
    pub(crate) fn annotation(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        value: impl Into<Cow<'a, str>>,
    ) {
        add(&mut self.annotations, name.into(), value.into());
    }

    /// Adds an annotation if there is a value for it.
    pub(crate) fn annotation_if(&mut self, name: &'static str, value: Option<Cow<'a, str>>) {
        if let Some(value) = value {
            self.annotation(name, value);
        }
    }

    /// Adds the label `severity`: only for formats that have no such label of their own.
    pub(crate) fn severity(&mut self, severity: Severity) {
        self.label("severity", severity.as_str());
    }

    /// The sender's own key stands for this alert, whatever its labels.
    pub(crate) fn key(&mut self, key: impl Into<String>) {
        self.identity = Identity::Key(key.into());
    }

    /// The sender's deduplication key stands for this alert.
    pub(crate) fn dedup(&mut self, key: impl Into<String>) {
        self.identity = Identity::Dedup(key.into());
    }

    /// Whether there is a label of this name with a value.
    pub(crate) fn has_label(&self, name: &str) -> bool {
        self.labels
            .iter()
            .any(|(n, value)| n == name && !value.is_empty())
    }

    /// Says something that is to be recorded with the request.
    pub(crate) fn note(&mut self, note: &str) {
        let at = if self.path.is_empty() {
            String::new()
        } else {
            format!("{}: ", self.path)
        };
        self.notes.push(format!("{at}{note}"));
    }

    /// Its start, as the sender wrote it.
    pub(crate) fn starts(&mut self, text: Option<&str>, zone: &str) {
        self.starts_at = text.and_then(|text| self.time("start", text, zone));
    }

    /// Its end, as the sender wrote it.
    pub(crate) fn ends(&mut self, text: Option<&str>, zone: &str) {
        self.ends_at = text.and_then(|text| self.time("end", text, zone));
    }

    /// When it began, or ended where it is over: for senders with one time for both.
    pub(crate) fn at(&mut self, text: Option<&str>, zone: &str) {
        if self.signal == Signal::Resolved {
            self.ends(text, zone);
        } else {
            self.starts(text, zone);
        }
    }

    fn time(&mut self, what: &str, text: &str, zone: &str) -> Option<Time> {
        when::read(text, zone).unwrap_or_else(|when::Doubtful| {
            let shown = bounds::up_to(text, 60);
            self.note(&format!(
                "the {what} {shown:?} is no believable time; the time of receipt is used"
            ));
            None
        })
    }

    /// The link back to where it came from; kept only when it is one for a browser.
    pub(crate) fn url(&mut self, url: Option<Cow<'a, str>>) {
        if let Some(link) = url.and_then(|url| self.link("link", &url)) {
            self.url = link;
        }
    }

    /// An annotation that holds a link; kept only when it is one for a browser.
    pub(crate) fn link_annotation(&mut self, name: &'static str, url: Option<Cow<'a, str>>) {
        if let Some(link) = url.and_then(|url| self.link(name, &url)) {
            self.annotation(name, link);
        }
    }

    fn link(&mut self, what: &str, url: &Cow<'a, str>) -> Option<Cow<'a, str>> {
        if url.trim().is_empty() {
            return None;
        }
        let Some(link) = link::web(url) else {
            let shown = bounds::up_to(url, 60);
            self.note(&format!(
                "the {what} {shown:?} was dropped: only http and https links are kept"
            ));
            return None;
        };
        Some(if link.len() == url.len() {
            url.clone()
        } else {
            Cow::Owned(link.to_owned())
        })
    }

    /// Becomes an alert of `parsed`, or a complaint.
    pub(crate) fn finish(self, parsed: &mut Parsed) {
        let Self {
            path,
            labels,
            annotations,
            identity,
            signal,
            starts_at,
            ends_at,
            url,
            notes,
        } = self;
        let at = |field: &str| {
            let dot = if path.is_empty() { "" } else { "." };
            format!("{path}{dot}{field}")
        };
        for note in notes {
            parsed.note(note);
        }
        let labels = match bounds::labels(&labels) {
            Ok(labels) => labels,
            Err(unfit) => return parsed.complain(unfit.at(at("labels"))),
        };
        let mut cut = Vec::new();
        let annotations = match bounds::annotations(&annotations, |name| cut.push(name.to_owned()))
        {
            Ok(annotations) => annotations,
            Err(unfit) => return parsed.complain(unfit.at(at("annotations"))),
        };
        for name in cut {
            let limit = bounds::MAX_ANNOTATION_VALUE;
            parsed.note(format!(
                "{} was cut to {limit} bytes",
                at(&format!("annotations.{name}"))
            ));
        }
        if let (Some(start), Some(end)) = (starts_at, ends_at)
            && end < start
        {
            let problem = "start time must be before end time";
            return parsed.complain(Complaint::new(at("endsAt"), problem));
        }
        let identity = match identity {
            Identity::Key(key) | Identity::Dedup(key) if key.len() > bounds::MAX_LABEL_VALUE => {
                let problem = format!("a key of {} bytes", key.len());
                return parsed.complain(Complaint::new(at("key"), problem));
            }
            identity => identity,
        };
        let generator_url = Arc::from(&*url);
        parsed.alerts.push(ParsedAlert {
            identity,
            signal,
            labels,
            annotations,
            starts_at,
            ends_at,
            generator_url,
        });
    }
}

fn add<'a>(pairs: &mut Vec<Pair<'a>>, name: Cow<'a, str>, value: Cow<'a, str>) {
    // Past the bound the set is refused anyway; comparing on would only cost time.
    if pairs.len() > bounds::MAX_PAIRS || !pairs.iter().any(|(n, _)| *n == name) {
        pairs.push((name, value));
    }
}
