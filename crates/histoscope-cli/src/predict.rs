//! `histoscope predict`: arguments and the loop over the images.

use std::io::{self, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use histoscope::manifest::Variant;
use histoscope::model::Runtime;
use histoscope::options::{MaxPatches, Options};
use histoscope::patients::Patients;
use histoscope::report::{Duplicates, FailureReport, ImageOutcome, Votes};
use histoscope::shown::printable;
use histoscope_files::known;
use histoscope_files::labelled::{PatientSource, patients, read_lesson, read_text};
use histoscope_slide::Region;

use crate::at_hand;
use crate::console::{EXIT_FAILED, complain, exit_status, print};
use crate::looking::look;
use crate::output::{self, Format};
use crate::slide::{self, Ask};
use crate::table::{Lines, Spreadsheet};
use crate::trouble::Trouble;

/// Classifies images; several of them, or a folder, also give one aggregated diagnosis.
///
/// Images of several patients have none together, and each patient one: names as BreakHis has them tell
/// patients, or what --patients says.
///
/// Results go to standard output, progress and errors to standard error.
#[derive(Args)]
#[command(
    after_help = "Exit status: 0 every image was classified or found not assessable; 1 an image, \
                  a folder, the model or the output failed; 2 wrong usage."
)]
pub(crate) struct Predict {
    /// Image files (PNG, JPEG, TIFF, BMP, WebP), slides (SVS, NDPI, SCN, pyramidal TIFF, DICOM) and
    /// folders, which are searched recursively.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print the report as JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print a table as CSV, with a line for each image, patient or patch, in the columns of the page
    /// [without a value: images].
    #[arg(
        long,
        value_name = "LINES",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "images"
    )]
    csv: Option<Lines>,
    /// Write the table for a spreadsheet, with a byte order mark: "point" where that is the decimal sign,
    /// "comma" where that is, and columns are parted by semicolons.
    #[arg(long, value_name = "point|comma", requires = "csv", conflicts_with = "json")]
    spreadsheet: Option<Spreadsheet>,
    /// Classify at most N patches of an image, spread evenly, or "all".
    #[arg(long, value_name = "N|all", default_value = "25")]
    max_patches: MaxPatches,
    /// Patches handed to the engine at once: how often progress is told. Changes no result.
    #[arg(long, value_name = "N", default_value_t = Options::default().batch_size)]
    batch_size: u32,
    /// Pixels from one patch to the next [default: the patch size].
    #[arg(long, value_name = "PIXELS")]
    stride: Option<u32>,
    /// Another ONNX model, with its manifest (.json) or its makers' config.json beside it [default:
    /// the one that the lesson names, if it is at hand; the built-in one].
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Run the model in single precision instead of int8: slower, for comparison.
    #[arg(long)]
    no_quantization: bool,
    /// What computes the model: "fused" int8 layers where it has them, or "tract" alone, which is
    /// slower, for comparison.
    #[arg(long, value_name = "fused|tract", default_value_t)]
    engine: Runtime,
    /// Say "uncertain" below this confidence, 0.5 to 1 [default: the model's own threshold].
    #[arg(long, value_name = "CONFIDENCE")]
    uncertain_below: Option<f64>,
    /// Micrometres per pixel, 0.01 to 100, whatever the files say [default: as they say].
    #[arg(long, value_name = "UM")]
    um_per_pixel: Option<f64>,
    /// Of a slide, take patches at this scale, 0.01 to 100 micrometres per pixel [default: the
    /// coarsest that the model has learned].
    #[arg(long, value_name = "UM")]
    mpp: Option<f64>,
    /// Of a slide, classify what is outlined in a GeoJSON file, as QuPath writes it, in place of tissue.
    #[arg(long, value_name = "FILE")]
    region: Option<PathBuf>,
    /// Write the map of one image or slide as GeoJSON, which QuPath opens: a tile for each patch, with its
    /// class, and what was outlined.
    #[arg(long, value_name = "FILE")]
    geojson: Option<PathBuf>,
    /// Write the map of a slide as a picture that lies over it, by its name as pyramidal TIFF (.tif) or
    /// PNG (.png).
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Threads that look at a slide [default: as many as the machine runs at once].
    #[arg(long, value_name = "N")]
    threads: Option<NonZero<usize>>,
    /// Classify every patch, also bare glass, blurred ones and what is not stained with H&E.
    #[arg(long)]
    no_screen: bool,
    /// Let every copy of an image vote, not only the first of the same bytes.
    #[arg(long)]
    keep_duplicates: bool,
    /// Let images vote that are unlike all that the model, or the lesson, has learned.
    #[arg(long)]
    count_unfamiliar: bool,
    /// Take all images for those of one patient, whatever their names tell.
    #[arg(long, conflicts_with = "patients")]
    one_patient: bool,
    /// Tell patients by "names" of files as BreakHis has them, by those and "folders", or by a table
    /// (CSV, or TSV; ./names if it is called so) with the columns "file", a path, its end or a name, and
    /// "patient", and "label" if it is known.
    #[arg(long, value_name = "names|folders|FILE", default_value = "names")]
    patients: PatientSource,
    /// Have a lesson judge that somebody taught (docs/teaching.md).
    #[arg(long, value_name = "FILE")]
    lesson: Option<PathBuf>,
}

