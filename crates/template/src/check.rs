//! Trying a template before an alert needs it: every source compiled, every sample rendered.

use serde::{Deserialize, Serialize};

use crate::context;
use crate::environment;
use crate::escape::Escape;
use crate::reader::Reader;
use crate::sample;
use crate::template::{Part, Position, RenderError, Template};

/// Something wrong with a template, or likely to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Where, when it is at a place.
    pub at: Option<Position>,
    /// What.
    pub message: String,
    /// The sample it went wrong with; `None` when it goes wrong with every one.
    pub sample: Option<String>,
    /// Whether the template would still give words: an unknown name prints as nothing.
    pub warning: bool,
}

/// Renders every sample (firing, resolved, mixed, missed, an event, a huge group) and tells what went wrong;
/// empty when all is well. Each problem is told once.
///
/// This runs the template in the calling process, which a hostile one may take down: a server asks
/// [`crate::sandbox::Sandbox::check`]; only a command that checks one file and ends may call it itself.
pub fn check(template: &Template, reader: &Reader, escape: Escape) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut failed = 0;
    for (name, group) in sample::all() {
        let data = environment::with_lists(context::of(&group, reader));
        let Err(error) = environment::render(template, &data, reader, escape) else {
            continue;
        };
        failed += 1;
        let problem = problem(&error, name);
        let same = |seen: &Problem| (seen.at, &seen.message) == (problem.at, &problem.message);
        if !problems.iter().any(same) {
            problems.push(problem);
        }
    }
    if let [only] = problems.as_mut_slice()
        && failed == sample::COUNT
    {
        only.sample = None;
    }
    problems.extend(unknown_names(template));
    problems
}

/// Reads a template without running it: what is wrong with its syntax or size, and names it cannot
/// know. Safe in any process, so that a configuration can be checked where it is loaded.
pub fn syntax(template: &Template) -> Vec<Problem> {
    let broken = template.parts().filter_map(|(part, source)| {
        let error = environment::compile(part, source).err()?;
        let sample = None;
        Some(Problem {
            sample,
            ..problem(&error, "")
        })
    });
    let broken: Vec<Problem> = broken.collect();
    if broken.is_empty() {
        unknown_names(template)
    } else {
        broken
    }
}

fn problem(error: &RenderError, sample: &str) -> Problem {
    let message = match error {
        RenderError::Syntax { message, .. }
        | RenderError::Undefined { message, .. }
        | RenderError::Failed { message, .. } => message.clone(),
        other => other.to_string(),
    };
    let sample = Some(sample.to_owned());
    Problem {
        at: error.position(),
        message,
        sample,
        warning: false,
    }
}

/// The same for the template of a request's body, which knows a few names more.
pub fn body_syntax(source: &str) -> Vec<Problem> {
    let template = Template {
        title: None,
        text: Some(source.to_owned()),
    };
    let known = context::BODY_NAMES.map(|(name, _)| name);
    match environment::compile(Part::Text, source) {
        Ok(()) => names_unknown_to(&template, &known),
        Err(error) => vec![Problem {
            sample: None,
            ..problem(&error, "")
        }],
    }
}

fn unknown_names(template: &Template) -> Vec<Problem> {
    names_unknown_to(template, &[])
}

fn names_unknown_to(template: &Template, more: &[&str]) -> Vec<Problem> {
    let warn = |part: Part, source: &str, name: &str| Problem {
        at: place_of(part, source, name),
        message: format!("{name:?} is no name a template knows; it prints as nothing"),
        sample: None,
        warning: true,
    };
    template
        .parts()
        .flat_map(|(part, source)| {
            let names = environment::unknown_names(source, more);
            names.into_iter().map(move |name| warn(part, source, &name))
        })
        .collect()
}

/// The first place where a name stands as a word of its own.
fn place_of(part: Part, source: &str, name: &str) -> Option<Position> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let (at, _) = source.match_indices(name).find(|(at, _)| {
        let before = source[..*at].chars().next_back();
        let after = source[at + name.len()..].chars().next();
        !before.is_some_and(word) && !after.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })?;
    let before = &source[..at];
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    Some(Position { part, line, column })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::SOURCE_BYTES;

    fn problems(text: &str) -> Vec<Problem> {
        let template = Template {
            title: None,
            text: Some(text.to_owned()),
        };
        check(&template, &Reader::default(), Escape::None)
    }

    fn at(problem: &Problem) -> Option<(usize, usize)> {
        problem.at.map(|at| (at.line, at.column))
    }

    #[test]
    fn a_sound_template_has_no_problems() {
        let text =
            "{% for a in alerts %}{{ a.labels.instance }} {{ a.starts_at|time }}\n{% endfor %}";
        assert_eq!(problems(text), []);
    }

    #[test]
    fn syntax_is_read_without_running_the_template() {
        let of = |text: &str| {
            let title = None;
            let text = Some(text.to_owned());
            syntax(&Template { title, text })
        };
        assert_eq!(of("{{ 'a' * 100000000 }}"), []);
        assert_eq!(at(&of("one\n  {{ status + }}")[0]), Some((2, 15)));
        assert!(of("{{ statsu }}")[0].warning);
        assert_eq!(of(&"x".repeat(SOURCE_BYTES + 1)).len(), 1);
    }

    #[test]
    fn the_template_of_a_body_knows_what_a_message_does_not() {
        assert_eq!(body_syntax("{{ id }} {{ params.to }} {{ title }}"), []);
        assert!(body_syntax("{{ parms.to }}")[0].warning);
        assert_eq!(at(&body_syntax("{\n{{ title")[0]), Some((2, 4)));
    }

    #[test]
    fn a_syntax_error_is_told_once_with_its_line_and_column() {
        let found = problems("one\n  {{ status + }}");
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (at(&found[0]), found[0].sample.clone()),
            (Some((2, 15)), None)
        );
    }

    #[test]
    fn what_fails_with_one_sample_names_it() {
        let found = problems("{{ alerts[0].labels.alertname.missing.deeper }}");
        assert!(
            found
                .iter()
                .all(|problem| !problem.warning && problem.at.is_some()),
            "{found:?}"
        );
        let found = problems("{% if alerts|length > 100 %}{{ nothing.at.all }}{% endif %}");
        assert_eq!(found[0].sample.as_deref(), Some("huge"));
    }

    #[test]
    fn an_unknown_name_is_a_warning_at_its_place() {
        let found = problems("{{ status }}\n{{ recever }}");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].warning);
        assert_eq!(at(&found[0]), Some((2, 4)));
    }

    #[test]
    fn a_limit_is_a_problem() {
        let found = problems(
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        );
        assert_eq!(found[0].message, "limit: too many steps");
    }
}
