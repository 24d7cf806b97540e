use std::collections::BTreeMap;

use super::*;
use crate::tree;

fn around(env: &dyn Env) -> Surroundings<'_> {
    Surroundings {
        env,
        folder: PathBuf::from("/nowhere"),
    }
}

fn env() -> BTreeMap<String, String> {
    [
        ("DING_URL", "https://x/?token=1"),
        ("EMPTY", ""),
        ("NESTED", "${env:DING_URL}: - {"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn text(input: &str) -> Result<String, Missing> {
    expanded(input, &around(&env())).map(|out| out.unwrap_or_else(|| input.to_owned()))
}

#[test]
fn references_are_replaced_once_and_escapes_are_kept() {
    for (input, output) in [
        ("${env:DING_URL}", "https://x/?token=1"),
        ("a${env:EMPTY}b", "ab"),
        ("${env:NESTED}", "${env:DING_URL}: - {"),
        ("$${env:DING_URL}", "${env:DING_URL}"),
        ("$${file:/x} ${env:EMPTY}!", "${file:/x} !"),
        ("pa$$word ${HOME} $1 ${", "pa$$word ${HOME} $1 ${"),
        ("$$${OTHER} ${env:EMPTY}", "$$${OTHER} "),
    ] {
        assert_eq!(text(input).as_deref(), Ok(output), "{input}");
    }
}

#[test]
fn what_is_missing_is_named_with_the_nearest_name() {
    let missing = text("${env:DING_ULR} and ${file:no/such}").expect_err("missing");
    assert_eq!(missing.len(), 2);
    assert_eq!(
        missing[0].0,
        "the environment variable \"DING_ULR\" is not set"
    );
    assert_eq!(missing[0].1, "did you mean \"DING_URL\"?");
    assert_eq!(
        missing[1].0,
        "the file \"/nowhere/no/such\" cannot be read: it is not there"
    );
    assert_eq!(
        text("${env:DING_URL").expect_err("open")[0].0,
        "a \"${\" without its \"}\""
    );
}

#[test]
fn files_are_read_whole_and_bounded() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, content: &[u8]| {
        std::fs::write(folder.path().join(name), content).expect("write");
    };
    write("secret", b"s3cret\r\n");
    write("large", &vec![b'x'; 64 * 1024 + 1]);
    write("binary", b"\xff\xfe");
    write("empty", b"\n");
    let env = BTreeMap::new();
    let around = Surroundings {
        env: &env,
        folder: folder.path().to_owned(),
    };
    assert_eq!(around.read("secret").expect("text"), "s3cret");
    assert!(matches!(
        around.read("large"),
        Err(FileProblem::TooLarge(_))
    ));
    assert!(matches!(
        around.read("binary"),
        Err(FileProblem::NotText(_))
    ));
    assert!(matches!(around.read("empty"), Err(FileProblem::Empty(_))));
    assert!(matches!(around.read("."), Err(FileProblem::NotAFile(_))));
}

#[test]
fn a_value_cannot_change_the_structure_of_the_document() {
    let mut findings = Findings::new("x.yml");
    let mut root = tree::parse("a: \"${env:NESTED}\"\n", &mut findings).expect("tree");
    expand(&mut root, &Path::Root, &around(&env()), &mut findings);
    assert_eq!(root.text_at("a"), Some("${env:DING_URL}: - {"));
    assert_eq!(root.entries().len(), 1);
    assert_eq!(findings.count(), 0);
}
