//! Metrics in the form that a scraper asks for: OpenMetrics, or the older text format, whose readers refuse the former.
//!
//! Source: Prometheus' exposition formats, <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderValue, header};

/// OpenMetrics 1.0.
const OPEN: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The older text format.
const CLASSIC: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The type and the text of an answer; `text` is OpenMetrics.
pub(crate) fn answer(headers: &HeaderMap, text: String) -> (HeaderValue, String) {
    let accepts = headers.get_all(header::ACCEPT).iter();
    let mut accepts = accepts.filter_map(|value| value.to_str().ok());
    if accepts.any(|value| value.contains("application/openmetrics-text")) {
        (HeaderValue::from_static(OPEN), text)
    } else {
        (HeaderValue::from_static(CLASSIC), classic(&text))
    }
}

/// The older format: names of counters and of facts about the build have their endings also where they are described.
fn classic(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut help: Option<(&str, &str)> = None;
    for line in text.lines() {
        let Some(described) = line.strip_prefix("# ") else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let mut words = described.splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("HELP"), Some(name), words) => help = Some((name, words.unwrap_or_default())),
            (Some("TYPE"), Some(name), Some(kind)) => {
                let (ending, kind) = match kind {
                    "counter" => ("_total", "counter"),
                    "info" => ("_info", "gauge"),
                    "gauge" | "histogram" | "summary" => ("", kind),
                    _ => ("", "untyped"),
                };
                if let Some((_, words)) = help.take().filter(|(of, _)| *of == name) {
                    // There, a quotation mark is written as it is.
                    let words = words.replace("\\\"", "\"");
                    let _ = writeln!(out, "# HELP {name}{ending} {words}");
                }
                let _ = writeln!(out, "# TYPE {name}{ending} {kind}");
            }
            // A unit and the end are said in OpenMetrics alone.
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# HELP build Build of \\\"it\\\".\n# TYPE build info\nbuild_info{v=\"1\"} 1\n\
        # HELP sent Sent.\n# TYPE sent counter\n# UNIT sent bytes\nsent_total{to=\"# a\"} 3\n\
        # HELP age Age.\n# TYPE age gauge\nage 1.5\n# TYPE odd unknown\nodd 1\n# EOF\n";

    #[test]
    fn the_older_format_names_samples_as_they_are_and_has_no_types_of_its_own() {
        assert_eq!(
            classic(TEXT),
            "# HELP build_info Build of \"it\".\n# TYPE build_info gauge\nbuild_info{v=\"1\"} 1\n\
             # HELP sent_total Sent.\n# TYPE sent_total counter\nsent_total{to=\"# a\"} 3\n\
             # HELP age Age.\n# TYPE age gauge\nage 1.5\n# TYPE odd untyped\nodd 1\n"
        );
    }

    #[test]
    fn open_metrics_is_for_those_who_ask_for_it() {
        let asked = |accept: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            let (kind, text) = answer(&headers, TEXT.to_owned());
            (kind == OPEN, text == TEXT)
        };
        let prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2";
        assert_eq!(asked(Some(prometheus)), (true, true));
        assert_eq!(asked(Some("text/plain;version=0.0.4")), (false, false));
        assert_eq!(asked(None), (false, false));
    }
}
