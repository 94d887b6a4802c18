//! Embeds the web page if it has been built: see `src/http/site/page.rs`. Links `src/static_names.c` into programs that
//! have glibc inside.

use std::env;

fn main() {
    // A missing folder counts as changed at each build.
    let _ = std::fs::create_dir_all("web/dist");
    println!("cargo::rerun-if-changed=web/dist");
    println!("cargo::rerun-if-changed=src/static_names.c");

    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_static = features.split(',').any(|it| it == "crt-static");
    let is_glibc = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|it| it == "gnu");
    if is_static && is_glibc {
        let objects = cc::Build::new()
            .file("src/static_names.c")
            .compile_intermediates();
        for object in objects {
            println!("cargo::rustc-link-arg-bins={}", object.display());
        }
    }
}
