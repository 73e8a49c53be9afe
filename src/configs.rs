//! The configurations that come with other people's models: WSInfer's, timm's, those of Hugging
//! Face, and what Ultralytics and `histoscope export` write into the ONNX file itself. Each says but
//! a part of a manifest.
//!
//! The page has a reader of its own (`www/src/own-model/configs.ts`), since it asks a person what is
//! missing; both are held to `tests/fixtures/configs.json`.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use crate::class::{ByClass, Class};
use crate::inspection::Inspection;
use crate::lesson::is_class_name;
use crate::manifest::{Manifest, Normalisation, SCHEMA_VERSION, Variant};

/// Most characters of a name that reports give the model.
const MOST_OF_A_NAME: usize = 80;

/// Operators that make probabilities of scores.
const SQUASHING: [&str; 2] = ["Sigmoid", "Softmax"];
/// Operators that may be the end of a softmax or sigmoid that was written out.
const MAY_SQUASH: [&str; 4] = ["Concat", "Div", "Exp", "Reciprocal"];

/// What is known of a model without asking; `None` is what nothing tells.
#[derive(Debug, Clone, Default, PartialEq)]
#[cfg_attr(test, derive(serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct Known {
    /// Names of its classes in the order of the scores, at least two.
    pub names: Option<Vec<String>>,
    /// Of its pixels, in the order of red, green and blue.
    pub normalisation: Option<Normalisation>,
    /// Of the network's input, in pixels; above 0.
    pub side: Option<u32>,
    /// Of the network's input; above 0.
    pub um_per_pixel: Option<f64>,
    /// What its makers call it.
    pub title: Option<String>,
}

impl Known {
    /// This, and of what it leaves open what `other` says.
    pub fn or(self, other: Self) -> Self {
        Self {
            names: self.names.or(other.names),
            normalisation: self.normalisation.or(other.normalisation),
            side: self.side.or(other.side),
            um_per_pixel: self.um_per_pixel.or(other.um_per_pixel),
            title: self.title.or(other.title),
        }
    }

    /// The manifest of the model that `inspection` describes, as JSON, where its file is called
    /// `file`. Colours are taken to come as red, green and blue, and classes to be the model's own
    /// unless all of their names tell what they count as.
    ///
    /// # Errors
    /// What neither the file nor its configurations tell, in words that fit behind "nothing tells".
    pub fn manifest(&self, inspection: &Inspection, file: &str) -> Result<Value, Vec<String>> {
        let lacks = self.lacks(inspection);
        if !lacks.is_empty() {
            return Err(lacks);
        }
        let names = self.names.as_deref().unwrap_or_default();
        let stem = file.strip_suffix(".onnx").unwrap_or(file);
        let name = self.title.as_deref().unwrap_or(stem);
        let is_raw = reads_bytes(inspection);
        let normalisation = self.normalisation.filter(|_| !is_raw);
        let normalisation = normalisation.map(|Normalisation { divisor, mean, std }| {
            json!({"divisor": divisor, "mean": mean, "std": std})
        });
        let scores =
            if SQUASHING.contains(&made_by(inspection)) { "probabilities" } else { "logits" };
        let variant = if inspection.fused_layers > 0 { Variant::Int8 } else { Variant::F32 };
        let mut manifest = json!({
            "schema_version": SCHEMA_VERSION,
            "name": name.chars().take(MOST_OF_A_NAME).collect::<String>(),
            "version": "own",
            "labels": names,
            "input": {
                "dtype": if is_raw { "uint8" } else { "float32" },
                "layout": inspection.layout,
                "channels": "RGB",
                "patch_size": inspection.patch_size.or(self.side),
                "normalisation": normalisation,
            },
            "outputs": {"scores": scores},
            "calibration": {"temperature": 1, "uncertain_below": null},
            "variants": {variant.to_string(): {
                "file": file, "bytes": inspection.bytes, "sha256": inspection.sha256,
            }},
        });
        if let Some(groups) = self.groups() {
            let [benign, malignant] = groups.into_array();
            if let ([_], [own]) = (&*benign, &*malignant) {
                // Of two classes the names of ours take the place of theirs.
                let named = |name| if name == own { Class::Malignant } else { Class::Benign };
                let labels: Vec<&str> = names.iter().map(|name| named(name).name()).collect();
                manifest["labels"] = json!(labels);
            } else {
                manifest["groups"] = json!({"benign": benign, "malignant": malignant});
            }
        }
        if let Some(um) = self.um_per_pixel {
            manifest["training"] = json!({"um_per_pixel": [um, um]});
        }
        Ok(manifest)
    }

