//! Arrows between modules point one way: of the modules in one folder, none imports another that imports it, be it
//! by a detour. A module and those inside it are one room, and may know each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use regex::Regex;

/// The sources that are looked at, from the root of the repository.
const ROOTS: [&str; 7] = [
    "benches/load/src",
    "benches/trial/src",
    "client/src",
    "entity/src",
    "log/src",
    "migration/src",
    "src",
];

/// A module's path within its crate.
type Module = Vec<String>;

/// Which module of a folder imports which, and where.
type Arrows = BTreeMap<String, BTreeMap<String, String>>;

#[test]
fn no_circle_of_imports() {
    for root in ROOTS {
        let modules = read(root);
        assert!(modules.len() > 1, "{root} has no modules");
        let circles = circles(&modules);
        assert!(
            circles.is_empty(),
            "modules of {root} import each other in circles. Move what both need into a module of its own:\n{}",
            circles.join("\n")
        );
    }
}

#[test]
fn a_circle_is_found_and_listed() {
    let modules = |texts: &[(&str, &str)]| -> BTreeMap<Module, String> {
        let texts = texts.iter();
        texts
            .map(|(name, text)| (module(name), stripped(text)))
            .collect()
    };
    let circle = [
        ("", "pub mod a; pub mod b; pub mod c;"),
        (
            "a",
            "use crate::{\n    c::Gamma,\n    b::inner::{Beta, self},\n};",
        ),
        ("b", ""),
        ("b::inner", "fn f() { super::super::c::g(); }"),
        ("c", "pub use crate::a;"),
    ];
    assert_eq!(
        circles(&modules(&circle)),
        ["a → c (a: crate::c::Gamma) → a (c: crate::a)"]
    );
    let detour = [&circle[..1], &circle[2..], &[("a", "use super::b;")]].concat();
    assert_eq!(
        circles(&modules(&detour)),
        ["a → b (a: super::b) → c (b::inner: super::super::c::g) → a (c: crate::a)"]
    );
    let none = [
        ("", "use self::a::Alpha; pub struct Top;"),
        ("a", "use crate::Top; // use crate::c;"),
        (
            "c",
            "use crate::a;\n#[cfg(test)]\nmod tests { use crate::d; }",
        ),
        ("d", "use crate::c;"),
    ];
    assert_eq!(circles(&modules(&none)), Vec::<String>::new());
}

/// The circles, one for each folder that has any.
fn circles(modules: &BTreeMap<Module, String>) -> Vec<String> {
    let mut folders: BTreeMap<Module, Arrows> = BTreeMap::new();
    for (module, text) in modules {
        for path in paths(text) {
            let Some(target) = target(module, &path, modules) else {
                continue;
            };
            let shared = module.iter().zip(&target).take_while(|(a, b)| a == b);
            let shared = shared.count();
            if let (Some(from), Some(to)) = (module.get(shared), target.get(shared)) {
                let arrows = folders.entry(module[..shared].to_vec()).or_default();
                let arrows = arrows.entry(from.clone()).or_default();
                let place = format!("{}: {path}", module.join("::"));
                arrows.entry(to.clone()).or_insert(place);
            }
        }
    }
    let circles = folders.iter().filter_map(|(folder, arrows)| {
        let circle = circle(arrows)?;
        let mut text = [&folder[..], &circle[..1]].concat().join("::");
        for (from, to) in circle.iter().zip(circle.iter().skip(1).chain([&circle[0]])) {
            text.extend([" → ", to, " (", &arrows[from][to], ")"]);
        }
        Some(text)
    });
    circles.collect()
}

/// A shortest way from a module back to itself.
fn circle(arrows: &Arrows) -> Option<Vec<String>> {
    let from = |start: &String| {
        let mut ways = vec![vec![start.clone()]];
        let mut seen = BTreeSet::new();
        while !ways.is_empty() {
            let mut longer = Vec::new();
            for way in ways {
                let last = way.last().and_then(|last| arrows.get(last));
                for next in last.into_iter().flat_map(BTreeMap::keys) {
                    if next == start {
                        return Some(way);
                    }
                    if seen.insert(next.clone()) {
                        longer.push([&way[..], std::slice::from_ref(next)].concat());
                    }
                }
            }
            ways = longer;
        }
        None
    };
    arrows.keys().filter_map(from).min_by_key(Vec::len)
}

/// The module that a path leads to, as seen from `module`; none if it is of another crate.
fn target(module: &Module, path: &str, modules: &BTreeMap<Module, String>) -> Option<Module> {
    let mut target = module.clone();
    for (index, segment) in path.split("::").enumerate() {
        match segment {
            "crate" if index == 0 => target.clear(),
            "self" if index == 0 => {}
            "super" => target.truncate(target.len().checked_sub(1)?),
            _ if index == 0 => return None,
            _ => {
                target.push(segment.to_owned());
                if !modules.contains_key(&target) {
                    target.pop();
                    break;
                }
            }
        }
    }
    Some(target)
}

/// The paths that a module names: those of its imports, and those that begin with `crate` and the like.
fn paths(text: &str) -> Vec<String> {
    static IMPORT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\buse\s+([^;]+);").unwrap());
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\b(?:crate|super|self)(?:::\w+)+").unwrap());
    let mut paths = Vec::new();
    for import in IMPORT.captures_iter(text) {
        expand("", &import[1], &mut paths);
    }
    let rest = IMPORT.replace_all(text, "");
    paths.extend(PATH.find_iter(&rest).map(|path| path.as_str().to_owned()));
    paths
}

/// The paths of an import: `a::{b, c::d}` has two.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((before, inside)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default().trim();
        paths.push(format!("{prefix}{name}"));
        return;
    };
    let prefix = format!("{prefix}{}", before.trim());
    let inside = inside.trim_end().trim_end_matches('}');
    let (mut depth, mut start) = (0, 0);
    for (index, letter) in inside.char_indices().chain([(inside.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !inside[start..index].trim().is_empty() {
                    expand(&prefix, &inside[start..index], paths);
                }
                start = index + 1;
            }
            _ => {}
        }
    }
}

/// All modules of a crate with their texts.
fn read(root: &str) -> BTreeMap<Module, String> {
    fn visit(folder: &Path, within: &str, modules: &mut BTreeMap<Module, String>) {
        for entry in
            fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().expect("a name");
            let inner = match name {
                "lib" | "main" | "mod" => within.to_owned(),
                _ => format!("{within}::{name}"),
            };
            if path.is_dir() {
                visit(&path, &inner, modules);
            } else if path.extension().is_some_and(|it| it == "rs") && name != "tests" {
                let text = stripped(&fs::read_to_string(&path).expect("text"));
                *modules.entry(module(&inner)).or_default() += &text;
            }
        }
    }
    let mut modules = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
    visit(&root, "", &mut modules);
    modules
}

fn module(path: &str) -> Module {
    let names = path.split("::").filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// Without comments, and without unit tests, which stand at the end: they may use whatever is there.
fn stripped(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next();
    let lines = text.unwrap_or_default().lines();
    let code = lines.map(|line| line.split("//").next().unwrap_or_default());
    code.collect::<Vec<_>>().join("\n")
}
