//! How large a pixel is: micrometres per pixel, as the file, its name or a person says.
//!
//! What a microscope's program wrote counts before a name, and a name before a bare resolution, which
//! most programs set to that of a screen. Everything is read within bounds, and what is no length that a
//! light microscope has is taken for nothing.

use serde::{Deserialize, Serialize};

use crate::warning::Warning;

/// Bytes of a description that are looked at: sizes stand near the beginning.
const DESCRIPTION_HEAD: usize = 1 << 16;

/// What an option or a microscope's program may say, in micrometres per pixel.
pub const LEAST: f64 = 0.01;
/// As [`LEAST`].
pub const MOST: f64 = 100.0;

/// A bare resolution says something only up to this, 5080 pixels an inch: screens, printers and most
/// scanners have larger dots, so 72 or 300 "dots per inch" tell of a page and not of a microscope.
const MOST_OF_RESOLUTION: f64 = 5.0;

/// How far sides may differ: what is not square is no picture of ours.
const SQUARE: f64 = 0.01;

/// How far beyond the scales that a model has seen another one is still like them: objectives of one
/// power differ by as much with the camera behind them.
const MARGIN: f64 = 1.25;

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename_all = "kebab-case"))]
pub enum Source {
    /// The caller.
    Set,
    /// `ImageJ`'s description in a TIFF file.
    Imagej,
    /// OME-XML in a TIFF file.
    Ome,
    /// Aperio's description in a TIFF file (SVS).
    Aperio,
    /// The magnification in a name of the `BreakHis` data set.
    Breakhis,
    /// Resolution of a TIFF, PNG or JPEG file.
    Resolution,
}

/// The size of a pixel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Scale {
    /// Micrometres per pixel, [`LEAST`] to [`MOST`], both ways alike.
    pub um_per_pixel: f64,
    /// Who says so.
    pub source: Source,
    /// Magnification of the objective, such as 40, where that is said, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub objective: Option<f64>,
}

impl Scale {
    /// A scale that a microscope may have, to four digits; `None` of another.
    pub fn new(um_per_pixel: f64, source: Source) -> Option<Self> {
        let most = if source == Source::Resolution { MOST_OF_RESOLUTION } else { MOST };
        if !(LEAST..=most).contains(&um_per_pixel) {
            return None;
        }
        let step = 10f64.powi(um_per_pixel.log10().floor() as i32 - 3);
        // Divided, so that 0.25 stays 0.25.
        let um_per_pixel = (um_per_pixel / step).round() / (1.0 / step).round();
        let um_per_pixel = um_per_pixel.clamp(LEAST, most);
        Some(Self { um_per_pixel, source, objective: None })
    }

    /// Of pixels per `unit` micrometres across and down.
    pub(crate) fn of_density(across: f64, down: f64, unit: f64, source: Source) -> Option<Self> {
        if !(across > 0.0 && (across - down).abs() <= SQUARE * across) {
            return None;
        }
        Self::new(unit / across, source)
    }

    fn with_objective(self, objective: Option<f64>) -> Self {
        Self { objective: objective.filter(|power| (0.5..=200.0).contains(power)), ..self }
    }

    /// Whether this is what the program writes: a report may come from elsewhere.
    pub(crate) fn is_sound(&self) -> bool {
        (LEAST..=MOST).contains(&self.um_per_pixel)
            && self.objective.is_none_or(|power| (0.5..=200.0).contains(&power))
    }

    /// What to say where a model has learned from other scales, `[least, most]`.
    pub(crate) fn warning(&self, seen: Option<[f64; 2]>) -> Option<Warning> {
        let [least, most] = seen?;
        let found = self.um_per_pixel;
        let is_like = (least / MARGIN..=most * MARGIN).contains(&found);
        (!is_like).then_some(Warning::UnseenScale { found, least, most })
    }
}

