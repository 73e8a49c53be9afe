//! Logistic regression: two to twelve classes, weighted rows, a penalty on the squares of weights.
//!
//! ```text
//! minimise  sum of weight * -log(probability of the label)  +  penalty / 2 * |weights|^2
//! ```
//!
//! Weights of rows have the sum 1; biases are not penalised. Two classes have one row of weights, for
//! the second class, more have one each: what scikit-learn minimises with `C = 1 / (penalty * sum of
//! its weights)`. L-BFGS finds the minimum. All sums run in a fixed order: the same table gives the
//! same bits everywhere.

/// Rows of features with labels.
#[derive(Debug)]
pub(crate) struct LabelledRows {
    /// `[n][features]`.
    pub(crate) x: Vec<f64>,
    pub(crate) features: usize,
    pub(crate) labels: Vec<usize>,
    /// Their sum is 1.
    pub(crate) weights: Vec<f64>,
    pub(crate) classes: usize,
}

/// Steps that the curvature is known from.
const MEMORY: usize = 8;
/// A step has to gain so much of what the slope promises.
const ARMIJO: f64 = 1e-4;
/// Halvings of a step before it is given up.
const HALVINGS: usize = 40;

impl LabelledRows {
    /// Rows of weights: one for two classes, else one a class.
    pub(crate) fn rows(&self) -> usize {
        if self.classes == 2 { 1 } else { self.classes }
    }

    /// How many numbers a head has: `[rows][features + 1]`, the bias last.
    pub(crate) fn len(&self) -> usize {
        self.rows() * (self.features + 1)
    }

    /// The value of `head`; its gradient goes to `slope`.
    pub(crate) fn loss(&self, head: &[f64], penalty: f64, slope: &mut [f64]) -> f64 {
        let (rows, width) = (self.rows(), self.features + 1);
        slope.fill(0.0);
        let mut loss = 0.0;
        let mut scores = vec![0.0; rows];
        let cases = self.x.chunks_exact(self.features).zip(&self.labels).zip(&self.weights);
        for ((x, &label), &weight) in cases {
            for (score, row) in scores.iter_mut().zip(head.chunks_exact(width)) {
                *score = row[self.features] + product(&row[..self.features], x);
            }
            loss += weight * residual(&mut scores, label);
            for (&residual, slope) in scores.iter().zip(slope.chunks_exact_mut(width)) {
                let step = weight * residual;
                for (slope, &x) in slope.iter_mut().zip(x) {
                    *slope += step * x;
                }
                slope[self.features] += step;
            }
        }
        for (row, slope) in head.chunks_exact(width).zip(slope.chunks_exact_mut(width)) {
            for (slope, &weight) in slope.iter_mut().zip(&row[..self.features]) {
                loss += penalty / 2.0 * weight * weight;
                *slope += penalty * weight;
            }
        }
        loss
    }

    /// The head with the least loss, from `start` on; no slope is steeper than `tolerance` there,
    /// unless it took more than `most` steps.
    pub(crate) fn fit(&self, start: &[f64], penalty: f64, tolerance: f64, most: usize) -> Vec<f64> {
        let mut head = start.to_vec();
        let mut slope = vec![0.0; head.len()];
        let mut loss = self.loss(&head, penalty, &mut slope);
        let mut memory: Vec<Step> = Vec::new();
        let mut next_slope = slope.clone();
        for _ in 0..most {
            if slope.iter().all(|slope| slope.abs() <= tolerance) {
                break;
            }
            let mut direction = direction(&slope, &memory);
            let mut descent = product(&direction, &slope);
            if descent >= 0.0 {
                // Rounding has spoilt what is remembered.
                memory.clear();
                direction = slope.iter().map(|slope| -slope).collect();
                descent = product(&direction, &slope);
            }
            let mut length =
                if memory.is_empty() { 1.0 / descent.abs().sqrt().max(1.0) } else { 1.0 };
            let mut found = None;
            for _ in 0..HALVINGS {
                let next: Vec<f64> =
                    head.iter().zip(&direction).map(|(head, step)| head + length * step).collect();
                let next_loss = self.loss(&next, penalty, &mut next_slope);
                if next_loss <= loss + ARMIJO * length * descent {
                    found = Some((next, next_loss));
                    break;
                }
                length /= 2.0;
            }
            // No step gains anything: this is the minimum, as far as rounding lets it be seen.
            let Some((next, next_loss)) = found else { break };
            if let Some(step) = Step::new(&head, &next, &slope, &next_slope) {
                if memory.len() == MEMORY {
                    memory.remove(0);
                }
                memory.push(step);
            }
            (head, loss) = (next, next_loss);
            std::mem::swap(&mut slope, &mut next_slope);
        }
        head
    }

