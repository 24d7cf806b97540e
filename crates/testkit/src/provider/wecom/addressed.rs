//! Whom a message of an application is for.

use serde_json::Value;

use super::Refusal;

/// Most ids in `touser`.
pub(super) const MAX_USERS: usize = 1_000;
/// Most ids in `toparty` and in `totag`.
pub(super) const MAX_GROUPS: usize = 100;

/// The ids that a body names.
#[derive(Debug)]
pub(super) struct Addressed {
    pub(super) everybody: bool,
    pub(super) users: Vec<String>,
    pub(super) groups: usize,
}

impl Addressed {
    pub(super) fn read(body: &Value) -> Result<Self, Refusal> {
        let users = ids(body, "touser", MAX_USERS)?;
        let groups =
            ids(body, "toparty", MAX_GROUPS)?.len() + ids(body, "totag", MAX_GROUPS)?.len();
        if users.is_empty() && groups == 0 {
            return Err((
                40_063,
                "some parameters are empty: touser, toparty, totag".into(),
            ));
        }
        Ok(Self {
            everybody: users == ["@all"],
            users,
            groups,
        })
    }
}

/// Ids joined by `|`, in lower case as the vendor gives them back.
fn ids(body: &Value, key: &str, most: usize) -> Result<Vec<String>, Refusal> {
    let text = match body.get(key) {
        None => return Ok(Vec::new()),
        Some(value) => value
            .as_str()
            .ok_or((40_035, format!("invalid parameter: {key}")))?,
    };
    let ids: Vec<String> = text
        .split('|')
        .map(|id| id.trim().to_ascii_lowercase())
        .filter(|id| !id.is_empty())
        .collect();
    if ids.len() > most {
        return Err((40_058, format!("{key}: more than {most} ids")));
    }
    Ok(ids)
}
