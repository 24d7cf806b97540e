//! Aligned tables for people: one line an entry when they are piped, wrapped to the window on a terminal.

use balefire_core::time::Time;
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, Color, ContentArrangement, Table};
use jiff::tz::TimeZone;

use crate::output::{colours, data, harmless, say};

/// A table under construction.
pub(crate) struct Listing {
    table: Table,
    colours: bool,
}

impl Listing {
    /// A table with these columns.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(NOTHING);
        table.set_header(
            columns
                .iter()
                .map(|name| name.to_uppercase())
                .collect::<Vec<_>>(),
        );
        // Wraps to a terminal's width; without a terminal there is none, and each row is one line.
        table.set_content_arrangement(ContentArrangement::Dynamic);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        Self {
            table,
            colours: colours(),
        }
    }

    /// Adds a row; a cell that says how something stands is coloured.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        let cells = cells.map(|text| {
            let colour = tone(&text).filter(|_| self.colours);
            let cell = Cell::new(harmless(&text).replace('\n', " "));
            match colour {
                Some(colour) => cell.fg(colour),
                None => cell,
            }
        });
        self.table.add_row(cells);
    }

    /// Prints it; of an empty one it is said that there is no `what`.
    pub(crate) fn print(&self, what: &str) {
        if self.table.is_empty() {
            say(&format!("no {what}"));
            return;
        }
        for line in self.table.lines() {
            data(line.trim_end());
        }
    }
}

/// The colour of a word that says how something stands.
fn tone(word: &str) -> Option<Color> {
    match word {
        "delivered" | "resolved" | "good" | "passed" | "up" => Some(Color::Green),
        "active" | "firing" | "open" | "dead_lettered" | "failed" | "problem" => Some(Color::Red),
        "pending" | "acknowledged" | "suppressed" | "handed_over" | "advice" => Some(Color::Yellow),
        "expired" | "superseded" | "cancelled" | "skipped" => Some(Color::DarkGrey),
        _ => None,
    }
}

/// A time in this machine's zone, to the second.
pub(crate) fn local(time: Time) -> String {
    if time.is_never() {
        return "never".to_owned();
    }
    time.timestamp()
        .to_zoned(TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_aligned_and_stay_on_one_line() {
        let mut listing = Listing::new(&["seq", "title"]);
        listing.row(["7".to_owned(), "disk\nfull \u{1b}[31m".to_owned()]);
        listing.row(["1200".to_owned(), "ok".to_owned()]);
        let lines: Vec<String> = listing
            .table
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        assert_eq!(
            lines,
            ["SEQ   TITLE", "7     disk full \\u{1b}[31m", "1200  ok"]
        );
    }
}
