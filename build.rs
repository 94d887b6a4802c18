//! Embeds the web page if it has been built: see `src/http/site/page.rs`.

fn main() {
    // A missing folder counts as changed at each build.
    let _ = std::fs::create_dir_all("web/dist");
    println!("cargo::rerun-if-changed=web/dist");
}