    /// The names of the classes by what they count as, if all of them tell it and both are among
    /// them; else they are the model's own.
    pub fn groups(&self) -> Option<ByClass<Vec<String>>> {
        let mut groups = ByClass::<Vec<String>>::default();
        for name in self.names.as_deref()? {
            groups.of_mut(usually_counts(name)?).push(name.clone());
        }
        let is_full = Class::ALL.iter().all(|&class| !groups.of(class).is_empty());
        is_full.then_some(groups)
    }

    /// Whether a manifest may have these names: a made-up one that is refused would be blamed on
    /// somebody's manifest, and there is none.
    fn may_be_named(&self, names: &[String]) -> bool {
        let many = 2..=Manifest::MAX_LABELS;
        let different: HashSet<&String> = names.iter().collect();
        let is_many = many.contains(&names.len()) && different.len() == names.len();
        is_many && (self.groups().is_some() || names.iter().all(|name| is_class_name(name)))
    }

    /// What a manifest needs and nothing tells.
    fn lacks(&self, inspection: &Inspection) -> Vec<String> {
        let names = self.names.as_deref().unwrap_or_default();
        let columns = inspection.scores.as_ref().and_then(|scores| scores.columns);
        let count = names.len() as u64;
        let fits = columns.is_none_or(|columns| columns == count || columns == 1 && count == 2);
        let mut lacks = vec![];
        let mut need = |is_there: bool, what: String| {
            if !is_there {
                lacks.push(what);
            }
        };
        need(!names.is_empty(), "the names of its classes".into());
        need(
            names.is_empty() || fits,
            format!("the names of all of its classes, which are not {count}"),
        );
        need(
            names.is_empty() || self.may_be_named(names),
            format!(
                "2 to {} different names of classes that results can have",
                Manifest::MAX_LABELS
            ),
        );
        let is_scaled = reads_bytes(inspection) || self.normalisation.is_some();
        need(is_scaled, "how its pixels are scaled".into());
        need(inspection.patch_size.or(self.side).is_some(), "the side of a patch".into());
        need(inspection.layout.is_some(), "whether its layout is NCHW or NHWC".into());
        let is_clear = !MAY_SQUASH.contains(&made_by(inspection));
        need(is_clear, "whether its scores are logits or probabilities".into());
        lacks
    }
}

fn reads_bytes(inspection: &Inspection) -> bool {
    inspection.input.as_ref().is_some_and(|input| input.dtype == "uint8")
}

/// The operator that makes the scores.
fn made_by(inspection: &Inspection) -> &str {
    inspection.scores.as_ref().map_or("", |scores| scores.made_by.as_str())
}

/// What a configuration says; `None` if it is of no kind that is known.
pub fn read(config: &Value) -> Option<Known> {
    let has = |keys: &[&str]| keys.iter().any(|key| config.get(key).is_some());
    // A manifest may have anything else beside its own fields.
    if has(&["variants"]) {
        None
    } else if has(&["patch_size_pixels", "spacing_um_px"]) {
        Some(wsinfer(config))
    } else if has(&["pretrained_cfg", "label_names"]) {
        Some(timm(config))
    } else if has(&["image_mean", "image_processor_type", "do_rescale"]) {
        Some(preprocessor(config))
    } else if has(&["id2label", "model_type"]) {
        let (names, side) = (numbered(&config["id2label"]), side(&config["image_size"]));
        Some(Known { names, side, ..Known::default() })
    } else {
        None
    }
}

