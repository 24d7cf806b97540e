//! Files over HTTP: taken in as a stream and handed out as one, for AppTools and for `/api/v1/files` alike.
//!
//! What comes in is never more in memory than a few pieces of it, and what goes out is nothing that a browser
//! would run: an attachment, of a type that we found ourselves, under a policy that forbids everything.

mod disposition;
mod hand_out;
mod multipart;
mod range;
mod receive;

pub(crate) use self::hand_out::hand_out;
pub(crate) use self::receive::receive;
