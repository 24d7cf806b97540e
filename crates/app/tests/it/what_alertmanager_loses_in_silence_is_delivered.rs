//! The silent-loss experiments of `balefire bench`: alerts that were answered with 200 and that an Alertmanager
//! never tells anybody about. Here all three arrive.

use std::process::Command;

use serde_json::Value;

#[test]
fn what_alertmanager_loses_in_silence_is_delivered() {
    let output = Command::new(env!("CARGO_BIN_EXE_balefire"))
        .args(["bench", "--only", "loss", "--json"])
        .output()
        .expect("run balefire bench");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    let columns: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rows = columns[0]["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 3, "{columns}");
    for row in rows {
        assert_eq!(row["value"], 1.0, "lost: {}", row["what"]);
    }
}
