//! What shadow mode has found, as a file in the data folder that `balefire shadow report` reads.

use std::io;
use std::path::{Path, PathBuf};

use balefire_core::time::Time;
use serde::{Deserialize, Serialize};

use super::compare::Difference;

/// The file's name.
const FILE: &str = "shadow.json";
/// Differences written down; the counts tell of all.
pub(super) const MOST: usize = 1000;

/// The state after a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// The Alertmanager's address.
    pub(crate) compared_with: String,
    /// When this node began to compare.
    pub(crate) since: Time,
    /// When the last round was.
    pub(crate) at: Time,
    /// Rounds in which the Alertmanager answered.
    pub(crate) rounds: u64,
    /// Why the last round failed; absent when it did not.
    pub(crate) failure: Option<String>,
    /// Groups that are the same on both.
    pub(crate) equal: usize,
    /// Groups that have differed for two rounds or longer.
    pub(crate) differ: usize,
    /// Groups that differ since the last round, which may be only the time between two questions.
    pub(crate) unsettled: usize,
    /// Silences of the Alertmanager that are copied here.
    pub(crate) copied_silences: usize,
    /// What differs, at most 1000 of them.
    pub(crate) differences: Vec<Lasting>,
}

/// A difference that lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lasting {
    /// When it was first seen.
    pub(crate) since: Time,
    #[serde(flatten)]
    pub(crate) difference: Difference,
    /// The same for people.
    pub(crate) words: String,
}

impl Report {
    /// Where the report of a node with this data folder is.
    pub(crate) fn file(folder: &Path) -> PathBuf {
        folder.join(FILE)
    }

    /// Reads the report; `None` when there is none.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match std::fs::read(Self::file(folder)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes the report; whoever reads sees the old one or the new one.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let file = Self::file(folder);
        let draft = file.with_extension("json.new");
        std::fs::write(&draft, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(draft, file)
    }

    /// One line for people.
    pub(crate) fn summary(&self) -> String {
        let unsettled = match self.unsettled {
            0 => String::new(),
            number => format!(", {number} not settled yet"),
        };
        format!(
            "{} groups equal, {} differ{unsettled}",
            self.equal, self.differ
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shadow::compare::{Kind, Map};

    #[test]
    fn a_report_reads_back_as_it_was_written() {
        let folder = tempfile::tempdir().expect("folder");
        assert_eq!(Report::read(folder.path()).expect("no report"), None);
        let difference = Difference {
            labels: Map::from([("alertname".to_owned(), "A".to_owned())]),
            receiver: "ops".to_owned(),
            alert: Some("01".to_owned()),
            kind: Kind::SilencedThere {
                by: vec!["s".to_owned()],
            },
        };
        let report = Report {
            compared_with: "http://alertmanager:9093".to_owned(),
            since: Time::from_secs(1),
            at: Time::from_secs(2),
            rounds: 3,
            failure: None,
            equal: 4,
            differ: 1,
            unsettled: 0,
            copied_silences: 0,
            differences: vec![Lasting {
                since: Time::from_secs(1),
                words: difference.words(),
                difference,
            }],
        };
        report.write(folder.path()).expect("write");
        assert_eq!(Report::read(folder.path()).expect("read"), Some(report));
    }
}
