//! tract's own operators on an ONNX classifier, for a browser: what our engine is compared with.

use tract_onnx::prelude::*;
use wasm_bindgen::prelude::*;

/// A model that tract has optimised for batches of one size.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Session {
    plan: Arc<TypedRunnableModel>,
    shape: [usize; 4],
}

#[wasm_bindgen]
impl Session {
    /// `model` reads `uint8 [batch, 224, 224, 3]`; its first output is the logits.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &[u8], batch: usize) -> Result<Session, JsError> {
        let shape = [batch, 224, 224, 3];
        let load = || {
            tract_onnx::onnx()
                .model_for_read(&mut &model[..])?
                .with_input_fact(0, InferenceFact::dt_shape(u8::datum_type(), shape))?
                .into_optimized()?
                .into_runnable()
        };
        let plan = load().map_err(|error| JsError::new(&format!("{error:#}")))?;
        Ok(Session { plan, shape })
    }

    /// Logits `float [batch, classes]`, one row after the other.
    pub fn infer(&self, pixels: &[u8]) -> Result<Vec<f32>, JsError> {
        let run = || {
            let input = Tensor::from_shape(&self.shape, pixels)?;
            let outputs = self.plan.run(tvec![input.into_tvalue()])?;
            TractResult::Ok(outputs[0].try_as_plain_ram()?.as_slice::<f32>()?.to_vec())
        };
        run().map_err(|error: TractError| JsError::new(&format!("{error:#}")))
    }
}
