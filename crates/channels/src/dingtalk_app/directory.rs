//! The company's address book as an application sees it: `v2/user/getbymobile` and `v2/user/get`.
//!
//! Vendor pages: <https://open.dingtalk.com/document/development/query-users-by-phone-number> and
//! query-user-details. Whoever is outside the application's scope is 50002, which says nothing of them; whoever has
//! left is 60121.

use std::sync::Arc;

use balefire_core::identity::Standing;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::json;

use super::SPEC;
use super::app::App;
use super::codes::is_nobody;
use super::people::People;
use crate::directory::{By, Directory, Opened, Stands, asked};
use crate::error::{ErrorKind, SendError};
use crate::options::Options;
use crate::spec::Build;

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

impl Book {
    async fn by_phone(&self, mobile: &str, now: Time) -> Result<Option<String>, SendError> {
        match asked!(self.people.find(&self.app, mobile, now).await) {
            Ok(id) => Ok(Some(id)),
            Err(error) if is_nobody(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn stands(&self, id: &str, now: Time) -> Result<Stands, SendError> {
        let body = json!({"userid": id});
        let answer = asked!(self.app.topapi("v2/user/get", &body, now).await);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if is_nobody(&error) => {
                return Ok(Stands::new(Standing::Gone, error.detail));
            }
            Err(error) => return Err(error),
        };
        // Who is shown without it is there.
        Ok(match answer.body["result"]["active"].as_bool() {
            Some(false) => Stands::new(Standing::Inactive, "active: false"),
            Some(true) => Stands::new(Standing::Active, "active: true"),
            None => Stands::new(Standing::Active, ""),
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
            let found = match by {
                By::Phone(mobile) => self.by_phone(mobile, now).await,
                By::Email(_) => {
                    let error = "DingTalk's address book is not asked by mail address";
                    Err(SendError::new(ErrorKind::Unsupported, error))
                }
            };
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
