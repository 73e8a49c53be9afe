//! The layers: each checks what it is given, cuts the work into pieces and hands them to the
//! kernels.

mod add;
mod conv;
mod depthwise;
mod gemm;
mod head;
mod pointwise;
mod runner;

pub use add::Add;
pub use conv::Conv;
pub use depthwise::Depthwise;
pub use head::Head;
pub use pointwise::Pointwise;