/// <https://wsinfer.readthedocs.io>: patches of so many pixels at so many micrometres, then a list
/// of transforms.
fn wsinfer(config: &Value) -> Known {
    let arguments = |name: &str| {
        let mut transforms = config["transform"].as_array().into_iter().flatten();
        let named = transforms.find(|transform| transform["name"] == name);
        named.map_or(&Value::Null, |transform| &transform["arguments"])
    };
    let cut = side(&config["patch_size_pixels"]);
    let made = side(&arguments("Resize")["size"]).or(cut);
    let normalise = arguments("Normalize");
    // A patch that is made smaller has larger pixels.
    let um_per_pixel = positive(&config["spacing_um_px"])
        .and_then(|spacing| Some(spacing * f64::from(cut?) / f64::from(made?)));
    Known {
        names: strings(&config["class_names"]),
        normalisation: scaled(&normalise["mean"], &normalise["std"], 255.0),
        side: made,
        um_per_pixel,
        title: config["name"].as_str().map(Into::into),
    }
}

/// `config.json` of timm on the Hugging Face hub.
fn timm(config: &Value) -> Known {
    let about = &config["pretrained_cfg"];
    Known {
        names: strings(&config["label_names"]).or_else(|| strings(&about["label_names"])),
        normalisation: scaled(&about["mean"], &about["std"], 255.0),
        side: side(&about["input_size"]),
        ..Known::default()
    }
}

/// `preprocessor_config.json` of transformers.
fn preprocessor(config: &Value) -> Known {
    let factor = positive(&config["rescale_factor"]).unwrap_or(1.0 / 255.0);
    let divisor = if config["do_rescale"] == false { 1.0 } else { factor.recip() };
    let normalisation = if config["do_normalize"] == false {
        Some(Normalisation { divisor, mean: [0.0; 3], std: [1.0; 3] })
    } else {
        scaled(&config["image_mean"], &config["image_std"], divisor)
    };
    let size = if config["do_center_crop"] == true { "crop_size" } else { "size" };
    Known { normalisation, side: side(&config[size]), ..Known::default() }
}

/// What an exporter wrote into the ONNX file, under names of its own.
pub fn of_metadata(metadata: &BTreeMap<String, String>) -> Known {
    if let Some(own) = metadata.get("histoscope.classes") {
        let names = serde_json::from_str(own).ok().and_then(|names| strings(&names));
        let title = metadata.get("histoscope.lesson").cloned();
        return Known { names, title, ..Known::default() };
    }
    let is_theirs = metadata.get("author").is_some_and(|author| author == "Ultralytics");
    let Some(names) = metadata.get("names").filter(|_| is_theirs) else { return Known::default() };
    Known {
        names: numbered(&dictionary(names)),
        normalisation: Some(Normalisation { divisor: 255.0, mean: [0.0; 3], std: [1.0; 3] }),
        side: metadata.get("imgsz").and_then(|text| first_number(text)),
        ..Known::default()
    }
}

/// The first digits of "[224, 224]", as a number above 0.
fn first_number(text: &str) -> Option<u32> {
    let is_digit = |c: char| c.is_ascii_digit();
    let digits = text.trim_start_matches(|c| !is_digit(c)).split(|c| !is_digit(c)).next()?;
    digits.parse().ok().filter(|&number| number > 0)
}

/// A Python dictionary of names by number, `{0: 'benign', 1: 'malignant'}`, as an object.
fn dictionary(text: &str) -> Value {
    let mut object = serde_json::Map::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(':') {
        let number = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let value = behind.trim_start();
        let quoted = value.strip_prefix('\'').map(|value| ('\'', value));
        let quoted = quoted.or_else(|| value.strip_prefix('"').map(|value| ('"', value)));
        let Some((quote, value)) = quoted.filter(|_| !number.is_empty()) else {
            rest = behind;
            continue;
        };
        let Some((name, behind)) = value.split_once(quote) else { break };
        object.insert(number.into(), name.into());
        rest = behind;
    }
    Value::Object(object)
}

