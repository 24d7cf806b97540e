//! How much memory a process uses, from `/proc`.

use super::node::Node;

/// A mebibyte, in bytes.
pub(crate) const MIB: usize = 1 << 20;

/// The most bytes that the node has had resident since it started.
pub(crate) fn most_memory(node: &Node) -> usize {
    let file = format!("/proc/{}/status", node.pid());
    let status = std::fs::read_to_string(file).expect("the node's status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: usize = kilobytes.expect("a line").parse().expect("a number");
    kilobytes * 1024
}
