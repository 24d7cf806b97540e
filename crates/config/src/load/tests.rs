use std::collections::BTreeMap;

use super::*;

#[test]
fn the_document_for_no_document_loads() {
    let loaded = load(default_document(), "default", &BTreeMap::new())
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())
        .expect("a plan");
    assert_eq!(loaded.summary.integrations, 1);
    assert_eq!(loaded.warnings, []);
}
