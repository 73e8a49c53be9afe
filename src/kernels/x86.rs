//! x86
use super::backend::Backend;
pub fn choose(_seven_bit: bool) -> Option<&'static dyn Backend> {
    None
}
