//! Where static programs look names up: `src/static_names.c`.

use std::fs;

use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::run;

const LOOK_UP: &str = r#"
#include <netdb.h>
int main(void) {
    struct addrinfo *found;
    return getaddrinfo("in-the-file.example", 0, 0, &found) != 0;
}
"#;

/// Runs the program with these settings of the system.
const WITH_SETTINGS: &str = "
mount --bind hosts /etc/hosts
mount --bind nsswitch.conf /etc/nsswitch.conf
exec ./look-up
";

/// Whether a static program with these files in it finds a host that is in /etc/hosts, where the system's settings name
/// a module and not that file.
async fn finds(files: &[&str]) -> bool {
    let directory = TempDir::new().expect("a directory");
    for (name, content) in [
        ("look-up.c", LOOK_UP),
        ("hosts", "127.0.0.1 in-the-file.example\n"),
        ("nsswitch.conf", "hosts: no-such-module\n"),
    ] {
        fs::write(directory.path().join(name), content).expect("write");
    }
    let program = directory.path().join("look-up");
    let mut cc = Command::new("cc");
    cc.arg("-static")
        .arg(program.with_extension("c"))
        .args(files);
    let built = run(cc.arg("-o").arg(&program), "").await;
    assert_eq!(built.code, Some(0), "{built:?}");
    let mut shell = Command::new("unshare");
    let arguments = ["--mount", "sh", "-euc", WITH_SETTINGS];
    shell.args(arguments).current_dir(directory.path());
    let ended = run(&mut shell, "").await;
    assert_eq!(ended.stderr, "", "only root may mount files");
    ended.code == Some(0)
}

#[tokio::test]
async fn a_static_program_needs_no_module_of_the_system() {
    assert!(!finds(&[]).await);
    assert!(finds(&["src/static_names.c"]).await);
}
