//! What comes out of the model as logits of two classes, or of classes of its own: which of its
//! outputs, what they mean, and which of its labels count as which.

use anyhow::{Context, bail, ensure};

use histoscope_engine::Output;

use crate::class::{ByClass, Class};
use crate::manifest::{Meaning, Outputs, ScoreForm};

/// The outputs that are read, in the order in which the plan gives them.
#[derive(Debug)]
pub(crate) struct Reader {
    scores: ScoreForm,
    columns: Columns,
}

/// What the scores of a patch speak for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Columns {
    /// One score alone, for the second class.
    Single,
    /// A score for each of so many classes.
    Each(usize),
    /// A score for each of the model's labels, which count as these.
    Grouped(Vec<Class>),
}

/// How far the probabilities of a patch may be from the sum 1.
const SUM_TOLERANCE: f32 = 0.01;
/// The least probability that has a logit: a network in single precision says 0 where it means this.
const LEAST: f64 = 1e-30;

impl Reader {
    /// Finds the class scores and, if there is one, the class-activation map among `found`, the
    /// network's outputs. Returns which of them these are.
    ///
    /// # Errors
    /// Names what there is where nothing fits.
    pub(crate) fn choose(
        found: &[Output],
        outputs: &Outputs,
    ) -> anyhow::Result<(Self, Vec<usize>)> {
        let pick = |name: &Option<String>, fits: &dyn Fn(&[usize]) -> bool| {
            found.iter().position(|output| {
                name.as_ref().is_none_or(|name| *name == output.name)
                    && output.shape.as_deref().is_some_and(fits)
            })
        };
        let refuse = |wanted: &str, name: &Option<String>| {
            let name = name.as_ref().map(|name| format!(" named {name:?}")).unwrap_or_default();
            let all: Vec<String> = found
                .iter()
                .map(|Output { name, shape }| match shape {
                    Some(shape) => format!("{name:?} float {shape:?}"),
                    None => format!("{name:?} of another type or shape"),
                })
                .collect();
            format!("it has no output{name} that is {wanted}; it has {}", all.join(", "))
        };

        let columns = |shape: &[usize]| shape[1..].iter().product::<usize>();
        let labels = match &outputs.meaning {
            Meaning::Pair(pair) => pair.len(),
            Meaning::Grouped(classes) => classes.len(),
            Meaning::Own(names) => names.len(),
        };
        let fits = |found: usize| found == labels || labels == 2 && found == 1;
        let is_scores = |shape: &[usize]| shape.first() == Some(&1) && fits(columns(shape));
        let scores = pick(&outputs.logits, &is_scores).with_context(|| {
            let wanted = if labels == 2 {
                "class scores float [N, 2], one for each label, or float [N, 1]".into()
            } else {
                format!("class scores float [N, {labels}], one for each label")
            };
            refuse(&wanted, &outputs.logits)
        })?;
        let columns = match (&outputs.meaning, found[scores].shape.as_deref().map(columns)) {
            (Meaning::Grouped(classes), _) => Columns::Grouped(classes.clone()),
            (_, Some(1)) => Columns::Single,
            _ => Columns::Each(labels),
        };
        let mut chosen = vec![scores];
        let is_cam =
            |shape: &[usize]| matches!(*shape, [1, h, w, each] if each == labels && h * w > 1);
        match pick(&outputs.cam, &is_cam) {
            Some(cam) if matches!(columns, Columns::Each(_)) => chosen.push(cam),
            // Of labels that are summed there is no map of the sum.
            Some(_) => {}
            None if outputs.cam.is_some() => {
                let wanted = format!("a class-activation map float [N, h, w, {labels}]");
                bail!(refuse(&wanted, &outputs.cam))
            }
            None => {}
        }
        Ok((Self { scores: outputs.scores, columns }, chosen))
    }