/// At least two texts.
fn strings(value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array()?.iter().map(|one| one.as_str().map(Into::into));
    texts.collect::<Option<Vec<String>>>().filter(|all| all.len() > 1)
}

/// `{"0": "benign", "1": "malignant"}`, with a name for each number from 0 on.
fn numbered(value: &Value) -> Option<Vec<String>> {
    let names = value.as_object()?;
    let in_order = (0..names.len()).map(|index| names.get(&index.to_string()).cloned());
    strings(&Value::Array(in_order.collect::<Option<_>>()?))
}

fn positive(value: &Value) -> Option<f64> {
    value.as_f64().filter(|number| number.is_finite() && *number > 0.0)
}

/// Of `224`, `[3, 224, 224]` or `{height, width}`.
fn side(value: &Value) -> Option<u32> {
    let whole = |value: &Value| u32::try_from(value.as_u64()?).ok().filter(|&side| side > 0);
    if let Some(all) = value.as_array() {
        return whole(all.last()?);
    }
    whole(value).or_else(|| whole(&value["height"])).or_else(|| whole(&value["shortest_edge"]))
}

/// `None` unless both are there.
fn scaled(mean: &Value, std: &Value, divisor: f64) -> Option<Normalisation> {
    let triple = |value: &Value| -> Option<[f64; 3]> {
        let numbers = value.as_array()?.iter().map(Value::as_f64);
        numbers.collect::<Option<Vec<f64>>>()?.try_into().ok()
    };
    Some(Normalisation { divisor, mean: triple(mean)?, std: triple(std)? })
}

/// What a class counts as by what pathologists call it: "phyllodes tumour" is benign, and so is "no
/// tumour". Only whole words tell, since "abnormal" is not "normal", and nothing tells where words
/// speak against each other: a wrong answer turns verdicts round.
pub fn usually_counts(label: &str) -> Option<Class> {
    /// Of growth that may be benign.
    const TUMOR: [&str; 6] = ["tumor", "tumors", "tumoral", "tumour", "tumours", "tumoural"];
    /// What "no" before it makes benign.
    const ILL: [&str; 10] = [
        "idc",
        "cancer",
        "cancers",
        "cancerous",
        "malignant",
        "malignancy",
        "malignancies",
        "metastasis",
        "metastases",
        "metastatic",
    ];
    const MALIGNANT: [&str; 7] = [
        "carcinoma",
        "carcinomas",
        "adenocarcinoma",
        "adenocarcinomas",
        "insitu",
        "in situ",
        "invasive",
    ];
    const BENIGN: [&str; 8] = [
        "benign",
        "normal",
        "adenosis",
        "fibroadenoma",
        "fibroadenomas",
        "phyllodes",
        "tubular adenoma",
        "tubular adenomas",
    ];
    const DENIALS: [&str; 8] =
        ["no", "non", "not", "without", "free", "negative", "absent", "evidence"];
    /// What is near a tumour, or before one, and none itself; behind another word.
    const NEAR: [&str; 3] = ["associated", "infiltrating", "adjacent"];

    let plain = words(label);
    match &*plain {
        "negative" | "healthy" => return Some(Class::Benign),
        "idc" | "dcis" | "ilc" | "lcis" | "positive" => return Some(Class::Malignant),
        _ => {}
    }
    let padded = format!(" {plain} ");
    let has = |text: &str, lists: &[&[&str]]| {
        lists.iter().copied().flatten().any(|word| text.contains(&format!(" {word} ")))
    };
    if padded.contains(" peri") || has(&padded, &[&["pre"]]) || has(&padded[1..], &[&NEAR]) {
        return None;
    }
    let denied = ["non", "not", "no"].iter().find_map(|no| {
        let rest = plain.strip_prefix(no)?.trim_start();
        let mut behind = TUMOR.iter().chain(&ILL).filter_map(|ill| rest.strip_prefix(ill));
        behind.find(|behind| behind.is_empty() || behind.starts_with(' '))
    });
    // "Non-metastatic carcinoma" and "not tumour-free" are not benign.
    let abbreviated = ["dcis", "ilc", "lcis"];
    let denies = denied.is_some_and(|behind| {
        !has(&format!("{behind} "), &[&TUMOR, &ILL, &MALIGNANT, &abbreviated, &DENIALS])
    });
    if denies {
        return Some(Class::Benign);
    }
    let is_grave = has(&padded, &[&ILL[1..], &MALIGNANT]);
    if has(&padded, &[&DENIALS]) {
        None
    } else if has(&padded, &[&BENIGN]) {
        // "Malignant phyllodes tumour" is neither.
        (!is_grave).then_some(Class::Benign)
    } else {
        (is_grave || has(&padded, &[&TUMOR])).then_some(Class::Malignant)
    }
}

