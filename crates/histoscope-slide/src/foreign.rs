//! Formats of scanners that are known by name and not read, with what converts them.

use crate::error::{Error, Result};

const BIO_FORMATS: &str =
    "Convert it to OME-TIFF with Bio-Formats (bfconvert), or export it from QuPath.";
const VIPS: &str = "Convert it to a pyramidal TIFF: vips tiffsave IN OUT.tif --tile --pyramid \
                    --compression jpeg.";

/// Refuses what another program has to convert.
///
/// # Errors
/// [`Error::Foreign`].
pub(crate) fn check(head: &[u8], name: &str) -> Result<()> {
    let extension = name.rsplit_once('.').map_or(String::new(), |(_, e)| e.to_ascii_lowercase());
    let refuse = |format, remedy| Err(Error::Foreign { format, remedy });
    if head.starts_with(b"ZISRAWFILE") {
        return refuse("the CZI format of Zeiss", BIO_FORMATS);
    }
    if head.starts_with(b"<?xml") && contains(head, b"DPUfsImport") || extension == "isyntax" {
        let remedy = "Export it from the viewer of Philips as TIFF, or convert it with \
                      isyntax2raw and raw2ometiff.";
        return refuse("the iSyntax format of Philips", remedy);
    }
    match extension.as_str() {
        "mrxs" => refuse("the MRXS format of 3DHISTECH", VIPS),
        "czi" => refuse("the CZI format of Zeiss", BIO_FORMATS),
        "vsi" | "ets" => refuse("the VSI format of Olympus", BIO_FORMATS),
        "lif" => refuse("the LIF format of Leica", BIO_FORMATS),
        "vms" | "vmu" => refuse("the VMS format of Hamamatsu", VIPS),
        "svslide" => refuse("the svslide format of Sakura", VIPS),
        "bif" => refuse("the BIF format of Ventana, whose tiles overlap,", BIO_FORMATS),
        "nd2" => refuse("the ND2 format of Nikon", BIO_FORMATS),
        "kfb" | "sdpc" | "tmap" | "mds" => refuse(
            "this format of a scanner",
            "Export it from the scanner's program as SVS or TIFF.",
        ),
        _ => Ok(()),
    }
}

fn contains(head: &[u8], part: &[u8]) -> bool {
    head.windows(part.len()).any(|bytes| bytes == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_are_not_read_are_refused_by_name() {
        for (head, name, part) in [
            (&b"ZISRAWFILE\0"[..], "a", "CZI"),
            (b"\xff\xd8\xff", "Mirax.MRXS", "MRXS"),
            (b"<?xml version='1.0'?><DataObject ObjectType=\"DPUfsImport\">", "a", "iSyntax"),
            (b"II\x2a\0", "a.vsi", "VSI"),
        ] {
            let error = check(head, name).unwrap_err();
            assert_eq!(error.code(), "slide_foreign_format");
            assert!(error.to_string().contains(part), "{error}");
            assert!(error.remedy().contains("onvert"), "{}", error.remedy());
        }
        check(b"II\x2a\0", "a.svs").unwrap();
    }
}