    /// Appends the logits of each patch of `scores`: two, or one for each class of the model's own.
    ///
    /// # Errors
    /// If a score is no finite number, or no probability where it is to be one.
    pub(crate) fn read(&self, scores: &[f32], logits: &mut Vec<f32>) -> anyhow::Result<()> {
        if let Some(score) = scores.iter().find(|score| !score.is_finite()) {
            bail!("its scores are not finite ({score}); its normalisation may be another");
        }
        match (self.scores, &self.columns) {
            (ScoreForm::Logits, Columns::Each(_)) => logits.extend_from_slice(scores),
            // softmax(0, x) is sigmoid(x).
            (ScoreForm::Logits, Columns::Single) => {
                logits.extend(scores.iter().flat_map(|&score| [0.0, score]));
            }
            (ScoreForm::Logits, Columns::Grouped(classes)) => {
                for patch in scores.chunks_exact(classes.len()) {
                    logits.extend(grouped(patch, classes));
                }
            }
            (ScoreForm::Probabilities, Columns::Each(classes)) => {
                for patch in scores.chunks_exact(*classes) {
                    check_probabilities(patch)?;
                    logits.extend(patch.iter().map(|&p| logit(f64::from(p))));
                }
            }
            (ScoreForm::Probabilities, Columns::Single) => {
                for &p in scores {
                    ensure!(
                        (0.0..=1.0).contains(&p),
                        "its score {p} is no probability; it may be a logit"
                    );
                    logits.extend([logit(1.0 - f64::from(p)), logit(f64::from(p))]);
                }
            }
            (ScoreForm::Probabilities, Columns::Grouped(classes)) => {
                for patch in scores.chunks_exact(classes.len()) {
                    check_probabilities(patch)?;
                    let mut sums = ByClass::from([0.0, 0.0]);
                    for (&p, &class) in patch.iter().zip(classes) {
                        *sums.of_mut(class) += f64::from(p);
                    }
                    logits.extend(sums.map(logit).into_array());
                }
            }
        }
        Ok(())
    }
}

/// # Errors
/// If `scores` are no probabilities of which one class has to be true.
fn check_probabilities(scores: &[f32]) -> anyhow::Result<()> {
    let sum: f32 = scores.iter().sum();
    ensure!(
        scores.iter().all(|p| (0.0..=1.0 + SUM_TOLERANCE).contains(p))
            && (sum - 1.0).abs() <= SUM_TOLERANCE,
        "its scores {:?} are no probabilities; they may be logits",
        &scores[..scores.len().min(8)]
    );
    Ok(())
}

/// The logits of two classes whose softmax is the sums of the softmax of `scores`: of each class
/// `log(sum(exp(score)))` over its scores.
fn grouped(scores: &[f32], classes: &[Class]) -> [f32; 2] {
    Class::ALL.map(|class| {
        let of_class = || {
            let own = scores.iter().zip(classes).filter(move |(_, of)| **of == class);
            own.map(|(&score, _)| f64::from(score))
        };
        // The greatest is taken out, so that no power is past what a number can be.
        let greatest = of_class().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = of_class().map(|score| libm::exp(score - greatest)).sum();
        (greatest + libm::log(sum)) as f32
    })
}

