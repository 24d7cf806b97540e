//! The alphabets of text messages, and a text cut into parts that each fit into one of them.
//!
//! Source: 3GPP TS 23.038 (GSM 7 bit, one octet for each septet as SMPP has it) and 23.040, 9.2.3.24.1 (parts). A part is
//! never cut inside a letter: neither between an escape and its letter nor inside a surrogate pair.

/// GSM's alphabet by number; the escape stands for itself.
const GSM: [char; 128] = [
    '@', '£', '$', '¥', 'è', 'é', 'ù', 'ì', 'ò', 'Ç', '\n', 'Ø', 'ø', '\r', 'Å', 'å', 'Δ', '_',
    'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ', '\u{1b}', 'Æ', 'æ', 'ß', 'É', ' ', '!', '"', '#',
    '¤', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/', '0', '1', '2', '3', '4', '5', '6',
    '7', '8', '9', ':', ';', '<', '=', '>', '?', '¡', 'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I',
    'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'Ä', 'Ö',
    'Ñ', 'Ü', '§', '¿', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o',
    'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z', 'ä', 'ö', 'ñ', 'ü', 'à',
];
const ESCAPE: u8 = 0x1b;
/// Letters that need the escape.
const ESCAPED: [(char, u8); 10] = [
    ('\u{c}', 0x0a),
    ('^', 0x14),
    ('{', 0x28),
    ('}', 0x29),
    ('\\', 0x2f),
    ('[', 0x3c),
    ('~', 0x3d),
    (']', 0x3e),
    ('|', 0x40),
    ('€', 0x65),
];

/// An alphabet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alphabet {
    /// GSM 03.38, the SMSC's own.
    Gsm,
    /// ISO 8859-1.
    Latin1,
    /// UTF-16, big-endian.
    Ucs2,
}

impl Alphabet {
    /// Its number in `data_coding`.
    pub(super) fn coding(self) -> u8 {
        match self {
            Self::Gsm => 0,
            Self::Latin1 => 3,
            Self::Ucs2 => 8,
        }
    }

    /// Bytes of a message alone, and of a part beside its head of six bytes.
    fn room(self) -> (usize, usize) {
        match self {
            Self::Gsm => (160, 153),
            Self::Latin1 | Self::Ucs2 => (140, 134),
        }
    }

    /// A letter's bytes; `None` where the alphabet has no such letter.
    fn letter(self, letter: char) -> Option<Vec<u8>> {
        match self {
            Self::Gsm => {
                let escaped = ESCAPED.iter().find(|(known, _)| *known == letter);
                if let Some((_, byte)) = escaped {
                    return Some(vec![ESCAPE, *byte]);
                }
                let at = GSM.iter().position(|known| *known == letter)?;
                let byte = u8::try_from(at).ok().filter(|byte| *byte != ESCAPE)?;
                Some(vec![byte])
            }
            Self::Latin1 => u8::try_from(u32::from(letter)).ok().map(|byte| vec![byte]),
            Self::Ucs2 => {
                let mut units = [0; 2];
                let units = letter.encode_utf16(&mut units);
                Some(units.iter().flat_map(|unit| unit.to_be_bytes()).collect())
            }
        }
    }

    fn letters(self, text: &str) -> Option<Vec<Vec<u8>>> {
        text.chars().map(|letter| self.letter(letter)).collect()
    }
}

/// A text as bytes: in the wished alphabet where it has all letters, else in UCS-2, which has all.
pub(super) fn letters(text: &str, wished: Alphabet) -> (Alphabet, Vec<Vec<u8>>) {
    if let Some(letters) = wished.letters(text) {
        return (wished, letters);
    }
    let letters = Alphabet::Ucs2.letters(text);
    (Alphabet::Ucs2, letters.unwrap_or_default())
}

/// The parts of a text: one if it fits alone.
pub(super) fn parts(alphabet: Alphabet, letters: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let (alone, room) = alphabet.room();
    if letters.iter().map(Vec::len).sum::<usize>() <= alone {
        return vec![letters.concat()];
    }
    let mut parts = vec![Vec::new()];
    for letter in letters {
        if let Some(last) = parts.last_mut()
            && last.len() + letter.len() <= room
        {
            last.extend(letter);
        } else {
            parts.push(letter.clone());
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_that_gsm_has_not_make_it_ucs2() {
        let (alphabet, bytes) = letters("a{€", Alphabet::Gsm);
        assert_eq!(alphabet, Alphabet::Gsm);
        assert_eq!(bytes.concat(), [0x61, 0x1b, 0x28, 0x1b, 0x65]);
        assert_eq!(letters("\u{1b}", Alphabet::Gsm).0, Alphabet::Ucs2);
        assert_eq!(letters("ç", Alphabet::Latin1).1.concat(), [0xe7]);
        let (alphabet, bytes) = letters("[告警] db-01", Alphabet::Gsm);
        assert_eq!(alphabet, Alphabet::Ucs2);
        // wire/smpp.md
        let wire = "005b544a8b66005d002000640062002d00300031";
        assert_eq!(hex::encode(bytes.concat()), wire);
    }

    #[test]
    fn a_part_has_as_many_letters_as_the_standard_says() {
        let count = |letter: &str, many: usize| {
            let (alphabet, letters) = letters(&letter.repeat(many), Alphabet::Gsm);
            parts(alphabet, &letters)
                .iter()
                .map(Vec::len)
                .collect::<Vec<_>>()
        };
        assert_eq!(count("a", 160), [160]);
        assert_eq!(count("a", 161), [153, 8]);
        assert_eq!(count("€", 80), [160]);
        assert_eq!(count("€", 81), [152, 10]);
        assert_eq!(count("警", 70), [140]);
        assert_eq!(count("警", 71), [134, 8]);
        assert_eq!(count("🔥", 36), [132, 12]);
    }

    proptest! {
        #[test]
        fn parts_hold_their_room_and_lose_nothing(text in any::<String>()) {
            let (alphabet, bytes) = letters(&text, Alphabet::Gsm);
            let parts = parts(alphabet, &bytes);
            prop_assert_eq!(parts.concat(), bytes.concat());
            for part in &parts {
                let (alone, room) = alphabet.room();
                let most = if parts.len() == 1 { alone } else { room };
                prop_assert!(part.len() <= most);
                if alphabet == Alphabet::Ucs2 {
                    let units: Vec<u16> = part.chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
                    prop_assert!(String::from_utf16(&units).is_ok());
                } else {
                    prop_assert_ne!(part.last(), Some(&ESCAPE));
                }
            }
        }
    }
}