/// The magnification in a name such as `SOB_M_DC-14-2523-400-001.png`, of the `BreakHis` data set.
///
/// Its "40X" to "400X" are objectives of 4 to 40: Spanhol et al., A dataset for breast cancer
/// histopathological image classification, IEEE Trans. Biomed. Eng. 63 (2016), section III, give 0.49,
/// 0.20, 0.10 and 0.05 micrometres per pixel.
pub fn of_name(filename: &str) -> Option<Scale> {
    let name = filename.rsplit('/').next()?;
    let rest =
        name.get(..4).filter(|start| start.eq_ignore_ascii_case("SOB_")).map(|_| &name[4..])?;
    if !rest.starts_with(['B', 'M', 'b', 'm']) {
        return None;
    }
    let mut parts = name.split(['.', '-']).rev().skip_while(|part| !is_number(part));
    let (_sequence, power) = (parts.next()?, parts.next()?);
    let (um_per_pixel, objective) = match power {
        "40" => (0.49, 4.0),
        "100" => (0.20, 10.0),
        "200" => (0.10, 20.0),
        "400" => (0.05, 40.0),
        _ => return None,
    };
    Some(Scale::new(um_per_pixel, Source::Breakhis)?.with_objective(Some(objective)))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a TIFF file's description says. `density` is the file's resolution across and down, in pixels
/// per unit, of which `ImageJ` names the unit here.
pub(crate) fn of_description(description: &[u8], density: Option<[f64; 2]>) -> Option<Scale> {
    let head = &description[..description.len().min(DESCRIPTION_HEAD)];
    let text = String::from_utf8_lossy(head);
    if text.starts_with("ImageJ=") {
        let unit = text.lines().find_map(|line| line.strip_prefix("unit="))?;
        let [across, down] = density?;
        return Scale::of_density(across, down, micrometres(unit.trim())?, Source::Imagej);
    }
    if text.contains("<OME") || text.contains("<ome:OME") {
        let pixels = text.split_once("Pixels")?.1.split('>').next()?;
        let length = |side: &str| {
            let value: f64 = attribute(pixels, &format!("PhysicalSize{side}"))?.parse().ok()?;
            let unit = attribute(pixels, &format!("PhysicalSize{side}Unit")).unwrap_or("µm");
            Some(value * micrometres(unit)?)
        };
        let (across, down) = (length("X")?, length("Y")?);
        let power = attribute(&text, "NominalMagnification").and_then(|power| power.parse().ok());
        let scale = Scale::of_density(1.0 / across, 1.0 / down, 1.0, Source::Ome)?;
        return Some(scale.with_objective(power));
    }
    if text.starts_with("Aperio") {
        let field = |name: &str| -> Option<f64> {
            text.split('|').find_map(|field| {
                let (key, value) = field.split_once('=')?;
                (key.trim() == name).then(|| value.trim().parse().ok()).flatten()
            })
        };
        return Some(Scale::new(field("MPP")?, Source::Aperio)?.with_objective(field("AppMag")));
    }
    None
}

/// The value of an attribute in the text of an element.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = element.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

/// How many micrometres a unit of length has.
fn micrometres(unit: &str) -> Option<f64> {
    Some(match unit {
        // Both letters that look like a mu, and ways to write them in ASCII.
        "µm" | "\u{3bc}m" | "um" | "micron" | "microns" | "micrometer" | "\\u00B5m" => 1.0,
        "nm" => 1e-3,
        "mm" => 1e3,
        "cm" => 1e4,
        "m" => 1e6,
        "inch" | "in" => 25_400.0,
        _ => return None,
    })
}

/// What the density in a JPEG file's JFIF header says, whatever else the file holds.
pub(crate) fn of_jfif(bytes: &[u8]) -> Option<Scale> {
    let header = bytes.get(..18)?;
    if header[..4] != [0xff, 0xd8, 0xff, 0xe0] || header[6..11] != *b"JFIF\0" {
        return None;
    }
    let unit = match header[13] {
        1 => 25_400.0,
        2 => 10_000.0,
        _ => return None,
    };
    let density = |at: usize| f64::from(u16::from_be_bytes([header[at], header[at + 1]]));
    Scale::of_density(density(14), density(16), unit, Source::Resolution)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(scale: Option<Scale>) -> Option<(f64, Source, Option<f64>)> {
        scale.map(|scale| (scale.um_per_pixel, scale.source, scale.objective))
    }

    #[test]
    fn names_of_breakhis_tell_the_objective() {
        for (name, expected) in [
            ("SOB_M_DC-14-2523-400-001.png", Some((0.05, 40.0))),
            ("a/b/SOB_B_A-14-22549AB-100-001.webp", Some((0.2, 10.0))),
            ("sob_b_a-14-22549g-200-012.png", Some((0.1, 20.0))),
            ("SOB_B_A-14-22549G-40-012", Some((0.49, 4.0))),
            ("SOB_M_DC-14-2523-300-001.png", None),
            ("SOB_X_DC-14-2523-400-001.png", None),
            ("my-400-001.png", None),
            ("SOB_", None),
            ("SOß_M", None),
            ("", None),
        ] {
            let scale = of_name(name).map(|scale| (scale.um_per_pixel, scale.objective.unwrap()));
            assert_eq!(scale, expected, "{name}");
        }
    }

    #[test]
    fn descriptions_of_three_programs_are_read() {
        let imagej = "ImageJ=1.54f\nimages=1\nunit=micron\n";
        let ome = r#"<?xml version="1.0"?><OME><Instrument><Objective ID="O" NominalMagnification="20.0"/></Instrument><Image><Pixels ID="P" PhysicalSizeX="0.5" PhysicalSizeXUnit="µm" PhysicalSizeY="0.5" SizeX="700"/>"#;
        let millimetres = r#"<OME><Pixels PhysicalSizeX="0.00025" PhysicalSizeXUnit="mm" PhysicalSizeY="250" PhysicalSizeYUnit="nm">"#;
        let aperio = "Aperio Image Library v10\r\n46000x32914 JPEG|AppMag = 20|StripeWidth = 2040|MPP = 0.4990|";
        for (text, density, expected) in [
            (imagej, Some([4.0, 4.0]), Some((0.25, Source::Imagej, None))),
            (imagej, Some([4.0, 2.0]), None),
            (imagej, None, None),
            ("ImageJ=1.54f\nunit=pixel\n", Some([1.0, 1.0]), None),
            ("ImageJ=1.54f\nunit=\\u00B5m\n", Some([2.0, 2.0]), Some((0.5, Source::Imagej, None))),
            (ome, None, Some((0.5, Source::Ome, Some(20.0)))),
            (millimetres, None, Some((0.25, Source::Ome, None))),
            (aperio, None, Some((0.499, Source::Aperio, Some(20.0)))),
            ("Aperio|MPP = nan|", None, None),
            ("Aperio|MPP = -1|", None, None),
            ("Aperio|AppMag = 20|", None, None),
            (r#"<OME><Pixels PhysicalSizeX="1e999" PhysicalSizeY="0">"#, None, None),
            ("a field", Some([4.0, 4.0]), None),
            ("", None, None),
        ] {
            assert_eq!(found(of_description(text.as_bytes(), density)), expected, "{text}");
        }
    }

    #[test]
    fn a_resolution_of_a_page_tells_nothing() {
        for (dots, expected) in [(72.0, None), (300.0, None), (4800.0, None), (50_800.0, Some(0.5))]
        {
            let scale = Scale::of_density(dots, dots, 25_400.0, Source::Resolution);
            assert_eq!(scale.map(|scale| scale.um_per_pixel), expected, "{dots}");
        }
        for (across, down) in
            [(0.0, 0.0), (f64::NAN, 1.0), (f64::INFINITY, f64::INFINITY), (-1.0, -1.0)]
        {
            assert_eq!(Scale::of_density(across, down, 25_400.0, Source::Resolution), None);
        }
    }

    #[test]
    fn jfif_has_a_density() {
        let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\x02\x4e\x20\x4e\x20\0\0".to_vec();
        assert_eq!(found(of_jfif(&bytes)), Some((0.5, Source::Resolution, None)));
        bytes[13] = 0;
        assert_eq!(of_jfif(&bytes), None);
        assert_eq!(of_jfif(&bytes[..17]), None);
    }

    #[test]
    fn a_scale_has_four_digits_and_stays_itself() {
        for (written, read) in [(0.252_349, 0.2523), (0.05, 0.05), (0.49, 0.49), (12.344_9, 12.34)]
        {
            let scale = Scale::new(written, Source::Set).unwrap();
            assert_eq!(scale.um_per_pixel, read);
            assert_eq!(Scale::new(read, Source::Set).unwrap(), scale);
        }
        for wrong in [0.0, 0.009, 100.1, f64::NAN, f64::INFINITY, -0.5] {
            assert_eq!(Scale::new(wrong, Source::Set), None, "{wrong}");
        }
    }

    #[test]
    fn another_scale_than_the_models_is_warned_of() {
        let says = |um_per_pixel: f64, seen| {
            Scale::new(um_per_pixel, Source::Set).unwrap().warning(seen).is_some()
        };
        let seen = Some([0.05, 0.49]);
        assert!(!says(0.05, seen) && !says(0.5, seen) && !says(0.6, seen));
        assert!(says(0.65, seen) && says(0.03, seen) && says(2.0, seen));
        assert!(!says(2.0, None));
    }
}
