//! The company's address book as an application sees it: `user/getuserid`, `user/get_userid_by_email`, `user/get`.
//!
//! Vendor pages: <https://developer.work.weixin.qq.com/document/path/96267>, `…/95402` and `…/90196`. Too many numbers
//! that nobody has shut the address book for a day. Whoever is outside the application's scope is 60011, which says
//! nothing of them; whoever was deleted is 60111.

use std::sync::Arc;

use balefire_core::identity::Standing;
use balefire_core::time::Time;
use futures_util::future::{BoxFuture, FutureExt as _};
use serde_json::json;

use super::app::SPEC;
use super::codes::is_nobody;
use super::credential::{Credential, credential};
use super::lookup::People;
use crate::directory::{By, Directory, Opened, Stands, asked};
use crate::error::{ErrorKind, SendError};
use crate::options::Options;
use crate::spec::Build;

/// The kinds of mail addresses that are asked for: the company's own, then members' private ones.
const EMAIL_TYPES: [u8; 2] = [1, 2];

/// The address book of one application.
#[derive(Debug)]
struct Book {
    credential: Credential,
    people: People,
}

/// Opens it for an account.
pub(crate) fn open(build: &Build<'_>) -> Opened {
    let mut options = Options::of(build);
    let credential = credential(&mut options, build, SPEC.timeout);
    let book = credential.map(|credential| {
        Arc::new(Book {
            credential,
            people: People::default(),
        }) as Arc<dyn Directory>
    });
    options.finish(book)
}

impl Book {
    async fn by_phone(&self, mobile: &str, now: Time) -> Result<Option<String>, SendError> {
        let found = asked!(self.people.find(&self.credential, mobile, now).await);
        match found {
            Ok(address) => Ok(address.strip_prefix("user:").map(ToOwned::to_owned)),
            Err(error) if is_nobody(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn by_email(&self, email: &str, now: Time) -> Result<Option<String>, SendError> {
        for email_type in EMAIL_TYPES {
            let body = json!({"email": email, "email_type": email_type});
            let path = "user/get_userid_by_email";
            let answer = asked!(self.credential.call(path, &body, now).await);
            match answer {
                Ok(answer) => {
                    let id = answer.body["userid"].as_str().unwrap_or_default();
                    if !id.is_empty() {
                        return Ok(Some(id.to_owned()));
                    }
                }
                Err(error) if is_nobody(&error) => {}
                // A day's limit: until then the address book is shut.
                Err(mut error) if error.kind == ErrorKind::RateLimited => {
                    error.retry_after = error.retry_after.max(Some(super::lookup::SHUT));
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn stands(&self, id: &str, now: Time) -> Result<Stands, SendError> {
        let answer = asked!(self.credential.get("user/get", ("userid", id), now).await);
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if is_nobody(&error) => {
                return Ok(Stands::new(Standing::Gone, error.detail));
            }
            Err(error) => return Err(error),
        };
        let status = answer.body["status"].as_i64();
        let standing = match status {
            Some(2) => Standing::Disabled,
            Some(4) => Standing::Inactive,
            Some(5) => Standing::Left,
            // 1 is active. Who is shown without a status is there.
            _ => Standing::Active,
        };
        let said = status.map_or_else(String::new, |status| format!("status {status}"));
        Ok(Stands::new(standing, said))
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
                By::Email(email) => self.by_email(email, now).await,
            };
            found.map_err(|error| self.credential.hidden(error))
        }
        .boxed()
    }

    fn standing<'a>(&'a self, id: &'a str, now: Time) -> BoxFuture<'a, Result<Stands, SendError>> {
        async move {
            let stands = self.stands(id, now).await;
            stands.map_err(|error| self.credential.hidden(error))
        }
        .boxed()
    }
}
