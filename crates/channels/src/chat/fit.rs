//! Bodies whose size is limited as a whole, with everything that JSON adds.

use serde_json::Value;

/// The body that `make` builds for the largest room (at most `room`) with which its JSON has at most
/// `most` bytes. Every byte of room is at least one byte of JSON, so giving up the overshoot is enough,
/// and the smallest step makes sure that it ends.
pub(crate) fn fit(room: usize, most: usize, make: impl Fn(usize) -> Value) -> Value {
    let mut room = room;
    loop {
        let body = make(room);
        let size = body.to_string().len();
        if size <= most || room == 0 {
            return body;
        }
        room = room.saturating_sub((size - most).max(room / 16).max(1));
    }
}
