//! How bad it is: four steps, the same in every channel.

use serde::{Deserialize, Serialize};

use crate::label::Labels;

/// Severity, mildest first, so that `max` is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Will become a problem.
    Warning,
    /// Something does not work.
    Error,
    /// People are affected; wake somebody.
    Critical,
}

impl Severity {
    /// All, mildest first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The word used in labels, the API and the console.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    /// Its number where grades are counted: 1 is the worst, 4 the mildest.
    pub const fn grade(self) -> u8 {
        match self {
            Self::Critical => 1,
            Self::Error => 2,
            Self::Warning => 3,
            Self::Info => 4,
        }
    }

    /// The severity of a grade; `None` beyond 1 to 4.
    pub const fn of_grade(grade: i64) -> Option<Self> {
        Some(match grade {
            1 => Self::Critical,
            2 => Self::Error,
            3 => Self::Warning,
            4 => Self::Info,
            _ => return None,
        })
    }

    /// What a sender's word means; `None` for a word nobody uses for this.
    ///
    /// Covers the words of Prometheus rules, syslog, Zabbix, Grafana and the P1–P5 habit.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_lowercase().as_str() {
            "critical" | "crit" | "fatal" | "emergency" | "emerg" | "disaster" | "page" | "p0"
            | "p1" | "sev0" | "sev1" | "紧急" | "严重" | "灾难" => Self::Critical,
            "error" | "err" | "high" | "major" | "alert" | "p2" | "sev2" | "重要" | "高" => {
                Self::Error
            }
            "warning" | "warn" | "average" | "medium" | "minor" | "p3" | "sev3" | "次要"
            | "警告" => Self::Warning,
            "info" | "information" | "informational" | "notice" | "low" | "none" | "debug"
            | "ok" | "p4" | "p5" | "sev4" | "提示" => Self::Info,
            _ => return None,
        })
    }

    /// The severity an alert's labels speak of: `severity`, else `priority`, else `level`; an alert
    /// that says nothing, or says it in words we do not know, is a warning.
    pub fn of(labels: &Labels) -> Self {
        ["severity", "priority", "level"]
            .iter()
            .filter_map(|name| labels.get(name))
            .find_map(Self::from_word)
            .unwrap_or(Self::Warning)
    }
}
