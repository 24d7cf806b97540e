//! The oracle's process.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

use crate::random::ZONES;

pub(crate) struct Oracle {
    child: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Oracle {
    pub(crate) fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/oncall.py");
        let mut child = Command::new("/usr/bin/python3")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the oracle needs /usr/bin/python3");
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().expect("piped"));
        Self {
            child,
            requests,
            replies,
        }
    }

    pub(crate) fn ask<T: DeserializeOwned>(&mut self, request: &serde_json::Value) -> T {
        let requests = self.requests.as_mut().expect("open until dropped");
        writeln!(requests, "{request}").expect("the oracle reads");
        let mut reply = String::new();
        self.replies
            .read_line(&mut reply)
            .expect("the oracle answers");
        serde_json::from_str(&reply)
            .unwrap_or_else(|error| panic!("{error}: {reply:?} to {request}"))
    }

    /// Both sides read the same zone data: offsets agree at every tenth day of the years compared.
    pub(crate) fn reads_the_same_clocks(&mut self) {
        let probes: Vec<i64> = (-2_556..=4_748).map(|n| n * 10 * 86_400).collect();
        for name in ZONES {
            let zone = TimeZone::get(name).expect("a zone");
            let ours: Vec<i32> = probes
                .iter()
                .map(|second| {
                    let at = Timestamp::from_second(*second).expect("in range");
                    zone.to_offset(at).seconds()
                })
                .collect();
            let theirs: Vec<i32> = self.ask(&serde_json::json!({"zone": name, "probes": probes}));
            let differs = ours.iter().zip(&theirs).position(|(a, b)| a != b);
            assert_eq!(
                differs, None,
                "{name}: Python and jiff read different zone data; both should read the same tzdata"
            );
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Its input ends, and so does it.
        self.requests = None;
        let _ = self.child.wait();
    }
}
