//! What a run on a cluster is given: options of the command line, checked before anything is submitted.

use bench_metrics::Device;

use super::error::ClusterError;
use crate::device::DeviceChoice;

/// Seconds between the signal and the limit unless told otherwise: four times what a step and a checkpoint may take.
const WARNING: u32 = 120;

/// Options that say what each run is given.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "What each run is given")]
pub struct ResourceArgs {
    /// Time limit as the cluster writes it, such as 90 (minutes), 4:00:00 or 2-12; the partition's own by default. A run that
    /// needs longer is saved before it and queued again.
    #[arg(long, value_name = "LIMIT")]
    time: Option<String>,
    /// Seconds before the limit at which a run saves itself and stops.
    #[arg(long, value_name = "SECONDS", default_value_t = WARNING)]
    warn: u32,
    /// Partition; the cluster's own choice by default.
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// GPUs of a run, such as 1 or a100:1. A run uses one.
    #[arg(long, value_name = "N")]
    gpus: Option<String>,
    /// CPUs of a run; as many as --threads by default, or one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    cpus: Option<u32>,
    /// Memory of a run, such as 8G.
    #[arg(long, value_name = "SIZE")]
    mem: Option<String>,
    /// Account that pays.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Most runs at once.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    at_once: Option<u32>,
    /// Any other option of sbatch, such as qos=low or exclusive; can be given more than once.
    #[arg(long, value_name = "KEY=VALUE")]
    sbatch: Vec<String>,
}

/// What each run is given, checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// Time limit, as the engine writes it.
    pub time: Option<String>,
    /// Seconds between the signal that saves a run and the limit.
    pub warn: u32,
    /// Where it waits.
    pub partition: Option<String>,
    /// GPUs, as the engine writes them.
    pub gpus: Option<String>,
    /// CPUs.
    pub cpus: u32,
    /// Memory, as the engine writes it.
    pub mem: Option<String>,
    /// Who pays.
    pub account: Option<String>,
    /// Most runs at once.
    pub at_once: Option<u32>,
    /// Further options of the engine by name; some have no value.
    pub further: Vec<(String, Option<String>)>,
}

impl ResourceArgs {
    /// What is asked for, by runs that compute on one of `devices` with `threads` CPU threads, if those are given; on which
    /// device, and how many threads that makes. An open choice is a GPU where some are asked for: what this machine has does
    /// not matter.
    ///
    /// # Errors
    /// [`ClusterError::Invalid`] for what cannot be.
    pub fn checked(
        &self,
        devices: &[DeviceChoice],
        threads: Option<usize>,
    ) -> Result<(Resources, Device, usize), ClusterError> {
        let texts = [
            ("--time", &self.time),
            ("--partition", &self.partition),
            ("--gpus", &self.gpus),
            ("--mem", &self.mem),
            ("--account", &self.account),
        ];
        for (option, text) in texts {
            if let Some(text) = text {
                check_value(option, text)?;
            }
        }
        let &[choice] = devices else {
            let what =
                "--device names several; a run on a cluster computes on one: give --device cuda";
            return Err(ClusterError::Invalid(what.to_owned()));
        };
        let asks_for_gpus = self.gpus.as_deref().is_some_and(|gpus| gpus != "0");
        let device = match (choice, asks_for_gpus) {
            (DeviceChoice::On(device), _) => device,
            (DeviceChoice::Auto, true) => Device::Cuda(0),
            (DeviceChoice::Auto, false) => Device::Cpu,
        };
        let on_gpu = device != Device::Cpu;
        if asks_for_gpus && !on_gpu {
            let what = "--gpus asks for what a run on the CPU leaves idle; add --device cuda";
            return Err(ClusterError::Invalid(what.to_owned()));
        }
        if on_gpu && self.gpus.is_none() && !self.sbatch.iter().any(|text| text.contains("gpu")) {
            log::warn!("--device {device} without --gpus: the cluster may give runs no GPU");
        }
        let asked = threads.and_then(|threads| u32::try_from(threads).ok());
        let cpus = self.cpus.or(asked).unwrap_or(1);
        let resources = Resources {
            time: self.time.clone(),
            warn: self.warn,
            partition: self.partition.clone(),
            gpus: self.gpus.clone(),
            cpus,
            mem: self.mem.clone(),
            account: self.account.clone(),
            at_once: self.at_once,
            further: self.sbatch.iter().map(|text| further(text)).collect::<Result<_, _>>()?,
        };
        Ok((resources, device, threads.unwrap_or(cpus as usize)))
    }
}

