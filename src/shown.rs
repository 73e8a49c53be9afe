//! Which characters of a foreign text may be shown: none that commands a terminal, turns the direction of what
//! follows it, or makes two texts differ that look alike.

/// Whether all of the text may be shown.
pub fn is_shown(text: &str) -> bool {
    characters(text).all(|(_, shown)| shown)
}

/// The text, with U+FFFD in the place of each character that may not be shown.
pub fn printable(text: &str) -> String {
    characters(text).map(|(c, shown)| if shown { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// The characters, and whether each of them may be shown where it stands.
fn characters(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut can_be_shaped = false;
    text.chars().map(move |c| {
        let shown = can_be_shaped && is_shape(c) || !(c.is_control() || is_unseen(c));
        can_be_shaped = shown && !c.is_ascii();
        (c, shown)
    })
}

/// Joiners and variation selectors, with which Persian, the scripts of India, Mongolian and emoji
/// are written: they shape what stands before them, which is never ASCII.
fn is_shape(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{180b}'..='\u{180d}' | '\u{180f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// What no reader sees: `Default_Ignorable_Code_Point` of Unicode 16 (DerivedCoreProperties.txt), in
/// which the controls of direction are, and the separators of lines, paragraphs and annotations.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}')
        || matches!(c, '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
        || matches!(c, '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_shown() {
        for text in [
            "",
            "Fibroadenom, Größe 2",
            "ductal carcinoma (in situ)",
            // Persian with a non-joiner, Sinhala with a joiner, and an emoji of two with a selector.
            "می\u{200c}خواهم",
            "ශ්\u{200d}රී",
            "❤\u{fe0f}\u{200d}🩹",
            "葛\u{e0100}城",
            // Hebrew needs no control to run from right to left.
            "שאתות",
        ] {
            assert!(is_shown(text), "{text:?}");
            assert_eq!(printable(text), text);
        }
    }

    #[test]
    fn what_nobody_sees_is_not() {
        for (text, printed) in [
            ("\u{1b}[2J", "\u{fffd}[2J"),
            ("a\nb\u{9b}", "a\u{fffd}b\u{fffd}"),
            // "patient-gpj.exe" to look at.
            ("patient-\u{202e}exe.jpg", "patient-\u{fffd}exe.jpg"),
            ("\u{2066}a\u{2069}\u{61c}", "\u{fffd}a\u{fffd}\u{fffd}"),
            ("be\u{ad}nign", "be\u{fffd}nign"),
            // Latin needs no joiner, and nothing can be joined to nothing.
            ("benign\u{200d}", "benign\u{fffd}"),
            ("benign\u{fe0f}", "benign\u{fffd}"),
            ("\u{200c}benign", "\u{fffd}benign"),
            ("ශ\u{200b}\u{200d}", "ශ\u{fffd}\u{fffd}"),
            ("line\u{2028}line", "line\u{fffd}line"),
            ("\u{feff}benign\u{e0001}\u{3164}", "\u{fffd}benign\u{fffd}\u{fffd}"),
        ] {
            assert!(!is_shown(text), "{text:?}");
            assert_eq!(printable(text), printed);
        }
    }
}
