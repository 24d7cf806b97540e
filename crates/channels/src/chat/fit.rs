//! Bodies whose size is limited as a whole, with everything that JSON adds.

use serde_json::Value;

/// The body that `make` builds for a large room (at most `room`) with which its JSON has at most `most` bytes.
/// JSON grows about in proportion to the room, so the room shrinks in proportion; the smallest step makes sure
/// that it ends.
pub(crate) fn fit(room: usize, most: usize, make: impl Fn(usize) -> Value) -> Value {
    let mut room = room;
    loop {
        let body = make(room);
        let size = body.to_string().len();
        if size <= most || room == 0 {
            return body;
        }
        room = (room * most / size).min(room - (room / 64).max(1));
    }
}
