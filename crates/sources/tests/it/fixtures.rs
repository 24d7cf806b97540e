//! What each fixture says, as a snapshot beside it.

use balefire_sources::registry::SOURCES;

use crate::request::{Request, fixtures_of, folder};

#[test]
fn every_fixture_reads_as_its_snapshot_says() {
    for spec in SOURCES {
        let files = fixtures_of(spec.kind);
        assert!(!files.is_empty(), "{} has no fixture", spec.kind);
        for file in files {
            let name = file
                .file_name()
                .expect("a file has a name")
                .to_string_lossy()
                .into_owned();
            let read = Request::of_file(&file)
                .read_by(spec)
                .map_err(|refusal| refusal.to_string());
            let mut settings = insta::Settings::clone_current();
            settings.set_snapshot_path(folder().join(spec.kind));
            settings.set_prepend_module_to_snapshot(false);
            settings.set_omit_expression(true);
            settings.bind(|| insta::assert_json_snapshot!(name, read));
        }
    }
}

#[test]
fn every_kind_is_registered_once_and_its_keys_are_documented() {
    for (index, spec) in SOURCES.iter().enumerate() {
        assert!(
            SOURCES[..index].iter().all(|other| other.kind != spec.kind),
            "{} twice",
            spec.kind
        );
        for field in spec.fields {
            assert!(
                field.doc.ends_with('.'),
                "{}.{} needs a sentence",
                spec.kind,
                field.name
            );
            let common = ["kind", "token", "labels", "timezone", "access"];
            assert!(
                !common.contains(&field.name),
                "{}.{} is a common key",
                spec.kind,
                field.name
            );
        }
    }
}
