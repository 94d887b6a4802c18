//! Links and anchors, and what code says about documents.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::markdown::{all, page, resolve, root};

#[test]
fn each_link_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for path in all() {
        let links = page(&path).links().into_iter();
        for link in links.filter(|it| !it.contains("://") && !it.starts_with("mailto:")) {
            let target = resolve(&path, &link);
            let is_there = root().join(&target).exists();
            let (_, anchor) = link.split_once('#').unwrap_or_default();
            let has_anchor = || page(&target).anchors().iter().any(|it| it == anchor);
            if !is_there || (!anchor.is_empty() && !has_anchor()) {
                broken.push(format!("{path}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Messages, comments and configurations name pages by `docs/NAME.md`.
#[test]
fn each_page_that_code_names_is_there() {
    let mut files = Vec::new();
    for folder in [
        ".ci",
        ".github",
        "benches",
        "client",
        "deploy",
        "entity",
        "examples",
        "log",
        "migration",
        "openapi",
        "src",
        "tests",
        "web/e2e",
        "web/packages/stream",
        "web/src",
    ] {
        files_in(&root().join(folder), &mut files);
    }
    files.extend(["Makefile", "README.md", "llms.txt"].map(|it| root().join(it)));
    let mut named = 0;
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        for part in text.split("docs/").skip(1) {
            let end = part
                .find(|it: char| !(it.is_ascii_uppercase() || "-_".contains(it)))
                .unwrap_or(part.len());
            if part[end..].starts_with(".md") && end > 0 && part[..end] != *"NAME" {
                let page = format!("docs/{}.md", &part[..end]);
                let is_there = root().join(&page).exists();
                assert!(is_there, "{} names {page}", file.display());
                named += 1;
            }
        }
    }
    assert!(named > 20, "{named}");
}

fn files_in(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        let kind = entry.file_type().expect("a kind");
        let is_built = ["node_modules", "target", "dist", ".venv"]
            .iter()
            .any(|it| entry.file_name() == *it);
        if kind.is_dir() && !is_built {
            files_in(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}
