// The types of reports and plans, a limit, and colours. Written by the core from its own; do not edit.
//
// After a change of the core: WRITE_TYPES=1 cargo test --lib typescript

/**
 * Below this confidence both classes are told as 50.0 %, which is no verdict.
 */
export const TIED = 0.5005;

/**
 * What a patch, an image or a patient can be said to be.
 */
export type Class = "benign" | "malignant";

/**
 * A value for each class. In JSON an object with exactly these two keys, in any order.
 */
export type ByClass<T> = { 
/**
 * That of [`Class::Benign`].
 */
benign: T, 
/**
 * That of [`Class::Malignant`].
 */
malignant: T, };

/**
 * What the screen finds of one patch.
 */
export type Screen = "assessable" | "background" | "blurred" | "not_he" | "unchecked";

/**
 * How many patches of an image were found to be what.
 */
export type Counts = { 
/**
 * [`Screen::Assessable`].
 */
assessable: number, 
/**
 * [`Screen::Background`].
 */
background: number, 
/**
 * [`Screen::Blurred`].
 */
blurred: number, 
/**
 * [`Screen::NotHe`].
 */
not_he: number, 
/**
 * [`Screen::Unchecked`].
 */
unchecked: number, };

/**
 * Which of a model's files to run.
 */
export type Variant = "int8" | "f32";

/**
 * Who can do something about an error.
 */
export type Fault = "image" | "limits" | "options" | "model" | "internal";

/**
 * What a report comes to.
 */
export type Verdict = "benign" | "malignant" | "uncertain" | "unfamiliar" | "not assessable";

/**
 * Options of one run. `Default` is the reference pipeline, at most 25 patches, a stride of one
 * patch, behind the screen, with 16 patches handed over at once.
 */
export type Options = { 
/**
 * How many patches are classified at most; [`crate::grid::MAX_PATCHES`] bounds them all.
 */
max_patches: number | "all", 
/**
 * Patches that are handed to the engine at once, 1 to [`Options::MAX_BATCH_SIZE`] and no more
 * than [`crate::pipeline::MAX_BATCH_BYTES`]: how fine progress is told, and what workers share
 * out. The engine runs patch after patch, so it changes neither the result nor, by itself, the
 * speed.
 */
batch_size: number, 
/**
 * Distance between patches in pixels, at least [`Options::MIN_STRIDE`]; `None` is the model's
 * patch size, so that patches touch and do not overlap.
 */
stride?: number, 
/**
 * Whether only the patches that [`crate::screen`] finds assessable are classified.
 */
screen: boolean, 
/**
 * Confidence, 0.5 to 1, below which the verdict is "uncertain"; `None` is the model's own,
 * `calibration.uncertain_below` of its manifest. 0.5 abstains only from a tie.
 */
uncertain_below?: number, 
/**
 * Micrometres per pixel, [`crate::scale::LEAST`] to [`crate::scale::MOST`], whatever the file
 * says; of a slide, of its finest level. `None` takes the file's word. Changes no probability of
 * an image; patches of a slide are cut by it.
 */
um_per_pixel?: number, };

/**
 * Who says so.
 */
export type Source = "set" | "imagej" | "ome" | "aperio" | "breakhis" | "resolution";

/**
 * The size of a pixel.
 */
export type Scale = { 
/**
 * Micrometres per pixel, [`LEAST`] to [`MOST`], both ways alike.
 */
um_per_pixel: number, 
/**
 * Who says so.
 */
source: Source, 
/**
 * Magnification of the objective, such as 40, where that is said, too.
 */
objective?: number, };

/**
 * The regular grid of square patches that lie wholly inside an image.
 */
export type Grid = { 
/**
 * Side of a patch in pixels.
 */
patch_size: number, 
/**
 * Distance between neighbouring patches in pixels, both ways.
 */
stride: number, 
/**
 * Patches side by side.
 */
columns: number, 
/**
 * Patches one below the other.
 */
rows: number, };

/**
 * A patch of the sample, and whether it can be assessed.
 */
export type PlannedPatch = { 
/**
 * Left edge in the image, in pixels.
 */
x: number, 
/**
 * Upper edge in the image, in pixels.
 */
y: number, 
/**
 * What the screen found.
 */
screen: Screen, };

/**
 * Which error it was and with which values, for whoever says it in words of their own.
 */