/// The words of a name in lower case, "InSitu" as two, with a space between them.
fn words(name: &str) -> String {
    let mut apart = String::new();
    for character in name.chars() {
        let is_start = character.is_ascii_uppercase();
        if is_start && apart.ends_with(|c: char| c.is_ascii_lowercase()) {
            apart.push(' ');
        }
        apart.push(character);
    }
    let lower = apart.to_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::inspection::ScoresPort;
    use crate::manifest::{Layout, Manifest, Meaning};

    /// What the page's reader is held to as well (`www/test/configs.test.ts`).
    #[derive(Deserialize)]
    struct Fixtures {
        configs: Vec<Config>,
        metadata: Vec<Metadata>,
        /// Each with what it counts as.
        labels: Vec<(String, Option<Class>)>,
    }

    #[derive(Deserialize)]
    struct Config {
        of: String,
        config: Value,
        known: Option<Known>,
    }

    #[derive(Deserialize)]
    struct Metadata {
        of: String,
        metadata: BTreeMap<String, String>,
        known: Known,
    }

    fn fixtures() -> Fixtures {
        serde_json::from_str(include_str!("../tests/fixtures/configs.json")).unwrap()
    }

    #[test]
    fn each_kind_of_configuration_says_its_part() {
        let Fixtures { configs, metadata, .. } = fixtures();
        assert!(configs.len() > 6 && metadata.len() > 4);
        for Config { of, config, known } in configs {
            assert_eq!(read(&config), known, "{of}");
        }
        for Metadata { of, metadata, known } in metadata {
            assert_eq!(of_metadata(&metadata), known, "{of}");
        }
    }

    #[test]
    fn labels_count_as_what_pathologists_mean() {
        for (label, counts) in fixtures().labels {
            assert_eq!(usually_counts(&label), counts, "{label}");
        }
    }

    /// Of a float network for patches of 96 pixels.
    fn inspection(columns: u64, made_by: &str) -> Inspection {
        Inspection {
            sha256: "ab".repeat(32),
            bytes: 7,
            opset: Some(17),
            producer: String::new(),
            metadata: BTreeMap::new(),
            input: None,
            layout: Some(Layout::Nchw),
            patch_size: Some(96),
            input_range: None,
            outputs: vec![],
            scores: Some(ScoresPort {
                name: "scores".into(),
                columns: Some(columns),
                made_by: made_by.into(),
            }),
            nodes: 1,
            lowered_nodes: 0,
            fused_layers: 0,
            problems: vec![],
            problem_causes: vec![],
        }
    }

    fn known(names: &[&str]) -> Known {
        Known {
            names: Some(names.iter().map(|&name| name.into()).collect()),
            normalisation: Some(Normalisation { divisor: 255.0, mean: [0.5; 3], std: [0.25; 3] }),
            side: Some(224),
            um_per_pixel: Some(0.5),
            title: None,
        }
    }

    #[test]
    fn what_is_known_makes_a_manifest() {
        let made = known(&["tumor", "notumor"]).manifest(&inspection(2, "Gemm"), "ours.onnx");
        let manifest = Manifest::from_json(&made.unwrap().to_string()).unwrap();
        let swapped = Meaning::Pair([Class::Malignant, Class::Benign]);
        assert_eq!((&*manifest.name, &manifest.outputs.meaning), ("ours", &swapped));
        // The file's own side stands above that of a configuration.
        assert_eq!((manifest.input.patch_size, manifest.um_per_pixel()), (96, Some([0.5; 2])));
        assert_eq!(manifest.file(Variant::F32).unwrap().file, "ours.onnx");

        let many = known(&["normal", "in situ", "invasive"]);
        let made = many.manifest(&inspection(3, "Softmax"), "ours.onnx").unwrap();
        assert_eq!(made["outputs"]["scores"], "probabilities");
        assert_eq!(made["groups"]["malignant"], json!(["in situ", "invasive"]));
        Manifest::from_json(&made.to_string()).unwrap();

        // One of them tells nothing, or nothing is told apart.
        let abnormal = &["normal", "abnormal", "carcinoma"];
        for own in [&["stroma", "tumor"][..], &["idc", "ilc"], &["normal", "fat", "idc"], abnormal]
        {
            let made = known(own).manifest(&inspection(own.len() as u64, "Gemm"), "ours.onnx");
            let manifest = Manifest::from_json(&made.unwrap().to_string()).unwrap();
            assert_eq!(manifest.own_classes().unwrap(), own);
        }
    }

    #[test]
    fn what_no_manifest_may_say_is_missing() {
        // Of every row of the table: what is made up can be read, or is refused by name.
        for Config { of, known: told, .. } in fixtures().configs {
            let Some(told) = told.map(|told| told.or(known(&["benign", "idc"]))) else { continue };
            if let Ok(made) = told.manifest(&inspection(2, "Gemm"), "m.onnx") {
                assert!(Manifest::from_json(&made.to_string()).is_ok(), "{of}");
            }
        }
        let lacks = |names: &[&str]| {
            let inspection = inspection(names.len() as u64, "Gemm");
            known(names).manifest(&inspection, "m.onnx").unwrap_err()
        };
        let wanted = ["2 to 100 different names of classes that results can have"];
        let many: Vec<String> = (0..1000).map(|index| format!("class {index}")).collect();
        assert_eq!(lacks(&many.iter().map(|name| &**name).collect::<Vec<_>>()), wanted);
        assert_eq!(lacks(&["tumor", "uncertain"]), wanted);
        assert_eq!(lacks(&["benign", "idc", "idc"]), wanted);
        assert_eq!(lacks(&["stroma", ""]), wanted);
    }

    #[test]
    fn what_is_missing_is_named() {
        let lacks = |known: Known, inspection: &Inspection| known.manifest(inspection, "m.onnx");
        let nothing = lacks(Known::default(), &inspection(2, "Gemm")).unwrap_err();
        assert_eq!(nothing, ["the names of its classes", "how its pixels are scaled"]);
        let odd = lacks(known(&["stroma", "tumor"]), &inspection(3, "Div")).unwrap_err();
        assert_eq!(
            odd,
            [
                "the names of all of its classes, which are not 2",
                "whether its scores are logits or probabilities"
            ]
        );
        let open = Inspection { layout: None, patch_size: None, ..inspection(1, "Sigmoid") };
        let sideless = Known { side: None, ..known(&["benign", "malignant"]) };
        assert_eq!(
            lacks(sideless, &open).unwrap_err(),
            ["the side of a patch", "whether its layout is NCHW or NHWC"]
        );
    }
}
