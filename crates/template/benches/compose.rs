//! How long the default look of a message takes: made for every notification that is sent.

use std::hint::black_box;
use std::sync::Arc;

use balefire_core::message::Mentions;
use balefire_template::compose::{Reader, compose};
use balefire_template::sample;
use criterion::{Criterion, criterion_group, criterion_main};

fn messages(criterion: &mut Criterion) {
    let reader = Reader::default();
    let mut benches = criterion.benchmark_group("compose");
    for (name, group) in sample::all() {
        let group = Arc::new(group);
        benches.bench_function(name, |bencher| {
            bencher.iter(|| compose(black_box(&group), &reader, Mentions::default(), None));
        });
    }
    benches.finish();
}

criterion_group!(benches, messages);
criterion_main!(benches);