export type Cause = { 
/**
 * The variant in snake case; of a program around this crate, what it calls its own.
 */
kind: string, 
/**
 * Numbers and texts by their names. What is wrong with a part, such as a manifest, is a cause
 * of its own.
 */
params?: Record<string, unknown>, };

/**
 * A warning as it goes through reports.
 */
export type Note = { 
/**
 * For people, in English.
 */
sentence: string, 
/**
 * Which it is, with its values.
 */
cause: Cause, };

/**
 * What will be classified of one image; everything of a report that is known before inference.
 */
export type Plan = { 
/**
 * As the caller calls the image.
 */
filename: string, 
/**
 * Of the image file, lower-case hexadecimal; empty where there is none.
 */
sha256: string, 
/**
 * Of the upright image, in pixels.
 */
width: number, 
/**
 * Of the upright image, in pixels.
 */
height: number, 
/**
 * Where patches lie.
 */
grid: Grid, 
/**
 * What the caller has set.
 */
options: Options, 
/**
 * The sampled patches, row-major from the top left.
 */
patches: Array<PlannedPatch>, 
/**
 * Indices of the patches that are classified, ascending; none if the image is not assessable.
 * Batch `i` holds those from `i * options.batch_size` on.
 */
voters: Array<number>, 
/**
 * The size of a pixel, where file, name or caller tells.
 */
scale?: Scale, 
/**
 * What decoding has to say; [`Classifier::report`] adds what the screen found.
 */
warnings: Array<Note>, };

/**
 * Width and height in pixels, after the EXIF orientation was applied.
 */
export type ImageSize = { 
/**
 * From left to right.
 */
width: number, 
/**
 * From top to bottom.
 */
height: number, };

/**
 * The grid that the patches were chosen from.
 */
export type GridSummary = { 
/**
 * Patches side by side.
 */
columns: number, 
/**
 * Patches one below the other.
 */
rows: number, 
/**
 * Pixels between neighbouring patches.
 */
stride: number, 
/**
 * Patches in the grid, whether classified or not.
 */
total_patches: number, };

/**
 * One sampled patch: its place in the image in pixels, and what screen and model say of it.
 */
export type PatchReport = { 
/**
 * Left edge.
 */
x: number, 
/**
 * Upper edge.
 */
y: number, 
/**
 * The model's patch size.
 */
width: number, 
/**
 * As the width.
 */
height: number, 
/**
 * What the screen found; only what may vote has probabilities.
 */
screen: Screen, 
/**
 * `None` if the patch did not vote.
 */
probabilities: ByClass<number> | null, };

/**
 * How many of the patches that voted have each class as their own greater one.
 */
export type PatchBreakdown = { 
/**
 * Those that are rather benign, or just as much.
 */
benign_patches: number, 
/**
 * Those that are rather malignant.
 */
malignant_patches: number, };

/**
 * Which model file made the report.
 */
export type ModelSummary = { 
/**
 * As its manifest has it.
 */
name: string, 
/**
 * As its manifest has it.
 */
version: string, 
/**
 * Which of its files.
 */
variant: Variant, 
/**
 * Of the ONNX file, lower-case hexadecimal.
 */
sha256: string, };

/**
 * Whether the numbers of a report are the same on every machine.
 */
export type Arithmetic = "exact" | "float";

/**
 * What computed a network.
 */
export type ComputedBy = "fused" | "mixed" | "tract";

/**
 * Which program made the report, and how it computed.
 *
 * All but the first two are missing from reports of versions that did not say so.
 */
export type EngineSummary = { 
/**
 * Of this crate.
 */
name: string, 
/**
 * Of this crate.
 */
version: string, 
/**
 * "int8" or "general": [`engine::EDITION`].
 */
edition?: string, 
/**
 * The integer kernels, such as "avx2" or "relaxed": [`kernels::Isa::name`].
 */
kernels?: string, 
/**
 * Whether another machine gets the same bits.
 */
arithmetic?: Arithmetic, 
/**
 * What computed the network.
 */
runtime?: ComputedBy, 
/**
 * Why no layer was fused although some could be, in a sentence without a full stop; missing,
 * too, where that was not so.
 */
fallback?: string, };

/**
 * Wall-clock times in milliseconds, measured by whoever ran the pipeline.
 */
