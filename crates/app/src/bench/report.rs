//! The table and the JSON of a run.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// The figure, in `unit`.
    pub(crate) value: f64,
    /// Its unit.
    pub(crate) unit: &'static str,
}

impl Row {
    fn new(what: &str, value: f64, unit: &'static str) -> Self {
        Self {
            what: what.to_owned(),
            value,
            unit,
        }
    }

    pub(crate) fn rate(what: &str, value: f64) -> Self {
        Self::new(what, value, "/s")
    }

    pub(crate) fn millis(what: &str, value: f64) -> Self {
        Self::new(what, value, "ms")
    }

    pub(crate) fn seconds(what: &str, value: f64) -> Self {
        Self::new(what, value, "s")
    }

    pub(crate) fn count(what: &str, value: f64) -> Self {
        Self::new(what, value, "")
    }

    pub(crate) fn bytes(what: &str, value: f64) -> Self {
        Self::new(what, value, "B")
    }

    pub(crate) fn megabytes(what: &str, bytes: u64) -> Self {
        Self::new(what, bytes as f64 / 1_000_000.0, "MB")
    }

    pub(crate) fn verdict(what: &str, delivered: bool) -> Self {
        Self::new(what, f64::from(u8::from(delivered)), "delivered")
    }

    fn text(&self) -> String {
        match self.unit {
            "delivered" if self.value > 0.0 => "delivered".to_owned(),
            "delivered" => "LOST".to_owned(),
            "/s" => format!("{:.0} /s", self.value),
            "B" | "" => format!("{:.0} {}", self.value, self.unit),
            unit => format!("{:.2} {unit}", self.value),
        }
    }
}

/// All figures of one server.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Column {
    /// The server.
    pub(crate) name: &'static str,
    /// Its figures.
    pub(crate) rows: Vec<Row>,
}

/// The columns side by side; with two of them, the ratio of the first to the second.
pub(crate) fn table(columns: &[Column]) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY);
    let mut head = vec![String::new()];
    head.extend(columns.iter().map(|column| column.name.to_owned()));
    if columns.len() == 2 {
        head.push("ratio".to_owned());
    }
    table.set_header(head);
    let Some(first) = columns.first() else {
        return String::new();
    };
    for row in &first.rows {
        let mut cells = vec![row.what.clone(), row.text()];
        for other in &columns[1..] {
            let theirs = other.rows.iter().find(|r| r.what == row.what);
            cells.push(theirs.map_or_else(|| "–".to_owned(), Row::text));
            let ratio = theirs.filter(|r| r.value > 0.0 && row.unit != "delivered");
            cells.push(ratio.map_or_else(String::new, |r| format!("{:.1} ×", row.value / r.value)));
        }
        table.add_row(cells);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}
