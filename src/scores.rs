//! What comes out of the model as logits of two classes: which of its outputs, and what they mean.

use anyhow::{Context, bail, ensure};

use histoscope_engine::Output;

use crate::manifest::{Outputs, Scores};

/// The outputs that are read, in the order in which the plan gives them.
#[derive(Debug)]
pub(crate) struct Reader {
    scores: Scores,
    /// One score alone speaks for the second class.
    single: bool,
}

/// How far the two probabilities of a patch may be from the sum 1.
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
        let is_scores =
            |shape: &[usize]| shape.first() == Some(&1) && matches!(columns(shape), 1 | 2);
        let scores = pick(&outputs.logits, &is_scores).with_context(|| {
            refuse(
                "class scores float [N, 2], benign and malignant, or float [N, 1]",
                &outputs.logits,
            )
        })?;
        let single = found[scores].shape.as_deref().is_some_and(|shape| columns(shape) == 1);
        let mut chosen = vec![scores];
        let is_cam = |shape: &[usize]| matches!(*shape, [1, h, w, 2] if h * w > 1);
        match pick(&outputs.cam, &is_cam) {
            Some(cam) if !single => chosen.push(cam),
            _ if outputs.cam.is_some() => {
                bail!(refuse("a class-activation map float [N, h, w, 2]", &outputs.cam))
            }
            _ => {}
        }
        Ok((Self { scores: outputs.scores, single }, chosen))
    }

    /// Appends two logits for each patch of `scores`.
    ///
    /// # Errors
    /// If a score is no finite number, or no probability where it is to be one.
    pub(crate) fn read(&self, scores: &[f32], logits: &mut Vec<f32>) -> anyhow::Result<()> {
        if let Some(score) = scores.iter().find(|score| !score.is_finite()) {
            bail!("its scores are not finite ({score}); its normalisation may be another");
        }
        match (self.scores, self.single) {
            (Scores::Logits, false) => logits.extend_from_slice(scores),
            // softmax(0, x) is sigmoid(x).
            (Scores::Logits, true) => logits.extend(scores.iter().flat_map(|&score| [0.0, score])),
            (Scores::Probabilities, false) => {
                for pair in scores.chunks_exact(2) {
                    let sum = pair[0] + pair[1];
                    ensure!(
                        pair.iter().all(|p| (0.0..=1.0 + SUM_TOLERANCE).contains(p))
                            && (sum - 1.0).abs() <= SUM_TOLERANCE,
                        "its scores {pair:?} are no probabilities; they may be logits"
                    );
                    logits.extend(pair.iter().map(|&p| logit(f64::from(p))));
                }
            }
            (Scores::Probabilities, true) => {
                for &p in scores {
                    ensure!(
                        (0.0..=1.0).contains(&p),
                        "its score {p} is no probability; it may be a logit"
                    );
                    logits.extend([logit(1.0 - f64::from(p)), logit(f64::from(p))]);
                }
            }
        }
        Ok(())
    }
}

/// The softmax of such logits is the probabilities again.
fn logit(probability: f64) -> f32 {
    libm::log(probability.max(LEAST)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aggregate::softmax;

    fn probabilities(scores: Scores, single: bool, values: &[f32]) -> anyhow::Result<Vec<f64>> {
        let mut logits = vec![];
        Reader { scores, single }.read(values, &mut logits)?;
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
        Reader { scores: Scores::Logits, single: false }.read(&[1.0, -2.0], &mut logits).unwrap();
        assert_eq!(logits, [7.0, 1.0, -2.0]);
    }

    #[test]
    fn probabilities_come_back_from_their_logits() {
        let values = [0.25, 0.75, 1.0, 0.0];
        close(
            &probabilities(Scores::Probabilities, false, &values).unwrap(),
            &values.map(f64::from),
        );
    }

    #[test]
    fn one_score_speaks_for_the_second_class() {
        let sigmoid = 1.0 / (1.0 + (-1.5f64).exp());
        let result = probabilities(Scores::Logits, true, &[1.5, 0.0]).unwrap();
        close(&result, &[1.0 - sigmoid, sigmoid, 0.5, 0.5]);
        let result = probabilities(Scores::Probabilities, true, &[0.9, 0.0]).unwrap();
        close(&result, &[0.1, 0.9, 1.0, 0.0]);
    }

    #[test]
    fn what_cannot_be_a_score_is_refused() {
        for (scores, single, values, named) in [
            (Scores::Logits, false, &[f32::NAN, 0.0][..], "not finite"),
            (Scores::Logits, true, &[f32::INFINITY], "not finite"),
            (Scores::Probabilities, false, &[0.5, 0.6], "logits"),
            (Scores::Probabilities, false, &[-1.0, 2.0], "logits"),
            (Scores::Probabilities, true, &[1.5], "logit"),
        ] {
            let error = probabilities(scores, single, values).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