export type Timings = { 
/**
 * Bytes to RGB pixels.
 */
decode: number, 
/**
 * All sampled patches; 0 from a caller that counts it as decoding.
 */
screen: number, 
/**
 * The network, all patches.
 */
inference: number, 
/**
 * From the file's bytes to the report.
 */
total: number, };

/**
 * What a report says of an image.
 */
export type Familiar = { 
/**
 * Without a unit: 1 is a usual deviation in one direction.
 */
distance: number, 
/**
 * The greatest that is familiar.
 */
limit: number, 
/**
 * Whether the distance is not above the limit.
 */
familiar: boolean, };

/**
 * Why a report says nothing of it.
 */
export type Unknown = "no_statistics" | "no_features" | "no_voters";

/**
 * Which lesson judged.
 */
export type LessonSummary = { 
/**
 * As its teacher calls it.
 */
name: string, 
/**
 * Of the lesson's file, lower-case hexadecimal.
 */
sha256: string, 
/**
 * Confidence, 0 to 1, under which its verdict is "uncertain"; `None` never abstains. Reports of
 * earlier versions do not say it.
 */
uncertain_below?: number, };

/**
 * What a lesson says of an image, by its own classes; or a model whose classes are its own, as its
 * makers taught it.
 */
export type Taught = { 
/**
 * Which lesson; `None` where the model itself has these classes.
 */
lesson?: LessonSummary, 
/**
 * Names of its classes, in the order of all probabilities.
 */
classes: Array<string>, 
/**
 * The class with the greatest mean probability; like the next three `None` without voters.
 */
prediction: string | null, 
/**
 * Its place in `classes`.
 */
prediction_idx: number | null, 
/**
 * The greatest mean probability.
 */
confidence: number | null, 
/**
 * Mean over the voters.
 */
probabilities: Array<number> | null, 
/**
 * Of each patch that voted, in the order of the report's patches.
 */
voters: Array<Array<number>>, 
/**
 * How far the image is from what the lesson, or the model, has learned; `None` where that is
 * not known.
 */
familiarity: Familiar | null, 
/**
 * The name of a class, "uncertain", "unfamiliar" or "not assessable".
 */
verdict: string, };

/**
 * What a head says of an image: those fields of its report that depend on the head.
 */
export type Judgement = { 
/**
 * As in an [`ImageReport`], like all that follow.
 */
prediction: Class | null, 
/**
 * [`Class::index`] of the prediction.
 */
prediction_idx: number | null, 
/**
 * The greater mean probability.
 */
confidence: number | null, 
/**
 * Mean over the voters.
 */
probabilities: ByClass<number> | null, 
/**
 * What the voters say.
 */
patch_breakdown: PatchBreakdown, 
/**
 * What it comes to.
 */
verdict: Verdict, 
/**
 * How far the image is from what the head has learned.
 */
familiarity?: Familiar, 
/**
 * Why that is not known.
 */
familiarity_unknown?: Unknown, 
/**
 * What a lesson says, or a model by classes of its own.
 */
taught?: Taught, };

/**
 * What a head of other classes than benign and malignant says of several images together.
 */
export type TaughtTogether = { 
/**
 * Names of its classes, in the order of all that follows.
 */
classes: Array<string>, 
/**
 * The class with the greatest mean probability; like the next two `None` where no image votes.
 */
prediction: string | null, 
/**
 * The greatest mean probability.
 */
confidence: number | null, 
/**
 * Mean over the images that vote.
 */
probabilities: Array<number> | null, 
/**
 * How many of these have each class as their prediction.
 */
images: Array<number>, 
/**
 * The name of a class, "uncertain", "unfamiliar" or "not assessable".
 */
verdict: string, };

/**
 * What a head of other classes than benign and malignant says of a region of a slide.
 */
export type TaughtRegion = { 
/**
 * The class with the greatest mean probability; like the next two `None` without voters.
 */
prediction: string | null, 
/**
 * The greatest mean probability.
 */
confidence: number | null, 
/**
 * Mean over the voters, in the order of the report's `taught.classes`.
 */
probabilities: Array<number> | null, 
/**
 * How far the region is from what the lesson, or the model, has learned; `None` where that is
 * not known.
 */
familiarity: Familiar | null, 
/**
 * The name of a class, "uncertain", "unfamiliar" or "not assessable".
 */
verdict: string, };