/// An option of the engine in its parts.
fn further(text: &str) -> Result<(String, Option<String>), ClusterError> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (text, None),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) || !key.chars().all(plain) {
        return Err(ClusterError::Invalid(format!(
            "--sbatch {text:?} has no option's name before the `=`; give it as sbatch's long options are called, such as \
             qos=low"
        )));
    }
    if let Some(value) = value {
        check_value(&format!("--sbatch {key}"), value)?;
    }
    Ok((key.to_owned(), value.map(str::to_owned)))
}

/// Refuses what no cluster's option has.
fn check_value(option: &str, text: &str) -> Result<(), ClusterError> {
    if text.is_empty() {
        return Err(ClusterError::Invalid(format!(
            "{option} is empty; give a value or leave it out"
        )));
    }
    if text.contains(char::is_control) {
        return Err(ClusterError::Invalid(format!(
            "{option} {text:?} holds a line end or another control character; give it without"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPU: DeviceChoice = DeviceChoice::On(Device::Cpu);

    #[test]
    fn an_open_choice_follows_the_gpus() {
        let device = |gpus: Option<&str>, choice| {
            let args = ResourceArgs { gpus: gpus.map(str::to_owned), ..Default::default() };
            args.checked(&[choice], None).unwrap().1
        };
        assert_eq!(device(None, DeviceChoice::Auto), Device::Cpu);
        assert_eq!(device(Some("0"), DeviceChoice::Auto), Device::Cpu);
        assert_eq!(device(Some("a100:1"), DeviceChoice::Auto), Device::Cuda(0));
        let second = DeviceChoice::On(Device::Cuda(1));
        assert_eq!(device(Some("2"), second), Device::Cuda(1));
    }

    #[test]
    fn cpus_and_threads_follow_from_each_other() {
        let of = |cpus, threads| {
            let args = ResourceArgs { cpus, ..Default::default() };
            let (resources, _, threads) = args.checked(&[CPU], threads).unwrap();
            (resources.cpus, threads)
        };
        assert_eq!(of(None, None), (1, 1));
        assert_eq!(of(Some(4), None), (4, 4));
        assert_eq!(of(None, Some(2)), (2, 2));
        assert_eq!(of(Some(4), Some(2)), (4, 2));
    }

    #[test]
    fn what_cannot_be_asked_for_says_why() {
        let message = |args: ResourceArgs| args.checked(&[CPU], None).unwrap_err().to_string();
        let sbatch = |text: &str| {
            message(ResourceArgs { sbatch: vec![text.to_owned()], ..Default::default() })
        };
        assert!(sbatch("qos=a\nb").contains("line end"));
        assert!(sbatch("qos=").contains("is empty"));
        for text in ["=x", "--qos=low", "q os=low", "$(id)=1", "", "QOS=1", "a;b=1"] {
            assert!(sbatch(text).contains("before the `=`"), "{text}");
        }
        let time = ResourceArgs { time: Some("1\n".to_owned()), ..Default::default() };
        assert!(message(time).contains("--time"));
        let gpus = ResourceArgs { gpus: Some("1".to_owned()), ..Default::default() };
        assert!(message(gpus).contains("--device cuda"));
        let several = ResourceArgs::default().checked(&[CPU, CPU], None).unwrap_err();
        assert!(several.to_string().contains("names several"));
    }

    #[test]
    fn options_of_the_engine_may_have_no_value_and_any_printable_one() {
        let args = ResourceArgs {
            sbatch: vec!["exclusive".to_owned(), "comment=it's \"odd\"=$x".to_owned()],
            ..Default::default()
        };
        let (resources, ..) = args.checked(&[CPU], None).unwrap();
        let value = Some("it's \"odd\"=$x".to_owned());
        assert_eq!(
            resources.further,
            [("exclusive".to_owned(), None), ("comment".to_owned(), value)]
        );
    }
}
