use std::sync::Arc;

use balefire_core::alert::{Alert, Lifecycle};
use balefire_core::fingerprint::Fingerprint;
use balefire_core::label::Labels;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

fn labels() -> impl Strategy<Value = Labels> {
    btree_map("[a-z_]{1,12}", "[^\0]{1,40}", 0..8).prop_map(|pairs| {
        Labels::annotations(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))).expect("labels")
    })
}

fn alert() -> impl Strategy<Value = Input> {
    let times = (any::<i64>(), any::<i64>(), any::<i64>());
    ("[a-z-]{1,10}", labels(), labels(), times, any::<bool>()).prop_map(
        |(source, labels, annotations, (starts_at, ends_at, updated_at), timeout)| Input::Alert {
            source: source.into(),
            alert: Box::new(Alert {
                labels,
                annotations,
                generator_url: "http://prometheus/graph?g0.expr=up".into(),
                starts_at: Time::from_micros(starts_at),
                ends_at: Time::from_micros(ends_at),
                updated_at: Time::from_micros(updated_at),
                timeout,
                lifecycle: Lifecycle::Refreshing,
            }),
        },
    )
}

fn input() -> impl Strategy<Value = Input> {
    let refresh = (any::<u64>(), any::<i64>(), any::<bool>()).prop_map(|(print, at, timeout)| {
        let ends_at = Time::from_micros(at);
        Input::Refresh {
            fingerprint: Fingerprint(print),
            ends_at,
            timeout,
        }
    });
    let key = (".{0,80}", any::<u64>()).prop_map(|(key, print)| Input::Key {
        key: key.into(),
        fingerprint: Fingerprint(print),
    });
    prop_oneof![
        alert(),
        refresh,
        key,
        ".{0,200}".prop_map(|json| Input::Silence(json.into())),
        "[0-9a-f]{64}".prop_map(|hash| Input::Configuration(hash.into())),
    ]
}

/// What callers handed in, each with the time of its receipt.
fn callers() -> impl Strategy<Value = Vec<(i64, Vec<Input>)>> {
    vec((any::<i64>(), vec(input(), 1..4)), 1..5)
}

fn body_of(row_at: Time, callers: &[(i64, Vec<Input>)]) -> Vec<u8> {
    let mut body = BatchBody::default();
    for (at, inputs) in callers {
        body.push(
            row_at,
            Time::from_micros(*at),
            &encode_inputs(inputs).expect("encodes"),
        );
    }
    body.pack()
}

proptest! {
    #[test]
    fn a_batch_reads_back_as_it_was_written(first in 1_u64..1 << 47, row_at: i64, callers in callers()) {
        let row_at = Time::from_micros(row_at);
        let events = decode_batch(first, row_at, &body_of(row_at, &callers)).expect("decodes");
        let expected: Vec<_> = callers
            .iter()
            .flat_map(|(at, inputs)| inputs.iter().map(|input| (Time::from_micros(*at), input)))
            .collect();
        prop_assert_eq!(events.len(), expected.len());
        for (i, (event, (at, input))) in events.iter().zip(expected).enumerate() {
            prop_assert_eq!(event.seq, first + i as u64);
            prop_assert_eq!(event.at, at);
            prop_assert_eq!(&event.input, input);
        }
    }

    #[test]
    fn a_flipped_bit_is_detected(callers in callers(), at: prop::sample::Index, bit in 0_u32..8) {
        let body = body_of(Time::EPOCH, &callers);
        let numbers = [7, 9, 11];
        let good = crc(&numbers, &body);
        let mut flipped = body.clone();
        flipped[at.index(body.len())] ^= 1 << bit;
        prop_assert_ne!(crc(&numbers, &flipped), good);
        // The numbers of the row are under the checksum too.
        let mut moved = numbers;
        moved[at.index(3)] ^= 1 << bit;
        prop_assert_ne!(crc(&moved, &body), good);
    }

    #[test]
    fn damage_that_slips_by_is_an_error_and_never_a_panic(noise in vec(any::<u8>(), 0..300)) {
        // Any answer is right here, as long as there is one.
        let _ = decode_batch(1, Time::EPOCH, &noise);
        let _ = unpack(&noise);
    }

    #[test]
    fn packing_keeps_bytes_and_never_grows_them_by_more_than_its_mark(plain in vec(any::<u8>(), 0..600)) {
        let packed = pack(&plain);
        prop_assert!(packed.len() <= plain.len() + 1);
        prop_assert_eq!(unpack(&packed).expect("unpacks"), plain);
    }
}

#[test]
fn similar_alerts_are_compressed_together() {
    let inputs: Vec<_> = (0..64)
        .map(|i| Input::Refresh {
            fingerprint: Fingerprint(i),
            ends_at: Time::from_secs(1_700_000_000),
            timeout: true,
        })
        .collect();
    let plain = encode_inputs(&inputs).expect("encodes");
    assert!(pack(&plain).len() * 2 < plain.len());
}

#[test]
fn an_impossible_size_is_refused_before_it_is_allocated() {
    let body = [&[LZ4][..], &u32::MAX.to_le_bytes(), b"x"].concat();
    assert!(matches!(unpack(&body), Err(StoreError::Corrupt(_))));
}

#[test]
fn a_row_of_a_later_version_is_named_as_such() {
    let error = unpack(&[9, 1, 2]).expect_err("unknown version");
    assert!(error.to_string().contains("version 9"), "{error}");
}

#[test]
fn words_of_several_callers_stay_with_their_caller() {
    let silence = |text: &str| vec![Input::Silence(Arc::from(text))];
    let callers = [(5, silence("a")), (3, silence("b"))];
    let events = decode_batch(
        1,
        Time::from_micros(3),
        &body_of(Time::from_micros(3), &callers),
    );
    let times: Vec<_> = events
        .expect("decodes")
        .iter()
        .map(|event| event.at.micros())
        .collect();
    assert_eq!(times, [5, 3]);
}
