//! The company's address book as an application sees it: `contact/v3/users/batch_get_id` and `contact/v3/users/{id}`.
//!
//! Vendor pages: <https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/contact-v3/user/batch_get_id> and
//! `…/user/get`. Whoever is outside the application's data scope is 41050, which says nothing of them. How somebody
//! stands is only shown with the right `contact:user.employee:readonly`.

use std::sync::Arc;

use balefire_core::identity::Standing;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use http::Method;
use serde_json::Value;

use super::SPEC;
use super::app::App;
use super::codes::is_nobody;
use super::people::People;
use crate::directory::{By, Directory, Opened, Stands, asked};
use crate::error::{ErrorKind, SendError};
use crate::options::Options;
use crate::spec::Build;

const EMPLOYEE: &str = "grant the application contact:user.employee:readonly (获取用户受雇信息), and publish a version: without it Feishu does not say whether somebody has left";

/// The address book of one application.
#[derive(Debug)]
struct Book {
    app: App,
    people: People,
}

/// Opens it for an account.
pub(crate) fn open(build: &Build<'_>) -> Opened {
    let mut options = Options::of(build);
    let app = App::of(&mut options, build, SPEC.timeout);
    let book = app.map(|app| {
        Arc::new(Book {
            app,
            people: People::default(),
        }) as Arc<dyn Directory>
    });
    options.finish(book)
}

/// What kind of id it is: people's entries take open ids and user ids.
fn kind(id: &str) -> &'static str {
    match id.split_once('_') {
        Some(("ou", _)) => "open_id",
        Some(("on", _)) => "union_id",
        _ => "user_id",
    }
}

/// How somebody stands, by the parts of Feishu's `status`.
fn read(status: &Value) -> Option<Stands> {
    let says = |key: &str| status[key].as_bool();
    for (key, standing) in [
        ("is_resigned", Standing::Left),
        ("is_exited", Standing::Left),
        ("is_frozen", Standing::Disabled),
        ("is_unjoin", Standing::Inactive),
    ] {
        if says(key) == Some(true) {
            return Some(Stands::new(standing, key));
        }
    }
    match says("is_activated") {
        Some(false) => Some(Stands::new(Standing::Inactive, "is_activated: false")),
        Some(true) => Some(Stands::new(Standing::Active, "is_activated")),
        None => None,
    }
}

impl Book {
    async fn find(&self, by: By<'_>, now: Time) -> Result<Option<String>, SendError> {
        let (kind, name) = match by {
            By::Phone(mobile) => ("mobile", mobile),
            By::Email(email) => ("email", email),
        };
        match asked!(self.people.find(&self.app, kind, name, now).await) {
            Ok(id) => Ok(Some(id)),
            Err(error) if is_nobody(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn stands(&self, id: &str, now: Time) -> Result<Stands, SendError> {
        let written: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let path = format!("contact/v3/users/{written}?user_id_type={}", kind(id));
        let none = Value::Null;
        let answer = asked!(self.app.call(Method::GET, &path, &none, now).await);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if is_nobody(&error) => {
                return Ok(Stands::new(Standing::Gone, error.detail));
            }
            Err(error) => return Err(error),
        };
        read(&answer["data"]["user"]["status"]).ok_or_else(|| {
            let detail = "the answer does not say how they stand";
            SendError::new(ErrorKind::Misconfigured, detail).fix(EMPLOYEE)
        })
    }

    fn hidden(&self, error: SendError) -> SendError {
        self.app.hide(Err(error.clone())).err().unwrap_or(error)
    }
}

impl Directory for Book {
    fn find<'a>(
        &'a self,
        by: By<'a>,
        now: Time,
    ) -> BoxFuture<'a, Result<Option<String>, SendError>> {
        async move {
            let found = self.find(by, now).await;
            found.map_err(|error| self.hidden(error))
        }
        .boxed()
    }

    fn standing<'a>(&'a self, id: &'a str, now: Time) -> BoxFuture<'a, Result<Stands, SendError>> {
        async move {
            let stands = self.stands(id, now).await;
            stands.map_err(|error| self.hidden(error))
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whoever_is_frozen_or_has_left_is_not_there_and_no_status_says_nothing() {
        let standing = |status: Value| read(&status).map(|stands| stands.standing);
        let whole = |key: &str| {
            let mut status = json!({"is_frozen": false, "is_resigned": false, "is_activated": true,
                "is_exited": false, "is_unjoin": false});
            status[key] = true.into();
            standing(status)
        };
        assert_eq!(whole("is_resigned"), Some(Standing::Left));
        assert_eq!(whole("is_exited"), Some(Standing::Left));
        assert_eq!(whole("is_frozen"), Some(Standing::Disabled));
        assert_eq!(whole("is_unjoin"), Some(Standing::Inactive));
        assert_eq!(whole("is_activated"), Some(Standing::Active));
        assert_eq!(standing(Value::Null), None);
        assert_eq!(
            (kind("ou_1"), kind("on_1"), kind("9dfa")),
            ("open_id", "union_id", "user_id")
        );
    }
}
