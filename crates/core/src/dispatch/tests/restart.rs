//! A memory that was written down and read back decides as if nothing had happened.

use proptest::prelude::*;

use super::super::CheckpointChunk;
use super::random::{Act, history, random_rules};
use super::*;

/// A live dispatcher and all that a store would hold of it.
struct Node {
    world: World,
    log: Vec<Event>,
    /// Each flush with the cursor it was decided at.
    decisions: Vec<(u64, Flush)>,
}

impl Node {
    fn turn(&mut self, until: i64) {
        while let Some(due) = self
            .world
            .dispatch
            .next_due()
            .filter(|due| *due <= secs(until))
        {
            let cursor = self.world.dispatch.cursor();
            for flush in self.world.dispatch.turn(due, 3) {
                self.decisions.push((cursor, flush));
            }
        }
    }

    fn act(&mut self, at: i64, act: &Act) {
        self.turn(at - 1);
        let mut inputs = World::with(Dispatch::new(Arc::new(random_rules())));
        inputs.seq = self.world.seq;
        let event = inputs.recorded(at, act);
        self.world.seq = event.seq;
        self.world.dispatch.apply(&event);
        self.log.push(event);
    }
}

impl World {
    /// The event an act amounts to.
    fn recorded(&mut self, at: i64, act: &Act) -> Event {
        let before = self.seq;
        self.act(at, act);
        assert_eq!(self.seq, before + 1, "an act is one event");
        self.last.clone().expect("event")
    }
}

fn pieces(dispatch: &Dispatch) -> Vec<CheckpointChunk> {
    dispatch.checkpoint().collect()
}

/// As a store keeps them.
fn stored(dispatch: &Dispatch) -> Vec<CheckpointChunk> {
    let pack = |chunk| postcard::to_allocvec(&chunk).expect("packed");
    let read = |bytes: Vec<u8>| postcard::from_bytes(&bytes).expect("chunk");
    dispatch.checkpoint().map(pack).map(read).collect()
}

/// The memory after the checkpoint's events and decisions were replayed on it.
fn recovered(node: &Node, checkpoint: Vec<CheckpointChunk>, after: usize, all: bool) -> Dispatch {
    let mut dispatch = Dispatch::restore(Arc::new(random_rules()), checkpoint);
    let apply_to = |dispatch: &mut Dispatch, last: u64| {
        for event in node.log.iter().filter(|event| event.seq <= last) {
            dispatch.apply(event);
        }
    };
    for (cursor, flush) in node.decisions.iter().skip(after) {
        apply_to(&mut dispatch, *cursor);
        if all || flush.changed {
            dispatch.replay(&flush.record);
        }
    }
    apply_to(&mut dispatch, u64::MAX);
    dispatch
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_restart_at_any_moment_changes_no_later_decision(
        history in history(),
        cuts in (0.0..1.0_f64, 0.0..1.0_f64),
    ) {
        let count = history.len() as f64;
        let (one, two) = ((cuts.0 * count) as usize, (cuts.1 * count) as usize);
        let (checkpoint_at, killed_at) = (one.min(two), one.max(two));
        let mut node = Node { world: World::new(random_rules()), log: vec![], decisions: vec![] };
        let mut checkpoint = (stored(&node.world.dispatch), 0);
        let mut at = 0;
        let mut recovery = None;
        for (index, (after, act)) in history.iter().enumerate() {
            at += after;
            if index == checkpoint_at {
                checkpoint = (stored(&node.world.dispatch), node.decisions.len());
            }
            if index == killed_at {
                let back = |all| recovered(&node, checkpoint.0.clone(), checkpoint.1, all);
                // Everything recorded: the memory is the same to the last timer.
                prop_assert_eq!(pieces(&back(true)), pieces(&node.world.dispatch));
                recovery = Some((World::with(back(true)), World::with(back(false))));
            }
            node.act(at, act);
            let event = node.log.last().expect("event");
            if let Some((all, changed)) = &mut recovery {
                for world in [all, changed] {
                    world.run(event.at.secs() - 1);
                    world.dispatch.apply(event);
                }
            }
        }
        node.turn(at + 3000);
        let Some((mut all, mut changed)) = recovery else { return Ok(()) };
        all.run(at + 3000);
        let later = node.decisions.len() - all.records.len();
        let records: Vec<_> = node.decisions[later..].iter().map(|d| d.1.record.clone()).collect();
        prop_assert_eq!(all.records, records);
        // Without the unchanged looks the timers run differently, so that fast changes are told
        // otherwise; in the end the same is known.
        changed.run(at + 3000);
        let members = |dispatch: &Dispatch| {
            let mut members: Vec<_> = dispatch
                .groups()
                .flat_map(|group| group.alerts().map(move |(e, _)| (group.id(), e)).collect::<Vec<_>>())
                .collect();
            members.sort_unstable();
            members
        };
        prop_assert_eq!(members(&changed.dispatch), members(&node.world.dispatch));
    }
}

#[test]
fn recorded_changes_alone_rebuild_all_but_the_timers() {
    let mut world = World::plain();
    world.fire(0, "a").fire(3, "b").run(200);
    world.resolve(205, "a").run(300);
    let rules = Arc::clone(world.dispatch.rules());
    let mut back = World::plain();
    back.input(
        0,
        Input::Alert {
            source: "t".into(),
            alert: Box::new(alert("a", 0, None)),
        },
    );
    back.input(
        3,
        Input::Alert {
            source: "t".into(),
            alert: Box::new(alert("b", 3, None)),
        },
    );
    let changed: Vec<_> = world
        .records
        .iter()
        .filter(|r| !r.alerts.is_empty())
        .cloned()
        .collect();
    assert_eq!(changed.len(), 2);
    back.dispatch.replay(&changed[0]);
    back.seq = 2;
    back.input(
        14,
        Input::Alert {
            source: "t".into(),
            alert: Box::new(alert("a", 205, Some(205))),
        },
    );
    back.dispatch.replay(&changed[1]);
    assert_eq!(back.heard(), [""; 0]);
    let told = |world: &World| -> Vec<_> {
        world
            .dispatch
            .groups()
            .flat_map(|g| g.told().map(|t| (Arc::clone(t.0), t.1)).collect::<Vec<_>>())
            .collect()
    };
    assert_eq!(told(&back), told(&world));
    assert_eq!(back.dispatch.rules().version, rules.version);
}

#[test]
fn a_checkpoint_of_other_rules_comes_back_under_the_new_ones() {
    let mut world = World::plain();
    world.fire(0, "a").run(50);
    let new = Rules {
        version: "2".into(),
        ..rules(root(), &[("chat", true), ("pager", true)])
    };
    let mut back = World::with(Dispatch::restore(Arc::new(new), stored(&world.dispatch)));
    back.run(500);
    assert_eq!(back.heard(), ["20 pager first notification: a@0 firing"]);
}

#[test]
fn no_piece_of_a_checkpoint_is_large() {
    let mut world = World::plain();
    for n in 0..10_000 {
        world.post(0, alert(&n.to_string(), 0, None));
    }
    assert_eq!(world.dispatch.turn(secs(20), 10).len(), 1);
    let sizes: Vec<usize> = world
        .dispatch
        .checkpoint()
        .map(|chunk| postcard::to_allocvec(&chunk).expect("packed").len())
        .collect();
    assert!(
        sizes.len() > 6 && sizes.iter().all(|size| *size < 1 << 20),
        "{sizes:?}"
    );
    let back = Dispatch::restore(
        Arc::clone(world.dispatch.rules()),
        world.dispatch.checkpoint(),
    );
    assert_eq!(pieces(&back), pieces(&world.dispatch));
}
