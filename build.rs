//! Has the web page embedded that was built before, if it was: see `src/http/site/page.rs`.

fn main() {
    // A folder that is not there counts as changed at each build.
    let _ = std::fs::create_dir_all("web/dist");
    println!("cargo::rerun-if-changed=web/dist");
}
