//! What a stop cut off after it was written down, and the next start finishes.

use crate::legacy::alarm_v2;
use crate::state::WebState;

/// Takes up what this node had begun. To be called before the first request is taken: what is under way then is
/// what the last run left.
pub async fn take_up(state: &WebState) {
    alarm_v2::take_up(state).await;
}
