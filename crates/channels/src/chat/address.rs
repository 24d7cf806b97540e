//! Where a robot is reached: the URL an operator copied, or a key and the provider's base.

use balefire_core::secret::Secret;
use url::Url;

use crate::http::Http;
use crate::options::Options;

/// How a platform builds a robot's URL.
#[derive(Debug)]
pub(crate) struct Hook {
    /// The key that holds the robot's own key (`token`, `key`).
    pub(crate) key: &'static str,
    /// The provider's address unless `base_url` gives another.
    pub(crate) base: &'static str,
    /// What stands between the base and the key.
    pub(crate) path: &'static str,
}

/// The robot's URL from `url` (or what `urls` names), else from its key and `base_url`; problems are noted.
pub(crate) fn hook(
    options: &mut Options<'_>,
    http: &Http,
    urls: &[&'static str],
    hook: &Hook,
) -> Option<Secret> {
    for name in urls {
        let Some(text) = options.text(name) else {
            continue;
        };
        return match http.check_url(text) {
            Ok(_) => Some(Secret::new(text)),
            Err(e) => {
                let fix = e.fix_or(
                    "copy the whole URL from the robot's page; Go templates in URLs are not run",
                );
                options.problem(name, e.to_string(), fix);
                None
            }
        };
    }
    let base = base(options, http, &["base_url"], hook.base);
    let Some(key) = options.text(hook.key) else {
        let first = urls.first().copied().unwrap_or("url");
        let problem = format!("is missing, and so is {}", hook.key);
        options.problem(first, problem, "copy the URL from the robot's page");
        return None;
    };
    let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    Some(Secret::new(format!("{}{}{key}", base?, hook.path)))
}

/// The provider's base without a slash at the end: the first of `keys` that is given, else `default`.
pub(crate) fn base(
    options: &mut Options<'_>,
    http: &Http,
    keys: &[&'static str],
    default: &str,
) -> Option<String> {
    let given = keys.iter().find_map(|&key| Some((key, options.text(key)?)));
    let Some((key, text)) = given else {
        return Some(default.to_owned());
    };
    match http.check_url(text) {
        Ok(url) => Some(shown(&url)),
        Err(e) => {
            let fix =
                e.fix_or("write a full http:// or https:// URL; Go templates in URLs are not run");
            options.problem(key, e.to_string(), fix);
            None
        }
    }
}

fn shown(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// Whether a text is a Go template of Alertmanager's that has not been rendered.
pub(crate) fn is_template(text: &str) -> bool {
    text.contains("{{")
}
