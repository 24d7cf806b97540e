//! The colour of an attachment, as people read it.

/// Good, bad, or in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colour {
    Green,
    Yellow,
    Red,
}

/// What a colour looks like; `None` for blue, grey and what is no colour.
pub(super) fn of(text: &str) -> Option<Colour> {
    match text.trim().to_lowercase().as_str() {
        "good" => Some(Colour::Green),
        "warning" => Some(Colour::Yellow),
        "danger" => Some(Colour::Red),
        hex => of_hex(hex.strip_prefix('#').unwrap_or(hex)),
    }
}

fn of_hex(digits: &str) -> Option<Colour> {
    let bytes = hex::decode(digits).ok()?;
    let [red, green, blue] = <[u8; 3]>::try_from(bytes).ok()?.map(i32::from);
    // A colour is one when its parts differ clearly; a quarter of the scale is clear.
    let clear = 64;
    if green - red >= clear && green - blue >= 32 {
        Some(Colour::Green)
    } else if red - blue >= clear && green - blue >= clear {
        Some(Colour::Yellow)
    } else if red - green >= clear && red - blue >= clear {
        Some(Colour::Red)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_usual_senders_are_what_people_see() {
        for (text, expected) in [
            ("good", Some(Colour::Green)),
            ("#36a64f", Some(Colour::Green)),
            ("2eb886", Some(Colour::Green)),
            ("warning", Some(Colour::Yellow)),
            ("#daa038", Some(Colour::Yellow)),
            ("#FFCC00", Some(Colour::Yellow)),
            ("danger", Some(Colour::Red)),
            ("#D63232", Some(Colour::Red)),
            ("#a30200", Some(Colour::Red)),
            ("#439FE0", None),
            ("#888888", None),
            ("#36", None),
            ("", None),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