/// Runs it to the exit status, with every error said.
pub(crate) fn run(arguments: &Predict) -> ExitCode {
    let format = match (arguments.json, arguments.csv) {
        (true, _) => Format::Json,
        (_, Some(lines)) => Format::Csv(lines, arguments.spreadsheet.unwrap_or_default()),
        _ => Format::Text,
    };
    let trouble = match predict(arguments, format) {
        Ok(code) => return code,
        Err(trouble) => trouble,
    };
    complain(None, &trouble);
    let written = match (format, &trouble) {
        (Format::Json, Trouble::OutputFailed { .. }) | (Format::Text | Format::Csv(..), _) => {
            Ok(())
        }
        (Format::Json, _) => print(|out| output::json(out, &FailureReport::new("", &trouble))),
    };
    if let Err(second) = written {
        complain(None, &second);
    }
    exit_status(&trouble)
}

impl Predict {
    /// An option that was given and means nothing for a field.
    fn slides_only(&self) -> Option<&'static str> {
        match self {
            Self { region: Some(_), .. } => Some("--region"),
            Self { map: Some(_), .. } => Some("--map"),
            Self { mpp: Some(_), paths, .. } if paths.len() == 1 => Some("--mpp"),
            _ => None,
        }
    }
}

fn read_regions(path: &Path) -> Result<Vec<Region>, Trouble> {
    let text = read_text(path, histoscope_slide::MAX_REGION_BYTES as u64)?;
    Ok(Region::from_geojson(&text)?)
}

