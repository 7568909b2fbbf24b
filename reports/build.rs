//! Tells the tests whether a LaTeX is installed that can set the tables.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PATH");
    println!("cargo::rustc-check-cfg=cfg(has_latex)");
    let works = |program: &str, argument: &str| {
        Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
    };
    let packages = ["booktabs.sty", "graphicx.sty", "lmodern.sty", "siunitx.sty"];
    if works("pdflatex", "--version") && packages.iter().all(|file| works("kpsewhich", file)) {
        println!("cargo::rustc-cfg=has_latex");
    }
}
