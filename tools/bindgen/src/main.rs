//! Makes of a compiled module one that JavaScript can load: `histoscope-bindgen page|test MODULE.wasm FOLDER NAME`.
//!
//! Writes NAME.js, NAME.d.ts and NAME_bg.wasm. `page`: what the page imports. `test`: likewise, with its exports within
//! reach of a test runner, and the checks of the glue code switched on.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [purpose, module, folder, name] = arguments.as_slice() else {
        eprintln!("usage: histoscope-bindgen page|test MODULE.wasm FOLDER NAME");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name(name).typescript(true).omit_default_module_path(false);
    match purpose.as_str() {
        "page" => {
            // Names of functions are half a megabyte, and a page that fails says what failed by itself.
            bindgen.remove_name_section(true).remove_producers_section(true);
        }
        "test" => {
            bindgen.debug(true).export_wasm(true).emit_start(false);
        }
        _ => {
            eprintln!("histoscope-bindgen: {purpose:?} is neither \"page\" nor \"test\"");
            return ExitCode::from(2);
        }
    }
    match bindgen.web(true).and_then(|bindgen| bindgen.generate(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("histoscope-bindgen: {module}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
