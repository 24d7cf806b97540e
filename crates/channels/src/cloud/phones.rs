//! The options that all of these channels have.

use crate::channel::Target;
use crate::options::Options;
use crate::phone::Phone;

/// The numbers of `phones`, each once; problems are noted.
pub(crate) fn phones(options: &mut Options<'_>) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut wrong = Vec::new();
    for text in options.texts("phones") {
        match Phone::parse(text) {
            Ok(phone) => {
                let number = phone.e164();
                if !targets.iter().any(|known| &*known.address == number) {
                    targets.push(Target {
                        address: number.into(),
                        label: number.into(),
                    });
                }
            }
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if targets.is_empty() && wrong.is_empty() {
        let fix = "write numbers with their country: [\"+8613800138000\"]";
        options.problem("phones", "nobody is named", fix);
    }
    for problem in wrong {
        let fix = "write the number with its country, as text: \"+8613800138000\"";
        options.problem("phones", problem, fix);
    }
    targets
}

/// A text that must be there; `place` says where to find it.
pub(crate) fn word(options: &mut Options<'_>, key: &str, place: &str) -> Option<String> {
    let text = options.text(key).map(ToOwned::to_owned);
    if text.is_none() {
        options.problem(key, "is missing", place);
    }
    text
}
