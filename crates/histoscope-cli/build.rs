//! Tells the compiler whether the page is put into the program: $HISTOSCOPE_PAGE names its one file.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=HISTOSCOPE_PAGE");
    println!("cargo:rustc-check-cfg=cfg(page)");
    if let Some(page) = std::env::var("HISTOSCOPE_PAGE").ok().filter(|page| !page.is_empty()) {
        println!("cargo:rerun-if-changed={page}");
        println!("cargo:rustc-env=HISTOSCOPE_PAGE={page}");
        println!("cargo:rustc-cfg=page");
    }
}