/// The softmax of such logits is the probabilities again.
fn logit(probability: f64) -> f32 {
    libm::log(probability.max(LEAST)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::softmax;

    use Columns::Single;

    const PAIR: Columns = Columns::Each(2);

    fn probabilities(
        scores: ScoreForm,
        columns: Columns,
        values: &[f32],
    ) -> anyhow::Result<Vec<f64>> {
        let mut logits = vec![];
        Reader { scores, columns }.read(values, &mut logits)?;
        let (pairs, _) = logits.as_chunks::<2>();
        Ok(pairs.iter().flat_map(|&pair| softmax(pair.into(), 1.0).into_array()).collect())
    }

    fn close(a: &[f64], b: &[f64]) {
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6), "{a:?} and {b:?}");
    }

    #[test]
    fn logits_stay_as_they_are() {
        let mut logits = vec![7.0];
        Reader { scores: ScoreForm::Logits, columns: PAIR }
            .read(&[1.0, -2.0], &mut logits)
            .unwrap();
        assert_eq!(logits, [7.0, 1.0, -2.0]);
    }

    #[test]
    fn probabilities_come_back_from_their_logits() {
        let values = [0.25, 0.75, 1.0, 0.0];
        close(
            &probabilities(ScoreForm::Probabilities, PAIR, &values).unwrap(),
            &values.map(f64::from),
        );
    }

    #[test]
    fn one_score_speaks_for_the_second_class() {
        let sigmoid = 1.0 / (1.0 + (-1.5f64).exp());
        let result = probabilities(ScoreForm::Logits, Single, &[1.5, 0.0]).unwrap();
        close(&result, &[1.0 - sigmoid, sigmoid, 0.5, 0.5]);
        let result = probabilities(ScoreForm::Probabilities, Single, &[0.9, 0.0]).unwrap();
        close(&result, &[0.1, 0.9, 1.0, 0.0]);
    }

    #[test]
    fn probabilities_of_a_group_are_summed() {
        let classes = [Class::Malignant, Class::Benign, Class::Benign, Class::Malignant];
        let columns = || Columns::Grouped(classes.into());
        let values = [0.1, 0.2, 0.3, 0.4];
        let summed = [0.5, 0.5];
        close(&probabilities(ScoreForm::Probabilities, columns(), &values).unwrap(), &summed);
        // Of logits: the same after a softmax, wherever they lie.
        for shift in [0.0, 300.0, -300.0] {
            let logits = values.map(|p: f32| p.ln() + shift);
            close(&probabilities(ScoreForm::Logits, columns(), &logits).unwrap(), &summed);
        }
        let patches = [0.0, 0.0, 1.0, 0.0, 0.25, 0.25, 0.25, 0.25];
        let both = probabilities(ScoreForm::Probabilities, columns(), &patches).unwrap();
        close(&both, &[1.0, 0.0, 0.5, 0.5]);
    }

    #[test]
    fn classes_of_its_own_keep_their_scores() {
        let mut logits = vec![];
        let reader = Reader { scores: ScoreForm::Probabilities, columns: Columns::Each(3) };
        reader.read(&[0.5, 0.25, 0.25, 0.0, 0.0, 1.0], &mut logits).unwrap();
        let (patches, _) = logits.as_chunks::<3>();
        for (patch, expected) in patches.iter().zip([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]]) {
            close(&patch.map(|logit| f64::from(logit).exp()), &expected);
        }
    }

    #[test]
    fn the_output_has_a_score_for_each_label() {
        let found = |shape: &[usize]| Output { name: "scores".into(), shape: Some(shape.into()) };
        let choose = |labels: &[&str], columns: usize| {
            let names = labels.iter().map(|&name| name.into()).collect();
            let outputs = Outputs { meaning: Meaning::Own(names), ..Outputs::default() };
            Reader::choose(&[found(&[1, columns])], &outputs).map(|(reader, _)| reader.columns)
        };
        assert_eq!(choose(&["a", "b", "c"], 3).unwrap(), Columns::Each(3));
        assert_eq!(choose(&["a", "b"], 2).unwrap(), PAIR);
        assert_eq!(choose(&["a", "b"], 1).unwrap(), Single);
        for (labels, columns) in
            [(&["a", "b", "c"][..], 2), (&["a", "b"], 3), (&["a", "b", "c"], 1)]
        {
            let error = choose(labels, columns).unwrap_err().to_string();
            assert!(error.contains("one for each label"), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_a_score_is_refused() {
        let three = Columns::Grouped(vec![Class::Benign, Class::Benign, Class::Malignant]);
        for (scores, columns, values, named) in [
            (ScoreForm::Logits, PAIR, &[f32::NAN, 0.0][..], "not finite"),
            (ScoreForm::Logits, Single, &[f32::INFINITY], "not finite"),
            (ScoreForm::Probabilities, PAIR, &[0.5, 0.6], "logits"),
            (ScoreForm::Probabilities, PAIR, &[-1.0, 2.0], "logits"),
            (ScoreForm::Probabilities, Single, &[1.5], "logit"),
            (ScoreForm::Probabilities, three, &[0.5, 0.5, 0.5], "logits"),
        ] {
            let error = probabilities(scores, columns, values).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