/**
 * The scan that patches were cut from.
 */
export type SlideSource = { 
/**
 * As its reader calls it, such as "Aperio SVS".
 */
format: string, 
/**
 * Of its finest level, in pixels.
 */
width: number, 
/**
 * Of its finest level, in pixels.
 */
height: number, 
/**
 * Pixels of the finest level along one of the patches' scale; places of patches times this are
 * places in the file.
 */
downsample: number, 
/**
 * How many patches there were before the most that were wanted.
 */
candidates: number, };

/**
 * What patches in one outline say together.
 */
export type RegionReport = { 
/**
 * As a person calls it.
 */
name: string, 
/**
 * Which of the report's patches lie in it, ascending.
 */
patches: Array<number>, 
/**
 * How many of them voted.
 */
voters: number, 
/**
 * Mean over those that voted; `None` where too few can be assessed.
 */
probabilities: ByClass<number> | null, 
/**
 * What it comes to.
 */
verdict: Verdict, 
/**
 * How far it is from what the model, or the lesson that judged, has learned.
 */
familiarity?: Familiar, 
/**
 * What a head of other classes says, as of the image; reports of earlier versions do not say it.
 */
taught?: TaughtRegion, };

/**
 * A stroke of a round brush with which a person corrected the tissue that was found, in pixels of
 * the finest level. The patches come from what was found with the strokes over it, one by one.
 */
export type Stroke = { 
/**
 * Whether it makes tissue; else glass.
 */
adds: boolean, 
/**
 * Of the brush.
 */
radius: number, 
/**
 * Where it went, in straight lines; one point is a dab.
 */
points: Array<[number, number]>, };

/**
 * A slide, and what was outlined on it.
 */
export type SlideSummary = { 
/**
 * What it is.
 */
source: SlideSource, 
/**
 * In the order in which they were outlined; empty where all tissue counts.
 */
regions: Array<RegionReport>, 
/**
 * What a person corrected of the tissue that was found; empty where nothing was.
 */
strokes?: Array<Stroke>, };

/**
 * What one image is.
 */
export type ImageReport = { 
/**
 * [`SCHEMA_VERSION`].
 */
schema_version: number, 
/**
 * Always true; a failed image has a [`FailureReport`].
 */
success: boolean, 
/**
 * As the caller calls it.
 */
filename: string, 
/**
 * Class with the greater mean probability; like the next three `None` if no patch voted, and of
 * a model whose classes are its own.
 */
prediction: Class | null, 
/**
 * [`Class::index`] of the prediction.
 */
prediction_idx: number | null, 
/**
 * The greater mean probability.
 */
confidence: number | null, 
/**
 * Mean over the patches that voted.
 */
probabilities: ByClass<number> | null, 
/**
 * Sampled patches, whether they voted or not.
 */
num_patches: number, 
/**
 * What those that voted say.
 */
patch_breakdown: PatchBreakdown, 
/**
 * How many sampled patches were found to be what; they sum to `num_patches`.
 */
screen: Counts, 
/**
 * What it comes to.
 */
verdict: Verdict, 
/**
 * Its size.
 */
image: ImageSize, 
/**
 * Where its patches lie.
 */
grid: GridSummary, 
/**
 * In index order: row-major from the top left. Empty where a caller left them out.
 */
patches: Array<PatchReport>, 
/**
 * Which model it was.
 */
model: ModelSummary, 
/**
 * What computed it.
 */
engine: EngineSummary, 
/**
 * What the caller had set.
 */
options: Options, 
/**
 * What it took.
 */
timings_ms: Timings, 
/**
 * What the reader should know, in sentences.
 */
warnings: Array<string>, 
/**
 * What each of them is, with its values, for whoever says it in words of their own; empty in
 * reports of earlier versions.
 */
warning_causes?: Array<Cause>, 
/**
 * The size of a pixel, where file, name or caller tells.
 */
scale?: Scale, 
/**
 * Of the image file, lower-case hexadecimal; missing from reports of earlier versions.
 */
sha256?: string, 
/**
 * Place in `individual_results` of an earlier image of the same bytes. This one does not vote.
 * Only [`FolderReport::new`] knows it.
 */
duplicate_of?: number, 
/**
 * How far the image is from what the model, or the lesson that judged, has learned.
 */
familiarity?: Familiar, 
/**
 * Why that is not known.
 */
familiarity_unknown?: Unknown, 
/**
 * What a lesson says. One of the classes benign and malignant speaks in the fields above, too;
 * beside one of others they are what the model itself says. Without a lesson: what a model says
 * whose classes are its own.
 */
taught?: Taught, 
/**
 * Of a slide: what it is, and what its regions say. Places of patches, size and grid are at the
 * scale of the patches, and `sha256` is of pieces of the file.
 */
slide?: SlideSummary, };

