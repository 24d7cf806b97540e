//! A running node with a simulated provider, for the stories of the command line.

use balefire_testkit::simulator::Simulator;
use serde_json::Value;

use super::command::{Ran, balefire};
use super::node::Node;

/// A node with a way out that works and one that the simulator can spoil.
pub(crate) struct Stage {
    pub(crate) sim: Simulator,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) node: Node,
}

impl Stage {
    /// Starts both.
    pub(crate) async fn new() -> Self {
        let sim = Simulator::builder()
            .unlimited()
            .start()
            .await
            .expect("simulator");
        let folder = tempfile::tempdir().expect("folder");
        let node = Node::start(folder.path(), &document(&sim)).await;
        Self { sim, folder, node }
    }

    /// Runs the command line against the node.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        balefire(&self.node.url(""), arguments).await
    }

    /// The node's document.
    pub(crate) fn config(&self) -> String {
        self.folder
            .path()
            .join("balefire.yml")
            .display()
            .to_string()
    }
}

/// The document that the node begins with.
pub(crate) fn document(sim: &Simulator) -> String {
    format!(
        "accounts:\n  hook: {{kind: webhook, url: \"{}\"}}\n\
         receivers:\n- name: ops\n  webhook_configs: [{{account: hook}}]\n\
         route: {{receiver: ops, group_wait: 0s}}\n",
        sim.webhook().url("cli"),
    )
}

/// The keys of an object, in order.
pub(crate) fn keys(value: &Value) -> String {
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("no object: {value}"));
    object
        .keys()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}
