//! What the kernel counts for the whole machine. That includes both ends of our connections and whatever else runs
//! there, so these figures need a machine that has nothing else to do.

use std::fs;

use rustix::param::page_size;

/// What was sent over IP so far, by both ends and including acknowledgements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// Packets. One on the loopback device may be larger than a network allows.
    pub packets: u64,
    /// Bytes, with the headers of TCP and IP.
    pub bytes: u64,
}

impl Traffic {
    /// The traffic up to now.
    pub fn read() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let (protocol, extensions) = (read("/proc/net/snmp"), read("/proc/net/netstat"));
        Self {
            packets: counter(&protocol, "Ip:", "OutRequests"),
            bytes: counter(&extensions, "IpExt:", "OutOctets"),
        }
    }

    /// The traffic from `then` to `self`.
    pub fn since(self, then: Self) -> Self {
        Self {
            packets: self.packets.saturating_sub(then.packets),
            bytes: self.bytes.saturating_sub(then.bytes),
        }
    }
}

/// A counter of `/proc/net`: a line of names, and below it one of values.
fn counter(text: &str, group: &str, name: &str) -> u64 {
    let mut lines = text.lines().filter(|line| line.starts_with(group));
    let (Some(names), Some(values)) = (lines.next(), lines.next()) else {
        return 0;
    };
    let mut pairs = names.split(' ').zip(values.split(' '));
    let found = pairs.find(|(it, _)| *it == name);
    found.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)
}

/// Kernel memory in bytes that holds sockets, among other things: its slabs, and what is queued.
pub fn kernel_memory() -> u64 {
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let slabs = memory.lines().find_map(|line| line.strip_prefix("Slab:"));
    let kilobytes = slabs.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    let sockets = fs::read_to_string("/proc/net/sockstat").unwrap_or_default();
    let queued = sockets.lines().find_map(|line| {
        let (_, pages) = line.strip_prefix("TCP:")?.split_once("mem ")?;
        pages.trim().parse::<u64>().ok()
    });
    kilobytes.unwrap_or(0) * 1024 + queued.unwrap_or(0) * page_size() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_found_by_their_names() {
        let text = "Tcp: A\nTcp: 9\nIp: A OutRequests B\nIp: 1 23 4\nIpExt: A\nIpExt: 5\n";
        assert_eq!(counter(text, "Ip:", "OutRequests"), 23);
        assert_eq!(counter(text, "IpExt:", "A"), 5);
        assert_eq!(counter(text, "Ip:", "C"), 0);
        assert_eq!(counter("", "Ip:", "A"), 0);
    }

    #[test]
    fn this_machine_has_a_kernel() {
        assert!(kernel_memory() > 0);
    }
}