/**
 * What stood in the way of a report.
 *
 * A page writes failures of its own and may add to them, so other keys are passed over.
 */
export type Failure = { 
/**
 * [`Error::code`], or a code of the program around this crate.
 */
code: string, 
/**
 * What happened, a sentence without a full stop.
 */
message: string, 
/**
 * What to do, a sentence.
 */
remedy: string, 
/**
 * As [`crate::error::Fault`] in lower case; a page may add its own, such as "browser".
 */
fault: string, 
/**
 * What it takes to say it in another language, where the program that wrote it knows that.
 */
cause?: Cause, };

/**
 * An image, or a folder of images, that could not be classified.
 */
export type FailureReport = { 
/**
 * [`SCHEMA_VERSION`].
 */
schema_version: number, 
/**
 * Always false.
 */
success: boolean, 
/**
 * As the caller calls it.
 */
filename: string, 
/**
 * What stood in the way.
 */
error: Failure, };

/**
 * The outcome for one image; which of the two it is, its `success` tells.
 */
export type ImageOutcome = ImageReport | FailureReport;

/**
 * One image of a saved report.
 */
export type Saved = { 
/**
 * Where the image lay below what was chosen; its name where the file does not say.
 */
path: string, 
/**
 * `None` where the file does not say; empty where it says that nobody knows.
 */
patient: string | null, 
/**
 * Whether the name of its folder tells the patient, and no person has said otherwise; `None`
 * where the file does not say.
 */
by_folder: boolean | null, 
/**
 * What it truly is, as a person says. `None` where the file does not say; empty where it says
 * that nobody knows.
 */
label: string | null, 
/**
 * What was found.
 */
report: ImageOutcome, 
/**
 * Of the image's file, as the study says, or the report.
 */
sha256: string | null, 
/**
 * Whether a program drew it.
 */
demo: boolean, 
/**
 * Whether a person took it out.
 */
left_out: boolean, };

/**
 * How many of the images that voted have each class as their prediction.
 */
export type ImageBreakdown = { 
/**
 * Those that are rather benign, or just as much.
 */
benign_images: number, 
/**
 * Those that are rather malignant.
 */
malignant_images: number, };

/**
 * Mean over the images that voted.
 */
export type AggregatedDiagnosis = { 
/**
 * Class with the greater mean probability.
 */
prediction: Class, 
/**
 * [`Class::index`] of the prediction.
 */
prediction_idx: number, 
/**
 * The greater mean probability.
 */
confidence: number, 
/**
 * Mean over the images that voted.
 */
probabilities: ByClass<number>, 
/**
 * The prediction, or "uncertain".
 */
verdict: Verdict, };

/**
 * Why images have no verdict together, although some of them voted.
 */
export type NoVerdict = "several patients";

/**
 * What the images of one patient say together, in the report on a folder: the fields are those of
 * [`super::FolderReport`].
 */
export type PatientReport = { 
/**
 * As the names of the images tell, or who knows better.
 */
patient: string, 
/**
 * Places in `individual_results`, also of images that others of the same bytes vote for.
 */
images: Array<number>, success: boolean, num_images: number, num_failed: number, num_not_assessable: number, num_duplicates: number, num_unfamiliar?: number, partial: boolean, verdict: Verdict | null, aggregated_diagnosis: AggregatedDiagnosis | null, image_breakdown: ImageBreakdown | null, taught?: TaughtTogether, };

/**
 * What a folder of images is: of one patient, unless names of files, or who knows better, tell several.
 */
