//! What channels of another protocol keep for as long as the client lives.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// One thing of each type, made when it is first asked for. All clones of a client share them, so that two
/// entries of one account have one pool of connections to its server.
#[derive(Default)]
pub(super) struct Shared(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Shared {
    /// The thing of this type.
    pub(super) fn get<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut things = self.0.lock();
        let kept = things.get(&TypeId::of::<T>()).map(Arc::clone);
        if let Some(thing) = kept.and_then(|thing| thing.downcast().ok()) {
            return thing;
        }
        let thing = Arc::new(T::default());
        things.insert(TypeId::of::<T>(), Arc::clone(&thing) as _);
        thing
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, AtomicU16, Ordering};

    use super::*;

    #[test]
    fn each_type_is_there_once() {
        let shared = Shared::default();
        shared.get::<AtomicU8>().store(7, Ordering::Relaxed);
        assert_eq!(shared.get::<AtomicU16>().load(Ordering::Relaxed), 0);
        assert_eq!(shared.get::<AtomicU8>().load(Ordering::Relaxed), 7);
    }
}
