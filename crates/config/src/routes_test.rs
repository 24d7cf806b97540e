//! Which way an alert would take: `balefire routes test` and `routes show`.

use std::fmt::{self, Write};
use std::sync::Arc;

use balefire_core::label::Labels;
use balefire_core::route::{Route, RouteIdx, RouteTree, Verdict};
use serde::Serialize;

use crate::plan::Plan;

/// Where an alert with certain labels goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteReport {
    /// Its receivers, in the order of the document; a receiver may be named twice.
    pub receivers: Vec<Arc<str>>,
    /// Every route that was tried, in order, and those that were cut off.
    pub steps: Vec<Step>,
}

/// One route on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// How far below the root it is.
    pub depth: u32,
    /// Its matchers; `{}` at the root.
    pub matchers: String,
    /// Its receiver.
    pub receiver: Arc<str>,
    /// Whether the alert goes there.
    pub taken: bool,
    /// How it went, in words.
    pub outcome: String,
}

/// Sends a made-up alert through the routing tree.
pub fn routes_test(plan: &Plan, labels: &Labels) -> RouteReport {
    let tree = &plan.routes;
    let steps = tree.explain(labels).into_iter().map(|step| {
        let route = &tree[step.route];
        Step {
            depth: step.depth,
            matchers: matchers(route),
            receiver: Arc::clone(&route.receiver),
            taken: step.verdict == Verdict::Taken,
            outcome: outcome(tree, &step.verdict),
        }
    });
    let found = tree
        .matching(labels)
        .into_iter()
        .map(|index| Arc::clone(&tree[index].receiver));
    RouteReport {
        receivers: found.collect(),
        steps: steps.collect(),
    }
}

fn outcome(tree: &RouteTree, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed => "matched, and one of its routes takes it".to_owned(),
        Verdict::Taken => "takes it".to_owned(),
        Verdict::Failed { matcher, value } if value.is_empty() => {
            format!("no: {matcher}, and the alert has no {}", matcher.name())
        }
        Verdict::Failed { matcher, value } => format!("no: {matcher}, and it is {value:?}"),
        Verdict::NotTried { stopped_by } => {
            format!("not tried: {} took it before", matchers(&tree[*stopped_by]))
        }
    }
}

fn matchers(route: &Route) -> String {
    route.matchers.to_string()
}

/// The way in words, one route a line.
impl fmt::Display for RouteReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            let mark = if step.taken { "→" } else { " " };
            let indent = "  ".repeat(step.depth as usize);
            let Step {
                matchers,
                receiver,
                outcome,
                ..
            } = step;
            writeln!(f, "{mark} {indent}{matchers} ({receiver}): {outcome}")?;
        }
        Ok(())
    }
}

/// The routing tree as `amtool config routes show` draws it.
pub fn routes_show(plan: &Plan) -> String {
    let mut out = ".\n".to_owned();
    draw(&plan.routes, RouteIdx::ROOT, "", true, &mut out);
    out
}

fn draw(tree: &RouteTree, index: RouteIdx, indent: &str, last: bool, out: &mut String) {
    let route = &tree[index];
    let branch = if last { "└── " } else { "├── " };
    let words = if route.parent.is_some() {
        matchers(route)
    } else {
        "default-route".to_owned()
    };
    let proceed = if route.proceed {
        "  continue: true"
    } else {
        ""
    };
    // Writing to a text cannot fail.
    let _ = writeln!(
        out,
        "{indent}{branch}{words}{proceed}  receiver: {}",
        route.receiver
    );
    let indent = format!("{indent}{}", if last { "    " } else { "│   " });
    for (number, child) in route.children.iter().enumerate() {
        draw(
            tree,
            *child,
            &indent,
            number + 1 == route.children.len(),
            out,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const DOCUMENT: &str = r#"
route:
  receiver: rest
  routes:
  - receiver: database
    matchers: [service=~"mysql|redis"]
    continue: true
    routes:
    - {receiver: pager, matchers: [severity="critical"]}
  - {receiver: web, match: {team: web}}
  - receiver: pager
    matchers: [severity="critical"]
receivers: [{name: rest}, {name: database}, {name: pager}, {name: web}]
"#;

    fn plan() -> Plan {
        match crate::load(DOCUMENT, "x.yml", &BTreeMap::new()) {
            Ok(loaded) => loaded.plan,
            Err(problems) => panic!("{problems:?}"),
        }
    }

    #[test]
    fn the_way_of_an_alert_is_told_step_by_step() {
        let labels = [
            ("service", "redis"),
            ("severity", "critical"),
            ("team", "web"),
        ];
        let labels = Labels::from_pairs(labels).expect("labels");
        let report = routes_test(&plan(), &labels);
        let names: Vec<&str> = report.receivers.iter().map(|name| &**name).collect();
        assert_eq!(names, ["pager", "web"]);
        insta::assert_snapshot!(report, @r#"
  {} (rest): matched, and one of its routes takes it
    {service=~"mysql|redis"} (database): matched, and one of its routes takes it
→     {severity="critical"} (pager): takes it
→   {team="web"} (web): takes it
    {severity="critical"} (pager): not tried: {team="web"} took it before
"#);
        let nothing = routes_test(&plan(), &Labels::empty());
        assert_eq!(
            nothing
                .receivers
                .iter()
                .map(|name| &**name)
                .collect::<Vec<_>>(),
            ["rest"]
        );
    }

    #[test]
    fn the_tree_is_drawn_as_amtool_draws_it() {
        insta::assert_snapshot!(routes_show(&plan()), @r#"
.
└── default-route  receiver: rest
    ├── {service=~"mysql|redis"}  continue: true  receiver: database
    │   └── {severity="critical"}  receiver: pager
    ├── {team="web"}  receiver: web
    └── {severity="critical"}  receiver: pager
"#);
    }
}