export type FolderReport = { 
/**
 * [`SCHEMA_VERSION`].
 */
schema_version: number, 
/**
 * Whether at least one image voted.
 */
success: boolean, 
/**
 * All results: those that voted, did not vote and failed.
 */
num_images: number, 
/**
 * Images, and folders of them, that could not be read; they do not vote.
 */
num_failed: number, 
/**
 * Images with too few patches that can be assessed; they do not vote either.
 */
num_not_assessable: number, 
/**
 * Images of which an earlier one has the same bytes, and votes for both.
 */
num_duplicates: number, 
/**
 * Images that are unlike what the model has learned, if there are any; they vote only where that
 * is asked for.
 */
num_unfamiliar?: number, 
/**
 * Whether something failed, so that the diagnosis does not speak for all that was asked about.
 */
partial: boolean, 
/**
 * That of the diagnosis; if no image voted "unfamiliar" where an image is that, else "not
 * assessable"; `None` if all failed, or for the reason of `no_verdict`.
 */
verdict: Verdict | null, 
/**
 * Why there is neither verdict nor diagnosis although images voted.
 */
no_verdict?: NoVerdict, 
/**
 * `None` if no image voted for one of the two, or for the reason of `no_verdict`.
 */
aggregated_diagnosis: AggregatedDiagnosis | null, 
/**
 * `None` if no image voted for one of the two.
 */
image_breakdown: ImageBreakdown | null, 
/**
 * What a lesson says that has other classes; the fields above then are the model's own. Or what
 * a model says whose classes are its own: of benign and malignant there is nothing then. Also
 * `None` for the reason of `no_verdict`.
 */
taught?: TaughtTogether, 
/**
 * Each patient that names of files, or who knows better, tell, in the order of names; empty where
 * they tell none.
 */
patients?: Array<PatientReport>, 
/**
 * In the order in which they were given.
 */
individual_results: Array<ImageOutcome>, 
/**
 * The model whose threshold counts where the images have none of their own.
 */
model: ModelSummary, 
/**
 * What took the mean; each image says what computed it.
 */
engine: EngineSummary, };

/**
 * What the mean over images reads of one of them: a few numbers, however many patches it has.
 */
export type Vote = { 
/**
 * That of its file, which may tell a patient; `None` where that is no matter.
 */
name?: string, 
/**
 * Whether it has no result.
 */
failed: boolean, 
/**
 * `None` if it failed, or too little of it can be assessed.
 */
probabilities: ByClass<number> | null, 
/**
 * Whether it votes all the same, for classes of the model's own.
 */
otherwise?: boolean, 
/**
 * Whether it is unlike what the model has learned.
 */
unfamiliar?: boolean, 
/**
 * Of the image file; equal ones are the same bytes.
 */
sha256: string | null, 
/**
 * The threshold that it was analysed with, or that of a lesson which judged in the place of the
 * model's own head; `None` where it is the model's.
 */
uncertain_below: number | null, };

/**
 * A folder's report without its images: the fields are those of [`FolderReport`].
 */
export type Whole = { schema_version: number, success: boolean, num_images: number, num_failed: number, num_not_assessable: number, num_duplicates: number, num_unfamiliar?: number, partial: boolean, verdict: Verdict | null, no_verdict?: NoVerdict, aggregated_diagnosis: AggregatedDiagnosis | null, image_breakdown: ImageBreakdown | null, patients?: Array<PatientReport>, model: ModelSummary, engine: EngineSummary, 
/**
 * Of each image, the place of an earlier one of the same bytes, which votes for both.
 */
duplicate_of: Array<number | null>, };

/** At probabilities of malignant 0, 1/4, 1/2, 3/4 and 1. */
export const STOPS = [[12, 84, 158], [100, 160, 210], [244, 241, 232], [243, 158, 80], [186, 74, 0]] as const;

/** Of benign and malignant, where they are named. */
export const OWN_TONES = [[12, 84, 158], [168, 67, 0]] as const;

/** Of other classes by place; the last is of all beyond. */
export const TONES = [[51, 34, 136], [221, 204, 119], [68, 170, 153], [204, 102, 119], [136, 204, 238], [136, 34, 85], [17, 119, 51], [238, 119, 51], [170, 68, 153], [153, 153, 51], [68, 119, 170], [187, 187, 187]] as const;

/** Of patches that do not vote. */
export const LEFT_OUT = [120, 120, 120] as const;

/** A saved report with more bytes is not read. */
export const MAX_REPORTS_BYTES = 67108864;
