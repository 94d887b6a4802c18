//! Another machine, as far as the network can tell: a network namespace behind a pair of virtual interfaces.

use std::{
    net::Ipv4Addr,
    process::Command,
    sync::atomic::{AtomicU8, Ordering},
};

/// A network namespace that can be reached from this one. It ends with this handle.
pub struct Namespace {
    name: String,
    /// Its address.
    pub address: Ipv4Addr,
}

impl Namespace {
    /// Needs root, and `ip`.
    pub fn new() -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(0);
        let number = NEXT.fetch_add(4, Ordering::Relaxed);
        // Tests may run in several processes.
        let process = std::process::id();
        let name = format!("dc{process}n{number}");
        let [_, _, high, low] = process.to_be_bytes();
        let subnet = (high ^ low, number);
        let ours = Ipv4Addr::new(10, 213, subnet.0, subnet.1 + 1);
        let address = Ipv4Addr::new(10, 213, subnet.0, subnet.1 + 2);
        ip(&format!("netns add {name}"));
        let it = Self { name, address };
        let name = &it.name;
        ip(&format!(
            "link add {name} type veth peer name eth0 netns {name}"
        ));
        ip(&format!("address add {ours}/30 dev {name}"));
        ip(&format!("link set {name} up"));
        ip(&format!("-n {name} address add {address}/30 dev eth0"));
        ip(&format!("-n {name} link set eth0 up"));
        ip(&format!("-n {name} link set lo up"));
        it
    }

    /// The command that runs another one inside it.
    pub fn wrapper(&self) -> [&str; 4] {
        ["ip", "netns", "exec", &self.name]
    }

    /// From here on nothing that is sent to it arrives, and nobody is told.
    pub fn swallow(&self) {
        ip(&format!("route add blackhole {}/32", self.address));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // Some of it may not exist.
        for arguments in [
            format!("route delete blackhole {}/32", self.address),
            format!("link delete {}", self.name),
            format!("netns delete {}", self.name),
        ] {
            let command = Command::new("ip").args(arguments.split(' ')).output();
            drop(command);
        }
    }
}

fn ip(arguments: &str) {
    let output = Command::new("ip")
        .args(arguments.split(' '))
        .output()
        .expect("ip is installed: .ci/setup tests");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "ip {arguments}, which only root may run: {told}"
    );
}