    /// Logits of a case by class, for a head of this table.
    #[cfg(test)]
    pub(crate) fn logits(&self, head: &[f64], x: &[f64]) -> Vec<f64> {
        let width = self.features + 1;
        let score = |row: &[f64]| row[self.features] + product(&row[..self.features], x);
        match self.classes {
            2 => vec![-score(head) / 2.0, score(head) / 2.0],
            _ => head.chunks_exact(width).map(score).collect(),
        }
    }

    /// Weights `[classes][features]` and biases of a head: of two classes each has a half.
    pub(crate) fn by_class(&self, head: &[f64]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let rows = head.chunks_exact(self.features + 1);
        let rows: Vec<Vec<f64>> = match self.classes {
            2 => [-0.5, 0.5].map(|half| head.iter().map(|value| half * value).collect()).into(),
            _ => rows.map(<[f64]>::to_vec).collect(),
        };
        let bias = rows.iter().map(|row| row[self.features]).collect();
        (rows.into_iter().map(|row| row[..self.features].to_vec()).collect(), bias)
    }
}

/// What a step taught of the curvature.
#[derive(Debug)]
struct Step {
    head: Vec<f64>,
    slope: Vec<f64>,
    /// One over their product.
    curvature: f64,
}

impl Step {
    fn new(from: &[f64], to: &[f64], slope: &[f64], next_slope: &[f64]) -> Option<Self> {
        let head: Vec<f64> = to.iter().zip(from).map(|(to, from)| to - from).collect();
        let slope: Vec<f64> = next_slope.iter().zip(slope).map(|(to, from)| to - from).collect();
        let product = product(&head, &slope);
        (product > 1e-300).then(|| Self { head, slope, curvature: 1.0 / product })
    }
}

/// Minus the inverse of the remembered curvature times the slope: the two loops of L-BFGS.
fn direction(slope: &[f64], memory: &[Step]) -> Vec<f64> {
    let mut direction: Vec<f64> = slope.iter().map(|slope| -slope).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for step in memory.iter().rev() {
        let share = step.curvature * product(&step.head, &direction);
        add(&mut direction, -share, &step.slope);
        shares.push(share);
    }
    if let Some(last) = memory.last() {
        let scale = 1.0 / (last.curvature * product(&last.slope, &last.slope));
        direction.iter_mut().for_each(|value| *value *= scale);
    }
    for (step, share) in memory.iter().zip(shares.into_iter().rev()) {
        let back = step.curvature * product(&step.slope, &direction);
        add(&mut direction, share - back, &step.head);
    }
    direction
}

/// `-log(probability of the label)`; in place of the scores, how they should change.
fn residual(scores: &mut [f64], label: usize) -> f64 {
    if let [score] = scores {
        // Of two classes: sigmoid, in the form that does not overflow.
        let sign = if label == 1 { -1.0 } else { 1.0 };
        let wrong = sign * *score;
        let small = libm::exp(-wrong.abs());
        let probability = if wrong > 0.0 { 1.0 / (1.0 + small) } else { small / (1.0 + small) };
        *score = sign * probability;
        return wrong.max(0.0) + libm::log1p(small);
    }
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = scores[label] - greatest;
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = libm::exp(*score - greatest);
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    scores[label] -= 1.0;
    libm::log(sum) - own
}

/// Sum of products in four strands, which a processor adds side by side; the order is fixed.
pub(crate) fn product(a: &[f64], b: &[f64]) -> f64 {
    let (a_fours, a_rest) = a.as_chunks::<4>();
    let (b_fours, b_rest) = b.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (a, b) in a_fours.iter().zip(b_fours) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let mut sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    for (a, b) in a_rest.iter().zip(b_rest) {
        sum += a * b;
    }
    sum
}

fn add(to: &mut [f64], share: f64, values: &[f64]) {
    for (to, value) in to.iter_mut().zip(values) {
        *to += share * value;
    }
}
