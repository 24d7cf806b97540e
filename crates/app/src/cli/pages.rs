//! Lists that come in pages, read up to a limit.

use serde_json::Value;

use crate::client::{Client, ClientError};

/// Entries of one page at most.
const PAGE: usize = 1000;

/// A list of the interface.
pub(crate) struct Pages<'a> {
    /// Where it is.
    pub(crate) path: &'a str,
    /// The key of its entries.
    pub(crate) entries: &'a str,
    /// The query key that takes a page's `next`.
    pub(crate) cursor: &'a str,
    /// What narrows it.
    pub(crate) query: Vec<(&'a str, String)>,
}

/// What was read of a list.
pub(crate) struct Read {
    /// The entries, in the list's order.
    pub(crate) entries: Vec<Value>,
    /// Whether there are more than the limit.
    pub(crate) more: bool,
}

impl Pages<'_> {
    /// Reads up to `limit` entries.
    pub(crate) async fn read(self, client: &Client, limit: usize) -> Result<Read, ClientError> {
        let mut entries = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query = self.query.clone();
            query.push(("limit", (limit - entries.len()).min(PAGE).to_string()));
            query.extend(next.take().map(|cursor| (self.cursor, cursor)));
            let mut page: Value = client.get(self.path, &query).await?;
            if let Some(Value::Array(found)) = page.get_mut(self.entries).map(Value::take) {
                entries.extend(found);
            }
            next = match page.get("next") {
                Some(Value::String(cursor)) => Some(cursor.clone()),
                Some(Value::Number(cursor)) => Some(cursor.to_string()),
                _ => None,
            };
            if next.is_none() || entries.len() >= limit {
                return Ok(Read {
                    entries,
                    more: next.is_some(),
                });
            }
        }
    }
}
