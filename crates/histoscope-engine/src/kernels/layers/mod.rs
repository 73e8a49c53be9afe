//! The layers: each checks what it is given, cuts the work into pieces and hands them to the
//! kernels.

mod add;
mod conv;
mod depthwise;
mod dynamic;
mod gemm;
mod head;
mod max_pool;
mod pointwise;
mod runner;
mod under;
mod windows;

pub use add::Add;
pub use conv::Conv;
pub use depthwise::Depthwise;
pub use dynamic::{Dynamic, Real};
pub use head::Head;
pub use max_pool::MaxPool;
pub use pointwise::Pointwise;