fn predict(arguments: &Predict, format: Format) -> Result<ExitCode, Trouble> {
    let options = Options {
        max_patches: arguments.max_patches,
        batch_size: arguments.batch_size,
        stride: arguments.stride,
        screen: !arguments.no_screen,
        uncertain_below: arguments.uncertain_below,
        um_per_pixel: arguments.um_per_pixel,
    };
    options.validate()?;
    let inputs = slide::collect(&arguments.paths)?;
    let alone = [
        ("--geojson", &arguments.geojson),
        ("--region", &arguments.region),
        ("--map", &arguments.map),
    ];
    for (option, given) in alone {
        if given.is_some() && inputs.len() != 1 {
            return Err(Trouble::OneOnly { option, found: inputs.len() });
        }
    }
    if let Some(um) = arguments.mpp.filter(|um| !histoscope_slide::SCALES.contains(um)) {
        let problem = format!("{um} is not in 0.01..=100");
        return Err(histoscope_slide::Error::Options { option: "--mpp", problem }.into());
    }
    // Before hours of work.
    let mut whose = patients(&inputs, &arguments.patients)?;
    if arguments.one_patient {
        // Whatever names tell of them.
        whose.iter_mut().for_each(|of| of.patient = None);
    }
    let unknown = whose.iter().filter(|of| of.patient.is_none()).count();
    if arguments.patients != PatientSource::Names && unknown > 0 {
        let of = whose.len();
        let _ = writeln!(io::stderr(), "note: whose {unknown} of {of} images are, nothing tells");
    }
    arguments.map.as_deref().map(slide::map_format).transpose()?;
    let ask = Ask {
        mpp: arguments.mpp,
        regions: arguments.region.as_deref().map(read_regions).transpose()?,
        threads: arguments.threads,
    };
    if let Some((option, path)) = arguments.slides_only().zip(inputs[0].source.as_ref().ok())
        && !slide::is_slide(std::slice::from_ref(path))
    {
        return Err(Trouble::SlidesOnly { option });
    }
    let variant = if arguments.no_quantization { Variant::F32 } else { Variant::Int8 };
    let lesson = arguments.lesson.as_deref();
    let model = known::model(arguments.model.as_deref(), lesson)?;
    let classifier =
        at_hand::load(model.as_deref(), arguments.model.is_some(), variant, arguments.engine)?;
    classifier.check(&options)?;
    if let Some(why) = classifier.fallback() {
        let why = printable(why);
        let _ = writeln!(
            io::stderr(),
            "note: the model runs without its fused layers, and slower: {why}"
        );
    }

    let lesson = lesson.map(|file| read_lesson(&classifier, file)).transpose()?;

    let mut outcomes = Vec::with_capacity(inputs.len());
    look(&classifier, inputs, &options, &ask, lesson.as_ref(), &mut |name, judged| {
        outcomes.push(match judged {
            Ok((report, _)) => ImageOutcome::Success(Box::new(report)),
            Err(trouble) => ImageOutcome::Failure(FailureReport::new(name, &trouble)),
        });
    });

    let maps = write_maps(arguments, &outcomes, &ask);
    let failed = outcomes.iter().any(|outcome| matches!(outcome, ImageOutcome::Failure(_)));
    let keep = arguments.keep_duplicates;
    let duplicates = if keep { Duplicates::Keep } else { Duplicates::VoteOnce };
    let told: Vec<Option<String>> = whose.iter().map(|of| of.patient.clone()).collect();
    let votes = Votes {
        duplicates,
        unfamiliar: arguments.count_unfamiliar,
        patients: if arguments.one_patient { Patients::One } else { Patients::Told(&told) },
    };
    match (arguments.paths.as_slice(), outcomes.as_slice()) {
        // One file that was named by itself is an image; anything else is a folder.
        ([path], [outcome])
            if !path.is_dir() && !matches!(format, Format::Csv(Lines::Patients, _)) =>
        {
            print(|out| output::image(out, format, outcome, &whose, votes))?;
        }
        _ => {
            let folder = classifier.folder_report(outcomes, votes);
            print(|out| output::folder(out, format, &folder, &whose, votes))?;
        }
    }
    // Results of hours are told first, whatever became of the maps.
    maps?;
    Ok(if failed { ExitCode::from(EXIT_FAILED) } else { ExitCode::SUCCESS })
}

/// Writes the maps that were asked for, of the one image that there is.
fn write_maps(arguments: &Predict, outcomes: &[ImageOutcome], ask: &Ask) -> Result<(), Trouble> {
    let [ImageOutcome::Success(report)] = outcomes else { return Ok(()) };
    if let Some(file) = &arguments.geojson {
        let map = slide::geojson(report, ask.regions.as_deref().unwrap_or_default());
        std::fs::write(file, map).map_err(|error| Trouble::of_file(file, error))?;
    }
    arguments.map.as_deref().map_or(Ok(()), |file| slide::write_map(report, file))
}
