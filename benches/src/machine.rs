//! What ran the benches, and what else it was doing: a number without these means little.

use std::fs::read_to_string;

/// The machine at one moment.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Processors that this process may use.
    pub cores: usize,
    /// The kernel's load averages over 1, 5 and 15 minutes.
    pub load: String,
    /// Share of the last minute in which somebody waited for a processor, in per cent; `None` where
    /// the kernel does not say.
    pub waiting_percent: Option<f64>,
}

impl Machine {
    /// Looks now.
    pub fn now() -> Self {
        let cpuinfo = read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
            .map_or("unknown", |(_, name)| name.trim());
        let load = read_to_string("/proc/loadavg").unwrap_or_default();
        let pressure = read_to_string("/proc/pressure/cpu").unwrap_or_default();
        let waiting = pressure
            .split_whitespace()
            .find_map(|word| word.strip_prefix("avg60="))
            .and_then(|share| share.parse().ok());
        Self {
            processor: processor.to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            load: load.split_whitespace().take(3).collect::<Vec<_>>().join(" "),
            waiting_percent: waiting,
        }
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {} cores, load {}", self.processor, self.cores, self.load)?;
        match self.waiting_percent {
            Some(share) => {
                write!(f, ", somebody waited for a core {share:.0} % of the last minute")
            }
            None => Ok(()),
        }
    }
}
